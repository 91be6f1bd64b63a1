//! How large a dtype can be, and how many axes an array can have.

/// The maximum number of axes of an array, NumPy's own limit.
pub const MAX_DIMS: usize = 64;

/// The maximum size of one item in bytes, NumPy's own limit.
pub const MAX_ITEMSIZE: usize = i32::MAX as usize;

/// The maximum nesting depth of brackets in a descriptor.
pub const MAX_DEPTH: usize = 64;
