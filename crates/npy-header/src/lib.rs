//! The header of NumPy's `.npy` files, without I/O.
//!
//! A `.npy` file is a header that says the [`Layout`], then the bytes. [`Header::parse`]
//! takes whatever bytes there are and either is done or says how many it needs, so that one parser
//! serves files, pipes, mappings and ranged requests; [`Header::encode`] writes the very bytes that
//! NumPy writes.
//!
//! ```
//! use npy_header::{Header, Parse, dtype::{DType, Layout, Order}};
//!
//! let header = Header::new(Layout::new(DType::F64, [3, 4], Order::C)?);
//! let bytes = header.encode()?;
//! assert_eq!(bytes.len(), 128);
//! assert_eq!(Header::parse(&bytes)?, Parse::Done { header, data_offset: 128 });
//!
//! // With too few bytes it says how many it needs to go on.
//! assert_eq!(Header::parse(&bytes[..7])?, Parse::Need(10));
//! assert_eq!(Header::parse(&bytes[..50])?, Parse::Need(128));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Source: NumPy's `numpy/lib/_format_impl.py`.

#![forbid(unsafe_code)]

mod dict;
mod encode;
mod error;
mod magic;
mod parse;

pub use dtype;
pub use error::{Error, ErrorKind};
pub use magic::{MAGIC, Version, known_format};
pub use parse::{DEFAULT_MAX_HEADER_SIZE, NUMPY_MAX_HEADER_SIZE, Parse, ParseOptions};

use dtype::Layout;

/// What a header says: the layout of the array behind it, and the version that it is written in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    layout: Layout,
    version: Version,
}

impl Header {
    /// A header for an array of this layout, in the oldest version that can say it, as NumPy chooses.
    pub fn new(layout: Layout) -> Header {
        let version = encode::oldest_version(&layout);
        Header { layout, version }
    }

    /// The same header in another version; [`encode`](Header::encode) fails where it cannot say it.
    #[must_use]
    pub fn with_version(self, version: Version) -> Header {
        Header { version, ..self }
    }

    /// What the header says about the array.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What the header says about the array, to keep.
    pub fn into_layout(self) -> Layout {
        self.layout
    }

    /// The version of the format.
    pub fn version(&self) -> Version {
        self.version
    }
}
