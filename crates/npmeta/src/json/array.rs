//! Arrays in JSON: [`read_array`].

use super::inferred::InferredItems;
use super::items::{Items, item_error};
use super::lexer::Lexer;
use super::texts::TextItems;
use super::typed::{DTypeItems, leading_lists, lists_before_object};
use crate::{Error, ErrorKind};
use flatfile::Array;
use flatfile::dtype::{DType, MAX_DIMS};
use std::io::Read;

/// The array in nested lists, such as [`flatfile::show::json`] writes. It is read in blocks, and the items go straight
/// into the memory of the array.
///
/// Without a dtype it is NumPy's choice: `bool`, `int64` or else `uint64` (NumPy makes floats if smaller integers are
/// among them), `float64` if any number has a point, texts as wide as the widest.
///
/// A dtype determines the form of the items: complex numbers are `[re,im]`, records lists of their fields, or objects
/// with their names; subarrays are lists; dates are ISO 8601 or, as spans of time, counts, and `null` is NaT; bytes are
/// text or `{"base64":"…"}`; floats may be text, as `longdouble` is, whose digits are all used. `S`, `U` and `V`
/// without a length become as wide as the widest item. An item that the dtype cannot hold is an error.
///
/// An axis of length 0 hides those after it: `[]` has the shape `(0,)`, which can be reshaped.
///
/// ```
/// use npmeta::json;
/// let x = json::read_array(&b"[[1, 2], [3, 4.5]]"[..], None)?;
/// assert_eq!((x.shape(), x.to_vec::<f64>()?), (&[2, 2][..], vec![1.0, 2.0, 3.0, 4.5]));
///
/// let stars = r#"[{"name": "Vega", "magnitude": 0.03}, ["Sirius", -1.46]]"#;
/// let dtype = "[('name', 'U6'), ('magnitude', 'f4')]".parse()?;
/// let stars = json::read_array(stars.as_bytes(), Some(dtype))?;
/// assert_eq!(stars.to_string(), "[('Vega',  0.03) ('Sirius', -1.46)]");
/// # Ok::<(), npmeta::Error>(())
/// ```
///
/// # Errors
/// `Syntax`, with the position; `Item`, with the index and the position: lists of different lengths, or an item that
/// the dtype cannot hold; `Limit`: more than 64 axes, or texts that the widest one makes many times as long as the
/// text; `Unsupported`: a dtype with objects; `Array`: `Io`, `Memory`.
pub fn read_array(source: impl Read, dtype: Option<DType>) -> Result<Array, Error> {
    let mut lexer = Lexer::new(source);
    lexer.skip_byte_order_mark()?;
    match dtype {
        None => Axes::read(lexer, InferredItems::new()?),
        Some(dtype @ (DType::Str(0, _) | DType::Bytes(0) | DType::Void(0))) => {
            Axes::read(lexer, TextItems::new(dtype))
        }
        Some(dtype) => Axes::read(lexer, DTypeItems::new(dtype)?),
    }
}

/// The array in a text: see [`read_array`].
///
/// ```
/// use npmeta::json;
/// assert_eq!(json::to_array("[[1, 2], [3, 4]]", None)?.shape(), [2, 2]);
/// let error = json::to_array("[1, [2]]", None).unwrap_err();
/// assert_eq!(error.to_string(), "item [1]: expected a value as its neighbours, found a list, at byte 4");
/// # Ok::<(), npmeta::Error>(())
/// ```
///
/// # Errors
/// As [`read_array`].
pub fn to_array(text: &str, dtype: Option<DType>) -> Result<Array, Error> {
    read_array(text.as_bytes(), dtype)
}

/// The axes of an array that is being read: lists around its items.
struct Axes<R, I> {
    lexer: Lexer<R>,
    items: I,
    /// The length of each axis, once the first list of it has ended.
    lengths: Vec<Option<usize>>,
    /// The index of the list or item that is next.
    index: Vec<usize>,
}

impl<R: Read, I: Items> Axes<R, I> {
    fn read(mut lexer: Lexer<R>, items: I) -> Result<Array, Error> {
        let lengths = vec![None; count_axes(&mut lexer, items.dtype())?];
        let mut axes = Axes {
            lexer,
            items,
            lengths,
            index: Vec::new(),
        };
        axes.value(0)?;
        axes.lexer.finish()?;
        let shape = axes.lengths.iter().map(|length| length.unwrap_or(0));
        let shape = shape.collect();
        axes.items.finish(shape, axes.lexer.offset())
    }

    /// The list along this axis, or an item after all of them.
    fn value(&mut self, axis: usize) -> Result<(), Error> {
        match self.lengths.get(axis) {
            Some(length) => self.list(axis, *length),
            None => self.items.push(&mut self.lexer, &mut self.index),
        }
    }

    fn list(&mut self, axis: usize, length: Option<usize>) -> Result<(), Error> {
        let expected =
            || length.map_or("a list".to_owned(), |length| format!("a list of {length}"));
        if self.lexer.peek()? != Some(b'[') {
            let begin = self.lexer.offset();
            let found = self.lexer.token()?.found();
            return Err(item_error(&self.index, expected(), found, begin));
        }
        let begin = self.lexer.offset();
        self.lexer.begin(b'[')?;
        let is_innermost = axis + 1 == self.lengths.len();
        let max = length.unwrap_or(usize::MAX);
        let mut count = 0;
        self.index.push(0);
        let mut is_more = self.lexer.first_item(b']')?;
        while is_more {
            if count == max {
                self.index.pop();
                return Err(item_error(&self.index, expected(), "a longer list", begin));
            }
            if let Some(last) = self.index.last_mut() {
                *last = count;
            }
            let numbers = if is_innermost {
                let text = self.lexer.rest();
                let (numbers, bytes) = self.items.push_numbers(text, max - count)?;
                self.lexer.skip(bytes);
                numbers
            } else {
                0
            };
            if numbers == 0 {
                self.value(axis + 1)?;
            }
            count += numbers.max(1);
            is_more = self.lexer.next_item(b']')?;
        }
        self.index.pop();
        match self.lengths.get_mut(axis) {
            Some(known @ None) => *known = Some(count),
            _ if count < max => {
                let found = format!("a list of {count}");
                return Err(item_error(&self.index, expected(), found, begin));
            }
            _ => {}
        }
        Ok(())
    }
}

/// The number of lists that the text begins with, less those of the form of an item.
fn count_axes<R: Read>(lexer: &mut Lexer<R>, dtype: Option<&DType>) -> Result<usize, Error> {
    let (lists, is_empty) = dtype.map_or((0, false), leading_lists);
    let brackets = lexer.count_brackets(MAX_DIMS + lists + 1)?;
    let axes = match (lexer.peek_in_lists()?, dtype) {
        // What an empty list would contain is unknown, unless an item is such a list itself.
        (Some(b']'), _) if !is_empty || brackets < lists => brackets,
        (Some(b'{'), Some(dtype)) => {
            let key = lexer.peek_key()?;
            let key = key.as_ref().and_then(|key| key.as_str());
            brackets.saturating_sub(lists_before_object(dtype, key))
        }
        _ => brackets.saturating_sub(lists),
    };
    if axes > MAX_DIMS {
        return Err(lexer.error(ErrorKind::Limit("more than 64 axes")));
    }
    Ok(axes)
}
