//! Writing items, and nothing else.

use super::blocks::in_blocks;
use crate::{Error, Strided, refuse_objects};
use dtype::{ByteOrder, Order, set_byte_order};
use std::fs::File;
use std::io::Write;

/// Up to here items are copied to be written, so that one call writes them.
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
    order: Order,
    byte_order: Option<ByteOrder>,
}

impl WriteOptions {
    /// The defaults: C order, and the byte order that the items have.
    pub fn new() -> WriteOptions {
        WriteOptions::default()
    }

    /// The memory order in which the items are written.
    #[must_use]
    pub fn order(mut self, order: Order) -> WriteOptions {
        self.order = order;
        self
    }

    /// The byte order in which the items are written.
    #[must_use]
    pub fn byte_order(mut self, order: ByteOrder) -> WriteOptions {
        self.byte_order = Some(order);
        self
    }

    /// Writes the items.
    ///
    /// # Errors
    /// `Object`, before anything is written; `Io`.
    pub fn write<'a>(
        &self,
        mut target: impl Write,
        array: impl Into<Strided<'a>>,
    ) -> Result<(), Error> {
        let view = array.into();
        refuse_objects(view.dtype())?;
        write_items(&mut target, &view, self.order, self.byte_order)?;
        Ok(target.flush()?)
    }

    /// Writes the items to a file from its current position on. Disk space is reserved first.
    ///
    /// # Errors
    /// As [`write`](WriteOptions::write).
    pub fn write_file<'a>(&self, file: &File, array: impl Into<Strided<'a>>) -> Result<(), Error> {
        let view = array.into();
        refuse_objects(view.dtype())?;
        write_behind(file, Vec::new(), &view, self.order, self.byte_order)
    }
}

/// Writes `head` and the items behind it to a file from its current position on.
pub(crate) fn write_behind(
    mut file: &File,
    mut head: Vec<u8>,
    view: &Strided<'_>,
    order: Order,
    byte_order: Option<ByteOrder>,
) -> Result<(), Error> {
    let nbytes = view.layout(order)?.nbytes();
    reserve(file, head.len() as u64 + nbytes as u64)?;
    if nbytes <= SMALL {
        write_items(&mut head, view, order, byte_order)?;
        return Ok(file.write_all(&head)?);
    }
    file.write_all(&head)?;
    write_items(&mut file, view, order, byte_order)
}

/// Writes the items of `view` in this memory order, and in this byte order where one is given.
pub(crate) fn write_items(
    target: &mut impl Write,
    view: &Strided<'_>,
    order: Order,
    byte_order: Option<ByteOrder>,
) -> Result<(), Error> {
    let byte_order = byte_order.filter(|to| view.dtype().with_byte_order(*to) != *view.dtype());
    if let Some(bytes) = view.as_contiguous(order).filter(|_| byte_order.is_none()) {
        return Ok(target.write_all(bytes)?);
    }
    let in_order = match order {
        Order::C => view.clone(),
        Order::Fortran => view.transposed(),
    };
    let mut block = Vec::new();
    in_blocks(&in_order, &mut |piece| {
        block.resize(piece.layout(Order::C)?.nbytes(), 0);
        piece.copy_to(Order::C, &mut block)?;
        if let Some(order) = byte_order {
            set_byte_order(view.dtype(), order, &mut block);
        }
        Ok(target.write_all(&block)?)
    })
}

/// Reserves so many bytes behind the file's position, where file and system can.
#[cfg(target_os = "linux")]
fn reserve(mut file: &File, bytes: u64) -> Result<(), Error> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;
    use std::io::Seek;

    // A pipe has no position, and nothing to reserve.
    let Ok(position) = file.stream_position() else {
        return Ok(());
    };
    match fallocate(file, FallocateFlags::KEEP_SIZE, position, bytes) {
        Err(error @ Errno::NOSPC) => Err(std::io::Error::from(error).into()),
        // Not every file system can; writing will do.
        _ => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn reserve(_: &File, _: u64) -> Result<(), Error> {
    Ok(())
}
