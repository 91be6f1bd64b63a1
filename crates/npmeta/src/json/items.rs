//! What the items of an array in JSON have in common, whatever their dtype: [`Items`].

use super::lexer::Lexer;
use super::run::{Run, RunParser};
use crate::{Error, ErrorKind};
use flatfile::Array;
use flatfile::dtype::DType;

/// Items that are taken from a text one after the other.
pub(super) trait Items: Sized {
    /// Their dtype, if it determines their form.
    fn dtype(&self) -> Option<&DType> {
        None
    }

    /// Takes the item that is next, which has this index.
    fn push(&mut self, lexer: &mut Lexer<'_>, index: &mut Vec<usize>) -> Result<(), Error>;

    /// How plain numbers become such items, if they can be taken together.
    fn run_parser(&self) -> Option<RunParser> {
        None
    }

    /// Takes the numbers of a run, which was parsed by [`Items::run_parser`] now or before the first item.
    fn push_run(&mut self, _: &Run) -> Result<(), Error> {
        Ok(())
    }

    /// The array of all items. The text has this many bytes.
    fn finish(self, shape: Vec<usize>, text_bytes: u64) -> Result<Array, Error>;
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
