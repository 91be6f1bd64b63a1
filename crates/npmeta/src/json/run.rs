//! Plain numbers that follow each other in a JSON text, parsed without tokens: [`Run`].

use flatfile::dtype::{ByteOrder, DType, MAX_DIMS, Number};
use flatfile::parse::{JsonNumber, json_number};

/// Numbers, and the lists that begin before the first of them, and that end and begin between them.
///
/// A text is parsed without knowledge of what precedes it, so that several threads can do it.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// Where the run begins in the text, after white space.
    pub(super) begin: usize,
    /// Where its last number ends.
    pub(super) end: usize,
    /// The number of its numbers.
    pub(super) count: usize,
    /// The numbers as items.
    pub(super) items: Vec<u8>,
    /// Whether inferred items are `f64`, and not `i64`.
    pub(super) is_float: bool,
    /// Whether an inferred `i64` is negative.
    pub(super) has_negative: bool,
    /// The lists that begin. Between two numbers as many end as begin.
    pub(super) lists: Vec<RunList>,
    /// The maximum number of lists that end between two numbers.
    pub(super) ended: usize,
}

/// A list that begins in a [`Run`].
#[derive(Debug)]
pub(super) struct RunList {
    /// Where it begins in the text.
    pub(super) begin: usize,
    /// The number of numbers in the run before it.
    pub(super) before: usize,
}

/// What the numbers become.
#[derive(Clone, Copy, Debug)]
pub(super) enum RunParser {
    /// Items of this type. A number that it cannot hold ends the run.
    Typed(Number, ByteOrder),
    /// `i64` or, if one of them has a point, `f64`, in native order.
    Inferred,
}

impl RunParser {
    /// The parser of items of this dtype, if they are plain numbers.
    pub(super) fn for_dtype(dtype: &DType) -> Option<RunParser> {
        match *dtype {
            DType::Number(number, order) if number.is_integer() => {
                Some(RunParser::Typed(number, order))
            }
            DType::Number(number @ (Number::F32 | Number::F64), order) => {
                Some(RunParser::Typed(number, order))
            }
            _ => None,
        }
    }

    /// Parses the numbers at the beginning of a text, except for one at its end, which may be cut.
    pub(super) fn parse(self, text: &[u8], run: &mut Run) {
        let (number, order) = match self {
            RunParser::Inferred => return parse_inferred(text, run),
            RunParser::Typed(number, order) => (number, order),
        };
        match number {
            Number::I8 => parse_as(text, run, order, |n| Some(int::<i8>(n)?.to_ne_bytes())),
            Number::I16 => parse_as(text, run, order, |n| Some(int::<i16>(n)?.to_ne_bytes())),
            Number::I32 => parse_as(text, run, order, |n| Some(int::<i32>(n)?.to_ne_bytes())),
            Number::I64 => parse_as(text, run, order, |n| Some(int::<i64>(n)?.to_ne_bytes())),
            Number::U8 => parse_as(text, run, order, |n| Some(int::<u8>(n)?.to_ne_bytes())),
            Number::U16 => parse_as(text, run, order, |n| Some(int::<u16>(n)?.to_ne_bytes())),
            Number::U32 => parse_as(text, run, order, |n| Some(int::<u32>(n)?.to_ne_bytes())),
            Number::U64 => parse_as(text, run, order, |n| Some(int::<u64>(n)?.to_ne_bytes())),
            Number::F32 => parse_as(text, run, order, |n| Some((float(n)? as f32).to_ne_bytes())),
            Number::F64 => parse_as(text, run, order, |n| Some(float(n)?.to_ne_bytes())),
            _ => parse_as(text, run, order, |_| None::<[u8; 0]>),
        }
    }
}

#[inline]
fn int<T: TryFrom<i64>>(number: JsonNumber) -> Option<T> {
    match number {
        JsonNumber::Int(value) => value.try_into().ok(),
        JsonNumber::LongInt | JsonNumber::Float(_) => None,
    }
}

#[inline]
fn float(number: JsonNumber) -> Option<f64> {
    match number {
        JsonNumber::Int(value) => Some(value as f64),
        JsonNumber::Float(value) => Some(value),
        JsonNumber::LongInt => None,
    }
}

/// Parses numbers as items in this order, as long as `convert` has some.
fn parse_as<const N: usize>(
    text: &[u8],
    run: &mut Run,
    order: ByteOrder,
    convert: impl Fn(JsonNumber) -> Option<[u8; N]>,
) {
    run.parse(text, |items, number| {
        let Some(mut bytes) = convert(number) else {
            return false;
        };
        if order != ByteOrder::NATIVE {
            bytes.reverse();
        }
        items.extend_from_slice(&bytes);
        true
    });
}

fn parse_inferred(text: &[u8], run: &mut Run) {
    let mut is_float = false;
    run.parse(text, |items, number| {
        let bytes = match number {
            JsonNumber::LongInt => return false,
            JsonNumber::Int(value) if is_float => (value as f64).to_ne_bytes(),
            JsonNumber::Int(value) => value.to_ne_bytes(),
            JsonNumber::Float(value) => {
                if !is_float {
                    ints_to_floats(items);
                    is_float = true;
                }
                value.to_ne_bytes()
            }
        };
        items.extend_from_slice(&bytes);
        true
    });
    let (ints, _) = run.items.as_chunks::<8>();
    run.has_negative = !is_float && ints.iter().any(|int| i64::from_ne_bytes(*int) < 0);
    run.is_float = is_float;
}

/// Makes each `i64` the nearest `f64`.
pub(super) fn ints_to_floats(items: &mut [u8]) {
    for word in items.as_chunks_mut::<8>().0 {
        *word = (i64::from_ne_bytes(*word) as f64).to_ne_bytes();
    }
}

impl Run {
    /// The number of lists that begin before the first number.
    pub(super) fn first_lists(&self) -> usize {
        let is_first = |list: &&RunList| list.before == 0;
        self.lists.iter().take_while(is_first).count()
    }

    /// Parses numbers, as long as `push` appends them to the items.
    #[inline]
    fn parse(&mut self, text: &[u8], mut push: impl FnMut(&mut Vec<u8>, JsonNumber) -> bool) {
        self.items.clear();
        self.lists.clear();
        (self.count, self.ended) = (0, 0);
        self.begin = skip_space(text, 0);
        self.end = self.begin;
        let mut at = self.begin_lists(text, self.begin);
        while let Some((number, length)) = text.get(at..).and_then(number_or_name)
            && let Some(next @ (b',' | b']' | b' ' | b'\n' | b'\r' | b'\t')) = text.get(at + length)
            && push(&mut self.items, number)
        {
            self.count += 1;
            self.end = at + length;
            // Most texts have one space after each comma, or none.
            at = match next {
                b',' => self.end + 1 + usize::from(text.get(self.end + 1) == Some(&b' ')),
                _ => self.end,
            };
            if !matches!(text.get(at), Some(b'-'..=b'9')) {
                match self.next_number(text) {
                    Some(next) => at = next,
                    None => break,
                }
            }
        }
        // Only those before a number belong to it.
        let count = self.count;
        let is_after = |list: &mut RunList| list.before == count;
        while self.lists.pop_if(is_after).is_some() {}
    }

    /// Where the number after the last one begins, if as many lists end as begin between them.
    fn next_number(&mut self, text: &[u8]) -> Option<usize> {
        let mut ended = 0;
        let mut at = skip_space(text, self.end);
        while text.get(at) == Some(&b']') {
            ended += 1;
            at = skip_space(text, at + 1);
        }
        if text.get(at) != Some(&b',') {
            return None;
        }
        let known = self.lists.len();
        at = self.begin_lists(text, skip_space(text, at + 1));
        if self.lists.len() - known != ended {
            return None;
        }
        self.ended = self.ended.max(ended);
        Some(at)
    }

    /// Adds the lists that begin here, and returns where the number in them begins. No array has more of them.
    fn begin_lists(&mut self, text: &[u8], mut at: usize) -> usize {
        let max = self.lists.len() + MAX_DIMS;
        while self.lists.len() < max && text.get(at) == Some(&b'[') {
            self.lists.push(RunList {
                begin: at,
                before: self.count,
            });
            at = skip_space(text, at + 1);
        }
        at
    }
}

/// The position after white space.
#[inline]
fn skip_space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = text.get(at) {
        at += 1;
    }
    at
}

/// The number at the beginning of a text, or NaN or infinity by its name; and its length in bytes.
#[inline]
fn number_or_name(text: &[u8]) -> Option<(JsonNumber, usize)> {
    json_number(text).or_else(|| not_finite(text))
}

#[cold]
fn not_finite(text: &[u8]) -> Option<(JsonNumber, usize)> {
    let names = [
        ("NaN", f64::NAN),
        ("Infinity", f64::INFINITY),
        ("-Infinity", f64::NEG_INFINITY),
    ];
    let is_it = |(name, _): &(&str, f64)| text.starts_with(name.as_bytes());
    let (name, value) = names.into_iter().find(is_it)?;
    Some((JsonNumber::Float(value), name.len()))
}
