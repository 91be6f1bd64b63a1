//! Fields of fixed widths: [`Widths`].

use super::dialect::{Dialect, RawField};
use memchr::memmem;
use std::borrow::Cow;

/// The lengths of fields in characters. What follows the last one belongs to no field.
#[derive(Clone, Debug)]
pub(super) enum Widths {
    /// All of a line is fields of this length.
    All(usize),
    Each(Vec<usize>),
}

impl Widths {
    /// Passes each field of a row to `visit` with its offset, and returns their number. Fields after the end of a short row
    /// are empty.
    pub(super) fn for_each<'a>(
        &self,
        row: &'a [u8],
        dialect: &Dialect,
        mut visit: impl FnMut(usize, RawField<'a>),
    ) -> usize {
        let row = dialect.without_end(row);
        let mut at = 0;
        let mut next = |width: usize| {
            let rest = row.get(at..).unwrap_or_default();
            let length = chars_len(rest, width);
            let field = RawField {
                content: Cow::Borrowed(rest.get(..length).unwrap_or_default()),
                is_quoted: false,
                length,
            };
            visit(at, field);
            at += length;
            at < row.len()
        };
        match self {
            Widths::All(width) => {
                let mut count = 1;
                while next(*width) {
                    count += 1;
                }
                count
            }
            Widths::Each(widths) => {
                for width in widths {
                    next(*width);
                }
                widths.len()
            }
        }
    }
}

impl Dialect {
    /// A row without its comment and line end.
    pub(super) fn without_end<'a>(&self, row: &'a [u8]) -> &'a [u8] {
        let end = row.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let line = row.get(..end.unwrap_or(row.len())).unwrap_or_default();
        let comments = self.comments.iter();
        let comment = comments.filter_map(|comment| memmem::find(line, comment));
        line.get(..comment.min().unwrap_or(line.len()))
            .unwrap_or_default()
    }
}

/// The number of bytes of this many characters at the beginning of a text, or of all of it.
fn chars_len(text: &[u8], count: usize) -> usize {
    // A byte that continues a character begins none.
    let begins = text.iter().enumerate();
    let mut begins = begins.filter(|(_, byte)| **byte & 0xc0 != 0x80);
    begins.nth(count).map_or(text.len(), |(at, _)| at)
}
