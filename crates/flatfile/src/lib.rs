//! Arrays as flat files.

mod error;
mod gather;
mod strided;

pub use dtype;
pub use error::{Error, ErrorKind};
pub use npy_header;
pub use strided::Strided;
