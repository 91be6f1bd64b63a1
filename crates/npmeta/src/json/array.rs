//! Arrays in JSON: [`read_array`].

use super::blocks::{BLOCK_BYTES, Block, BlockReader, NextBlock};
use super::inferred::InferredItems;
use super::items::Items;
use super::lexer::Lexer;
use super::lists::Lists;
use super::texts::TextItems;
use super::typed::{DTypeItems, leading_lists, lists_before_object};
use crate::{Error, ErrorKind};
use flatfile::Array;
use flatfile::dtype::{DType, MAX_DIMS};
use flatfile::pipeline;
use std::io::Read;

/// The array in nested lists, such as [`flatfile::show::json`] writes. It is read in blocks, plain numbers are parsed
/// by several threads, and the items go straight into the memory of the array.
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
    read_in_blocks(source, dtype, BLOCK_BYTES)
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

/// The array in a text that is read in blocks of this many bytes.
fn read_in_blocks(
    source: impl Read,
    dtype: Option<DType>,
    block_bytes: usize,
) -> Result<Array, Error> {
    match dtype {
        None => read_items(source, InferredItems::new()?, block_bytes),
        Some(dtype @ (DType::Str(0, _) | DType::Bytes(0) | DType::Void(0))) => {
            read_items(source, TextItems::new(dtype), block_bytes)
        }
        Some(dtype) => read_items(source, DTypeItems::new(dtype)?, block_bytes),
    }
}

/// The array of these items. Plain numbers are parsed by several
/// threads, as far as each can tell from its block; this one decides whether they are the values that come next.
fn read_items(source: impl Read, items: impl Items, block_bytes: usize) -> Result<Array, Error> {
    let mut blocks = BlockReader::new(source, block_bytes);
    let produce = |block: &mut Block| blocks.next(block);
    match items.run_parser() {
        Some(parser) => pipeline::pull(
            &mut Vec::new(),
            produce,
            |block| parser.parse(&block.text, &mut block.run),
            |next| ArrayReader::read(next, items),
        ),
        None => ArrayReader::read(&mut { produce }, items),
    }
}

/// An array that is being read.
struct ArrayReader<'s, I> {
    lexer: Lexer<'s>,
    items: I,
    lists: Lists,
    /// Whether to take one token after the other: if numbers do not fit, an error follows, unless there is only one.
    is_by_tokens: bool,
}

impl<'s, I: Items> ArrayReader<'s, I> {
    fn read(source: &'s mut NextBlock<'s>, items: I) -> Result<Array, Error> {
        let mut lexer = Lexer::new(source);
        lexer.skip_byte_order_mark()?;
        let lists = Lists::new(count_axes(&mut lexer, items.dtype())?);
        let mut reader = ArrayReader {
            lexer,
            items,
            lists,
            is_by_tokens: false,
        };
        while reader.value()? || reader.next_value()? {}
        reader.lexer.finish()?;
        let text_bytes = reader.lexer.offset();
        reader.items.finish(reader.lists.shape(), text_bytes)
    }

    /// Takes the value that is next: an item, many of them at once, or the beginning of a list. Returns whether that
    /// list has a value, which is then the next one.
    fn value(&mut self) -> Result<bool, Error> {
        self.lists.check_room(1)?;
        if self.run()? {
            return Ok(false);
        }
        if self.lists.missing() == 0 {
            self.items.push(&mut self.lexer, self.lists.index())?;
            self.lists.take(1);
            return Ok(false);
        }
        let is_list = self.lexer.peek()? == Some(b'[');
        let begin = self.lexer.offset();
        if !is_list {
            let found = self.lexer.token()?.found();
            return Err(self.lists.no_list(found, begin));
        }
        self.lexer.begin(b'[')?;
        self.lists.begin(begin);
        let has_value = self.lexer.first_item(b']')?;
        if !has_value {
            self.lists.end()?;
        }
        Ok(has_value)
    }

    /// Ends the lists that end after a value. Returns whether another value follows.
    fn next_value(&mut self) -> Result<bool, Error> {
        while !self.lists.is_over() {
            if self.lexer.next_item(b']')? {
                return Ok(true);
            }
            self.lists.end()?;
        }
        Ok(false)
    }

    /// Takes the plain numbers that are next, with the lists around them. Returns whether there are any.
    fn run(&mut self) -> Result<bool, Error> {
        let Some(parser) = self.items.run_parser().filter(|_| !self.is_by_tokens) else {
            return Ok(false);
        };
        let (run, offset) = self.lexer.run(parser)?;
        if run.count == 0 {
            return Ok(false);
        }
        self.is_by_tokens = !self.lists.fit(run);
        if self.is_by_tokens {
            return Ok(false);
        }
        self.items.push_run(run)?;
        self.lists.take_run(run, offset)?;
        self.lexer.skip_run();
        Ok(true)
    }
}

/// The number of lists that the text begins with, less those of the form of an item.
fn count_axes(lexer: &mut Lexer<'_>, dtype: Option<&DType>) -> Result<usize, Error> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The dtype, shape and bytes of an array, or the text of the error.
    fn outcome(text: &str, dtype: Option<&str>, block_bytes: usize) -> Result<String, String> {
        let dtype = dtype.map(|dtype| dtype.parse().unwrap());
        match read_in_blocks(text.as_bytes(), dtype, block_bytes) {
            Ok(array) => Ok(format!(
                "{} {:?} {:?}",
                array.dtype(),
                array.shape(),
                array.as_bytes()
            )),
            Err(error) => Err(error.to_string()),
        }
    }

    /// In blocks of one byte there are only tokens; otherwise several threads parse numbers ahead.
    fn blocks_do_not_matter(text: &str, dtype: Option<&str>) -> Result<(), TestCaseError> {
        let expected = outcome(text, dtype, 1);
        for block_bytes in [2, 3, 5, 8, 13, 21, 34, 55, 144, 1 << 20] {
            let found = outcome(text, dtype, block_bytes);
            prop_assert_eq!(
                &found,
                &expected,
                "{} {:?} in blocks of {}",
                text,
                dtype,
                block_bytes
            );
        }
        Ok(())
    }

    const DTYPES: [Option<&str>; 12] = [
        None,
        None,
        None,
        Some("f8"),
        Some(">f4"),
        Some("f2"),
        Some(">i4"),
        Some("i1"),
        Some("u8"),
        Some("c16"),
        Some("U2"),
        Some("[('a', 'i4'), ('b', 'f4')]"),
    ];

    fn space() -> impl Strategy<Value = &'static str> {
        prop_oneof![4 => Just(""), 2 => Just(" "), 1 => Just("\n  "), 1 => Just("\t\r\n")]
    }

    /// Numbers, of which most are as wide as this or narrower.
    fn number(width: usize) -> BoxedStrategy<String> {
        let numbers = prop_oneof![
            any::<i8>().prop_map(|n| n.to_string()),
            any::<i64>().prop_map(|n| n.to_string()),
            any::<f64>().prop_map(|n| format!("{n:?}").replace("inf", "Infinity")),
        ];
        let others = prop::sample::select(vec![
            "-0",
            "0.5e3",
            "1E-2",
            "-0.0",
            "NaN",
            "Infinity",
            "-Infinity",
            "9223372036854775808",
            "18446744073709551616",
            "true",
            "false",
        ]);
        match width {
            0 => (0..100u8).prop_map(|n| n.to_string()).boxed(),
            1 => any::<i64>().prop_map(|n| n.to_string()).boxed(),
            2 => numbers.boxed(),
            _ => prop_oneof![20 => numbers, 1 => others.prop_map(str::to_owned)].boxed(),
        }
    }

    prop_compose! {
        /// Numbers in lists of the same length along each axis, with white space between them.
        fn array()(shape in prop::collection::vec(1usize..5, 0..4), width in 0usize..4)
            (numbers in prop::collection::vec(number(width), shape.iter().product::<usize>()),
             spaces in prop::collection::vec(space(), 1..8),
             shape in Just(shape)) -> String {
            let mut spaces = spaces.into_iter().cycle();
            let mut space = || spaces.next().unwrap_or_default();
            let mut values = numbers;
            for length in shape.iter().rev() {
                let list = |items: &[String]| {
                    let mut list = format!("[{}", space());
                    for (i, item) in items.iter().enumerate() {
                        let comma = if i == 0 { "" } else { "," };
                        list += &[comma, space(), item, space()].concat();
                    }
                    list + "]"
                };
                values = values.chunks(*length).map(list).collect();
            }
            values.concat()
        }
    }

    proptest! {
        #[test]
        fn arrays_are_the_same_in_all_blocks(text in array(), dtype in 0..DTYPES.len()) {
            blocks_do_not_matter(&text, DTYPES[dtype])?;
        }

        #[test]
        fn errors_are_the_same_in_all_blocks(
            text in array(),
            dtype in 0..DTYPES.len(),
            at: prop::sample::Index,
            cut in 0usize..3,
            inserted in prop::sample::select(vec![
                "", ",", "]", "[", "[]", "],[", "1", ".", "-", "e", " ", "null", "\"a,b\"", "\"", "{",
            ]),
        ) {
            let at = at.index(text.len());
            let end = text.len().min(at + cut);
            let text = [&text[..at], inserted, &text[end..]].concat();
            blocks_do_not_matter(&text, DTYPES[dtype])?;
        }

        #[test]
        fn numbers_have_their_values(numbers in prop::collection::vec(number(2), 1..40)) {
            let text = format!("[{}]", numbers.join(", "));
            let is_int = |number: &String| number.parse::<i64>().is_ok();
            let array = read_in_blocks(text.as_bytes(), None, 50).unwrap();
            if numbers.iter().all(is_int) {
                let expected: Vec<i64> = numbers.iter().map(|number| number.parse().unwrap()).collect();
                prop_assert_eq!(array.to_vec::<i64>().unwrap(), expected);
            } else {
                let bits = |number: &f64| if number.is_nan() { 0 } else { number.to_bits() };
                let expected = numbers.iter().map(|number| match number.parse::<i64>() {
                    Ok(number) => number as f64,
                    Err(_) => number.parse().unwrap(),
                });
                let expected: Vec<u64> = expected.map(|number| bits(&number)).collect();
                let found: Vec<u64> = array.to_vec::<f64>().unwrap().iter().map(bits).collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
