//! Some of the rows of an array.

use crate::address::ErrorContext;
use crate::array::{InputArray, parsed_reader};
use crate::array_blocks::{ArrayBlocks, BLOCK_SIZE, BlockIter, item_blocks, read_error, with_rows};
use npio::flatfile::Conversion;
use npio::{OpenArray, Order};
use std::iter;
use std::ops::Range;

/// The array, to be read in C order with this conversion, and the number of its rows.
pub(crate) fn rows_of_input(
    array: InputArray<'_>,
    conversion: Conversion,
) -> anyhow::Result<(OpenArray<'_>, usize)> {
    let input = array.input;
    let mut reader = array.reader(conversion.order(Order::C))?;
    // A stream whose rows are not in its order is read once, and not for each part.
    if !reader.has_random_access() && reader.clone().item_blocks(BLOCK_SIZE).is_err() {
        reader = parsed_reader(input, reader.read().map_err(read_error)?);
    }
    match reader.layout().shape().first() {
        Some(&rows) => Ok((reader, rows)),
        None => Err(input.error("the array has no axis, so no rows")),
    }
}

/// The rows in these ranges, `count` in total. They are read when they are due, and in a stream they have to be in order.
pub(crate) fn rows_at<'s>(
    reader: OpenArray<'s>,
    count: usize,
    ranges: impl Iterator<Item = Range<usize>> + 's,
) -> anyhow::Result<ArrayBlocks<'s>> {
    let layout = reader.converted_layout().map_err(read_error)?;
    let layout = with_rows(&layout, count)?;
    let blocks = ranges.flat_map(move |range| -> BlockIter<'s> {
        let rows = reader.clone().sliced(&range.into()).map_err(read_error);
        match rows.and_then(|rows| item_blocks(rows, BLOCK_SIZE)) {
            Ok(rows) => rows.blocks,
            Err(error) => Box::new(iter::once(Err(error))),
        }
    });
    Ok(ArrayBlocks::known(layout, blocks))
}
