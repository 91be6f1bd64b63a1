//! Structs of every kind of field.

use bytemuck::{AnyBitPattern, CheckedBitPattern, NoUninit, Pod, Zeroable};
use half::f16;
use npio::Element;
use npio::dtype::{Be, Bytes, Datetime64, Le, Nanoseconds, Seconds, Str, Timedelta64};
use num_complex::Complex;

#[derive(Clone, Copy, Element, Zeroable, Pod)]
#[repr(C)]
pub(crate) struct Point {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

#[derive(Clone, Copy, Element, AnyBitPattern)]
#[repr(C)]
pub(crate) struct Aligned {
    pub(crate) id: u8,
    pub(crate) x: f64,
}

#[derive(Clone, Copy, Element, Zeroable, Pod)]
#[repr(C, packed)]
pub(crate) struct Packed {
    pub(crate) id: u8,
    pub(crate) x: f64,
}

#[derive(Clone, Copy, Element, Zeroable, Pod)]
#[repr(C, packed)]
pub(crate) struct Numbers {
    pub(crate) a: i8,
    pub(crate) b: u16,
    pub(crate) c: i32,
    pub(crate) d: u64,
    pub(crate) e: f16,
    pub(crate) f: Complex<f32>,
    pub(crate) g: Complex<f64>,
}

#[derive(Clone, Copy, Element, Zeroable, Pod)]
#[repr(C, packed)]
pub(crate) struct Texts {
    pub(crate) s: Bytes<5>,
    pub(crate) u: Str<3>,
    pub(crate) t: Datetime64<Seconds>,
    pub(crate) d: Timedelta64<Nanoseconds>,
}

#[derive(Clone, Copy, Element, CheckedBitPattern, NoUninit)]
#[repr(C)]
pub(crate) struct Flags {
    pub(crate) ok: bool,
    pub(crate) n: u8,
}

#[derive(Clone, Copy, Element, CheckedBitPattern)]
#[repr(C)]
pub(crate) struct Checked {
    pub(crate) ok: bool,
    pub(crate) at: Datetime64<Seconds>,
    pub(crate) flags: Flags,
}

#[derive(Clone, Copy, Element, Zeroable, Pod)]
#[repr(C, packed)]
pub(crate) struct Subarrays {
    pub(crate) m: [[f32; 3]; 2],
    pub(crate) n: [i16; 4],
}

#[derive(Clone, Copy, Element, Zeroable, Pod)]
#[repr(C)]
pub(crate) struct Nested {
    pub(crate) p: Point,
    pub(crate) tag: u32,
}

#[derive(Clone, Copy, Element, Zeroable, Pod)]
#[repr(C, packed)]
pub(crate) struct Deep {
    pub(crate) n: Packed,
    pub(crate) path: [Point; 2],
}

#[derive(Clone, Copy, Element, AnyBitPattern)]
#[repr(C)]
pub(crate) struct Outer {
    pub(crate) a: Aligned,
    pub(crate) z: u16,
}

#[derive(Clone, Copy, Element, Zeroable, Pod)]
#[repr(C, packed)]
pub(crate) struct Mixed {
    pub(crate) a: Be<i32>,
    pub(crate) b: Le<f64>,
    pub(crate) c: i16,
    pub(crate) d: Be<Complex<f32>>,
    pub(crate) e: Be<Str<2>>,
}

#[derive(Clone, Copy, Element, Zeroable, Pod)]
#[repr(C, packed)]
pub(crate) struct Titled {
    #[element(title = "first")]
    pub(crate) x: f64,
    #[element(rename = "type", title = "kind of it")]
    pub(crate) kind: u8,
}

#[derive(Clone, Copy, Element, Zeroable, Pod)]
#[repr(transparent)]
pub(crate) struct Only {
    pub(crate) v: f64,
}
