//! Arrays block by block.

use crate::byte_cursor::ByteCursor;
use crate::output::library_error;
use crate::source::{Input, InputError};
use crate::text::TextBlocks;
use npio::flatfile::{self, Buffer, Conversion, Error};
use npio::{AnySource, Array, Layout, LongDouble, OpenArray, RowBlocks, Slice};
use std::{iter, mem};

/// The number of bytes read at a time, if not everything is needed at once.
pub(crate) const BLOCK_SIZE: usize = 8 << 20;

/// A sequence of arrays or errors.
pub(crate) type BlockIter<'s> = Box<dyn Iterator<Item = anyhow::Result<Array>> + 's>;

/// An array that is read block by block.
pub(crate) struct ArrayBlocks<'s> {
    /// The layout of the whole array, or of one without rows if it is open.
    pub(crate) layout: Layout,
    /// Whether the number of rows is known only at the end.
    is_open: bool,
    /// Whether each block is an array of rows, rather than of some of the items in order.
    has_rows: bool,
    pub(crate) blocks: BlockIter<'s>,
}

/// A text as it is parsed, converted.
pub(crate) fn text_blocks<'s>(
    input: &'s Input,
    mut blocks: Box<TextBlocks<'s>>,
    conversion: Conversion,
) -> anyhow::Result<ArrayBlocks<'s>> {
    let conversion = conversion.longdouble(LongDouble::X87);
    let empty = blocks.empty().and_then(|empty| conversion.convert(empty));
    let empty = empty.map_err(|error| text_error(input, error))?;
    let layout = empty.layout().clone();
    // Without rows it is one block.
    let mut empty = Some(empty);
    let blocks = iter::from_fn(move || {
        let empty = empty.take();
        let block = match blocks.next() {
            Some(block) => block.and_then(|block| conversion.convert(block)),
            None => Ok(empty?),
        };
        Some(block.map_err(|error| text_error(input, error)))
    });
    Ok(ArrayBlocks {
        layout,
        is_open: true,
        has_rows: true,
        blocks: Box::new(blocks),
    })
}

/// The fault of a text, with the name of its file.
pub(crate) fn text_error(input: &Input, error: Error) -> anyhow::Error {
    InputError::from(error).in_file(&input.name)
}

/// The number of rows of an array that has an axis.
pub(crate) fn rows_in(array: &Array) -> usize {
    array.shape().first().copied().unwrap_or(0)
}

/// The layout of this many rows in place of those of this one.
pub(crate) fn with_rows(layout: &Layout, rows: usize) -> Result<Layout, npio::dtype::Error> {
    let axes = layout.shape().iter().skip(1);
    let shape: Vec<usize> = iter::once(&rows).chain(axes).copied().collect();
    Layout::new(layout.dtype().clone(), shape, layout.order())
}

/// All at once, as one block.
fn read_whole<'s>(reader: &OpenArray<'s>) -> anyhow::Result<ArrayBlocks<'s>> {
    let array = read(reader, None)?;
    Ok(ArrayBlocks::whole(array))
}

pub(crate) fn read(reader: &OpenArray<'_>, slice: Option<&Slice>) -> anyhow::Result<Array> {
    let array = match slice {
        Some(slice) => reader.slice(slice),
        None => reader.read(),
    };
    array.map_err(read_error)
}

/// By rows, if the array can be read that way; one item is one row.
pub(crate) fn row_blocks(reader: OpenArray<'_>) -> anyhow::Result<ArrayBlocks<'_>> {
    if reader.layout().ndim() == 0 {
        return item_blocks(reader, BLOCK_SIZE);
    }
    if !reader.has_rows() {
        return read_whole(&reader);
    }
    let blocks = reader.row_blocks(1).map_err(read_error)?;
    let layout = blocks.layout().clone();
    Ok(ArrayBlocks::new(layout, blocks))
}

/// By items, in their memory order or the one that is asked for, this many bytes at a time.
pub(crate) fn item_blocks(reader: OpenArray<'_>, bytes: usize) -> anyhow::Result<ArrayBlocks<'_>> {
    match reader.clone().item_blocks(bytes) {
        Ok(blocks) => {
            let layout = blocks.layout().clone();
            let blocks = blocks.map(|block| block.map_err(read_error));
            Ok(ArrayBlocks::known(layout, blocks))
        }
        // A stream in another order; or reading fails, too.
        Err(_) => read_whole(&reader),
    }
}

/// The fault of the array; the error names its place.
pub(crate) fn read_error(error: Error) -> anyhow::Error {
    library_error(npio::Error::from(error))
}

impl<'s> ArrayBlocks<'s> {
    fn new(layout: Layout, blocks: RowBlocks<AnySource<'s>>) -> ArrayBlocks<'s> {
        let blocks = blocks.max_bytes(BLOCK_SIZE);
        let blocks = blocks.map(|block| block.map_err(read_error));
        ArrayBlocks {
            has_rows: true,
            ..ArrayBlocks::known(layout, blocks)
        }
    }

    /// The items of an array of this layout, in its memory order.
    pub(crate) fn known(
        layout: Layout,
        blocks: impl Iterator<Item = anyhow::Result<Array>> + 's,
    ) -> ArrayBlocks<'s> {
        ArrayBlocks {
            layout,
            is_open: false,
            has_rows: false,
            blocks: Box::new(blocks),
        }
    }

    /// The rows of an array whose number is known only at the end; `layout` is that of an array without rows.
    pub(crate) fn open(
        layout: Layout,
        blocks: impl Iterator<Item = anyhow::Result<Array>> + 's,
    ) -> ArrayBlocks<'s> {
        ArrayBlocks {
            is_open: true,
            has_rows: true,
            ..ArrayBlocks::known(layout, blocks)
        }
    }

    /// An array in memory, as one block.
    pub(crate) fn whole(array: Array) -> ArrayBlocks<'s> {
        let layout = array.layout().clone();
        ArrayBlocks {
            has_rows: true,
            ..ArrayBlocks::known(layout, iter::once(Ok(array)))
        }
    }

    /// The same items in C order as an array of another shape, in which one length may be -1.
    pub(crate) fn reshaped(mut self, shape: &[isize]) -> anyhow::Result<ArrayBlocks<'s>> {
        let old = self.layout()?.clone();
        let layout = flatfile::reshaped(&old, shape)?;
        Ok(ArrayBlocks::known(layout, self.blocks))
    }

    /// The same array with blocks that are rows, each a whole array.
    pub(crate) fn by_rows(mut self) -> anyhow::Result<ArrayBlocks<'s>> {
        let layout = self.layout()?.clone();
        let Some(&rows) = layout.shape().first().filter(|_| !self.has_rows) else {
            return if self.has_rows || layout.ndim() > 0 {
                Ok(self)
            } else {
                Ok(ArrayBlocks::whole(self.into_array()?))
            };
        };
        let step = BLOCK_SIZE.checked_div(layout.nbytes() / rows.max(1));
        let step = step.unwrap_or(rows).clamp(1, rows.max(1));
        let mut bytes = ByteCursor::new(self.blocks);
        let dtype = layout.clone();
        let starts = (0..rows.max(1)).step_by(step);
        let blocks = starts.map(move |start| {
            let block = with_rows(&dtype, step.min(rows - start))?;
            let mut items = vec![0; block.nbytes()];
            bytes.fill(&mut items)?;
            Array::new(block, Buffer::from(items)).map_err(read_error)
        });
        Ok(ArrayBlocks {
            has_rows: true,
            ..ArrayBlocks::known(layout, blocks)
        })
    }

    /// All of it in memory.
    pub(crate) fn into_array(mut self) -> anyhow::Result<Array> {
        let layout = self.layout()?.clone();
        let mut items = Vec::new();
        for block in self.blocks {
            items.extend_from_slice(block?.as_bytes());
        }
        Array::new(layout, Buffer::from(items)).map_err(read_error)
    }

    /// The number of axes of the whole array.
    pub(crate) fn ndim(&self) -> usize {
        self.layout.ndim()
    }

    /// The layout of the whole array. If it is known only at the end, all blocks are read for it, and kept in memory.
    pub(crate) fn layout(&mut self) -> anyhow::Result<&Layout> {
        if mem::replace(&mut self.is_open, false) {
            let blocks = mem::replace(&mut self.blocks, Box::new(iter::empty()));
            let blocks: Vec<Array> = blocks.collect::<anyhow::Result<_>>()?;
            self.layout = with_rows(&self.layout, blocks.iter().map(rows_in).sum())?;
            self.blocks = Box::new(blocks.into_iter().map(Ok));
        }
        Ok(&self.layout)
    }

    /// The layout with no rows, if their number is known only at the end.
    pub(crate) fn open_layout(&self) -> Option<&Layout> {
        self.is_open.then_some(&self.layout)
    }

    /// The size of all items in bytes, unless the number of rows is known only at the end.
    pub(crate) fn nbytes(&self) -> Option<u64> {
        (!self.is_open).then_some(self.layout.nbytes() as u64)
    }
}
