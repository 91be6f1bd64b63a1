//! Writing items, and nothing else.

use super::blocks::in_blocks;
use crate::{Error, Strided};
use dtype::{ByteOrder, Order, set_byte_order};
use std::fs::File;
use std::io::Write;

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
pub(crate) fn reserve(mut file: &File, bytes: u64) -> Result<(), Error> {
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
pub(crate) fn reserve(_: &File, _: u64) -> Result<(), Error> {
    Ok(())
}
