//! The header of NumPy's `.npy` files, without I/O.
//!
//! A `.npy` file is a header that declares the [`Layout`], followed by the bytes. [`Header::parse`] takes the bytes
//! that are available and either is done or returns how many it needs, so one parser serves files, pipes, mappings
//! and ranged requests. [`Header::encode`] writes exactly the bytes that NumPy writes.
//!
//! ```
//! use npy_header::{Header, Parse, dtype::{DType, Layout, Order}};
//!
//! let header = Header::new(Layout::new(DType::F64, [3, 4], Order::C)?);
//! let bytes = header.encode()?;
//! assert_eq!(bytes.len(), 128);
//! assert_eq!(Header::parse(&bytes)?, Parse::Done { header, data_offset: 128 });
//!
//! // With too few bytes, it returns how many it needs to continue.
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
pub use magic::{MAGIC, Version, known_format, other_format};
pub use parse::{DEFAULT_MAX_HEADER_SIZE, NUMPY_MAX_HEADER_SIZE, Parse, ParseOptions};

use dtype::Layout;

/// The contents of a header: the layout of the array after it, and the version of the format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    layout: Layout,
    version: Version,
}

impl Header {
    /// A header for an array of this layout, in the oldest version that can express it, as NumPy chooses.
    pub fn new(layout: Layout) -> Header {
        let version = encode::oldest_version(&layout);
        Header { layout, version }
    }

    /// The same header in another version; [`encode`](Header::encode) fails if that version cannot hold it.
    #[must_use]
    pub fn with_version(self, version: Version) -> Header {
        Header { version, ..self }
    }

    /// The layout of the array that the header describes.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The layout of the array that the header describes, by value.
    pub fn into_layout(self) -> Layout {
        self.layout
    }

    /// The version of the format.
    pub fn version(&self) -> Version {
        self.version
    }
}
