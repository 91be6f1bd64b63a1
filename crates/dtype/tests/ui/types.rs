//! Fields that are not items, and a generic one that may not be.

use dtype::Element;
use dtype::bytemuck::{Pod, Zeroable};

#[derive(Clone, Copy, Zeroable, Pod)]
#[repr(C)]
struct Plain {
    x: f32,
}

#[derive(Clone, Copy, Element, Zeroable, Pod)]
#[repr(C)]
struct Outer {
    inner: Plain,
}

#[derive(Clone, Copy, Element, Zeroable, Pod)]
#[repr(transparent)]
struct Generic<T: Pod> {
    x: T,
}

fn main() {}
