//! Decimal numbers: some digits and a power of ten.

use std::iter;

/// A decimal number `d.ddd × 10^exponent`, with at least one digit; only 0 begins with 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal {
    digits: [u8; Decimal::CAPACITY],
    len: usize,
    pub(crate) exponent: i32,
}

impl Decimal {
    /// Enough digits for every kind: 21 distinguish all 80-bit numbers.
    pub(crate) const CAPACITY: usize = 24;

    /// No digits yet.
    pub(crate) const EMPTY: Decimal = Decimal {
        digits: [0; Decimal::CAPACITY],
        len: 0,
        exponent: 0,
    };

    pub(super) fn zero() -> Decimal {
        let mut zero = Decimal::EMPTY;
        zero.push(0);
        zero
    }

    /// The digits as text.
    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.digits.get(..self.len).unwrap_or_default()
    }

    /// The number of digits.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The number of digits before the point, without an exponent.
    pub(crate) fn digits_before_point(&self) -> usize {
        self.exponent.max(0) as usize + 1
    }

    /// The number of digits after the point, without an exponent.
    pub(crate) fn digits_after_point(&self) -> usize {
        let digits = self.len as i64 - 1 - i64::from(self.exponent);
        digits.max(0) as usize
    }

    /// Appends `1250.` or `0.0125`: without an exponent, and always with a point.
    pub(crate) fn push_positional(&self, out: &mut String) {
        let digits = self.as_str();
        let zeros = |n: usize| iter::repeat_n('0', n);
        match usize::try_from(self.exponent) {
            Ok(exponent) => {
                let (whole, fraction) = digits
                    .split_at_checked(exponent + 1)
                    .unwrap_or((digits, ""));
                out.push_str(whole);
                out.extend(zeros(exponent + 1 - whole.len()));
                out.push('.');
                out.push_str(fraction);
            }
            Err(_) => {
                out.push_str("0.");
                out.extend(zeros(self.exponent.unsigned_abs() as usize - 1));
                out.push_str(digits);
            }
        }
    }

    /// Appends `1.25e+03`, with at least this many digits between the point and the `e`, and after it.
    pub(crate) fn push_exponential(&self, fraction: usize, digits: usize, out: &mut String) {
        let (first, rest) = self.as_str().split_at_checked(1).unwrap_or_default();
        out.push_str(first);
        out.push('.');
        out.push_str(rest);
        let missing = fraction.saturating_sub(rest.len());
        out.extend(iter::repeat_n('0', missing));
        self.push_exponent(digits, out);
    }

    /// Appends `e+03`.
    pub(crate) fn push_exponent(&self, digits: usize, out: &mut String) {
        push_exponent(self.exponent, "e", digits, |text| out.push_str(text));
    }

    /// Appends a digit, 0 to 9.
    pub(crate) fn push(&mut self, digit: u8) {
        if let Some(place) = self.digits.get_mut(self.len) {
            *place = b'0' + digit;
            self.len += 1;
        }
    }

    /// Adds one to the last digit.
    pub(crate) fn increment(&mut self) {
        while let Some((last, _)) = self.as_bytes().split_last() {
            if *last < b'9' {
                let digit = *last - b'0' + 1;
                self.len -= 1;
                return self.push(digit);
            }
            self.len -= 1;
        }
        self.push(1);
        self.exponent += 1;
    }

    pub(super) fn trim_zeros(&mut self) {
        while self.len > 1 && self.as_bytes().ends_with(b"0") {
            self.len -= 1;
        }
    }

    /// Keeps this many digits.
    pub(super) fn truncate(&mut self, digits: usize) {
        self.len = self.len.min(digits);
    }
}

/// Passes `e+03` to `push`, in parts, with at least this many digits.
#[inline]
pub(crate) fn push_exponent(power: i32, letter: &str, digits: usize, mut push: impl FnMut(&str)) {
    push(letter);
    push(if power < 0 { "-" } else { "+" });
    let mut buffer = itoa::Buffer::new();
    let text = buffer.format(power.unsigned_abs());
    for _ in text.len()..digits {
        push("0");
    }
    push(text);
}
