//! Texts and bytes in JSON whose widest one determines the dtype: [`TextItems`].

use super::items::{Items, item_error};
use super::lexer::{Lexer, Token};
use super::typed::{expected_item, put_bytes, put_points, read_base64};
use crate::value::Text;
use crate::{Error, ErrorKind};
use flatfile::dtype::{DType, Layout, Order};
use flatfile::{Array, Buffer};

/// Items of a dtype without a length: `S`, `U` or `V`.
pub(super) struct TextItems {
    dtype: DType,
    /// All items, one after the other: of `U` in UTF-8 that includes surrogates.
    bytes: Vec<u8>,
    /// Where each item ends.
    ends: Vec<usize>,
    /// The number of characters or bytes of the widest item.
    max_width: usize,
}

impl TextItems {
    pub(super) fn new(dtype: DType) -> TextItems {
        TextItems {
            dtype,
            bytes: Vec::new(),
            ends: Vec::new(),
            max_width: 0,
        }
    }

    /// Appends an item.
    pub(super) fn push_text(&mut self, text: &[u8]) -> Result<(), Error> {
        let width = match self.dtype {
            DType::Str(..) => Text::points_of(text).count(),
            _ => text.len(),
        };
        self.max_width = self.max_width.max(width);
        let bytes = text.len();
        let no_memory = |_| flatfile::Error::from(flatfile::ErrorKind::Memory { bytes });
        self.bytes.try_reserve(bytes).map_err(no_memory)?;
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
        Ok(())
    }
}

impl Items for TextItems {
    fn dtype(&self) -> Option<&DType> {
        Some(&self.dtype)
    }

    fn push(&mut self, lexer: &mut Lexer<'_>, index: &mut Vec<usize>) -> Result<(), Error> {
        let is_str = matches!(self.dtype, DType::Str(..));
        let is_object = lexer.peek()? == Some(b'{');
        let begin = lexer.offset();
        let error =
            |found: String| Err(item_error(index, expected_item(&self.dtype), found, begin));
        if is_object && !is_str {
            return match read_base64(lexer)? {
                Some(bytes) => self.push_text(&bytes),
                None => error("an object".to_owned()),
            };
        }
        match lexer.token()? {
            Token::Text(text) if is_str || text.is_ascii() => self.push_text(text),
            token => error(token.found()),
        }
    }

    fn finish(self, shape: Vec<usize>, text_bytes: u64) -> Result<Array, Error> {
        // NumPy makes no items of length 0.
        let width = u32::try_from(self.max_width.max(1)).unwrap_or(u32::MAX);
        let dtype = match self.dtype {
            DType::Str(_, order) => DType::Str(width, order),
            DType::Void(_) => DType::Void(width),
            _ => DType::Bytes(width),
        };
        let (size, alignment) = (dtype.itemsize(), dtype.alignment());
        // One wide text makes all others as wide.
        let max_bytes = (1 << 20) + 64 * u128::from(text_bytes);
        if self.ends.len() as u128 * size as u128 > max_bytes {
            return Err(ErrorKind::Limit("texts of very different lengths").into());
        }
        let layout = Layout::new(dtype, shape, Order::C)?;
        let mut buffer = Buffer::zeroed(layout.nbytes(), alignment)?;
        let mut begin = 0;
        for (slot, end) in buffer.as_mut().chunks_exact_mut(size).zip(self.ends) {
            let text = self.bytes.get(begin..end).unwrap_or_default();
            // The widest has room.
            let _ = match layout.dtype() {
                DType::Str(_, order) => put_points(text, *order, slot),
                _ => put_bytes(text, slot),
            };
            begin = end;
        }
        Ok(Array::new(layout, buffer)?)
    }
}
