//! Values as the items of an array: [`plain_array`].

use super::{Text, Value};
use crate::Error;
use flatfile::dtype::{ByteOrder, DType, Layout, Order, TimeStep, TimeUnit};
use flatfile::{Array, Buffer};

/// Values of one type as the items of the array that NumPy makes of them; `None` if only a pickle can hold them.
pub(crate) fn plain_array(values: &[Value], shape: Vec<usize>) -> Result<Option<Array>, Error> {
    let native = ByteOrder::NATIVE;
    let width = |value: &Value| match value {
        Value::Str(text) => text.points().count(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    };
    // NumPy makes no items of length 0.
    let max_width = values.iter().map(width).max().unwrap_or(0).max(1);
    let max_width = u32::try_from(max_width).unwrap_or(u32::MAX);
    let step = |unit| TimeStep::of(unit);
    let dtype = match values.first() {
        Some(Value::Bool(_)) => DType::Bool,
        Some(Value::Int(_))
            if values
                .iter()
                .all(|value| matches!(value, Value::Int(int) if int.to_i64().is_some())) =>
        {
            DType::I64
        }
        Some(Value::Int(_)) => DType::U64,
        Some(Value::Float(_)) => DType::F64,
        Some(Value::Complex(..)) => DType::C128,
        Some(Value::Str(_)) => DType::Str(max_width, native),
        Some(Value::Bytes(_)) => DType::Bytes(max_width),
        Some(Value::Date(_)) => DType::Datetime(step(TimeUnit::Day), native),
        Some(Value::DateTime(_)) => DType::Datetime(step(TimeUnit::Microsecond), native),
        Some(Value::Delta(_)) => DType::Timedelta(step(TimeUnit::Microsecond), native),
        _ => return Ok(None),
    };
    let layout = Layout::new(dtype, shape, Order::C)?;
    let mut bytes = Vec::with_capacity(layout.nbytes());
    for value in values {
        let Some(item) = item_bytes(value, layout.dtype()) else {
            return Ok(None);
        };
        let end = bytes.len() + layout.dtype().itemsize();
        bytes.extend(item);
        bytes.resize(end, 0);
    }
    Ok(Some(Array::new(layout, Buffer::from(bytes))?))
}

/// A value as an item of this dtype, except for trailing NULs.
fn item_bytes(value: &Value, dtype: &DType) -> Option<Vec<u8>> {
    Some(match value {
        Value::Bool(value) => vec![u8::from(*value)],
        Value::Int(int) if *dtype == DType::U64 => int.to_u64()?.to_ne_bytes().to_vec(),
        Value::Int(int) => int.to_i64()?.to_ne_bytes().to_vec(),
        Value::Float(value) => value.to_ne_bytes().to_vec(),
        Value::Complex(real, imaginary) => [real.to_ne_bytes(), imaginary.to_ne_bytes()].concat(),
        Value::Str(text) => Text::points(text).flat_map(u32::to_ne_bytes).collect(),
        Value::Bytes(bytes) => bytes.clone(),
        Value::Date(date) => date.days().to_ne_bytes().to_vec(),
        // An array has no zone.
        Value::DateTime(time) if time.time.offset.is_none() && !time.time.fold => {
            time.microseconds().to_ne_bytes().to_vec()
        }
        Value::Delta(delta) => i64::try_from(delta.microseconds())
            .ok()?
            .to_ne_bytes()
            .to_vec(),
        _ => return None,
    })
}
