//! Items or rows as text, block by block, several at a time: [`pour`].

use crate::blocks::in_blocks;
use crate::error::Error;
use crate::pipeline;
use crate::strided::Strided;
use dtype::Order;
use std::io::Write;

/// The number of items in a block, or for large items as many as have eight times as many bytes. The text of small
/// items is larger than their bytes.
const ITEMS: usize = 32 << 10;

/// The unit of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Item,
    /// All items with the same first index.
    Row,
}

/// Writes the text that `spell` makes of each item or row, in C order: `spell` gets the bytes, the index counted
/// from `first` on, and the text so far. Returns the index after the last.
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
    let block = ITEMS * view.dtype().itemsize().min(8);
    let step = (block / size).max(1);
    let starts = (0..rows).step_by(step);
    let blocks = starts.filter_map(|start| view.narrow(0, start..rows.min(start + step)));
    let blocks: &mut dyn Iterator<Item = Strided<'_>> = match unit {
        Unit::Item => &mut in_blocks(view, block),
        Unit::Row => &mut { blocks },
    };
    let mut next = first;
    pipeline::run(
        &mut Vec::new(),
        |slot: &mut Slot<'_>| {
            slot.view = blocks.next();
            slot.first = next;
            next += slot.nbytes() / size;
            Ok(slot.view.is_some())
        },
        |slot| slot.spell(size, &spell),
        |slot| {
            target.write_all(&slot.text)?;
            slot.error.take().map_or(Ok(true), Err)
        },
    )?;
    Ok(next)
}

/// Units without bytes, which are all the same.
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

/// A block of units, the index of the first, the bytes of their items in C order, their text, and the error after
/// that text.
#[derive(Debug, Default)]
struct Slot<'v> {
    view: Option<Strided<'v>>,
    first: usize,
    bytes: Vec<u8>,
    text: Vec<u8>,
    error: Option<Error>,
}

impl Slot<'_> {
    fn nbytes(&self) -> usize {
        let view = self.view.as_ref();
        view.map_or(0, |view| view.count() * view.dtype().itemsize())
    }

    fn spell(
        &mut self,
        size: usize,
        spell: &impl Fn(&[u8], usize, &mut Vec<u8>) -> Result<(), Error>,
    ) {
        self.text.clear();
        let Some(view) = self.view.take() else {
            return;
        };
        let items = match view.as_contiguous(Order::C) {
            Some(items) => Ok(items),
            None => {
                self.bytes.resize(view.count() * view.dtype().itemsize(), 0);
                let copied = view.copy_to(Order::C, &mut self.bytes);
                copied.map(|()| self.bytes.as_slice())
            }
        };
        let text = &mut self.text;
        let spelled = items.and_then(|items| {
            let mut units = items.chunks_exact(size).zip(self.first..);
            units.try_for_each(|(unit, index)| spell(unit, index, text))
        });
        self.error = spelled.err();
    }
}
