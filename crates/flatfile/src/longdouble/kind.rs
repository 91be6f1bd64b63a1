//! The formats of long doubles, and which dtypes have long doubles.

use dtype::{DType, FloatFormat, Number};

/// The format of the long doubles in a file: the option of all readers.
///
/// Without it items are read as they are, and checked if they are interpreted, as by
/// [`Checked`](LongDouble::Checked). `<f12` and `<c24`, which only 32-bit x86 has, are x87 in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LongDouble {
    /// x87 numbers, if possible: checked while they are read, and an error if they are not x87 numbers, or if all
    /// of them would be 0 and look like IEEE quads. Their padding becomes zero.
    Checked,
    /// x87 numbers, even if they look like IEEE quads. One whose integer bit contradicts its exponent is still an
    /// error. Their padding becomes zero.
    X87,
    /// IEEE quads (binary128): while they are read, they become the nearest x87 number, rounding ties to even.
    Quad,
}

/// Whether items of this type are long doubles or contain some.
pub(crate) fn has_long_double(dtype: &DType) -> bool {
    match dtype {
        DType::Number(number, _) => is_long(*number),
        DType::Subarray(sub) => has_long_double(sub.base()),
        DType::Record(record) => {
            let mut fields = record.fields().iter();
            fields.any(|field| has_long_double(&field.dtype))
        }
        _ => false,
    }
}

/// Whether a number, or each part of a complex one, is a long double.
pub(crate) fn is_long(number: Number) -> bool {
    number.info().float == Some(FloatFormat::X87)
}
