//! Items or rows as text, block by block, several at a time: [`write_blocks`].

use crate::blocks::in_blocks;
use crate::error::Error;
use crate::pipeline;
use crate::strided::Strided;
use dtype::Order;
use std::io::Write;

/// The number of items in a block; items of more than eight bytes are counted as several of eight bytes. The text of
/// small items is larger than their bytes.
const BLOCK_ITEMS: usize = 32 << 10;

/// What is formatted at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Granularity {
    Item,
    /// All items with the same first index.
    Row,
}

/// Writes the text of each item or row, in C order. `format_unit` appends it: it gets the bytes of the item or row, its
/// index, counted from `first` on, and the text so far. Returns the index after the last.
pub(super) fn write_blocks(
    target: &mut impl Write,
    view: &Strided<'_>,
    granularity: Granularity,
    first: usize,
    format_unit: impl Fn(&[u8], usize, &mut Vec<u8>) -> Result<(), Error> + Sync,
) -> Result<usize, Error> {
    let rows = view.shape().first().copied().unwrap_or(1);
    let size = match granularity {
        Granularity::Item => view.dtype().itemsize(),
        Granularity::Row => view.count().checked_div(rows).unwrap_or(0) * view.dtype().itemsize(),
    };
    let units = if granularity == Granularity::Item {
        view.count()
    } else {
        rows
    };
    if size == 0 {
        return without_bytes(target, first..first + units, format_unit);
    }
    let block_bytes = BLOCK_ITEMS * view.dtype().itemsize().min(8);
    let step = (block_bytes / size).max(1);
    let starts = (0..rows).step_by(step);
    let blocks = starts.filter_map(|start| view.narrow(0, start..rows.min(start + step)));
    let blocks: &mut dyn Iterator<Item = Strided<'_>> = match granularity {
        Granularity::Item => &mut in_blocks(view, block_bytes),
        Granularity::Row => &mut { blocks },
    };
    let mut next = first;
    pipeline::run(
        &mut Vec::new(),
        |block: &mut TextBlock<'_>| {
            block.view = blocks.next();
            block.first = next;
            next += block.nbytes() / size;
            Ok(block.view.is_some())
        },
        |block| block.format(size, &format_unit),
        |block| {
            target.write_all(&block.text)?;
            block.error.take().map_or(Ok(true), Err)
        },
    )?;
    Ok(next)
}

/// Writes items or rows without bytes, which are all the same.
fn without_bytes(
    target: &mut impl Write,
    indices: std::ops::Range<usize>,
    format_unit: impl Fn(&[u8], usize, &mut Vec<u8>) -> Result<(), Error>,
) -> Result<usize, Error> {
    let end = indices.end;
    let mut text = Vec::new();
    for index in indices {
        text.clear();
        format_unit(&[], index, &mut text)?;
        target.write_all(&text)?;
    }
    Ok(end)
}

/// A block of items or rows, the index of the first, their bytes in C order, their text, and the error after that
/// text.
#[derive(Debug, Default)]
struct TextBlock<'v> {
    view: Option<Strided<'v>>,
    first: usize,
    bytes: Vec<u8>,
    text: Vec<u8>,
    error: Option<Error>,
}

impl TextBlock<'_> {
    fn nbytes(&self) -> usize {
        let view = self.view.as_ref();
        view.map_or(0, |view| view.count() * view.dtype().itemsize())
    }

    fn format(
        &mut self,
        size: usize,
        format_unit: &impl Fn(&[u8], usize, &mut Vec<u8>) -> Result<(), Error>,
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
        let formatted = items.and_then(|items| {
            let mut units = items.chunks_exact(size).zip(self.first..);
            units.try_for_each(|(unit, index)| format_unit(unit, index, text))
        });
        self.error = formatted.err();
    }
}
