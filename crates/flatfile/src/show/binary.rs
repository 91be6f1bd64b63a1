//! Binary floating point numbers of every kind.

use dtype::Number;

/// The kinds of binary floating point numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    F16,
    BF16,
    F32,
    F64,
    /// The 80-bit number of the x87, whatever the bytes behind it.
    X87,
}

impl Kind {
    /// The kind of this number, or of its parts if it is complex.
    pub(super) fn of(number: Number) -> Option<Kind> {
        use Number::*;
        Some(match number {
            F16 => Kind::F16,
            BF16 => Kind::BF16,
            F32 | C64 => Kind::F32,
            F64 | C128 => Kind::F64,
            F96 | F128 | C192 | C256 => Kind::X87,
            _ => return None,
        })
    }

    /// Bits of the fraction behind the leading 1, and of the exponent.
    const fn bits(self) -> (u32, u32) {
        match self {
            Kind::F16 => (10, 5),
            Kind::BF16 => (7, 8),
            Kind::F32 => (23, 8),
            Kind::F64 => (52, 11),
            Kind::X87 => (63, 15),
        }
    }

    const fn bias(self) -> i32 {
        (1 << (self.bits().1 - 1)) - 1
    }

    /// So many decimal digits survive being stored: `np.finfo(dtype).precision`.
    pub(super) const fn precision(self) -> i32 {
        match self {
            Kind::F16 => 3,
            Kind::BF16 => 2,
            Kind::F32 => 6,
            Kind::F64 => 15,
            Kind::X87 => 18,
        }
    }

    /// The magnitude that a positive number, neither tiny nor huge, is rounded to.
    pub(super) const fn magnitude(self, value: f64) -> Magnitude {
        let bits = value.to_bits();
        let exponent = (bits >> 52) as i32 - Kind::F64.bias() + self.bias();
        let fraction = bits & ((1 << 52) - 1);
        let own = self.bits().0;
        let fraction = match own.checked_sub(52) {
            Some(longer) => fraction << longer,
            None => (fraction + (1 << (51 - own))) >> (52 - own),
        };
        Magnitude {
            exponent: exponent as u16,
            fraction,
        }
    }
}

/// The absolute value of a float, in the fields that it is stored in: they compare as the values do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Magnitude {
    exponent: u16,
    fraction: u64,
}

impl Magnitude {
    pub(super) const ZERO: Magnitude = Magnitude {
        exponent: 0,
        fraction: 0,
    };

    const NAN_X87: Magnitude = Magnitude {
        exponent: 0x7fff,
        fraction: 1,
    };
}

/// A binary floating point number of any kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Float {
    pub(super) kind: Kind,
    pub(super) negative: bool,
    pub(super) magnitude: Magnitude,
}

impl From<f64> for Float {
    fn from(value: f64) -> Float {
        Float::from_bits(Kind::F64, value.to_bits().into())
    }
}

impl Float {
    /// The number of these bits.
    pub(super) fn from_bits(kind: Kind, bits: u128) -> Float {
        let (fraction_bits, exponent_bits) = kind.bits();
        let fraction = bits as u64 & ((1 << fraction_bits) - 1);
        // The x87 stores the leading 1 that the others imply, and takes what lacks it for no number.
        let explicit = u32::from(kind == Kind::X87);
        let rest = (bits >> (fraction_bits + explicit)) as u32;
        let mut magnitude = Magnitude {
            exponent: (rest & ((1 << exponent_bits) - 1)) as u16,
            fraction,
        };
        if kind == Kind::X87 && magnitude.exponent > 0 && bits >> 63 & 1 == 0 {
            magnitude = Magnitude::NAN_X87;
        }
        Float {
            kind,
            negative: rest >> exponent_bits & 1 == 1,
            magnitude,
        }
    }

    pub(super) fn is_finite(self) -> bool {
        u32::from(self.magnitude.exponent) != (1 << self.kind.bits().1) - 1
    }

    pub(super) fn is_nan(self) -> bool {
        !self.is_finite() && self.magnitude.fraction != 0
    }

    pub(super) fn is_zero(self) -> bool {
        self.magnitude == Magnitude::ZERO
    }

    /// What it is called where it is not finite, without its sign.
    pub(super) fn name(self) -> &'static str {
        if self.is_nan() { "nan" } else { "inf" }
    }

    /// The absolute value as an integer times a power of two; for finite numbers.
    pub(super) fn binary(self) -> (u64, i32) {
        let Magnitude { exponent, fraction } = self.magnitude;
        let bits = self.kind.bits().0;
        let implied = u64::from(exponent > 0) << bits;
        let exponent = i32::from(exponent.max(1)) - self.kind.bias() - bits as i32;
        (implied | fraction, exponent)
    }

    /// Whether the next smaller magnitude is only half as far away as the next larger one.
    pub(super) fn is_lowest_of_binade(self) -> bool {
        self.magnitude.fraction == 0 && self.magnitude.exponent > 1
    }

    /// The same value; `None` for the x87's, which `f64` cannot hold.
    pub(super) fn to_f64(self) -> Option<f64> {
        let Magnitude { exponent, fraction } = self.magnitude;
        let magnitude = match self.kind {
            Kind::X87 => return None,
            Kind::F64 => f64::from_bits(u64::from(exponent) << 52 | fraction),
            _ if self.is_nan() => f64::NAN,
            _ if !self.is_finite() => f64::INFINITY,
            _ => {
                let (integer, power) = self.binary();
                let power = power + Kind::F64.bias();
                integer as f64 * f64::from_bits((power as u64) << 52)
            }
        };
        Some(if self.negative { -magnitude } else { magnitude })
    }
}
