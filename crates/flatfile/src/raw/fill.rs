//! Reading items that lie one after another, each turned into its byte order in the cache.

use crate::Error;
use crate::positioned::{fill_from, read_exact_at};
use crate::threads::share;
use dtype::{ByteOrder, DType, set_byte_order};
use std::fs::File;
use std::io::Read;

/// What a thread reads at a time; for less than that, starting one costs more than it gains.
const SHARE: usize = 16 << 20;

/// Items are swapped while they are in the cache, so many bytes at a time.
const SWAP_BLOCK: usize = 256 << 10;

/// Of which dtype the items are, and into which byte order they are turned.
pub(super) type Swap<'a> = Option<(&'a DType, ByteOrder)>;

pub(super) fn swap_all(swap: Swap<'_>, items: &mut [u8]) {
    if let Some((dtype, order)) = swap {
        set_byte_order(dtype, order, items);
    }
}

/// Fills `bytes` with the items from byte `offset` of the file on; large ones by several threads.
pub(super) fn fill(
    file: &File,
    offset: u64,
    bytes: &mut [u8],
    swap: Swap<'_>,
) -> Result<(), Error> {
    let itemsize = swap.map_or(1, |(dtype, _)| dtype.itemsize().max(1));
    let part = SHARE.next_multiple_of(itemsize);
    let threads = bytes.len().div_ceil(part);
    let parts = bytes.chunks_mut(part).zip((offset..).step_by(part));
    share(parts, threads, |(part, offset)| {
        fill_part(file, offset, part, swap)
    })
}

/// Fills `bytes` with the next items of a source; an error where it ends before.
pub(super) fn fill_next(
    mut source: impl Read,
    bytes: &mut [u8],
    swap: Swap<'_>,
) -> Result<(), Error> {
    let (expected, mut found) = (bytes.len(), 0);
    let block = SWAP_BLOCK.next_multiple_of(swap.map_or(1, |(dtype, _)| dtype.itemsize().max(1)));
    for block in bytes.chunks_mut(block) {
        let filled = fill_from(block, |rest, _| source.read(rest))?;
        found += filled;
        if filled < block.len() {
            return Err(Error::short(expected, found));
        }
        swap_all(swap, block);
    }
    Ok(())
}

fn fill_part(file: &File, offset: u64, bytes: &mut [u8], swap: Swap<'_>) -> Result<(), Error> {
    let block = match swap {
        Some((dtype, _)) => SWAP_BLOCK.next_multiple_of(dtype.itemsize().max(1)),
        None => bytes.len().max(1),
    };
    let mut at = offset;
    for block in bytes.chunks_mut(block) {
        read_exact_at(file, block, at)?;
        swap_all(swap, block);
        at += block.len() as u64;
    }
    Ok(())
}
