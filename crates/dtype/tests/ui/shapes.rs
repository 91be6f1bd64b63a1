//! Types that are not structs with named fields, or have no fixed layout.

use dtype::Element;

#[derive(Clone, Copy, Element)]
#[repr(u8)]
enum Color {
    Red,
}

#[derive(Clone, Copy, Element)]
#[repr(C)]
union Either {
    x: f32,
    y: u32,
}

#[derive(Clone, Copy, Element)]
#[repr(C)]
struct Tuple(f32, f32);

#[derive(Clone, Copy, Element)]
struct Loose {
    x: f32,
}

fn main() {}
