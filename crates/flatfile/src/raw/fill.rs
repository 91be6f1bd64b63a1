//! Reading items that lie one after another, each turned into what is asked for in the cache.

use super::turn::Turn;
use crate::read_at::{fill_from, read_exact_at};
use crate::threads::parallel_for_each;
use crate::{Error, ReadAt};
use std::io::Read;

/// What a thread reads at a time; for less than that, starting one costs more than it gains.
const SHARE: usize = 16 << 20;

/// Fills `out` with the items from byte `offset` of the source on; large ones by several threads.
pub(super) fn fill<S: ReadAt + ?Sized>(
    source: &S,
    offset: u64,
    out: &mut [u8],
    turn: &Turn<'_>,
) -> Result<(), Error> {
    let (from, to) = turn.sizes();
    let items = (SHARE / from.max(to)).max(1);
    let threads = out.len().div_ceil(items * to);
    parallel_for_each(
        out.chunks_mut(items * to).enumerate(),
        threads,
        |(i, part)| {
            let before = i * items;
            let mut at = offset + (before * from) as u64;
            let filled = turn.fill(part, |items| {
                read_exact_at(source, items, at)?;
                at += items.len() as u64;
                Ok(())
            });
            filled.map_err(|error| error.items_later(before))
        },
    )
}

/// Fills `out` with the next items of a source; an error where it ends before.
pub(super) fn fill_next(
    mut source: impl Read,
    out: &mut [u8],
    turn: &Turn<'_>,
) -> Result<(), Error> {
    let (from, to) = turn.sizes();
    let (expected, mut found) = (out.len() / to * from, 0);
    turn.fill(out, |items| {
        let filled = fill_from(items, |rest, _| source.read(rest))?;
        found += filled;
        match filled == items.len() {
            true => Ok(()),
            false => Err(Error::short(expected, found)),
        }
    })
}
