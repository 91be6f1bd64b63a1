//! Items or rows as text, block by block, several at a time: [`pour`].

use crate::raw::in_blocks;
use crate::threads::share;
use crate::{Error, Strided};
use dtype::Order;
use std::io::Write;
use std::thread;

/// Bytes of the rows of a block, but of one that is larger.
const BLOCK: usize = 256 << 10;

/// What is written together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Item,
    /// All that has the same first index.
    Row,
}

/// Writes what `spell` makes of one item or row after another, in C order: it is given the bytes, the index
/// counted from `first` on, and the text so far. The answer is the index behind the last.
pub(super) fn pour(
    target: &mut impl Write,
    view: &Strided<'_>,
    unit: Unit,
    first: usize,
    spell: impl Fn(&[u8], usize, &mut Vec<u8>) -> Result<(), Error> + Sync,
) -> Result<usize, Error> {
    let rows = view.shape().first().copied().unwrap_or(1);
    let size = match unit {
        Unit::Item => view.dtype().itemsize(),
        Unit::Row => view.count().checked_div(rows).unwrap_or(0) * view.dtype().itemsize(),
    };
    let units = if unit == Unit::Item {
        view.count()
    } else {
        rows
    };
    if size == 0 {
        return without_bytes(target, first..first + units, spell);
    }
    let threads = thread::available_parallelism().map_or(1, |n| n.get().min(16));
    let mut round = Round {
        target,
        spell,
        size,
        next: first,
        slots: Vec::new(),
        filled: 0,
    };
    round.slots.resize_with(threads, Slot::default);
    match unit {
        Unit::Item => in_blocks(view, &mut |piece| round.add(piece))?,
        Unit::Row => {
            let step = (BLOCK / size).max(1);
            let ranges = (0..rows)
                .step_by(step)
                .map(|start| start..rows.min(start + step));
            let pieces = ranges.filter_map(|range| view.narrow(0, range));
            pieces.into_iter().try_for_each(|piece| round.add(&piece))?;
        }
    }
    round.write()?;
    Ok(round.next)
}

/// Units that have no bytes are all the same.
fn without_bytes(
    target: &mut impl Write,
    indices: std::ops::Range<usize>,
    spell: impl Fn(&[u8], usize, &mut Vec<u8>) -> Result<(), Error>,
) -> Result<usize, Error> {
    let end = indices.end;
    let mut text = Vec::new();
    for index in indices {
        text.clear();
        spell(&[], index, &mut text)?;
        target.write_all(&text)?;
    }
    Ok(end)
}

/// Blocks, one for each thread.
struct Round<'a, W, S> {
    target: &'a mut W,
    spell: S,
    /// Bytes of a unit.
    size: usize,
    /// The index of the next unit to be written.
    next: usize,
    slots: Vec<Slot>,
    filled: usize,
}

/// A block, its text, and what is wrong behind that.
#[derive(Debug, Default)]
struct Slot {
    bytes: Vec<u8>,
    text: Vec<u8>,
    error: Option<Error>,
}

impl<W: Write, S> Round<'_, W, S>
where
    S: Fn(&[u8], usize, &mut Vec<u8>) -> Result<(), Error> + Sync,
{
    fn add(&mut self, piece: &Strided<'_>) -> Result<(), Error> {
        if let Some(slot) = self.slots.get_mut(self.filled) {
            slot.bytes
                .resize(piece.count() * piece.dtype().itemsize(), 0);
            piece.copy_to(Order::C, &mut slot.bytes)?;
            self.filled += 1;
        }
        match self.filled == self.slots.len() {
            true => self.write(),
            false => Ok(()),
        }
    }

    fn write(&mut self) -> Result<(), Error> {
        let (spell, size) = (&self.spell, self.size);
        let filled = std::mem::take(&mut self.filled);
        let slots = self.slots.get_mut(..filled).unwrap_or_default();
        let starts = slots.iter().scan(self.next, |next, slot| {
            let start = *next;
            *next += slot.bytes.len() / size;
            Some(start)
        });
        let starts: Vec<usize> = starts.collect();
        share(slots.iter_mut().zip(starts), filled, |(slot, start)| {
            slot.text.clear();
            let mut units = slot.bytes.chunks_exact(size).zip(start..);
            let spelled = units.try_for_each(|(unit, index)| spell(unit, index, &mut slot.text));
            slot.error = spelled.err();
            Ok(())
        })?;
        for slot in slots {
            self.target.write_all(&slot.text)?;
            if let Some(error) = slot.error.take() {
                return Err(error);
            }
            self.next += slot.bytes.len() / size;
        }
        Ok(())
    }
}
