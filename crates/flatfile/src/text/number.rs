//! Numbers as `fromfile` reads them: each parser finds the number's end while it parses.

use super::short_decimal::short_decimal;
use crate::scalar::{
    ForeignFloat, SmallInt, Window, X87, fast_int, parse_decimal, parse_digits, parse_long_double,
};
use std::marker::PhantomData;

/// The reason why a number cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ParseError {
    /// The text is not what was expected.
    Expected(&'static str),
    /// The type cannot hold it.
    Range,
}

/// A number, and its length in the text in bytes.
type ParseResult<T> = Result<(T, usize), ParseError>;

/// A number that is parsed from text.
pub(super) trait ParseNumber: Sized {
    /// Parses the number at the beginning of `text`. If `wraps`, a value that the type cannot hold becomes what
    /// NumPy makes of it; otherwise it is an error.
    fn parse(text: &[u8], wraps: bool) -> ParseResult<Self>;

    /// The same for an integer in the most common spelling, with this separator after it; `None` for anything else.
    #[inline(always)]
    fn fast_int(_: &Window, _: u8) -> Option<(Self, usize)> {
        None
    }

    /// Its size in bytes.
    const SIZE: usize;

    /// Writes its bytes in native order to the beginning of an item.
    fn write_ne_bytes(self, item: &mut [u8]);

    /// Appends its bytes in native order.
    #[inline]
    fn push_ne_bytes(self, out: &mut Vec<u8>) {
        let begin = out.len();
        out.resize(begin + Self::SIZE, 0);
        self.write_ne_bytes(out.get_mut(begin..).unwrap_or_default());
    }
}

/// Writes a number's bytes to the beginning of an item.
#[inline(always)]
fn write<const N: usize>(bytes: [u8; N], item: &mut [u8]) {
    if let Some(begin) = item.first_chunk_mut() {
        *begin = bytes;
    }
}

/// The sign at the beginning of `text`, and the rest. Signs are hard to predict, so this does not branch on them.
#[inline(always)]
fn split_sign(text: &[u8]) -> (bool, &[u8]) {
    let first = text.first().copied().unwrap_or(0);
    let negative = first == b'-';
    let length = usize::from(negative | (first == b'+'));
    (negative, text.get(length..).unwrap_or_default())
}

/// The magnitude of an integer, and its length in bytes with its sign; `None` if it does not fit a `u64`.
#[inline(always)]
fn parse_integer(text: &[u8]) -> Result<(bool, Option<u64>, usize), ParseError> {
    let (negative, rest) = split_sign(text);
    let found = parse_digits(rest, 0);
    if found.count == 0 {
        return Err(ParseError::Expected("an integer"));
    }
    let length = text.len() - rest.len() + found.count;
    let value = match found.count {
        ..=19 => Some(found.value),
        _ => rest.get(..found.count).and_then(checked_u64),
    };
    Ok((negative, value, length))
}

/// An integer that may have too many digits to fit.
#[cold]
fn checked_u64(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0u64, |value, digit| {
        value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
    })
}

/// The instance of a generic function for this number, if such numbers can be read from text.
macro_rules! for_number {
    ($number:expr, $function:ident) => {
        match $number {
            Number::I8 => Some($function::<i8>),
            Number::I16 => Some($function::<i16>),
            Number::I32 => Some($function::<i32>),
            Number::I64 => Some($function::<i64>),
            Number::U8 => Some($function::<u8>),
            Number::U16 => Some($function::<u16>),
            Number::U32 => Some($function::<u32>),
            Number::U64 => Some($function::<u64>),
            Number::F32 => Some($function::<f32>),
            Number::F64 => Some($function::<f64>),
            Number::F96 => Some($function::<PaddedX87<12>>),
            Number::F128 => Some($function::<PaddedX87<16>>),
            Number::C64 => Some($function::<Complex<f32>>),
            Number::C128 => Some($function::<Complex<f64>>),
            Number::C192 => Some($function::<Complex<PaddedX87<12>>>),
            Number::C256 => Some($function::<Complex<PaddedX87<16>>>),
            number if number.is_integer() => {
                $crate::scalar::with_small_int!(number, T => $function::<T> as _)
            }
            number => {
                $crate::scalar::with_foreign!(number, T, N => $function::<ViaF64<T, N>> as _)
            }
        }
    };
}

pub(super) use for_number;

macro_rules! impl_signed {
    ($($type:ty)*) => {$(
        impl ParseNumber for $type {
            const SIZE: usize = size_of::<$type>();

            #[inline(always)]
            fn parse(text: &[u8], wraps: bool) -> ParseResult<$type> {
                let (negative, magnitude, length) = parse_integer(text)?;
                let limit = i64::MAX.unsigned_abs() + u64::from(negative);
                let minus = -i64::from(negative);
                let value = magnitude
                    .filter(|magnitude| *magnitude <= limit)
                    .map(|magnitude| (magnitude as i64 ^ minus).wrapping_sub(minus));
                if let Some(value) = value.and_then(|value| <$type>::try_from(value).ok()) {
                    return Ok((value, length));
                }
                // As C does: the nearest `long`, truncated to the type.
                let limit = if negative { i64::MIN } else { i64::MAX };
                if wraps {
                    Ok((value.unwrap_or(limit) as $type, length))
                } else {
                    Err(ParseError::Range)
                }
            }

            #[inline(always)]
            fn fast_int(window: &Window, separator: u8) -> Option<($type, usize)> {
                fast_int(window, |next| next == separator)
            }

            #[inline]
            fn write_ne_bytes(self, item: &mut [u8]) {
                write(self.to_ne_bytes(), item);
            }
        }
    )*};
}

macro_rules! impl_unsigned {
    ($($type:ty)*) => {$(
        impl ParseNumber for $type {
            const SIZE: usize = size_of::<$type>();

            #[inline(always)]
            fn parse(text: &[u8], wraps: bool) -> ParseResult<$type> {
                let (negative, magnitude, length) = parse_integer(text)?;
                let is_positive = !negative || magnitude == Some(0);
                let value = magnitude.and_then(|value| <$type>::try_from(value).ok());
                if let Some(value) = value.filter(|_| is_positive) {
                    return Ok((value, length));
                }
                // As C does: the nearest `unsigned long`, or 2^64 less the magnitude, truncated to the type.
                let wrapped = match magnitude {
                    Some(value) if negative => value.wrapping_neg(),
                    value => value.unwrap_or(u64::MAX),
                };
                if wraps {
                    Ok((wrapped as $type, length))
                } else {
                    Err(ParseError::Range)
                }
            }

            #[inline(always)]
            fn fast_int(window: &Window, separator: u8) -> Option<($type, usize)> {
                fast_int(window, |next| next == separator)
            }

            #[inline]
            fn write_ne_bytes(self, item: &mut [u8]) {
                write(self.to_ne_bytes(), item);
            }
        }
    )*};
}

impl_signed! { i8 i16 i32 i64 }
impl_unsigned! { u8 u16 u32 u64 }

impl<const BITS: u32, const SIGNED: bool> ParseNumber for SmallInt<BITS, SIGNED> {
    const SIZE: usize = 1;

    fn parse(text: &[u8], wraps: bool) -> ParseResult<SmallInt<BITS, SIGNED>> {
        let (value, length) = i64::parse(text, wraps)?;
        let (min, max) = Self::RANGE;
        if !wraps && !(min.into()..=max.into()).contains(&value) {
            return Err(ParseError::Range);
        }
        Ok((SmallInt::wrapping(value as i8), length))
    }

    fn write_ne_bytes(self, item: &mut [u8]) {
        write([self.0], item);
    }
}

/// A number that is not finite: `nan`, `nan(123)`, `inf`, `infinity`, in any case.
fn parse_non_finite(text: &[u8]) -> Option<(f64, usize)> {
    let begins = |text: &[u8], word: &[u8]| {
        let begin = text.get(..word.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(word))
    };
    if begins(text, b"nan") {
        return Some((f64::NAN, 3 + nan_payload_len(text.get(3..)?)));
    }
    match begins(text, b"inf") {
        true if begins(text.get(3..)?, b"inity") => Some((f64::INFINITY, 8)),
        true => Some((f64::INFINITY, 3)),
        false => None,
    }
}

/// The number of bytes of `(123)`, which may give the kind of NaN.
fn nan_payload_len(text: &[u8]) -> usize {
    let Some((b'(', rest)) = text.split_first() else {
        return 0;
    };
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let length = rest.iter().take_while(|byte| is_word(byte)).count();
    match rest.get(length) {
        Some(b')') => length + 2,
        _ => 0,
    }
}

impl ParseNumber for f64 {
    const SIZE: usize = 8;

    #[inline]
    fn parse(text: &[u8], wraps: bool) -> ParseResult<f64> {
        let (negative, rest) = split_sign(text);
        let (value, length) = match short_decimal(rest).or_else(|| parse_decimal(rest)) {
            Some((value, _)) if value.is_infinite() && !wraps => return Err(ParseError::Range),
            Some(found) => found,
            None => parse_non_finite(rest).ok_or(ParseError::Expected("a number"))?,
        };
        let value = if negative { -value } else { value };
        Ok((value, text.len() - rest.len() + length))
    }

    #[inline]
    fn write_ne_bytes(self, item: &mut [u8]) {
        write(self.to_ne_bytes(), item);
    }
}

impl ParseNumber for f32 {
    const SIZE: usize = 4;

    /// Through `f64`, as in NumPy, whose own texts of them are those of `f64`.
    #[inline]
    fn parse(text: &[u8], wraps: bool) -> ParseResult<f32> {
        let (wide, length) = f64::parse(text, wraps)?;
        let value = wide as f32;
        if value.is_infinite() && wide.is_finite() && !wraps {
            Err(ParseError::Range)
        } else {
            Ok((value, length))
        }
    }

    fn write_ne_bytes(self, item: &mut [u8]) {
        write(self.to_ne_bytes(), item);
    }
}

/// A float that Rust does not have, parsed as `f64`.
pub(super) struct ViaF64<T, const N: usize>([u8; N], PhantomData<T>);

impl<T: ForeignFloat<N>, const N: usize> ParseNumber for ViaF64<T, N> {
    const SIZE: usize = N;

    fn parse(text: &[u8], wraps: bool) -> ParseResult<ViaF64<T, N>> {
        let (wide, length) = f64::parse(text, wraps)?;
        let bytes = T::from_f64(wide);
        // Some formats have neither infinity nor NaN.
        let kind = |value: f64| (value.is_nan(), value.is_infinite());
        if !wraps && kind(T::to_f64(bytes)) != kind(wide) {
            return Err(ParseError::Range);
        }
        Ok((ViaF64(bytes, PhantomData), length))
    }

    fn write_ne_bytes(self, item: &mut [u8]) {
        write(self.0, item);
    }
}

/// A `longdouble` in `N` bytes.
pub(super) struct PaddedX87<const N: usize>(X87);

impl<const N: usize> ParseNumber for PaddedX87<N> {
    const SIZE: usize = N;

    fn parse(text: &[u8], wraps: bool) -> ParseResult<PaddedX87<N>> {
        let (negative, rest) = split_sign(text);
        let (value, length) = match parse_long_double(rest) {
            Some((value, _)) if value.is_infinite() && !wraps => return Err(ParseError::Range),
            Some(found) => found,
            None => {
                let (value, length) =
                    parse_non_finite(rest).ok_or(ParseError::Expected("a number"))?;
                (X87::not_finite(value.is_nan()), length)
            }
        };
        let length = text.len() - rest.len() + length;
        Ok((PaddedX87(value.with_sign(negative)), length))
    }

    fn write_ne_bytes(self, item: &mut [u8]) {
        write(self.0.to_ne_bytes::<N>(), item);
    }
}

/// A bool: whether a number is not 0, or Python's `True` or `False`.
pub(super) struct Bool(bool);

impl ParseNumber for Bool {
    const SIZE: usize = 1;

    fn parse(text: &[u8], _: bool) -> ParseResult<Bool> {
        match text {
            [b'T', b'r', b'u', b'e', ..] => Ok((Bool(true), 4)),
            [b'F', b'a', b'l', b's', b'e', ..] => Ok((Bool(false), 5)),
            // No number is too large to be different from 0.
            _ => match f64::parse(text, true) {
                Ok((value, length)) => Ok((Bool(value != 0.0), length)),
                Err(_) => Err(ParseError::Expected("a number, True or False")),
            },
        }
    }

    fn write_ne_bytes(self, item: &mut [u8]) {
        write([u8::from(self.0)], item);
    }
}

/// A complex number: `1+2j`, `2j`, `1`, or any of them in brackets as Python writes it.
pub(super) struct Complex<T>(T, T);

impl<T: ParseNumber + From<u8>> Complex<T> {
    fn parse_bare(text: &[u8], wraps: bool) -> ParseResult<Complex<T>> {
        let zero = || T::from(0);
        let (first, length) = T::parse(text, wraps)?;
        let rest = text.get(length..).unwrap_or_default();
        match rest.first() {
            Some(b'j') => Ok((Complex(zero(), first), length + 1)),
            Some(b'+' | b'-') => match T::parse(rest, wraps) {
                Ok((second, more)) if rest.get(more) == Some(&b'j') => {
                    Ok((Complex(first, second), length + more + 1))
                }
                Err(ParseError::Range) => Err(ParseError::Range),
                // The sign belongs to what follows.
                _ => Ok((Complex(first, zero()), length)),
            },
            _ => Ok((Complex(first, zero()), length)),
        }
    }
}

impl<T: ParseNumber + From<u8>> ParseNumber for Complex<T> {
    const SIZE: usize = 2 * T::SIZE;

    fn parse(text: &[u8], wraps: bool) -> ParseResult<Complex<T>> {
        let for_complex = |error| match error {
            ParseError::Expected(_) => ParseError::Expected("a complex number"),
            error => error,
        };
        let Some((b'(', inside)) = text.split_first() else {
            return Complex::parse_bare(text, wraps).map_err(for_complex);
        };
        let (value, length) = Complex::parse_bare(inside, wraps).map_err(for_complex)?;
        match inside.get(length) {
            Some(b')') => Ok((value, length + 2)),
            _ => Err(ParseError::Expected(
                "a complex number, whose bracket is not closed",
            )),
        }
    }

    fn write_ne_bytes(self, item: &mut [u8]) {
        if let Some((re, im)) = item.split_at_mut_checked(T::SIZE) {
            self.0.write_ne_bytes(re);
            self.1.write_ne_bytes(im);
        }
    }
}

impl<const N: usize> From<u8> for PaddedX87<N> {
    fn from(small: u8) -> PaddedX87<N> {
        PaddedX87(X87::from(small))
    }
}
