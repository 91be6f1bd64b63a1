//! Integers of any size: [`Int`].

use std::fmt;
use std::str::FromStr;

/// The most bytes that an integer may take: 39,457 digits. Python itself prints 4,300 at most.
pub const MAX_INT_BYTES: usize = 16 << 10;

/// The most digits that are taken for an integer.
const MAX_DIGITS: usize = 39_457;

/// Nine digits of base ten are one of this base.
const BASE: u64 = 1_000_000_000;

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
pub struct Int(Repr);

/// What fits into 64 bits is `Small`; so equal integers are equal bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Repr {
    Small(i64),
    /// Two's complement, least significant byte first, no byte more than it takes.
    Large(Box<[u8]>),
}

impl Int {
    /// The integer that these bytes are in two's complement, least significant byte first; `None` where
    /// they are more than [`MAX_INT_BYTES`].
    pub fn from_le_bytes(bytes: &[u8]) -> Option<Int> {
        if bytes.len() > MAX_INT_BYTES {
            return None;
        }
        let mut bytes = bytes;
        while let [rest @ .., before, last] = bytes {
            // The last byte says no more than the sign, which the one before it says, too.
            let sign = if before & 0x80 == 0 { 0 } else { 0xff };
            if *last != sign {
                break;
            }
            bytes = bytes.get(..rest.len() + 1).unwrap_or_default();
        }
        let negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
        let mut word = [if negative { 0xff } else { 0 }; 8];
        match word.get_mut(..bytes.len()) {
            Some(low) => {
                low.copy_from_slice(bytes);
                Some(Int(Repr::Small(i64::from_le_bytes(word))))
            }
            None => Some(Int(Repr::Large(bytes.into()))),
        }
    }

    /// Its bytes in two's complement, least significant first, no more than it takes; none for 0.
    pub fn to_le_bytes(&self) -> Vec<u8> {
        let value = match &self.0 {
            Repr::Large(bytes) => return bytes.to_vec(),
            Repr::Small(0) => return Vec::new(),
            Repr::Small(value) => *value,
        };
        let sign = if value < 0 {
            value.leading_ones()
        } else {
            value.leading_zeros()
        };
        let length = (64 - sign as usize) / 8 + 1;
        value.to_le_bytes().into_iter().take(length).collect()
    }

    /// Its value, where it fits.
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Small(value) => Some(*value),
            Repr::Large(_) => None,
        }
    }

    /// Its value, where it fits.
    pub fn to_u64(&self) -> Option<u64> {
        self.to_i128()?.try_into().ok()
    }

    /// Its value, where it fits.
    pub fn to_i128(&self) -> Option<i128> {
        match &self.0 {
            Repr::Small(value) => Some((*value).into()),
            Repr::Large(bytes) => {
                let sign = if self.is_negative() { 0xff } else { 0 };
                let mut word = [sign; 16];
                word.get_mut(..bytes.len())?.copy_from_slice(bytes);
                Some(i128::from_le_bytes(word))
            }
        }
    }

    /// Whether it is less than 0.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Small(value) => *value < 0,
            Repr::Large(bytes) => bytes.last().is_some_and(|last| last & 0x80 != 0),
        }
    }

    /// How many bytes it takes on the heap.
    pub(crate) fn size(&self) -> usize {
        match &self.0 {
            Repr::Small(_) => 0,
            Repr::Large(bytes) => bytes.len(),
        }
    }
}

/// The bytes of the negative number.
fn negated(bytes: &mut [u8]) {
    let mut carry = true;
    for byte in bytes {
        (*byte, carry) = (!*byte).overflowing_add(carry.into());
    }
}

impl fmt::Display for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = match &self.0 {
            Repr::Small(value) => return value.fmt(f),
            Repr::Large(bytes) => bytes,
        };
        let mut magnitude = bytes.to_vec();
        if self.is_negative() {
            negated(&mut magnitude);
        }
        // Words of 32 bits, most significant first, divided by the base until nothing is left.
        let word = |chunk: &[u8]| {
            chunk
                .iter()
                .rev()
                .fold(0, |word, byte| word << 8 | u32::from(*byte))
        };
        let mut words: Vec<u32> = magnitude.chunks(4).map(word).rev().collect();
        let mut parts = Vec::new();
        while !words.is_empty() {
            let mut rest = 0u64;
            for word in &mut words {
                let value = rest << 32 | u64::from(*word);
                *word = (value / BASE) as u32;
                rest = value % BASE;
            }
            parts.push(rest);
            let zeros = words.iter().take_while(|word| **word == 0).count();
            words.drain(..zeros);
        }
        let mut text = String::with_capacity(9 * parts.len());
        for (i, part) in parts.iter().rev().enumerate() {
            text.push_str(&if i == 0 {
                part.to_string()
            } else {
                format!("{part:09}")
            });
        }
        f.pad_integral(!self.is_negative(), "", &text)
    }
}

/// What is no integer of at most 39,457 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotInt;

impl fmt::Display for NotInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected an integer of at most {MAX_DIGITS} digits")
    }
}

impl std::error::Error for NotInt {}

/// Decimal digits behind an optional sign.
impl FromStr for Int {
    type Err = NotInt;

    fn from_str(text: &str) -> Result<Int, NotInt> {
        if let Ok(value) = text.parse() {
            return Ok(Int(Repr::Small(value)));
        }
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        if !is_number || digits.len() > MAX_DIGITS {
            return Err(NotInt);
        }
        let mut words: Vec<u32> = Vec::new();
        let first = digits.len() % 9;
        let (head, tail) = digits.split_at(first);
        let chunks = std::iter::once(head.as_bytes()).chain(tail.as_bytes().chunks(9));
        for chunk in chunks.filter(|chunk| !chunk.is_empty()) {
            let digit = |value, byte: &u8| value * 10 + u64::from(byte - b'0');
            let mut carry = chunk.iter().fold(0, digit);
            for word in &mut words {
                carry += u64::from(*word) * BASE;
                *word = carry as u32;
                carry >>= 32;
            }
            if carry > 0 {
                words.push(carry as u32);
            }
        }
        // One byte more for the sign.
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        bytes.push(0);
        if negative {
            negated(&mut bytes);
        }
        Int::from_le_bytes(&bytes).ok_or(NotInt)
    }
}

macro_rules! from {
    ($($type:ty)*) => {$(
        impl From<$type> for Int {
            fn from(value: $type) -> Int {
                match i64::try_from(value) {
                    Ok(value) => Int(Repr::Small(value)),
                    Err(_) => {
                        let negative = i128::try_from(value).is_ok_and(|value| value < 0);
                        let sign = if negative { 0xff } else { 0 };
                        let mut bytes = value.to_le_bytes().to_vec();
                        bytes.push(sign);
                        Int::from_le_bytes(&bytes).unwrap_or(Int(Repr::Small(0)))
                    }
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
        let largest = Int::from_le_bytes(&[0x7f; MAX_INT_BYTES]).unwrap();
        assert_eq!(largest.to_string().len(), MAX_DIGITS);
        assert_eq!(Int::from_le_bytes(&[1; MAX_INT_BYTES + 1]), None);
    }
}
