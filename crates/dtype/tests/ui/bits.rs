//! Nothing vouches for the bytes.

use dtype::Element;

#[derive(Clone, Copy, Element)]
#[repr(C)]
struct Unchecked {
    x: f32,
}

fn main() {}
