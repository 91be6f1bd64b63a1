//! Names that no record can have, and attributes that do not exist.

use dtype::Element;

#[derive(Clone, Copy, Element)]
#[repr(C)]
struct Twice {
    x: f32,
    #[element(rename = "x")]
    y: f32,
}

#[derive(Clone, Copy, Element)]
#[repr(C)]
struct Empty {
    #[element(rename = "")]
    x: f32,
}

#[derive(Clone, Copy, Element)]
#[repr(C)]
struct Unknown {
    #[element(name = "x")]
    y: f32,
}

#[derive(Clone, Copy, Element)]
#[element(rename = "x")]
#[repr(C)]
struct OfStruct {
    y: f32,
}

#[derive(Clone, Copy, Element)]
#[repr(C)]
struct NoText {
    #[element(rename)]
    y: f32,
}

fn main() {}
