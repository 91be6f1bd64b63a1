//! How large a dtype can be, and how many axes an array can have.

/// The most axes an array can have, NumPy's own limit.
pub const MAX_DIMS: usize = 64;

/// The most bytes one item can take, NumPy's own limit.
pub const MAX_ITEMSIZE: usize = i32::MAX as usize;

/// The most levels of brackets in a descriptor.
pub const MAX_DEPTH: usize = 64;
