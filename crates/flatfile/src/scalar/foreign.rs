//! The floats that Rust does not have, by way of `f64`.

use super::narrow::{from_bfloat, from_half, to_bfloat, to_half};
use super::x87::X87;

/// A float in `N` native bytes that Rust has no type for.
pub(crate) trait Foreign<const N: usize> {
    /// The nearest `f64`.
    fn to_f64(bytes: [u8; N]) -> f64;

    /// The nearest float of this kind, of two the even one.
    fn from_f64(value: f64) -> [u8; N];
}

/// `float16`
pub(crate) struct Half;

impl Foreign<2> for Half {
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
pub(crate) struct Bfloat;

impl Foreign<2> for Bfloat {
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
pub(crate) struct Long;

impl<const N: usize> Foreign<N> for Long {
    #[inline(always)]
    fn to_f64(bytes: [u8; N]) -> f64 {
        X87::from_ne_bytes(bytes).to_f64()
    }

    #[inline(always)]
    fn from_f64(value: f64) -> [u8; N] {
        X87::from_f64(value).to_ne_bytes()
    }
}

/// `with_foreign!(number, T, N => expression)` is `Some` of the expression, in which `T` is the [`Foreign`] float that
/// a number is and `N` its size; `None` for what Rust has, and for complex numbers.
macro_rules! with_foreign {
    ($number:expr, $T:ident, $N:ident => $body:expr) => {
        $crate::scalar::with_foreign!($number, $T, $N => $body;
            F16 = Half, 2; BF16 = Bfloat, 2; F96 = Long, 12; F128 = Long, 16;)
    };
    ($number:expr, $T:ident, $N:ident => $body:expr; $($name:ident = $type:ident, $size:literal;)*) => {
        match $number {
            $(dtype::Number::$name => Some({
                type $T = $crate::scalar::$type;
                const $N: usize = $size;
                $body
            }),)*
            _ => None,
        }
    };
}

pub(crate) use with_foreign;
