//! NumPy's `repr` of a scalar.

use super::dtype_repr::construction_repr;
use super::item_formatter::{FormatOptions, ItemFormatter};
use super::printed_items::PrintedItems;
use super::{PRECISION, SUMMARY_THRESHOLD};
use crate::error::{Error, ErrorKind, refuse_objects};
use crate::longdouble::{Evidence, LongDoubleCheck};
use crate::scalar::{code_points, push_datetime, push_scalar, push_void, time_count};
use crate::strided::Strided;
use dtype::python::{quoted_bytes, quoted_points};
use dtype::{DType, FloatFormat, Number, TimeStep, TimeUnit, trim_nuls};
use std::fmt;

/// The item of a 0-d array as NumPy's `repr` prints the scalar `arr[()]`: `np.float32(1.5)`, `np.str_('a')`,
/// `np.void((1, 2.0), dtype=[('a', '<i8'), ('b', '<f8')])`.
///
/// ```
/// use flatfile::{Array, show};
///
/// let array = Array::from_slice(&[1.5f32, 2.0], [2])?;
/// let item = array.strided().index_axis(0, 1).unwrap();
/// assert_eq!(show::scalar_repr(&item)?.to_string(), "np.float32(2.0)");
/// # Ok::<(), flatfile::Error>(())
/// ```
///
/// # Errors
/// `Axes` if the array is not 0-d; `Object`; `LongDouble`.
pub fn scalar_repr<'a>(array: &Strided<'a>) -> Result<impl fmt::Display + use<'a>, Error> {
    refuse_objects(array.dtype())?;
    if array.ndim() > 0 {
        let found = array.ndim();
        return Err(ErrorKind::Axes { expected: 0, found }.into());
    }
    if let Some(check) = LongDoubleCheck::of(array.dtype()) {
        check.check_view(array, &Evidence::in_sequence(None))?;
    }
    Ok(ScalarRepr(array.clone()))
}

struct ScalarRepr<'a>(Strided<'a>);

impl fmt::Display for ScalarRepr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dtype = self.0.dtype();
        let item = self.0.item(&[]).unwrap_or_default();
        let mut text = String::new();
        match dtype {
            DType::Bool => {
                push_scalar(dtype, item, &mut text);
                write!(f, "np.{text}_")
            }
            DType::Number(number, _) => {
                push_scalar(dtype, item, &mut text);
                write_number(*number, text.trim_matches(['(', ')']), f)
            }
            DType::Bytes(_) => write!(f, "np.bytes_({})", quoted_bytes(trim_nuls(item))),
            DType::Str(_, order) => {
                let points = code_points(item, *order);
                write!(f, "np.str_({})", quoted_points(points))
            }
            DType::Datetime(step, order) => {
                push_datetime(item, *step, *order, &mut text);
                // A date has the number of digits that its unit needs, but an hour alone is no time to NumPy.
                let is_implied = step.count == 1
                    && !matches!(step.unit, TimeUnit::Hour | TimeUnit::Generic)
                    && time_count(item, *order).is_some();
                if is_implied {
                    write!(f, "np.datetime64('{text}')")
                } else {
                    write!(f, "np.datetime64('{text}','{}')", unit(*step))
                }
            }
            DType::Timedelta(step, order) => {
                match time_count(item, *order) {
                    Some(count) => write!(f, "np.timedelta64({count}")?,
                    None => write!(f, "np.timedelta64('NaT'")?,
                }
                match step.unit {
                    TimeUnit::Generic => write!(f, ")"),
                    _ => write!(f, ",'{}')", unit(*step)),
                }
            }
            DType::Record(_) => {
                let options = FormatOptions {
                    threshold: SUMMARY_THRESHOLD,
                    scalar: true,
                    precision: PRECISION,
                    suppress: false,
                };
                let items = PrintedItems::new(&self.0, SUMMARY_THRESHOLD);
                ItemFormatter::of(&items, options).write(item, &mut text)?;
                write!(f, "np.void({text}, dtype={})", construction_repr(dtype))
            }
            // Bytes. A view has no subarrays, and objects are refused.
            _ => {
                push_void(item, &mut text);
                write!(f, "np.void({text})")
            }
        }
    }
}

/// `np.float32(1.5)`; Python has no literals of long doubles, so these are quoted.
fn write_number(number: Number, text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let info = number.info();
    match (info.float, number == info.part) {
        (Some(FloatFormat::X87), true) => write!(f, "np.longdouble('{text}')"),
        (Some(FloatFormat::X87), false) => write!(f, "np.clongdouble('{text}')"),
        _ if number.is_extension() => write!(f, "{}.{}({text})", info.module, info.name),
        _ => write!(f, "np.{}({text})", info.name),
    }
}

/// `s`, `25s` or `generic`.
fn unit(step: TimeStep) -> String {
    match (step.count, step.unit) {
        (1, unit) | (_, unit @ TimeUnit::Generic) => unit.symbol().to_owned(),
        (count, unit) => format!("{count}{}", unit.symbol()),
    }
}
