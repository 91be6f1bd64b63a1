//! Writing `.npy`: the header that NumPy would write, then the items.

use crate::cancel::Cancellable;
use crate::conversion::Conversion;
use crate::error::Error;
use crate::raw::{self, Items};
use crate::strided::Strided;
use dtype::{ByteOrder, Casting, DType, Layout, Order};
use npy_header::{Header, Version};
use std::fs::File;
use std::io::Write;

/// How to write a `.npy`.
///
/// ```
/// use flatfile::{Array, npy, dtype::{ByteOrder, Order}, npy_header::Version};
/// let array = Array::from_slice(&[1i16, 2, 3, 4], [2, 2])?;
/// let mut bytes = Vec::new();
/// npy::WriteOptions::new()
///     .version(Version::V2)
///     .order(Order::Fortran)
///     .byte_order(ByteOrder::Big)
///     .write(&mut bytes, &array)?;
/// assert!(bytes.ends_with(&[0, 1, 0, 3, 0, 2, 0, 4]));
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct WriteOptions {
    version: Option<Version>,
    items: raw::WriteOptions,
}

impl WriteOptions {
    /// The defaults: items and order as they are; items in neither order are written in C order.
    pub fn new() -> WriteOptions {
        WriteOptions::default()
    }

    /// The version of the format, if it should not be the oldest that can express the layout.
    #[must_use]
    pub fn version(mut self, version: Version) -> WriteOptions {
        self.version = Some(version);
        self
    }

    /// The conversion of the items while they are written, as a whole.
    #[must_use]
    pub fn conversion(mut self, conversion: Conversion) -> WriteOptions {
        self.items = self.items.conversion(conversion);
        self
    }

    /// The conversion of the items.
    pub fn as_conversion(&self) -> &Conversion {
        self.items.as_conversion()
    }

    /// The memory order of the items in the file.
    #[must_use]
    pub fn order(mut self, order: Order) -> WriteOptions {
        self.items = self.items.order(order);
        self
    }

    /// The byte order of the items in the file.
    #[must_use]
    pub fn byte_order(mut self, order: ByteOrder) -> WriteOptions {
        self.items = self.items.byte_order(order);
        self
    }

    /// Converts the items to this dtype while they are written, as [`Array::astype`](crate::Array::astype) does,
    /// without a second array.
    #[must_use]
    pub fn astype(mut self, dtype: DType, casting: Casting) -> WriteOptions {
        self.items = self.items.astype(dtype, casting);
        self
    }

    /// The same without a header, with C order unless another is asked for.
    pub fn items(&self) -> &raw::WriteOptions {
        &self.items
    }

    /// Writes one array.
    ///
    /// # Errors
    /// `Object`, a `Cast` that is not allowed, or a `Header` that the version cannot hold, before anything is
    /// written; `InvalidItem`, `Io`.
    pub fn write<'a>(
        &self,
        mut target: impl Write,
        array: impl Into<Strided<'a>>,
    ) -> Result<(), Error> {
        let view = array.into();
        let (header, items) = self.parts(&view)?;
        target.write_all(&header.encode()?)?;
        items.write(&mut target)?;
        Ok(target.flush()?)
    }

    /// Writes one array to a file from its current position on.
    ///
    /// Disk space is reserved first: a full disk is an error before the data is copied, and the
    /// file system need not find blocks piece by piece.
    ///
    /// # Errors
    /// As [`write`](WriteOptions::write).
    pub fn write_file<'a, 'f>(
        &self,
        file: impl Into<Cancellable<&'f File>>,
        array: impl Into<Strided<'a>>,
    ) -> Result<(), Error> {
        let view = array.into();
        let (header, items) = self.parts(&view)?;
        items.write_behind(file.into(), header.encode()?)
    }

    /// The header under which this array is written.
    ///
    /// # Errors
    /// `Object`, `Cast`.
    pub fn header_for<'a>(&self, array: impl Into<Strided<'a>>) -> Result<Header, Error> {
        let view = array.into();
        self.parts(&view).map(|(header, _)| header)
    }

    /// The header, and the items after it, that an array is written as.
    fn parts<'a>(&self, view: &'a Strided<'a>) -> Result<(Header, Items<'a>), Error> {
        let items = self.items.items(view, order_of(view))?;
        Ok((self.versioned(items.layout().clone()), items))
    }

    /// The header under which an array of this layout is written.
    ///
    /// # Errors
    /// `Object`, `Cast`; a `Layout` that cannot be in the requested order.
    pub fn header(&self, layout: &Layout) -> Result<Header, Error> {
        Ok(self.versioned(self.items.converted(layout)?))
    }

    fn versioned(&self, layout: Layout) -> Header {
        let header = Header::new(layout);
        match self.version {
            Some(version) => header.with_version(version),
            None => header,
        }
    }
}

/// The order of the items in memory.
fn order_of(view: &Strided<'_>) -> Order {
    let is_fortran = || view.as_contiguous(Order::Fortran).is_some();
    match view.as_contiguous(Order::C) {
        None if is_fortran() => Order::Fortran,
        _ => Order::C,
    }
}
