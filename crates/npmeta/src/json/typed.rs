//! Items of a known dtype in JSON: [`DTypeItems`].

use super::base64::decode_base64;
use super::items::{Items, item_error};
use super::lexer::{Lexer, Token};
use super::memory::ItemMemory;
use super::run::{Run, RunParser};
use crate::Error;
use crate::value::Text;
use flatfile::Array;
use flatfile::dtype::{
    ByteOrder, DType, Layout, NAT, Number, NumberClass, Order, Record, Subarray,
};
use flatfile::parse::{JsonNumber, put_float, put_int, put_text};

/// Items of a dtype, each of which has its form.
pub(super) struct DTypeItems {
    dtype: DType,
    memory: ItemMemory,
}

impl DTypeItems {
    pub(super) fn new(dtype: DType) -> Result<DTypeItems, Error> {
        if dtype.has_object() {
            return Err(Error::unsupported(format!(
                "items of dtype {dtype} in JSON"
            )));
        }
        let memory = ItemMemory::new(dtype.alignment())?;
        Ok(DTypeItems { dtype, memory })
    }
}

impl Items for DTypeItems {
    fn dtype(&self) -> Option<&DType> {
        Some(&self.dtype)
    }

    fn push(&mut self, lexer: &mut Lexer<'_>, index: &mut Vec<usize>) -> Result<(), Error> {
        let slot = self.memory.push_zeros(self.dtype.itemsize())?;
        read_item(&self.dtype, slot, lexer, index)
    }

    fn run_parser(&self) -> Option<RunParser> {
        RunParser::for_dtype(&self.dtype)
    }

    fn push_run(&mut self, run: &Run) -> Result<(), Error> {
        self.memory.extend(&run.items).map(drop)
    }

    fn finish(self, shape: Vec<usize>, _: u64) -> Result<Array, Error> {
        let layout = Layout::new(self.dtype, shape, Order::C)?;
        Ok(Array::new(layout, self.memory.finish()?)?)
    }
}

/// The number of lists that an item begins with, and whether the last of them is empty.
pub(super) fn leading_lists(dtype: &DType) -> (usize, bool) {
    match dtype {
        DType::Record(record) => match record.fields().first() {
            Some(first) => {
                let (lists, is_empty) = leading_lists(&first.dtype);
                (1 + lists, is_empty)
            }
            None => (1, true),
        },
        DType::Subarray(sub) => match sub.shape().iter().position(|length| *length == 0) {
            Some(axis) => (axis + 1, true),
            None => {
                let (lists, is_empty) = leading_lists(sub.base());
                (sub.shape().len() + lists, is_empty)
            }
        },
        DType::Number(number, _) => (usize::from(number.class() == NumberClass::Complex), false),
        _ => (0, false),
    }
}

/// The number of lists that an item begins with if an object with this first key follows: a record that has this
/// field, or bytes in base64.
pub(super) fn lists_before_object(dtype: &DType, key: Option<&str>) -> usize {
    let has_key = |record: &Record| key.is_some_and(|key| record.field(key).is_some());
    let before_bytes = || (key == Some("base64")).then(|| leading_lists(dtype).0);
    lists_before_record(dtype, &has_key)
        .or_else(before_bytes)
        // The key is wrong, and the error will say so.
        .or_else(|| lists_before_record(dtype, &|_| true))
        .unwrap_or(0)
}

/// The number of lists before the first record that is the right one.
fn lists_before_record(dtype: &DType, is_it: &dyn Fn(&Record) -> bool) -> Option<usize> {
    match dtype {
        DType::Record(record) if is_it(record) => Some(0),
        DType::Record(record) => {
            let first = record.fields().first()?;
            Some(1 + lists_before_record(&first.dtype, is_it)?)
        }
        DType::Subarray(sub) => Some(sub.shape().len() + lists_before_record(sub.base(), is_it)?),
        _ => None,
    }
}

/// Takes an item, and writes it into `slot`, which has its size.
fn read_item(
    dtype: &DType,
    slot: &mut [u8],
    lexer: &mut Lexer<'_>,
    index: &mut Vec<usize>,
) -> Result<(), Error> {
    let next = lexer.peek()?;
    match dtype {
        DType::Record(record) if next == Some(b'{') => read_object(record, slot, lexer, index),
        DType::Record(record) => {
            let fields = record.fields();
            let expected = || format!("a list of {} fields", fields.len());
            read_list(
                fields.len(),
                &expected,
                lexer,
                index,
                |lexer, i, index| match fields.get(i) {
                    Some(field) => read_item(
                        &field.dtype,
                        part(slot, field.offset, &field.dtype),
                        lexer,
                        index,
                    ),
                    None => Ok(()),
                },
            )
        }
        DType::Subarray(sub) => read_subarray(sub, sub.shape(), slot, lexer, index),
        DType::Number(number, order) if number.class() == NumberClass::Complex => {
            let part_dtype = DType::number(number.info().part, *order);
            let expected = || "[re, im]".to_owned();
            read_list(2, &expected, lexer, index, |lexer, i, index| {
                read_item(
                    &part_dtype,
                    part(slot, i * part_dtype.itemsize(), &part_dtype),
                    lexer,
                    index,
                )
            })
        }
        DType::Bytes(_) | DType::Void(_) if next == Some(b'{') => {
            let begin = lexer.offset();
            match read_base64(lexer)? {
                Some(bytes) if put_bytes(&bytes, slot).is_some() => Ok(()),
                _ => Err(item_error(index, expected_item(dtype), "an object", begin)),
            }
        }
        dtype => {
            let begin = lexer.offset();
            let token = lexer.token()?;
            put_token(token, dtype, slot).ok_or_else(|| {
                let expected = match token {
                    Token::Text(text) => expected_text(text, dtype),
                    _ => None,
                };
                let expected = expected.map_or_else(|| expected_item(dtype), str::to_owned);
                item_error(index, expected, token.found(), begin)
            })
        }
    }
}

/// The bytes of a part of an item.
fn part<'s>(slot: &'s mut [u8], offset: usize, dtype: &DType) -> &'s mut [u8] {
    let end = offset.saturating_add(dtype.itemsize());
    slot.get_mut(offset..end).unwrap_or_default()
}

/// Takes a list of this length, whose parts `read` takes.
fn read_list(
    length: usize,
    expected: &dyn Fn() -> String,
    lexer: &mut Lexer<'_>,
    index: &mut Vec<usize>,
    mut read: impl FnMut(&mut Lexer<'_>, usize, &mut Vec<usize>) -> Result<(), Error>,
) -> Result<(), Error> {
    let is_list = lexer.peek()? == Some(b'[');
    let begin = lexer.offset();
    if !is_list {
        let found = lexer.token()?.found();
        return Err(item_error(index, expected(), found, begin));
    }
    lexer.begin(b'[')?;
    let mut count = 0;
    let mut is_more = lexer.first_item(b']')?;
    while is_more {
        if count == length {
            return Err(item_error(index, expected(), "a longer list", begin));
        }
        read(lexer, count, index)?;
        count += 1;
        is_more = lexer.next_item(b']')?;
    }
    if count < length {
        let found = format!("a list of {count}");
        return Err(item_error(index, expected(), found, begin));
    }
    Ok(())
}

/// Takes the lists of a subarray from an axis on: `shape` has the lengths that remain.
fn read_subarray(
    sub: &Subarray,
    shape: &[usize],
    slot: &mut [u8],
    lexer: &mut Lexer<'_>,
    index: &mut Vec<usize>,
) -> Result<(), Error> {
    let Some((length, inner)) = shape.split_first() else {
        return read_item(sub.base(), slot, lexer, index);
    };
    let size = slot.len().checked_div(*length).unwrap_or(0);
    let expected = || format!("a list of {length}");
    read_list(*length, &expected, lexer, index, |lexer, i, index| {
        let slot = slot.get_mut(i * size..(i + 1) * size).unwrap_or_default();
        index.push(i);
        read_subarray(sub, inner, slot, lexer, index)?;
        index.pop();
        Ok(())
    })
}

/// Takes an object with the fields of a record in any order. If one occurs twice, the last is used.
fn read_object(
    record: &Record,
    slot: &mut [u8],
    lexer: &mut Lexer<'_>,
    index: &mut Vec<usize>,
) -> Result<(), Error> {
    let fields = record.fields();
    let begin = lexer.offset();
    let mut is_read = vec![false; fields.len()];
    lexer.begin(b'{')?;
    let mut next = 0;
    let mut is_more = lexer.first_item(b'}')?;
    while is_more {
        let key_begin = lexer.offset();
        let key = Text::from_valid(lexer.key()?);
        let is_it = |i: &usize| {
            fields
                .get(*i)
                .is_some_and(|field| key == *field.name.as_str())
        };
        // Most objects have them in order.
        let found = Some(next)
            .filter(is_it)
            .or_else(|| (0..fields.len()).find(is_it));
        let Some((i, field)) = found.and_then(|i| Some((i, fields.get(i)?))) else {
            let expected = "the name of a field";
            return Err(item_error(index, expected, format!("{key:?}"), key_begin));
        };
        let slot = part(slot, field.offset, &field.dtype);
        slot.fill(0);
        read_item(&field.dtype, slot, lexer, index)?;
        is_read
            .iter_mut()
            .skip(i)
            .take(1)
            .for_each(|is_read| *is_read = true);
        next = i + 1;
        is_more = lexer.next_item(b'}')?;
    }
    match fields.iter().zip(is_read).find(|(_, is_read)| !is_read) {
        Some((field, _)) => {
            let expected = format!(
                "an object with the field {:?}",
                Text::from(field.name.as_str())
            );
            Err(item_error(index, expected, "one without it", begin))
        }
        None => Ok(()),
    }
}

/// Takes an object; its bytes if it is `{"base64":"…"}`.
pub(super) fn read_base64(lexer: &mut Lexer<'_>) -> Result<Option<Vec<u8>>, Error> {
    lexer.begin(b'{')?;
    if !lexer.first_item(b'}')? || lexer.key()? != b"base64" {
        return Ok(None);
    }
    let bytes = match lexer.token()? {
        Token::Text(text) => str::from_utf8(text).ok().and_then(decode_base64),
        _ => None,
    };
    match bytes {
        Some(bytes) => Ok((!lexer.next_item(b'}')?).then_some(bytes)),
        None => Ok(None),
    }
}

/// What an item of this dtype is in JSON.
pub(super) fn expected_item(dtype: &DType) -> String {
    match dtype {
        DType::Bool => "true or false".to_owned(),
        DType::Number(number, _) if number.is_integer() => format!("an integer that {dtype} holds"),
        DType::Number(..) => "a number".to_owned(),
        DType::Datetime(..) | DType::Timedelta(..) => {
            "a text, an integer of 64 bits or null".to_owned()
        }
        DType::Str(..) => format!("a text that {dtype} holds"),
        _ => format!("bytes that {dtype} holds"),
    }
}

/// What a text of an item of this dtype should have been, if there is more to say than [`expected_item`].
fn expected_text(text: &[u8], dtype: &DType) -> Option<&'static str> {
    match dtype {
        DType::Datetime(..) | DType::Timedelta(..) => {
            let text = str::from_utf8(text).unwrap_or("\u{fffd}");
            put_text(text, dtype, &mut []).err()
        }
        _ => None,
    }
}

/// Writes the value of a token into the bytes of an item without parts; `None` if it is not of the dtype.
fn put_token(token: Token<'_>, dtype: &DType, slot: &mut [u8]) -> Option<()> {
    match (dtype, token) {
        (DType::Bool, Token::Bool(value)) => put_bytes(&[u8::from(value)], slot),
        (DType::Number(number, order), token) if number.is_integer() => {
            let value = match token {
                Token::Number(JsonNumber::Int(value), _) => value.into(),
                Token::Number(JsonNumber::LongInt, digits) => digits.parse().ok()?,
                _ => return None,
            };
            put_int(value, *number, *order, slot)
        }
        (DType::Number(number, order), token) => put_real(token, dtype, *number, *order, slot),
        (DType::Str(_, order), Token::Text(text)) => put_points(text, *order, slot),
        (DType::Bytes(_) | DType::Void(_), Token::Text(text)) if text.is_ascii() => {
            put_bytes(text, slot)
        }
        (DType::Datetime(_, order) | DType::Timedelta(_, order), token) => match token {
            Token::Null => put_int(NAT.into(), Number::I64, *order, slot),
            Token::Number(JsonNumber::Int(value), _) => {
                put_int(value.into(), Number::I64, *order, slot)
            }
            Token::Text(text) => put_text(str::from_utf8(text).ok()?, dtype, slot).ok(),
            _ => None,
        },
        _ => None,
    }
}

/// Writes a real float.
fn put_real(
    token: Token<'_>,
    dtype: &DType,
    number: Number,
    order: ByteOrder,
    slot: &mut [u8],
) -> Option<()> {
    let is_long = number.part_size() > size_of::<f64>();
    let value = match token {
        Token::Bool(value) => u8::from(value).into(),
        Token::NotFinite(value, _) => value,
        // "-0" is an integer, which has no sign.
        Token::Number(JsonNumber::Int(0), _) => 0.0,
        Token::Number(_, digits) if is_long => return put_text(digits, dtype, slot).ok(),
        Token::Number(JsonNumber::Int(value), _) => value as f64,
        Token::Number(JsonNumber::Float(value), _) => value,
        Token::Number(JsonNumber::LongInt, digits) => long_int_as_f64(digits)?,
        Token::Text(text) => return put_text(str::from_utf8(text).ok()?, dtype, slot).ok(),
        Token::Null | Token::List | Token::Object => return None,
    };
    put_float(value, number, order, slot);
    Some(())
}

/// The nearest `f64`; as in Python, none if that is infinite.
pub(super) fn long_int_as_f64(digits: &str) -> Option<f64> {
    let value: f64 = digits.parse().ok()?;
    value.is_finite().then_some(value)
}

/// Writes the code points of a text to the beginning of an item, if it has room for them.
pub(super) fn put_points(text: &[u8], order: ByteOrder, slot: &mut [u8]) -> Option<()> {
    let mut points = Text::points_of(text);
    for place in slot.as_chunks_mut::<4>().0 {
        let Some(point) = points.next() else {
            break;
        };
        *place = match order {
            ByteOrder::Little => point.to_le_bytes(),
            ByteOrder::Big => point.to_be_bytes(),
        };
    }
    points.next().is_none().then_some(())
}

/// Writes bytes to the beginning of an item, if it has room for them.
pub(super) fn put_bytes(bytes: &[u8], slot: &mut [u8]) -> Option<()> {
    slot.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(())
}
