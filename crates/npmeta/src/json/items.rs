//! What the items of an array in JSON have in common, whatever their dtype: [`Items`].

use super::lexer::Lexer;
use crate::{Error, ErrorKind};
use flatfile::Array;
use flatfile::dtype::{ByteOrder, DType};
use flatfile::parse::{JsonNumber, json_number};
use std::io::Read;

/// Items that are taken from a text one after the other.
pub(super) trait Items: Sized {
    /// Their dtype, if it determines their form.
    fn dtype(&self) -> Option<&DType> {
        None
    }

    /// Takes the item that is next, which has this index.
    fn push<R: Read>(&mut self, lexer: &mut Lexer<R>, index: &mut Vec<usize>) -> Result<(), Error>;

    /// Takes plain numbers and the commas between them from the beginning of `text`, at most `max`. Returns how many
    /// they are, and their length in bytes. It need not take any, nor the last number of the text, which may be cut.
    fn push_numbers(&mut self, text: &[u8], max: usize) -> Result<(usize, usize), Error>;

    /// The array of all items. The text has this many bytes.
    fn finish(self, shape: Vec<usize>, text_bytes: u64) -> Result<Array, Error>;
}

/// Appends the bytes of plain numbers in `text`, in this order, as long as `convert` has some: see
/// [`Items::push_numbers`].
#[inline]
pub(super) fn push_numbers<const N: usize>(
    text: &[u8],
    max: usize,
    order: ByteOrder,
    out: &mut Vec<u8>,
    mut convert: impl FnMut(JsonNumber) -> Option<[u8; N]>,
) -> (usize, usize) {
    let (mut count, mut at, mut end) = (0, 0, 0);
    let mut has_space = false;
    while count < max
        && let Some((number, length)) = text.get(at..).and_then(json_number)
        && let Some(b',' | b']' | b' ' | b'\n' | b'\r' | b'\t') = text.get(at + length)
        && let Some(mut bytes) = convert(number)
    {
        if order != ByteOrder::NATIVE {
            bytes.reverse();
        }
        out.extend_from_slice(&bytes);
        count += 1;
        end = at + length;
        if count == 1 {
            // What follows the first comma follows all of them: the next number is found without looking for it.
            has_space = text.get(end + 1) == Some(&b' ');
        }
        let is_more = text.get(end) == Some(&b',');
        if !is_more || has_space && text.get(end + 1) != Some(&b' ') {
            break;
        }
        at = end + 1 + usize::from(has_space);
    }
    (count, end)
}

/// The error of the item or list with this index, which begins at this offset.
pub(super) fn item_error(
    index: &[usize],
    expected: impl Into<String>,
    found: impl Into<String>,
    offset: u64,
) -> Error {
    let kind = ErrorKind::Item {
        index: index.to_vec(),
        expected: expected.into(),
        found: found.into(),
    };
    Error::from(kind).with_offset(offset)
}
