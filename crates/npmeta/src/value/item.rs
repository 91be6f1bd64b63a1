//! Items of arrays as Python values: NumPy's `x.item()` and `x.tolist()`.

use super::time::{Date, DateTime, Delta, microseconds};
use super::{Int, Text, Value};
use crate::{Error, ErrorKind};
use flatfile::dtype::{
    ByteOrder, Casting, DType, Layout, NAT, Number, Order, TimeStep, TimeUnit, trim_nuls,
};
use flatfile::show::CivilTime;
use flatfile::{Array, ArrayView};

/// The maximum number of lists or items that may be made of no bytes.
const MAX_EMPTY: usize = 1 << 16;

/// The value that a 0-d array holds; a time stays a scalar if Python's type would lose its unit, or NaT.
///
/// Source: `gentype_item` and the `getitem` functions of `numpy/_core/src/multiarray/arraytypes.c.src`.
pub(crate) fn item<B: AsRef<[u8]>>(array: &Array<B>) -> Result<Value, Error> {
    let dtype = array.dtype();
    let is_time = matches!(dtype, DType::Datetime(..) | DType::Timedelta(..));
    match value_from_bytes(dtype, array.as_bytes()) {
        Ok(value) if !is_time || !matches!(value, Value::Int(_) | Value::None) => Ok(value),
        Err(error) if !is_time => Err(error),
        _ => Ok(Value::Scalar(Box::new(array.to_order(Order::C)?))),
    }
}

/// Checks the number of lists in which these items are nested. If there are no bytes or items, it would be unbounded.
pub(crate) fn check_lists(shape: &[usize], content_size: usize) -> Result<(), Error> {
    let empty = shape.iter().position(|length| *length == 0);
    let outer = shape
        .get(..empty.unwrap_or(shape.len()))
        .unwrap_or_default();
    let lists = outer
        .iter()
        .try_fold(1usize, |count, length| count.checked_mul(*length));
    if lists.is_none_or(|lists| lists > content_size.max(MAX_EMPTY)) {
        return Err(ErrorKind::Limit("an array of too many items of size 0").into());
    }
    Ok(())
}

pub(crate) fn value_from_bytes(dtype: &DType, bytes: &[u8]) -> Result<Value, Error> {
    Ok(match dtype {
        DType::Bool => Value::Bool(bytes.iter().any(|byte| *byte != 0)),
        DType::Number(number, order) => return number_value(*number, *order, bytes),
        DType::Bytes(_) => Value::Bytes(trim_nuls(bytes).to_vec()),
        DType::Str(_, order) => {
            let points = bytes
                .chunks_exact(4)
                .map(|point| unsigned(point, *order) as u32);
            let points: Vec<u32> = points.collect();
            let end = points
                .iter()
                .rposition(|point| *point != 0)
                .map_or(0, |end| end + 1);
            Value::Str(Text::from_points(points.into_iter().take(end)))
        }
        DType::Datetime(step, order) => return datetime_value(signed(bytes, *order), *step),
        DType::Timedelta(step, order) => timedelta_value(signed(bytes, *order), *step),
        DType::Record(record) => {
            let fields = record.fields().iter().map(|field| {
                let end = field.offset.saturating_add(field.dtype.itemsize());
                let part = bytes.get(field.offset..end).unwrap_or_default();
                match &field.dtype {
                    DType::Subarray(_) => Ok(scalar_array(field.dtype.clone(), part)?.into()),
                    dtype => value_from_bytes(dtype, part),
                }
            });
            Value::Tuple(fields.collect::<Result<_, _>>()?)
        }
        // No other dtype remains that has bytes of its own.
        _ => Value::Bytes(bytes.to_vec()),
    })
}

/// A 0-d array, or the array of a subarray.
fn scalar_array(dtype: DType, bytes: &[u8]) -> Result<Array, Error> {
    let layout = Layout::new(dtype, [], Order::C)?;
    Ok(ArrayView::new(layout, bytes)?.to_order(Order::C)?)
}

fn number_value(number: Number, order: ByteOrder, bytes: &[u8]) -> Result<Value, Error> {
    let dtype = DType::number(number, order);
    Ok(match number.kind() {
        'i' => Value::Int(signed(bytes, order).into()),
        'u' => Value::Int(Int::from(unsigned(bytes, order))),
        // Those of ml_dtypes are in a part of their byte.
        _ if number.is_integer() => {
            let wide = scalar_array(dtype, bytes)?.astype(DType::I64, Casting::Unsafe)?;
            Value::Int(signed(wide.as_bytes(), ByteOrder::NATIVE).into())
        }
        // Python has no number type that is as exact.
        _ if number.part_size() > 8 => {
            return Ok(Value::Scalar(Box::new(scalar_array(dtype, bytes)?)));
        }
        'c' => {
            let wide = scalar_array(dtype, bytes)?.astype(DType::C128, Casting::Unsafe)?;
            let mut parts = wide.as_bytes().chunks_exact(8).map(float);
            let mut next = || parts.next().unwrap_or(0.0);
            Value::Complex(next(), next())
        }
        _ => {
            let wide = scalar_array(dtype, bytes)?.astype(DType::F64, Casting::Unsafe)?;
            Value::Float(float(wide.as_bytes()))
        }
    })
}

/// A native `f8`.
fn float(bytes: &[u8]) -> f64 {
    bytes.try_into().map_or(0.0, f64::from_ne_bytes)
}

/// At most eight bytes as a number.
fn unsigned(bytes: &[u8], order: ByteOrder) -> u64 {
    let fold = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
    match order {
        ByteOrder::Little => bytes.iter().rev().fold(0, fold),
        ByteOrder::Big => bytes.iter().fold(0, fold),
    }
}

fn signed(bytes: &[u8], order: ByteOrder) -> i64 {
    let unused = 64 - 8 * bytes.len().clamp(1, 8) as u32;
    (unsigned(bytes, order) << unused) as i64 >> unused
}

fn datetime_value(count: i64, step: TimeStep) -> Result<Value, Error> {
    if count == NAT {
        return Ok(Value::None);
    }
    let Some(moment) = CivilTime::of(count, step) else {
        return Err(Error::unsupported(
            "a datetime64 without a unit as a date of Python",
        ));
    };
    let value = match step.unit {
        unit if unit <= TimeUnit::Day => Date::from_civil(&moment).map(Value::Date),
        unit if unit <= TimeUnit::Microsecond => DateTime::from_civil(&moment).map(Value::from),
        _ => None,
    };
    Ok(value.unwrap_or(Value::Int(count.into())))
}

fn timedelta_value(count: i64, step: TimeStep) -> Value {
    if count == NAT {
        return Value::None;
    }
    let delta = microseconds(count, step).and_then(Delta::from_microseconds);
    delta.map_or(Value::Int(count.into()), Value::Delta)
}
