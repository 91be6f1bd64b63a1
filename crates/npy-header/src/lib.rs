//! The header of NumPy's `.npy` files.
#![forbid(unsafe_code)]
pub use dtype;
/// Not yet.
#[derive(Debug)]
pub struct Error;
impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("header")
    }
}
impl std::error::Error for Error {}
