//! Numbers as `fromfile` reads them: each parser finds the number's end while it parses.

use crate::scalar::{
    ForeignFloat, Window, X87, fast_int, parse_decimal, parse_digits, parse_long_double,
};
use std::marker::PhantomData;

/// The reason why a number cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bad {
    /// The text is not one of these.
    NotA(&'static str),
    /// The type cannot hold it.
    Range,
}

/// A number, and its length in the text in bytes.
type Parsed<T> = Result<(T, usize), Bad>;

/// A number that can be read from text.
pub(super) trait Item: Sized {
    /// Parses the number at the beginning of `text`. If `wraps`, a value that the type cannot hold becomes what
    /// NumPy makes of it; otherwise it is an error.
    fn parse(text: &[u8], wraps: bool) -> Parsed<Self>;

    /// The same for a number before this separator, if it is an integer in the most common spelling.
    #[inline(always)]
    fn plain(_: &Window, _: u8) -> Option<(Self, usize)> {
        None
    }

    /// Appends its bytes in native order.
    fn put(self, out: &mut Vec<u8>);
}

/// The sign at the beginning of `text`, and the rest. Signs are hard to predict, so this does not branch on them.
#[inline(always)]
fn sign(text: &[u8]) -> (bool, &[u8]) {
    let first = text.first().copied().unwrap_or(0);
    let negative = first == b'-';
    let length = usize::from(negative | (first == b'+'));
    (negative, text.get(length..).unwrap_or_default())
}

/// The magnitude of an integer, and its length in bytes with its sign; `None` if it does not fit a `u64`.
#[inline(always)]
fn integer(text: &[u8]) -> Result<(bool, Option<u64>, usize), Bad> {
    let (negative, rest) = sign(text);
    let found = parse_digits(rest, 0);
    if found.count == 0 {
        return Err(Bad::NotA("an integer"));
    }
    let length = text.len() - rest.len() + found.count;
    let value = match found.count {
        ..=19 => Some(found.value),
        _ => rest.get(..found.count).and_then(checked),
    };
    Ok((negative, value, length))
}

/// An integer that may have too many digits to fit.
#[cold]
fn checked(digits: &[u8]) -> Option<u64> {
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
            Number::F96 => Some($function::<Long<12>>),
            Number::F128 => Some($function::<Long<16>>),
            Number::C64 => Some($function::<Complex<f32>>),
            Number::C128 => Some($function::<Complex<f64>>),
            Number::C192 => Some($function::<Complex<Long<12>>>),
            Number::C256 => Some($function::<Complex<Long<16>>>),
            number => {
                $crate::scalar::with_foreign!(number, T, N => $function::<Narrow<T, N>> as _)
            }
        }
    };
}

pub(super) use for_number;

macro_rules! signed {
    ($($type:ty)*) => {$(
        impl Item for $type {
            #[inline(always)]
            fn parse(text: &[u8], wraps: bool) -> Parsed<$type> {
                let (negative, magnitude, length) = integer(text)?;
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
                    Err(Bad::Range)
                }
            }

            #[inline(always)]
            fn plain(window: &Window, separator: u8) -> Option<($type, usize)> {
                fast_int(window, separator)
            }

            #[inline]
            fn put(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_ne_bytes());
            }
        }
    )*};
}

macro_rules! unsigned {
    ($($type:ty)*) => {$(
        impl Item for $type {
            #[inline(always)]
            fn parse(text: &[u8], wraps: bool) -> Parsed<$type> {
                let (negative, magnitude, length) = integer(text)?;
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
                    Err(Bad::Range)
                }
            }

            #[inline(always)]
            fn plain(window: &Window, separator: u8) -> Option<($type, usize)> {
                fast_int(window, separator)
            }

            #[inline]
            fn put(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_ne_bytes());
            }
        }
    )*};
}

signed! { i8 i16 i32 i64 }
unsigned! { u8 u16 u32 u64 }

/// A number that is not finite: `nan`, `nan(123)`, `inf`, `infinity`, in any case.
fn name(text: &[u8]) -> Option<(f64, usize)> {
    let begins = |text: &[u8], word: &[u8]| {
        let begin = text.get(..word.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(word))
    };
    if begins(text, b"nan") {
        return Some((f64::NAN, 3 + payload(text.get(3..)?)));
    }
    match begins(text, b"inf") {
        true if begins(text.get(3..)?, b"inity") => Some((f64::INFINITY, 8)),
        true => Some((f64::INFINITY, 3)),
        false => None,
    }
}

/// The number of bytes of `(123)`, which may give the kind of NaN.
fn payload(text: &[u8]) -> usize {
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

impl Item for f64 {
    #[inline]
    fn parse(text: &[u8], wraps: bool) -> Parsed<f64> {
        let (negative, rest) = sign(text);
        let (value, length) = match parse_decimal(rest) {
            Some((value, _)) if value.is_infinite() && !wraps => return Err(Bad::Range),
            Some(found) => found,
            None => name(rest).ok_or(Bad::NotA("a number"))?,
        };
        let value = if negative { -value } else { value };
        Ok((value, text.len() - rest.len() + length))
    }

    #[inline]
    fn put(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_ne_bytes());
    }
}

impl Item for f32 {
    /// Through `f64`, as in NumPy, whose own texts of them are those of `f64`.
    #[inline]
    fn parse(text: &[u8], wraps: bool) -> Parsed<f32> {
        let (wide, length) = f64::parse(text, wraps)?;
        let value = wide as f32;
        if value.is_infinite() && wide.is_finite() && !wraps {
            Err(Bad::Range)
        } else {
            Ok((value, length))
        }
    }

    fn put(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_ne_bytes());
    }
}

/// A float that Rust does not have, through `f64`.
pub(super) struct Narrow<T, const N: usize>([u8; N], PhantomData<T>);

impl<T: ForeignFloat<N>, const N: usize> Item for Narrow<T, N> {
    fn parse(text: &[u8], wraps: bool) -> Parsed<Narrow<T, N>> {
        let (wide, length) = f64::parse(text, wraps)?;
        let bytes = T::from_f64(wide);
        if wide.is_finite() && !wraps && !T::to_f64(bytes).is_finite() {
            return Err(Bad::Range);
        }
        Ok((Narrow(bytes, PhantomData), length))
    }

    fn put(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
}

/// A `longdouble` in `N` bytes.
pub(super) struct Long<const N: usize>(X87);

impl<const N: usize> Item for Long<N> {
    fn parse(text: &[u8], wraps: bool) -> Parsed<Long<N>> {
        let (negative, rest) = sign(text);
        let (value, length) = match parse_long_double(rest) {
            Some((value, _)) if value.is_infinite() && !wraps => return Err(Bad::Range),
            Some(found) => found,
            None => {
                let (value, length) = name(rest).ok_or(Bad::NotA("a number"))?;
                (X87::not_finite(value.is_nan()), length)
            }
        };
        let length = text.len() - rest.len() + length;
        Ok((Long(value.with_sign(negative)), length))
    }

    fn put(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_ne_bytes::<N>());
    }
}

/// A bool: whether a number is not 0, or Python's `True` or `False`.
pub(super) struct Bool(bool);

impl Item for Bool {
    fn parse(text: &[u8], _: bool) -> Parsed<Bool> {
        match text {
            [b'T', b'r', b'u', b'e', ..] => Ok((Bool(true), 4)),
            [b'F', b'a', b'l', b's', b'e', ..] => Ok((Bool(false), 5)),
            // No number is too large to be different from 0.
            _ => match f64::parse(text, true) {
                Ok((value, length)) => Ok((Bool(value != 0.0), length)),
                Err(_) => Err(Bad::NotA("a number, True or False")),
            },
        }
    }

    fn put(self, out: &mut Vec<u8>) {
        out.push(u8::from(self.0));
    }
}

/// A complex number: `1+2j`, `2j`, `1`, or any of them in brackets as Python writes it.
pub(super) struct Complex<T>(T, T);

impl<T: Item + From<u8>> Complex<T> {
    fn parse_bare(text: &[u8], wraps: bool) -> Parsed<Complex<T>> {
        let zero = || T::from(0);
        let (first, length) = T::parse(text, wraps)?;
        let rest = text.get(length..).unwrap_or_default();
        match rest.first() {
            Some(b'j') => Ok((Complex(zero(), first), length + 1)),
            Some(b'+' | b'-') => match T::parse(rest, wraps) {
                Ok((second, more)) if rest.get(more) == Some(&b'j') => {
                    Ok((Complex(first, second), length + more + 1))
                }
                Err(Bad::Range) => Err(Bad::Range),
                // The sign belongs to what follows.
                _ => Ok((Complex(first, zero()), length)),
            },
            _ => Ok((Complex(first, zero()), length)),
        }
    }
}

impl<T: Item + From<u8>> Item for Complex<T> {
    fn parse(text: &[u8], wraps: bool) -> Parsed<Complex<T>> {
        let not = |bad| match bad {
            Bad::NotA(_) => Bad::NotA("a complex number"),
            bad => bad,
        };
        let Some((b'(', inside)) = text.split_first() else {
            return Complex::parse_bare(text, wraps).map_err(not);
        };
        let (value, length) = Complex::parse_bare(inside, wraps).map_err(not)?;
        match inside.get(length) {
            Some(b')') => Ok((value, length + 2)),
            _ => Err(Bad::NotA("a complex number, whose bracket is not closed")),
        }
    }

    fn put(self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }
}

impl<const N: usize> From<u8> for Long<N> {
    fn from(small: u8) -> Long<N> {
        Long(X87::from(small))
    }
}
