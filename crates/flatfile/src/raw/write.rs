//! Writing items without a header.

use crate::blocks::{BLOCK, in_blocks};
use crate::cancel::Cancellable;
use crate::conversion::{Conversion, Converter, Plan};
use crate::error::Error;
use crate::strided::Strided;
use dtype::{ByteOrder, Casting, DType, Layout, Order};
use std::fs::File;
use std::io::Write;

/// Up to this size items are copied first, so that one call writes them.
const SMALL: usize = 64 << 10;

/// How to write items.
///
/// ```
/// use flatfile::{Array, raw, dtype::{ByteOrder, Order}};
/// let array = Array::from_slice(&[1i16, 2, 3, 4], [2, 2])?;
/// let mut bytes = Vec::new();
/// let options = raw::WriteOptions::new().order(Order::Fortran).byte_order(ByteOrder::Big);
/// options.write(&mut bytes, &array)?;
/// assert_eq!(bytes, [0, 1, 0, 3, 0, 2, 0, 4]);
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct WriteOptions {
    conversion: Conversion,
}

impl WriteOptions {
    /// The defaults: C order, and the byte order of the items.
    pub fn new() -> WriteOptions {
        WriteOptions::default()
    }

    /// The conversion of the items while they are written, as a whole.
    #[must_use]
    pub fn conversion(mut self, conversion: Conversion) -> WriteOptions {
        self.conversion = conversion;
        self
    }

    /// The conversion of the items.
    pub fn as_conversion(&self) -> &Conversion {
        &self.conversion
    }

    /// The memory order in which the items are written.
    #[must_use]
    pub fn order(mut self, order: Order) -> WriteOptions {
        self.conversion = self.conversion.order(order);
        self
    }

    /// The byte order in which the items are written.
    #[must_use]
    pub fn byte_order(mut self, order: ByteOrder) -> WriteOptions {
        self.conversion = self.conversion.byte_order(order);
        self
    }

    /// Converts the items to this dtype while they are written, as [`Array::astype`](crate::Array::astype) does,
    /// without a second array.
    #[must_use]
    pub fn astype(mut self, dtype: DType, casting: Casting) -> WriteOptions {
        self.conversion = self.conversion.astype(dtype, casting);
        self
    }

    /// Writes the items.
    ///
    /// # Errors
    /// `Object`, or a `Cast` that is not allowed, before anything is written; also `LongDouble`; `InvalidItem`,
    /// `Io`.
    pub fn write<'a>(
        &self,
        mut target: impl Write,
        array: impl Into<Strided<'a>>,
    ) -> Result<(), Error> {
        let view = array.into();
        self.items(&view, Order::C)?.write(&mut target)?;
        Ok(target.flush()?)
    }

    /// Writes the items to a file from its current position on. Disk space is reserved first.
    ///
    /// # Errors
    /// As [`write`](WriteOptions::write).
    pub fn write_file<'a, 'f>(
        &self,
        file: impl Into<Cancellable<&'f File>>,
        array: impl Into<Strided<'a>>,
    ) -> Result<(), Error> {
        let view = array.into();
        let items = self.items(&view, Order::C)?;
        items.write_behind(file.into(), Vec::new())
    }

    /// The layout that an array of this layout has when it is written.
    pub(crate) fn converted(&self, layout: &Layout) -> Result<Layout, Error> {
        Plan::new(layout, &self.conversion, None)?.layout(layout.shape())
    }

    /// These items as they are to be written: in this memory order, unless another is asked for.
    pub(crate) fn items<'a>(
        &self,
        view: &'a Strided<'a>,
        order: Order,
    ) -> Result<Items<'a>, Error> {
        let plan = Plan::new(&view.layout(order)?, &self.conversion, None)?;
        plan.check(view)?;
        let layout = plan.layout(view.shape())?;
        Ok(Items { view, layout, plan })
    }
}

/// Items as they are written.
#[derive(Debug)]
pub(crate) struct Items<'a> {
    view: &'a Strided<'a>,
    layout: Layout,
    plan: Plan,
}

impl Items<'_> {
    /// The layout in the file.
    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Writes them.
    pub(crate) fn write(&self, target: &mut impl Write) -> Result<(), Error> {
        let (view, order) = (self.view, self.layout.order());
        // All items have been checked together.
        let evidence = self.plan.evidence();
        let converter = self.plan.converter(&evidence);
        if let (Converter::Keep, Some(bytes)) = (converter, view.as_contiguous(order)) {
            return Ok(target.write_all(bytes)?);
        }
        if self.layout.nbytes() == 0 {
            return Ok(());
        }
        let (mut block, mut before) = (Vec::new(), 0);
        // If items become subarrays, one item of the view is several of the layout's.
        let size = self.layout.nbytes().checked_div(view.count()).unwrap_or(0);
        for piece in in_blocks(&view.in_order(order), BLOCK) {
            block.resize(piece.count() * size, 0);
            let put = converter.convert_into(&piece, &mut block);
            put.map_err(|error| error.items_later(before))?;
            before += piece.count();
            target.write_all(&block)?;
        }
        Ok(())
    }

    /// Writes `head` and then the items to a file from its current position on.
    pub(crate) fn write_behind(
        &self,
        mut file: Cancellable<&File>,
        mut head: Vec<u8>,
    ) -> Result<(), Error> {
        let nbytes = self.layout.nbytes();
        reserve(file.get_ref(), head.len() as u64 + nbytes as u64)?;
        if nbytes <= SMALL {
            self.write(&mut head)?;
            return Ok(file.write_all(&head)?);
        }
        file.write_all(&head)?;
        self.write(&mut file)
    }
}

/// Reserves disk space for this many bytes after the file's position, if the file and the system support it; the
/// file's length does not change. Later writes there have their space already.
///
/// # Errors
/// `Io` if the disk is full.
#[cfg(target_os = "linux")]
pub fn reserve(mut file: &File, bytes: u64) -> Result<(), Error> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;
    use std::io::Seek;

    // A pipe has no position, and nothing to reserve.
    let Ok(position) = file.stream_position() else {
        return Ok(());
    };
    match fallocate(file, FallocateFlags::KEEP_SIZE, position, bytes) {
        Err(error @ Errno::NOSPC) => Err(std::io::Error::from(error).into()),
        // Not every file system supports it; writing works anyway.
        _ => Ok(()),
    }
}

/// Does nothing: how this system reserves disk space is not known.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub fn reserve(_: &File, _: u64) -> Result<(), Error> {
    Ok(())
}
