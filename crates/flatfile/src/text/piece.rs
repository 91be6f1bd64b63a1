//! One piece of a text of items and separators, parsed in one go: [`Reader`].

use super::number::{Bad, Bool, Complex, Item, Long, Narrow, for_number};
use super::separator::beginning;
use super::separator::{Behind, Cut, Separator, spaces};
use crate::error::{Error, ErrorKind, TextError};
use dtype::{DType, Number, set_byte_order};

/// The reader of items of one dtype.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    pub(super) dtype: DType,
    pub(super) separator: Separator,
    /// Whether to give NumPy's answers where it is lenient.
    pub(super) is_lenient: bool,
    parse: Parse,
}

type Parse = fn(&Reader, &Piece<'_>, usize, &mut Vec<u8>) -> Parsed;

/// A piece of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a [u8],
    /// Whether it is the beginning of the text; otherwise it begins with a separator.
    pub(super) is_first: bool,
    pub(super) is_last: bool,
}

/// A parser of pieces.
pub(super) trait Parser: Sync {
    /// The places at which the text may be cut.
    fn cut(&self) -> Option<Cut>;

    /// Appends the items of a piece to `out`, at most `most`.
    fn parse(&self, piece: &Piece<'_>, most: usize, out: &mut Vec<u8>) -> Parsed;
}

/// The result of parsing a piece.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// The number of items.
    pub(super) count: usize,
    /// Their length in the text in bytes, including the separators between them.
    pub(super) length: usize,
    /// The error after the last of them, and its byte offset.
    pub(super) problem: Option<(usize, TextError)>,
    /// The field of a row with the error.
    pub(super) field: Option<usize>,
}

impl Reader {
    /// The reader of items of this type.
    ///
    /// # Errors
    /// `TextType` if such items cannot be read from text.
    pub(super) fn new(
        dtype: &DType,
        separator: Separator,
        is_lenient: bool,
    ) -> Result<Reader, Error> {
        let parse: Option<Parse> = match dtype {
            DType::Bool => Some(items::<Bool>),
            DType::Datetime(..) | DType::Timedelta(..) => Some(items::<i64>),
            DType::Number(number, _) => for_number!(number, items),
            _ => None,
        };
        let parse = parse.ok_or_else(|| ErrorKind::TextType(dtype.clone()))?;
        Ok(Reader {
            dtype: dtype.clone(),
            separator,
            is_lenient,
            parse,
        })
    }

    /// Appends the items of a piece to `out`, at most `most`.
    pub(super) fn read(&self, piece: &Piece<'_>, most: usize, out: &mut Vec<u8>) -> Parsed {
        let begin = out.len();
        let parsed = (self.parse)(self, piece, most, out);
        if !self.dtype.is_native() {
            // They were native, and swapping works in both directions.
            let native = self.dtype.with_byte_order(dtype::ByteOrder::NATIVE);
            let order = match dtype::ByteOrder::NATIVE {
                dtype::ByteOrder::Little => dtype::ByteOrder::Big,
                dtype::ByteOrder::Big => dtype::ByteOrder::Little,
            };
            set_byte_order(&native, order, out.get_mut(begin..).unwrap_or_default());
        }
        parsed
    }

    /// The error in the item at the beginning of `text`.
    fn bad_item(&self, bad: Bad, text: &[u8]) -> TextError {
        match bad {
            Bad::Range => TextError::Range {
                dtype: self.dtype.clone(),
                found: beginning(text),
            },
            Bad::NotA(expected) if text.is_empty() || self.is_separator(text) => {
                TextError::Empty { expected }
            }
            Bad::NotA(expected) => TextError::Item {
                expected,
                found: beginning(text),
            },
        }
    }

    fn is_separator(&self, text: &[u8]) -> bool {
        matches!(self.separator.behind(text), Behind::Separator(_))
    }
}

/// Parses the items of a piece, and appends their bytes.
fn items<T: Item>(reader: &Reader, piece: &Piece<'_>, most: usize, out: &mut Vec<u8>) -> Parsed {
    let Piece { text, .. } = *piece;
    let mut parsed = Parsed::default();
    // Nearly all texts are of this kind.
    let separator = reader.separator.as_byte();
    let mut at = 0;
    if !piece.is_first {
        match reader.separator.behind(text) {
            Behind::Separator(length) => at = length,
            behind => {
                parsed.stop(reader, piece, 0, behind);
                return parsed;
            }
        }
    }
    while parsed.count < most {
        let mut rest = text.get(at..).unwrap_or_default();
        if rest.first().is_some_and(|byte| *byte <= b' ') {
            let length = spaces(rest);
            at += length;
            rest = rest.get(length..).unwrap_or_default();
        }
        if let Some(separator) = separator {
            let (count, length) = plain_items::<T>(rest, separator, most - parsed.count, out);
            if count > 0 {
                parsed.count += count;
                at += length;
                parsed.length = at - 1;
                continue;
            }
        }
        // After the last separator there need be nothing, but there must be something if the text continues.
        if rest.is_empty() && (piece.is_last || reader.separator.is_space()) {
            return parsed;
        }
        let (item, length) = match T::parse(rest, reader.is_lenient) {
            Ok(found) => found,
            Err(bad) => {
                parsed.problem = Some((at, reader.bad_item(bad, rest)));
                return parsed;
            }
        };
        at += length;
        item.put(out);
        parsed.count += 1;
        parsed.length = at;
        if parsed.count == most {
            return parsed;
        }
        if separator.is_some() && separator == text.get(at).copied() {
            at += 1;
            continue;
        }
        match reader.separator.behind(text.get(at..).unwrap_or_default()) {
            Behind::Separator(length) => at += length,
            behind => {
                parsed.stop(reader, piece, at, behind);
                return parsed;
            }
        }
    }
    parsed
}

/// Appends the items at the beginning of `text`, as long as they are plain. Returns their number, and their length
/// in bytes with the separators after them. Most texts of integers need no more than this.
fn plain_items<T: Item>(
    text: &[u8],
    separator: u8,
    most: usize,
    out: &mut Vec<u8>,
) -> (usize, usize) {
    let (mut count, mut rest) = (0, text);
    while count < most
        && let Some(window) = rest.first_chunk()
        && let Some((item, length)) = T::plain(window, separator)
    {
        item.put(out);
        count += 1;
        rest = rest.get(length + 1..).unwrap_or_default();
    }
    (count, text.len() - rest.len())
}

impl Parsed {
    /// The error that there is no separator at this byte.
    #[cold]
    fn stop(&mut self, reader: &Reader, piece: &Piece<'_>, at: usize, behind: Behind) {
        let expected = || reader.separator.as_str().to_owned();
        let problem = match behind {
            Behind::Separator(_) => return,
            Behind::End { is_cut } if !is_cut || reader.is_lenient && piece.is_last => return,
            Behind::End { .. } => (
                piece.text.len(),
                TextError::CutSeparator {
                    expected: expected(),
                },
            ),
            Behind::Other(more) => {
                let at = at + more;
                let found = beginning(piece.text.get(at..).unwrap_or_default());
                let expected = expected();
                (at, TextError::Separator { expected, found })
            }
        };
        self.problem = Some(problem);
    }
}
