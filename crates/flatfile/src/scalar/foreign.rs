//! The floats that Rust does not have, through `f64`.

use super::x87::X87;

/// A float in `N` native bytes that Rust has no type for.
pub(crate) trait ForeignFloat<const N: usize> {
    /// The nearest `f64`.
    fn to_f64(bytes: [u8; N]) -> f64;

    /// The nearest float of this kind, ties to even.
    fn from_f64(value: f64) -> [u8; N];
}

/// `float16`
pub(crate) struct Half;

impl ForeignFloat<2> for Half {
    #[inline(always)]
    fn to_f64(bytes: [u8; 2]) -> f64 {
        from_half(u16::from_ne_bytes(bytes)).into()
    }

    #[inline(always)]
    fn from_f64(value: f64) -> [u8; 2] {
        to_half(value).to_ne_bytes()
    }
}

/// `bfloat16`
pub(crate) struct Bfloat16;

impl ForeignFloat<2> for Bfloat16 {
    #[inline(always)]
    fn to_f64(bytes: [u8; 2]) -> f64 {
        from_bfloat(u16::from_ne_bytes(bytes)).into()
    }

    #[inline(always)]
    fn from_f64(value: f64) -> [u8; 2] {
        to_bfloat(value).to_ne_bytes()
    }
}

/// A `longdouble` of the x87 in 12 or 16 bytes.
pub(crate) struct X87Extended;

impl<const N: usize> ForeignFloat<N> for X87Extended {
    #[inline(always)]
    fn to_f64(bytes: [u8; N]) -> f64 {
        X87::from_ne_bytes(bytes).to_f64()
    }

    #[inline(always)]
    fn from_f64(value: f64) -> [u8; N] {
        X87::from_f64(value).to_ne_bytes()
    }
}

/// `with_foreign!(number, T, N => expression)` is `Some` of the expression, in which `T` is the [`ForeignFloat`] float
/// for a number and `N` its size; `None` for floats that Rust has, and for complex numbers.
macro_rules! with_foreign {
    ($number:expr, $T:ident, $N:ident => $body:expr) => {
        $crate::scalar::with_foreign!($number, $T, $N => $body;
            F16 = foreign::Half, 2; BF16 = foreign::Bfloat16, 2;
            F96 = foreign::X87Extended, 12; F128 = foreign::X87Extended, 16;
            F8E3M4 = small::Float8E3M4, 1; F8E4M3 = small::Float8E4M3, 1;
            F8E4M3B11FNUZ = small::Float8E4M3B11Fnuz, 1; F8E4M3FN = small::Float8E4M3Fn, 1;
            F8E4M3FNUZ = small::Float8E4M3Fnuz, 1; F8E5M2 = small::Float8E5M2, 1;
            F8E5M2FNUZ = small::Float8E5M2Fnuz, 1; F8E8M0FNU = small::Float8E8M0Fnu, 1;
            F6E2M3FN = small::Float6E2M3Fn, 1; F6E3M2FN = small::Float6E3M2Fn, 1;
            F4E2M1FN = small::Float4E2M1Fn, 1;)
    };
    ($number:expr, $T:ident, $N:ident => $body:expr; $($name:ident = $module:ident::$type:ident, $size:literal;)*) => {
        match $number {
            $(dtype::Number::$name => Some({
                type $T = $crate::scalar::$module::$type;
                const $N: usize = $size;
                $body
            }),)*
            _ => None,
        }
    };
}

pub(crate) use with_foreign;

/// The value of an IEEE half.
fn from_half(bits: u16) -> f32 {
    let magnitude = u32::from(bits & 0x7fff) << 13;
    // The exponent's bias is 112 less; a multiplication also normalises subnormal numbers.
    let finite = f32::from_bits(magnitude) * f32::from_bits((127 + 112) << 23);
    let special = f32::from_bits(magnitude | 0x7f80_0000);
    let magnitude = if bits & 0x7c00 == 0x7c00 {
        special
    } else {
        finite
    };
    f32::from_bits(magnitude.to_bits() | u32::from(bits & 0x8000) << 16)
}

/// The value of a `bfloat16`, which is the upper half of a `float32`.
fn from_bfloat(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// The nearest IEEE half, ties to even.
fn to_half(value: f64) -> u16 {
    let value = to_odd(value);
    let bits = value.to_bits();
    let magnitude = bits & 0x7fff_ffff;
    let half = match magnitude {
        0x7f80_0001.. => 0x7c00 | (magnitude >> 13 & 0x3ff).max(1),
        0x4780_0000.. => 0x7c00,
        0x3880_0000.. => (magnitude - (112 << 23) + 0xfff + (magnitude >> 13 & 1)) >> 13,
        // Next to 0.5, the last bit of a float32 is the last one of a subnormal half.
        _ => (f32::from_bits(magnitude) + 0.5).to_bits() - 0.5f32.to_bits(),
    };
    half as u16 | (bits >> 16) as u16 & 0x8000
}

/// The nearest `bfloat16`, ties to even.
fn to_bfloat(value: f64) -> u16 {
    let value = to_odd(value);
    let bits = value.to_bits();
    if value.is_nan() {
        return (bits >> 16) as u16 | 0x40;
    }
    ((bits + 0x7fff + (bits >> 16 & 1)) >> 16) as u16
}

/// `value` as `f32`, with an odd last bit if it is not exact: rounded again to fewer bits, the result is as if it
/// had been rounded once.
pub(super) fn to_odd(value: f64) -> f32 {
    let nearest = value as f32;
    let back = f64::from(nearest);
    if back == value || value.is_nan() {
        return nearest;
    }
    let too_large = back.abs() > value.abs();
    f32::from_bits((nearest.to_bits() - u32::from(too_large)) | 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_half_there_and_back() {
        for bits in 0..=u16::MAX {
            let value = from_half(bits);
            let expected = half::f16::from_bits(bits);
            assert_eq!(value.is_nan(), expected.is_nan());
            if !value.is_nan() {
                assert_eq!(value.to_bits(), expected.to_f32().to_bits());
            }
            assert_eq!(to_half(f64::from(value)) & !0x200, bits & !0x200);
        }
    }

    proptest! {
        #[test]
        fn floats_are_rounded_once(bits: u16, next in -2..=2i64, sign: bool) {
            let sign_bit = u16::from(sign) << 15;
            let bfloat = |bits: u16| f64::from(from_bfloat(bits));
            let half = |bits: u16| f64::from(from_half(bits));
            let half_bits = bits % 0x7c00;
            let bfloat_bits = bits % 0x7f80;
            for (bits, low, high, round) in [
                (half_bits, half(half_bits), half(half_bits + 1).min(65536.0), to_half as fn(f64) -> u16),
                (bfloat_bits, bfloat(bfloat_bits), bfloat(bfloat_bits + 1).min(2f64.powi(128)), to_bfloat),
            ] {
                // Half way between two of them, and the neighbouring f64.
                let between = ((low + high) / 2.0).to_bits() as i64 + next;
                let value = f64::from_bits(between as u64) * if sign { -1.0 } else { 1.0 };
                let up = next > 0 || (next == 0 && bits % 2 == 1);
                prop_assert_eq!(round(value), sign_bit | (bits + u16::from(up)));
            }
        }
    }
}
