//! One chunk of a text of items and separators, parsed in one go: [`ItemParser`].

use super::number::{Bool, Complex, PaddedX87, ParseError, ParseNumber, ViaF64, for_number};
use super::separator::excerpt;
use super::separator::{AfterItem, Separator, space_len};
use crate::error::{Error, ErrorKind, TextError};
use dtype::{DType, Number, set_byte_order};

/// A parser of items of one dtype.
#[derive(Clone, Debug)]
pub(super) struct ItemParser {
    pub(super) dtype: DType,
    pub(super) separator: Separator,
    /// Whether to give NumPy's answers where it is lenient.
    pub(super) is_lenient: bool,
    parse: ParseChunkFn,
}

type ParseChunkFn = fn(&ItemParser, &Chunk<'_>, usize, &mut Vec<u8>) -> ParsedChunk;

/// A chunk of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk<'a> {
    pub(super) text: &'a [u8],
    /// Whether it is the beginning of the text; otherwise it begins with a separator.
    pub(super) is_first: bool,
    pub(super) is_last: bool,
}

/// A parser of chunks.
pub(super) trait ChunkParser: Sync {
    /// The length of the longest chunk at the beginning of a text that can be parsed by itself; `None` if there is none.
    /// If it is shorter than the last of the text, what follows is not read.
    fn chunk_len(&self, text: &[u8], is_last: bool) -> Option<usize>;

    /// Appends the items of a chunk to `out`, at most `max_items`.
    fn parse(&self, chunk: &Chunk<'_>, max_items: usize, out: &mut Vec<u8>) -> ParsedChunk;
}

/// The result of parsing a chunk.
#[derive(Debug, Default)]
pub(super) struct ParsedChunk {
    /// The number of items.
    pub(super) count: usize,
    /// Their length in the text in bytes, including the separators between them.
    pub(super) length: usize,
    /// The error after the last of them, and its byte offset.
    pub(super) problem: Option<(usize, TextError)>,
    /// The field of a row with the error.
    pub(super) field: Option<usize>,
}

impl ItemParser {
    /// The parser of items of this type.
    ///
    /// # Errors
    /// `TextType` if such items cannot be read from text.
    pub(super) fn new(
        dtype: &DType,
        separator: Separator,
        is_lenient: bool,
    ) -> Result<ItemParser, Error> {
        let parse: Option<ParseChunkFn> = match dtype {
            DType::Bool => Some(parse_items::<Bool>),
            DType::Datetime(..) | DType::Timedelta(..) => Some(parse_items::<i64>),
            DType::Number(number, _) => for_number!(number, parse_items),
            _ => None,
        };
        let parse = parse.ok_or_else(|| ErrorKind::TextType(dtype.clone()))?;
        Ok(ItemParser {
            dtype: dtype.clone(),
            separator,
            is_lenient,
            parse,
        })
    }

    /// Appends the items of a chunk to `out`, at most `max_items`.
    pub(super) fn parse_chunk(
        &self,
        chunk: &Chunk<'_>,
        max_items: usize,
        out: &mut Vec<u8>,
    ) -> ParsedChunk {
        let begin = out.len();
        let parsed = (self.parse)(self, chunk, max_items, out);
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
    fn item_error(&self, error: ParseError, text: &[u8]) -> TextError {
        match error {
            ParseError::Range => TextError::Range {
                dtype: self.dtype.clone(),
                found: excerpt(text),
            },
            ParseError::Expected(expected) if text.is_empty() || self.is_separator(text) => {
                TextError::Empty { expected }
            }
            ParseError::Expected(expected) => TextError::Item {
                expected,
                found: excerpt(text),
            },
        }
    }

    fn is_separator(&self, text: &[u8]) -> bool {
        matches!(self.separator.after_item(text), AfterItem::Separator(_))
    }
}

/// Parses the items of a chunk, and appends their bytes.
fn parse_items<T: ParseNumber>(
    parser: &ItemParser,
    chunk: &Chunk<'_>,
    max_items: usize,
    out: &mut Vec<u8>,
) -> ParsedChunk {
    let Chunk { text, .. } = *chunk;
    let mut parsed = ParsedChunk::default();
    // Nearly all texts are of this kind.
    let separator = parser.separator.as_byte();
    let mut at = 0;
    if !chunk.is_first {
        match parser.separator.after_item(text) {
            AfterItem::Separator(length) => at = length,
            after_item => {
                parsed.missing_separator(parser, chunk, 0, after_item);
                return parsed;
            }
        }
    }
    while parsed.count < max_items {
        let mut rest = text.get(at..).unwrap_or_default();
        if rest.first().is_some_and(|byte| *byte <= b' ') {
            let length = space_len(rest);
            at += length;
            rest = rest.get(length..).unwrap_or_default();
        }
        if let Some(separator) = separator {
            let (count, length) =
                parse_fast_items::<T>(rest, separator, max_items - parsed.count, out);
            if count > 0 {
                parsed.count += count;
                at += length;
                parsed.length = at - 1;
                continue;
            }
        }
        // Nothing needs to follow the last separator of a text, but an item must follow any other.
        if rest.is_empty() && (chunk.is_last || parser.separator.is_space()) {
            return parsed;
        }
        let (item, length) = match T::parse(rest, parser.is_lenient) {
            Ok(found) => found,
            Err(error) => {
                parsed.problem = Some((at, parser.item_error(error, rest)));
                return parsed;
            }
        };
        at += length;
        item.push_ne_bytes(out);
        parsed.count += 1;
        parsed.length = at;
        if parsed.count == max_items {
            return parsed;
        }
        if separator.is_some() && separator == text.get(at).copied() {
            at += 1;
            continue;
        }
        match parser
            .separator
            .after_item(text.get(at..).unwrap_or_default())
        {
            AfterItem::Separator(length) => at += length,
            after_item => {
                parsed.missing_separator(parser, chunk, at, after_item);
                return parsed;
            }
        }
    }
    parsed
}

/// Appends the items at the beginning of `text`, as long as [`ParseNumber::fast_int`] parses them. Returns their
/// number, and their length in bytes with the separators after them. Most texts of integers need no more than this.
fn parse_fast_items<T: ParseNumber>(
    text: &[u8],
    separator: u8,
    max_items: usize,
    out: &mut Vec<u8>,
) -> (usize, usize) {
    let (mut count, mut rest) = (0, text);
    while count < max_items
        && let Some(window) = rest.first_chunk()
        && let Some((item, length)) = T::fast_int(window, separator)
    {
        item.push_ne_bytes(out);
        count += 1;
        rest = rest.get(length + 1..).unwrap_or_default();
    }
    (count, text.len() - rest.len())
}

impl ParsedChunk {
    /// Records the error that there is no separator at this byte, unless the text may end here.
    #[cold]
    fn missing_separator(
        &mut self,
        parser: &ItemParser,
        chunk: &Chunk<'_>,
        at: usize,
        after_item: AfterItem,
    ) {
        let expected = || parser.separator.as_str().to_owned();
        let problem = match after_item {
            AfterItem::Separator(_) => return,
            AfterItem::End { is_cut } if !is_cut || parser.is_lenient && chunk.is_last => return,
            AfterItem::End { .. } => (
                chunk.text.len(),
                TextError::CutSeparator {
                    expected: expected(),
                },
            ),
            AfterItem::Other(more) => {
                let at = at + more;
                let found = excerpt(chunk.text.get(at..).unwrap_or_default());
                let expected = expected();
                (at, TextError::Separator { expected, found })
            }
        };
        self.problem = Some(problem);
    }
}
