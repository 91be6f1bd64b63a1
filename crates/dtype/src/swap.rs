//! Changing the byte order of items in place.

use crate::dtype::DType;
use crate::number::ByteOrder;

/// Converts every part of `items` that has a byte order to byte order `to`; `dtype` is their type before.
///
/// Bytes after the last whole item stay as they are. Afterwards the items are of type
/// [`dtype.with_byte_order(to)`](DType::with_byte_order).
///
/// ```
/// use dtype::{ByteOrder, DType, set_byte_order};
/// let mut items = [0, 1, 0, 2];
/// set_byte_order(&">u2".parse::<DType>()?, ByteOrder::Little, &mut items);
/// assert_eq!(items, [1, 0, 2, 0]);
/// # Ok::<(), dtype::Error>(())
/// ```
pub fn set_byte_order(dtype: &DType, to: ByteOrder, items: &mut [u8]) {
    let size = dtype.itemsize();
    let count = items.len().checked_div(size).unwrap_or(0);
    let mut steps = Vec::new();
    push_repeated(dtype, to, count, 0, &mut steps);
    run(&steps, items);
}

/// The work for one stretch of bytes. Parts that stay as they are have no step, so the work is found once and not
/// again for every item.
enum SwapStep {
    /// Contiguous words of this many bytes.
    Words {
        offset: usize,
        width: usize,
        count: usize,
    },
    /// The same steps for each of several consecutive stretches of bytes.
    Repeat {
        offset: usize,
        size: usize,
        count: usize,
        steps: Vec<SwapStep>,
    },
}

/// Adds the steps for `count` items, the first of them at `offset`.
fn push_repeated(
    dtype: &DType,
    to: ByteOrder,
    count: usize,
    offset: usize,
    out: &mut Vec<SwapStep>,
) {
    let size = dtype.itemsize();
    let mut steps = Vec::new();
    push_item(dtype, to, 0, &mut steps);
    match steps.as_slice() {
        [] => {}
        _ if count == 0 || size == 0 => {}
        [
            SwapStep::Words {
                offset: 0,
                width,
                count: words,
            },
        ] if width * words == size => {
            push_words(offset, *width, words * count, out);
        }
        _ => out.push(SwapStep::Repeat {
            offset,
            size,
            count,
            steps,
        }),
    }
}

/// Adds the steps for one item at `offset`.
fn push_item(dtype: &DType, to: ByteOrder, offset: usize, out: &mut Vec<SwapStep>) {
    match dtype {
        DType::Number(number, order) if *order != to => {
            let width = number.part_size();
            push_words(offset, width, number.size() / width, out);
        }
        DType::Str(length, order) if *order != to => push_words(offset, 4, *length as usize, out),
        DType::Datetime(_, order) | DType::Timedelta(_, order) if *order != to => {
            push_words(offset, 8, 1, out);
        }
        DType::Record(record) => {
            for field in record.fields() {
                push_item(&field.dtype, to, offset + field.offset, out);
            }
        }
        DType::Subarray(sub) => {
            let count = sub.shape().iter().product();
            push_repeated(sub.base(), to, count, offset, out);
        }
        _ => {}
    }
}

/// Adds words, to the last step if they continue it.
fn push_words(offset: usize, width: usize, count: usize, out: &mut Vec<SwapStep>) {
    if width < 2 || count == 0 {
        return;
    }
    if let Some(SwapStep::Words {
        offset: last,
        width: same,
        count: words,
    }) = out.last_mut()
        && *same == width
        && *last + width * *words == offset
    {
        *words += count;
        return;
    }
    out.push(SwapStep::Words {
        offset,
        width,
        count,
    });
}

fn run(steps: &[SwapStep], bytes: &mut [u8]) {
    for step in steps {
        match step {
            SwapStep::Words {
                offset,
                width,
                count,
            } => {
                let words = bytes.get_mut(*offset..offset + width * count);
                swap(*width, words.unwrap_or_default());
            }
            SwapStep::Repeat {
                offset,
                size,
                count,
                steps,
            } => {
                let parts = bytes
                    .get_mut(*offset..offset + size * count)
                    .unwrap_or_default();
                for part in parts.chunks_exact_mut(*size) {
                    run(steps, part);
                }
            }
        }
    }
}

fn swap(width: usize, words: &mut [u8]) {
    match width {
        2 => swap2(words),
        4 => swap4(words),
        8 => swap8(words),
        _ => words.chunks_exact_mut(width).for_each(<[u8]>::reverse),
    }
}

macro_rules! swaps {
    ($($name:ident: $word:ty;)*) => {$(
        fn $name(words: &mut [u8]) {
            for word in words.as_chunks_mut::<{ size_of::<$word>() }>().0 {
                *word = <$word>::from_ne_bytes(*word).swap_bytes().to_ne_bytes();
            }
        }
    )*};
}

// Written over integers, these become vector instructions.
swaps! { swap2: u16; swap4: u32; swap8: u64; }
