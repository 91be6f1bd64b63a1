//! Numbers and times from text, as items: what [`show::json`](crate::show::json) writes, in reverse.

pub use crate::scalar::put_int;
use crate::scalar::{
    ForeignFloat, X87, fast_int, parse_decimal, parse_digits, parse_float, parse_long_double,
    parse_time, with_foreign,
};
use dtype::{ByteOrder, DType, Number};

/// A number in a JSON text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum JsonNumber {
    /// An integer.
    Int(i64),
    /// An integer that an `i64` cannot hold.
    LongInt,
    /// A number with a point or an exponent, as the nearest `f64`.
    Float(f64),
}

/// The number at the beginning of `text` by JSON's grammar, and its length in bytes; `None` if there is none. What
/// follows it is not examined.
///
/// ```
/// use flatfile::parse::{JsonNumber, json_number};
/// assert_eq!(json_number(b"-7,8"), Some((JsonNumber::Int(-7), 2)));
/// assert_eq!(json_number(b"1.5e2]"), Some((JsonNumber::Float(150.0), 5)));
/// assert_eq!(json_number(b"9223372036854775808"), Some((JsonNumber::LongInt, 19)));
/// // JSON has neither leading zeros nor points without digits on both sides.
/// assert_eq!(json_number(b"01"), Some((JsonNumber::Int(0), 1)));
/// assert_eq!(json_number(b"1."), Some((JsonNumber::Int(1), 1)));
/// assert_eq!(json_number(b".5"), None);
/// ```
#[inline(always)]
pub fn json_number(text: &[u8]) -> Option<(JsonNumber, usize)> {
    let negative = text.first() == Some(&b'-');
    let sign = usize::from(negative);
    let rest = text.get(sign..)?;
    // Most floats have one digit before the point.
    if let [b'0'..=b'9', b'.', b'0'..=b'9', ..] = rest {
        let (value, length) = parse_decimal(rest)?;
        return Some((JsonNumber::Float(with_sign(value, negative)), sign + length));
    }
    // Integers end before a comma, a bracket or white space, and not with a point or an exponent.
    if let Some(window) = text.first_chunk()
        && let Some((value, length)) = fast_int(window, |next| matches!(next, ..b'.' | b']'))
        && (rest.first() != Some(&b'0') || length == sign + 1)
    {
        return Some((JsonNumber::Int(value), length));
    }
    other_number(rest, negative)
}

/// The number at the beginning of `text`, without its sign: see [`json_number`].
fn other_number(text: &[u8], negative: bool) -> Option<(JsonNumber, usize)> {
    let sign = usize::from(negative);
    let digits = parse_digits(text, 0);
    // There are no leading zeros.
    let (value, count) = match text.first() {
        Some(b'0') => (0, 1),
        _ => (digits.value, digits.count),
    };
    if count == 0 {
        return None;
    }
    let is_float = match text.get(count) {
        Some(b'.') => text.get(count + 1).is_some_and(u8::is_ascii_digit),
        Some(b'e' | b'E') => true,
        _ => false,
    };
    if is_float
        && let Some((value, length)) = parse_decimal(text)
        && length > count
    {
        return Some((JsonNumber::Float(with_sign(value, negative)), sign + length));
    }
    // 19 digits fit a u64; the magnitude of the least i64 is one more than that of the greatest.
    let limit = i64::MAX.unsigned_abs() + u64::from(negative);
    let number = if count <= 19 && value <= limit {
        let minus = -i64::from(negative);
        JsonNumber::Int((value as i64 ^ minus).wrapping_sub(minus))
    } else {
        JsonNumber::LongInt
    };
    Some((number, sign + count))
}

/// A magnitude with its sign, which is hard to predict, so there is no branch on it.
#[inline(always)]
fn with_sign(magnitude: f64, negative: bool) -> f64 {
    f64::from_bits(magnitude.to_bits() | u64::from(negative) << 63)
}

/// Writes the float of this kind that is nearest to `value` into its bytes; for complex numbers, one part.
pub fn put_float(value: f64, number: Number, order: ByteOrder, item: &mut [u8]) {
    let part = number.info().part;
    match part {
        Number::F64 => put(value.to_ne_bytes(), order, item),
        Number::F32 => put((value as f32).to_ne_bytes(), order, item),
        _ => {
            // Integers are no floats.
            let _ = with_foreign!(part, T, N => put(<T as ForeignFloat<N>>::from_f64(value), order, item));
        }
    }
}

/// Writes the value of a text into the bytes of an item: a real float as Python's `float` reads it (`longdouble` in
/// its own precision), a `datetime64` in ISO 8601, a `timedelta64` as a count, NaT.
///
/// # Errors
/// What was expected instead of the text.
pub fn put_text(text: &str, dtype: &DType, item: &mut [u8]) -> Result<(), &'static str> {
    match dtype {
        DType::Number(number, order) if number.info().float.is_some() => {
            let value = parse_float(text).ok_or("a number")?;
            match (number.info().part, long_double(text)) {
                (Number::F96, Some(long)) => put(long.to_ne_bytes::<12>(), *order, item),
                (Number::F128, Some(long)) => put(long.to_ne_bytes::<16>(), *order, item),
                _ => put_float(value, *number, *order, item),
            }
            Ok(())
        }
        DType::Datetime(_, order) | DType::Timedelta(_, order) => {
            put(parse_time(text, dtype)?.to_ne_bytes(), *order, item);
            Ok(())
        }
        _ => Err("no text"),
    }
}

/// The long double in a text that is a number of Python's, unless it has no digits.
fn long_double(text: &str) -> Option<X87> {
    let text = text.trim().replace('_', "");
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let (value, _) = parse_long_double(digits.as_bytes())?;
    Some(value.with_sign(negative))
}

/// Writes native bytes in this order.
fn put<const N: usize>(mut bytes: [u8; N], order: ByteOrder, item: &mut [u8]) {
    if order != ByteOrder::NATIVE {
        bytes.reverse();
    }
    item.iter_mut()
        .zip(bytes)
        .for_each(|(place, byte)| *place = byte);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_json() {
        use JsonNumber::{Float, Int, LongInt};
        for (text, expected) in [
            ("0", Some((Int(0), 1))),
            ("-0", Some((Int(0), 2))),
            ("-0.0e1,", Some((Float(-0.0), 6))),
            ("9223372036854775807", Some((Int(i64::MAX), 19))),
            ("-9223372036854775808 ", Some((Int(i64::MIN), 20))),
            ("-9223372036854775809", Some((LongInt, 20))),
            ("9999999999999999999", Some((LongInt, 19))),
            ("18446744073709551617", Some((LongInt, 20))),
            ("12345678", Some((Int(12_345_678), 8))),
            ("12345678901.5", Some((Float(12_345_678_901.5), 13))),
            ("1e400", Some((Float(f64::INFINITY), 5))),
            ("1E+2", Some((Float(100.0), 4))),
            ("1e", Some((Int(1), 1))),
            ("1e+", Some((Int(1), 1))),
            ("1.5e-", Some((Float(1.5), 3))),
            ("1.e5", Some((Int(1), 1))),
            ("1.", Some((Int(1), 1))),
            ("00", Some((Int(0), 1))),
            ("0.25", Some((Float(0.25), 4))),
            ("-", None),
            ("+1", None),
            (".5", None),
            ("-.5", None),
            ("nan", None),
            ("-inf", None),
            ("", None),
        ] {
            assert_eq!(json_number(text.as_bytes()), expected, "{text}");
        }
        assert!(matches!(json_number(b"-0.0"), Some((Float(zero), 4)) if zero.is_sign_negative()));
    }

    #[test]
    fn texts_of_floats_and_times() {
        let read = |text: &str, dtype: &str| {
            let dtype: DType = dtype.parse().unwrap();
            let mut item = vec![0; dtype.itemsize()];
            put_text(text, &dtype, &mut item).map(|()| item)
        };
        assert_eq!(read(" 1_0.5\n", ">f4").unwrap(), 10.5f32.to_be_bytes());
        assert_eq!(
            read("-inf", "<f8").unwrap(),
            f64::NEG_INFINITY.to_le_bytes()
        );
        assert_eq!(read("0.1", "<f2").unwrap(), 0x2e66u16.to_le_bytes());
        assert_eq!(read("1970-01-03", ">M8[D]").unwrap(), 2i64.to_be_bytes());
        assert_eq!(read("NaT", "<m8[s]").unwrap(), i64::MIN.to_le_bytes());
        // 0.1 and 1e4000 as the x87 has them.
        let long = read("-0.1", "<f16").unwrap();
        assert_eq!(
            long[..10],
            [0xcd, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xfb, 0xbf]
        );
        assert_ne!(read("1e4000", "<f16"), read("inf", "<f16"));
        assert_eq!(read("1,5", "<f8"), Err("a number"));
        assert_eq!(read("soon", "<M8[s]"), Err("a date in ISO 8601"));
        assert_eq!(read("1", "<i4"), Err("no text"));
    }
}
