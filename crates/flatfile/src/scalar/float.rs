//! Binary floating point numbers of every kind.

use dtype::FloatFormat;

/// The absolute value of a float, in the fields that it is stored in; these compare as the values do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Magnitude {
    exponent: u16,
    fraction: u64,
}

impl Magnitude {
    const ZERO: Magnitude = Magnitude {
        exponent: 0,
        fraction: 0,
    };

    const NAN_X87: Magnitude = Magnitude {
        exponent: 0x7fff,
        fraction: 1,
    };

    /// The magnitude that a positive number, neither tiny nor huge, is rounded to.
    pub(crate) const fn of(value: f64, format: FloatFormat) -> Magnitude {
        let bits = value.to_bits();
        let exponent = (bits >> 52) as i32 - FloatFormat::F64.bias + format.bias;
        let fraction = bits & ((1 << 52) - 1);
        let fraction_bits = format.fraction_bits;
        let fraction = match fraction_bits.checked_sub(52) {
            Some(longer) => fraction << longer,
            None => (fraction + (1 << (51 - fraction_bits))) >> (52 - fraction_bits),
        };
        Magnitude {
            exponent: exponent as u16,
            fraction,
        }
    }
}

/// A binary floating point number of any kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Float {
    pub(crate) format: FloatFormat,
    pub(crate) negative: bool,
    pub(crate) magnitude: Magnitude,
}

impl From<f64> for Float {
    fn from(value: f64) -> Float {
        Float::from_bits(FloatFormat::F64, value.to_bits().into())
    }
}

impl Float {
    /// The number with these bits.
    pub(crate) fn from_bits(format: FloatFormat, bits: u128) -> Float {
        let FloatFormat {
            exponent_bits,
            fraction_bits,
            has_integer_bit,
            ..
        } = format;
        let fraction = bits as u64 & ((1 << fraction_bits) - 1);
        // The x87 stores the leading 1 that the others imply, and does not accept values without it as numbers.
        let rest = (bits >> (fraction_bits + u32::from(has_integer_bit))) as u32;
        let mut magnitude = Magnitude {
            exponent: (rest & ((1 << exponent_bits) - 1)) as u16,
            fraction,
        };
        if has_integer_bit && magnitude.exponent > 0 && bits >> fraction_bits & 1 == 0 {
            magnitude = Magnitude::NAN_X87;
        }
        Float {
            format,
            negative: rest >> exponent_bits & 1 == 1,
            magnitude,
        }
    }

    pub(crate) fn is_finite(self) -> bool {
        u32::from(self.magnitude.exponent) != (1 << self.format.exponent_bits) - 1
    }

    pub(crate) fn is_nan(self) -> bool {
        !self.is_finite() && self.magnitude.fraction != 0
    }

    pub(crate) fn is_zero(self) -> bool {
        self.magnitude == Magnitude::ZERO
    }

    /// Its name if it is not finite, without its sign.
    pub(crate) fn non_finite_name(self) -> &'static str {
        if self.is_nan() { "nan" } else { "inf" }
    }

    /// The absolute value as an integer times a power of two; for finite numbers.
    pub(crate) fn binary(self) -> (u64, i32) {
        let Magnitude { exponent, fraction } = self.magnitude;
        let bits = self.format.fraction_bits;
        let implied = u64::from(exponent > 0) << bits;
        let exponent = i32::from(exponent.max(1)) - self.format.bias - bits as i32;
        (implied | fraction, exponent)
    }

    /// Whether the next smaller magnitude is only half as far away as the next larger one.
    pub(crate) fn is_lowest_of_binade(self) -> bool {
        self.magnitude.fraction == 0 && self.magnitude.exponent > 1
    }

    /// The same value; `None` for an x87 number, which `f64` cannot hold.
    pub(crate) fn to_f64(self) -> Option<f64> {
        if !self.format.fits(FloatFormat::F64) {
            return None;
        }
        let Magnitude { exponent, fraction } = self.magnitude;
        let magnitude = if self.format == FloatFormat::F64 {
            f64::from_bits(u64::from(exponent) << 52 | fraction)
        } else if self.is_nan() {
            f64::NAN
        } else if !self.is_finite() {
            f64::INFINITY
        } else {
            let (integer, power) = self.binary();
            let power = power + FloatFormat::F64.bias;
            integer as f64 * f64::from_bits((power as u64) << 52)
        };
        Some(if self.negative { -magnitude } else { magnitude })
    }
}
