//! Integers of any size: [`Int`].

use num_bigint::{BigInt, Sign};
use std::fmt;
use std::str::FromStr;

/// The most bytes that an integer may take: 39,457 digits. Python itself prints 4,300 at most.
pub const MAX_INT_BYTES: usize = 16 << 10;

/// The maximum number of digits of an integer.
const MAX_DIGITS: usize = 39_457;

/// An integer of any size, as Python has them.
///
/// ```
/// use npmeta::Int;
/// let large: Int = "-18446744073709551617".parse().unwrap();
/// assert_eq!((large.to_i64(), large.to_i128()), (None, Some(-(1 << 64) - 1)));
/// assert_eq!(large.to_string(), "-18446744073709551617");
/// assert_eq!(Int::from(7).to_i64(), Some(7));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Int(IntRepr);

/// An integer that fits into 64 bits is always `Small`, so that equal integers are equal here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum IntRepr {
    Small(i64),
    /// Boxed, because most Python values are not large integers, and each value takes as much memory as the largest
    /// variant.
    Large(Box<BigInt>),
}

impl Int {
    /// The integer of these bytes in two's complement, least significant byte first; `None` if there are
    /// more than [`MAX_INT_BYTES`].
    pub fn from_le_bytes(bytes: &[u8]) -> Option<Int> {
        (bytes.len() <= MAX_INT_BYTES).then(|| Int::new(BigInt::from_signed_bytes_le(bytes)))
    }

    fn new(value: BigInt) -> Int {
        Int(match i64::try_from(&value) {
            Ok(small) => IntRepr::Small(small),
            Err(_) => IntRepr::Large(Box::new(value)),
        })
    }

    /// Its bytes in two's complement, least significant first, as few as possible; none for 0.
    pub fn to_le_bytes(&self) -> Vec<u8> {
        match &self.0 {
            IntRepr::Small(0) => Vec::new(),
            IntRepr::Small(value) => BigInt::from(*value).to_signed_bytes_le(),
            IntRepr::Large(value) => value.to_signed_bytes_le(),
        }
    }

    /// Its value, if it fits.
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            IntRepr::Small(value) => Some(*value),
            IntRepr::Large(_) => None,
        }
    }

    /// Its value, if it fits.
    pub fn to_u64(&self) -> Option<u64> {
        self.to_i128()?.try_into().ok()
    }

    /// Its value, if it fits.
    pub fn to_i128(&self) -> Option<i128> {
        match &self.0 {
            IntRepr::Small(value) => Some((*value).into()),
            IntRepr::Large(value) => i128::try_from(&**value).ok(),
        }
    }

    /// Whether it is less than 0.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            IntRepr::Small(value) => *value < 0,
            IntRepr::Large(value) => value.sign() == Sign::Minus,
        }
    }

    /// The number of bytes that it takes on the heap, in whole words of digits.
    pub(crate) fn size(&self) -> usize {
        match &self.0 {
            IntRepr::Small(_) => 0,
            IntRepr::Large(value) => {
                let words = value.iter_u64_digits().len();
                size_of::<BigInt>() + words * size_of::<u64>()
            }
        }
    }
}

impl fmt::Display for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            IntRepr::Small(value) => value.fmt(f),
            IntRepr::Large(value) => value.fmt(f),
        }
    }
}

/// A text that is not an integer of at most 39,457 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotInt;

impl fmt::Display for NotInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected an integer of at most {MAX_DIGITS} digits")
    }
}

impl std::error::Error for NotInt {}

/// Decimal digits after an optional sign.
impl FromStr for Int {
    type Err = NotInt;

    fn from_str(text: &str) -> Result<Int, NotInt> {
        if let Ok(value) = text.parse() {
            return Ok(Int(IntRepr::Small(value)));
        }
        // BigInt would also accept underscores, and any number of digits.
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        if !is_number || digits.len() > MAX_DIGITS {
            return Err(NotInt);
        }
        let value: BigInt = text.parse().map_err(|_| NotInt)?;
        // Some of the longest texts take a byte more than a pickle may have.
        if value.bits() >= 8 * MAX_INT_BYTES as u64 {
            return Err(NotInt);
        }
        Ok(Int::new(value))
    }
}

macro_rules! from {
    ($($type:ty)*) => {$(
        impl From<$type> for Int {
            fn from(value: $type) -> Int {
                match i64::try_from(value) {
                    Ok(value) => Int(IntRepr::Small(value)),
                    Err(_) => Int(IntRepr::Large(Box::new(BigInt::from(value)))),
                }
            }
        }
    )*};
}

from! { i8 i16 i32 i64 isize u8 u16 u32 u64 usize i128 u128 }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_bytes() {
        let mut values = vec![0i128, 1, -1, 127, 128, -128, -129, 255, 256];
        for bits in [31, 32, 63, 64, 65, 96, 126] {
            for near in [-1, 0, 1] {
                values.extend([(1i128 << bits) + near, -(1i128 << bits) + near]);
            }
        }
        for value in values {
            let int = Int::from(value);
            assert_eq!(int.to_string(), value.to_string());
            assert_eq!(value.to_string().parse(), Ok(int.clone()));
            assert_eq!(Int::from_le_bytes(&int.to_le_bytes()), Some(int.clone()));
            assert_eq!(int.to_i128(), Some(value));
            assert_eq!(int.size() > 0, i64::try_from(value).is_err());
            let longer = [int.to_le_bytes(), vec![if value < 0 { 0xff } else { 0 }; 3]].concat();
            assert_eq!(Int::from_le_bytes(&longer), Some(int), "{value}");
        }
        let long = format!("-1{}", "0".repeat(2000));
        assert_eq!(long.parse::<Int>().unwrap().to_string(), long);
        assert_eq!(Int::from(u128::MAX).to_string(), u128::MAX.to_string());
        for none in ["", "-", "1e5", "--1", "1 ", &"9".repeat(40_000)] {
            assert_eq!(none.parse::<Int>(), Err(NotInt), "{none}");
        }
        for none in ["1_000", "+-1", "9_223_372_036_854_775_808", "-"] {
            assert_eq!(none.parse::<Int>(), Err(NotInt), "{none}");
        }
        assert_eq!("+18446744073709551616".parse(), Ok(Int::from(1i128 << 64)));
        let zeros = format!("-{}7", "0".repeat(30));
        assert_eq!(zeros.parse(), Ok(Int::from(-7)));
        let largest = Int::from_le_bytes(&[0x7f; MAX_INT_BYTES]).unwrap();
        assert_eq!(largest.to_string().len(), MAX_DIGITS);
        assert_eq!(largest.to_string().parse(), Ok(largest));
        assert_eq!("9".repeat(MAX_DIGITS).parse::<Int>(), Err(NotInt));
        assert_eq!(Int::from_le_bytes(&[1; MAX_INT_BYTES + 1]), None);
    }
}
