//! Arrays of objects as NumPy has them in memory: items of fixed size, in which each object is a number.

use super::{Text, Value};
use crate::{Error, ErrorKind};
use flatfile::dtype::unravel_index;
use flatfile::dtype::{
    ByteOrder, Casting, DType, Layout, NAT, Order, Subarray, TimeStep, TimeUnit,
};
use flatfile::{Array, ArrayView, Strided};

/// The items of an array of objects as bytes: each object is the number of its value.
pub(super) struct Indexed<'v> {
    layout: Layout,
    bytes: Vec<u8>,
    values: Vec<&'v Value>,
}

impl<'v> Indexed<'v> {
    /// The error names the item that does not fit the dtype.
    pub(super) fn new(
        dtype: &DType,
        shape: &[usize],
        items: &'v [Value],
    ) -> Result<Indexed<'v>, Error> {
        let mut indexed = Indexed {
            layout: Layout::new(dtype.clone(), shape, Order::C)?,
            bytes: Vec::new(),
            values: Vec::new(),
        };
        for (i, item) in items.iter().enumerate() {
            indexed.push(item, dtype).map_err(|what| ErrorKind::Item {
                index: unravel_index(i, shape),
                expected: what,
                found: item.type_name().to_owned(),
            })?;
        }
        Ok(indexed)
    }

    pub(super) fn strided(&self) -> Result<Strided<'_>, Error> {
        Ok(Strided::contiguous(&self.layout, &self.bytes)?)
    }

    /// The object of this number.
    pub(super) fn value(&self, number: u64) -> &'v Value {
        const NONE: &Value = &Value::None;
        let value = usize::try_from(number).ok();
        value
            .and_then(|number| self.values.get(number).copied())
            .unwrap_or(NONE)
    }

    /// Appends an item; the error is what was expected.
    fn push(&mut self, value: &'v Value, dtype: &DType) -> Result<(), String> {
        match dtype {
            DType::Object => {
                self.bytes.extend((self.values.len() as u64).to_ne_bytes());
                self.values.push(value);
            }
            DType::Record(record) => {
                let Value::Tuple(parts) = value else {
                    return self.push_plain(value, dtype);
                };
                if parts.len() != record.fields().len() {
                    return Err(format!("a tuple of {} items", record.fields().len()));
                }
                let start = self.bytes.len();
                for (part, field) in parts.iter().zip(record.fields()) {
                    // Fields may be in any order, and overlap.
                    let at = self.bytes.len();
                    self.push(part, &field.dtype)?;
                    let item = self.bytes.split_off(at);
                    let end = start + field.offset + item.len();
                    self.bytes.resize(end.max(at), 0);
                    if let Some(place) = self.bytes.get_mut(start + field.offset..end) {
                        place.copy_from_slice(&item);
                    }
                }
                self.bytes.resize(start + dtype.itemsize(), 0);
            }
            DType::Subarray(sub) if dtype.has_object() => self.push_subarray(value, sub)?,
            plain => return self.push_plain(value, plain),
        }
        Ok(())
    }

    fn push_subarray(&mut self, value: &'v Value, sub: &Subarray) -> Result<(), String> {
        match value {
            Value::Objects(objects) if objects.shape() == sub.shape() => {
                let mut items = objects.items().iter();
                items.try_for_each(|item| self.push(item, sub.base()))
            }
            _ => Err(format!(
                "an array of objects of the shape {:?}",
                sub.shape()
            )),
        }
    }

    /// An item without objects.
    fn push_plain(&mut self, value: &Value, dtype: &DType) -> Result<(), String> {
        let expected = || format!("an item of {}", dtype.descr());
        if dtype.has_object() {
            return Err(expected());
        }
        self.bytes
            .extend(item_bytes(value, dtype).ok_or_else(expected)?);
        Ok(())
    }
}

/// The bytes of the item of this dtype that holds the value; `None` if it is of another kind.
pub(super) fn item_bytes(value: &Value, dtype: &DType) -> Option<Vec<u8>> {
    let cast = |array: &Array, dtype: &DType, shape: &[usize]| {
        let array = array.astype(dtype.clone(), Casting::Unsafe).ok()?;
        let array = array.to_order(Order::C).ok()?;
        (array.shape() == shape).then(|| array.as_bytes().to_vec())
    };
    match (value, dtype) {
        (Value::Array(array) | Value::Scalar(array), DType::Subarray(sub)) => {
            cast(array, sub.base(), sub.shape())
        }
        (Value::Array(array) | Value::Scalar(array), _) => cast(array, dtype, &[]),
        (Value::None, DType::Datetime(_, order) | DType::Timedelta(_, order)) => {
            Some(match order {
                ByteOrder::Little => NAT.to_le_bytes().to_vec(),
                ByteOrder::Big => NAT.to_be_bytes().to_vec(),
            })
        }
        (Value::Bytes(bytes), DType::Void(size) | DType::Bytes(size)) => {
            let mut bytes = bytes.clone();
            bytes.resize(*size as usize, 0);
            Some(bytes)
        }
        (Value::Tuple(_), DType::Record(_)) => Some(
            Indexed::new(dtype, &[], std::slice::from_ref(value))
                .ok()?
                .bytes,
        ),
        _ => cast(&natural_item(value)?, dtype, &[]),
    }
}

fn one_item(dtype: DType, bytes: &[u8]) -> Option<Array> {
    let layout = Layout::new(dtype, [], Order::C).ok()?;
    ArrayView::new(layout, bytes).ok()?.to_order(Order::C).ok()
}

/// The 0-d array that NumPy makes of a Python value; `None` if that is one of objects.
pub(super) fn natural_item(value: &Value) -> Option<Array> {
    let dtype = natural_dtype(value)?;
    one_item(dtype, &natural_bytes(value)?)
}

/// The dtype of the array that NumPy makes of a Python value without parts; `None` if that is `object`.
pub(super) fn natural_dtype(value: &Value) -> Option<DType> {
    let native = ByteOrder::NATIVE;
    let length = |length: usize| u32::try_from(length.max(1)).ok();
    let step = TimeStep::of;
    Some(match value {
        Value::Bool(_) => DType::Bool,
        Value::Int(int) if int.to_i64().is_some() => DType::I64,
        Value::Int(int) => int.to_u64().map(|_| DType::U64)?,
        Value::Float(_) => DType::F64,
        Value::Complex(..) => DType::C128,
        Value::Str(text) => str_dtype(text.points().count())?,
        Value::Bytes(bytes) => DType::Bytes(length(bytes.len())?),
        Value::Date(_) => DType::Datetime(step(TimeUnit::Day), native),
        // An array has no zone.
        Value::DateTime(time) if time.time.offset.is_none() && !time.time.fold => {
            DType::Datetime(step(TimeUnit::Microsecond), native)
        }
        Value::Delta(_) => DType::Timedelta(step(TimeUnit::Microsecond), native),
        Value::Scalar(array) => array.dtype().clone(),
        _ => return None,
    })
}

/// The dtype of texts of this many characters. NumPy makes no items of length 0.
pub(super) fn str_dtype(length: usize) -> Option<DType> {
    let length = u32::try_from(length.max(1)).ok()?;
    Some(DType::Str(length, ByteOrder::NATIVE))
}

/// The bytes of the item of [`natural_dtype`].
pub(super) fn natural_bytes(value: &Value) -> Option<Vec<u8>> {
    Some(match value {
        Value::Bool(value) => vec![u8::from(*value)],
        Value::Int(int) => match int.to_i64() {
            Some(int) => int.to_ne_bytes().to_vec(),
            None => int.to_u64()?.to_ne_bytes().to_vec(),
        },
        Value::Float(value) => value.to_ne_bytes().to_vec(),
        Value::Complex(real, imaginary) => [real.to_ne_bytes(), imaginary.to_ne_bytes()].concat(),
        Value::Str(text) => {
            let bytes: Vec<u8> = Text::points(text).flat_map(u32::to_ne_bytes).collect();
            if bytes.is_empty() { vec![0; 4] } else { bytes }
        }
        Value::Bytes(bytes) if bytes.is_empty() => vec![0],
        Value::Bytes(bytes) => bytes.clone(),
        Value::Date(date) => date.days().to_ne_bytes().to_vec(),
        Value::DateTime(time) => time.microseconds().to_ne_bytes().to_vec(),
        Value::Delta(delta) => i64::try_from(delta.microseconds())
            .ok()?
            .to_ne_bytes()
            .to_vec(),
        Value::Scalar(array) => array.as_bytes().to_vec(),
        _ => return None,
    })
}
