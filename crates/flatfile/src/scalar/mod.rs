//! The meaning of one item: its bits, and the text and the decimal digits that correspond to them.
//!
//! The bottom layer of this crate. Printing, casting, and reading and writing text are all based on it, so each of
//! these is implemented once: numbers in either byte order ([`item`]), floats of every format ([`float`],
//! [`foreign`], [`x87`], [`quad`]), from binary to decimal ([`shortest`], [`exact`]) and back ([`digits`], [`scientific`], [`x87`]),
//! dates ([`calendar`], [`iso8601`]), escapes ([`escape`]), and the `str` of NumPy's scalars ([`numpy_str`]). It does
//! not depend on arrays or errors.

mod big;
mod bits;
mod calendar;
mod clue;
mod decimal;
mod digits;
mod dragon;
mod escape;
mod exact;
mod fast_int;
mod float;
pub(crate) mod foreign;
mod iso8601;
mod item;
mod numpy_str;
mod parse_python;
mod powers;
mod python;
mod quad;
mod scientific;
mod shortest;
pub(crate) mod small;
mod x87;

pub(crate) use bits::bits;
pub use calendar::CivilTime;
pub(crate) use calendar::attoseconds;
pub use clue::LongDoubleProblem;
pub(crate) use clue::{FormatClue, format_clue};
pub(crate) use decimal::{Decimal, push_exponent};
#[cfg(feature = "text")]
pub(crate) use digits::{digit_values, eight_digits, non_digit_mask};
pub(crate) use digits::{parse_decimal, parse_digits};
pub use escape::push_json_string;
pub(crate) use escape::{
    as_ascii, push_bytes, push_bytes_literal, push_quoted, push_unquoted, push_void,
};
pub(crate) use exact::{push_exact_digits, push_fixed};
pub(crate) use fast_int::{Window, fast_int};
pub(crate) use float::{Float, Magnitude};
pub(crate) use foreign::{ForeignFloat, with_foreign};
pub(crate) use iso8601::{parse_date, parse_time};
pub(crate) use item::{FloatItem, Int, code_points, read_f64, time_count};
pub(crate) use numpy_str::{long_integer, push_datetime, push_scalar};
pub(crate) use parse_python::{parse_complex, parse_count, parse_float, parse_int};
pub(crate) use python::{format_shortest, push_complex, push_scalar_float};
pub use python::{python_complex, python_float};
pub(crate) use quad::{to_x87, to_x87_odd};
pub use small::put_int;
pub(crate) use small::{SmallInt, with_small_int};
pub(crate) use x87::{X87, parse_long_double};

/// Numbers whose digits are hard to find, for tests.
#[cfg(test)]
fn difficult() -> impl Iterator<Item = f64> {
    [
        0.0,
        0.5,
        1.5,
        2.5,
        0.25,
        0.125,
        9.5,
        99.5,
        999.5,
        0.95,
        9.995,
        1e22,
        1e23,
        1e-5,
        9.5e-5,
        1e15,
        1e16,
        1e100,
        123456789012345680.0,
        5e-324,
        f64::MIN_POSITIVE,
        f64::MAX,
        2f64.powi(50) + 0.25,
        2f64.powi(50) + 0.75,
        2f64.powi(63),
        2f64.powi(64),
        1e19,
        1e19_f64.next_down(),
        1e-4,
        1e16_f64.next_down(),
    ]
    .into_iter()
}
