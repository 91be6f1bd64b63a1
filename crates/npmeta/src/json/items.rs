//! Values of JSON as the items of a dtype: [`JsonItems`].

use super::array::{flatten, item_error};
use super::base64::decode_base64;
use crate::value::plain_array;
use crate::{Error, ErrorKind, Value};
use flatfile::dtype::{ByteOrder, Casting, DType, Layout, NAT, Order, Record, Subarray};
use flatfile::{Array, Buffer};

/// Items of one dtype, and the shape of their array.
pub(super) struct JsonItems<'v> {
    pub(super) values: Vec<&'v Value>,
    pub(super) shape: Vec<usize>,
    /// The most memory for texts of one width, in bytes: one wide text makes all others as wide.
    pub(super) max_bytes: usize,
}

impl<'v> JsonItems<'v> {
    /// The error of an item that is not of the expected form.
    fn error(&self, item: usize, expected: impl Into<String>) -> Error {
        let mut left = item;
        let mut index: Vec<usize> = self
            .shape
            .iter()
            .rev()
            .map(|length| {
                let at = left % length.max(&1);
                left /= length.max(&1);
                at
            })
            .collect();
        index.reverse();
        item_error(
            &index,
            expected,
            self.values.get(item).unwrap_or(&&Value::None),
        )
    }

    /// The result of `of` for each item; if it is `None`, the item is not of the expected form.
    fn map_items<T>(
        &self,
        expected: &str,
        convert: impl Fn(&'v Value) -> Option<T>,
    ) -> Result<Vec<T>, Error> {
        let items = self.values.iter().enumerate();
        items
            .map(|(i, value)| convert(value).ok_or_else(|| self.error(i, expected)))
            .collect()
    }

    /// The array that NumPy makes of values of one type.
    fn plain_array(&self, values: &[Value], shape: Vec<usize>) -> Result<Option<Array>, Error> {
        let width = |value: &Value| match value {
            Value::Str(text) => 4 * text.points().count(),
            Value::Bytes(bytes) => bytes.len(),
            _ => 0,
        };
        let max_width = values.iter().map(width).max().unwrap_or(0);
        if values.len().saturating_mul(max_width) > self.max_bytes {
            return Err(ErrorKind::Limit("texts of very different lengths").into());
        }
        plain_array(values, shape)
    }

    /// The array that NumPy makes of the values.
    pub(super) fn inferred(&self) -> Result<Array, Error> {
        let has = |is: fn(&Value) -> bool| self.values.iter().any(|value| is(value));
        let expected = "a value as its neighbours";
        let values = if has(|value| matches!(value, Value::Str(_))) {
            self.map_items(expected, |value| match value {
                Value::Str(_) => Some(value.clone()),
                _ => None,
            })?
        } else if self.values.is_empty() || has(|value| matches!(value, Value::Float(_))) {
            self.map_items(expected, |value| number(value).map(Value::Float))?
        } else if has(|value| matches!(value, Value::Int(_))) {
            self.map_items(expected, |value| match value {
                Value::Bool(value) => Some(Value::from(u8::from(*value))),
                Value::Int(int) => Some(Value::Int(int.clone())),
                _ => None,
            })?
        } else {
            self.map_items("a number, a text, true or false", |value| match value {
                Value::Bool(value) => Some(Value::Bool(*value)),
                _ => None,
            })?
        };
        let found = if values.is_empty() {
            Some(Array::from_vec(Vec::<f64>::new(), self.shape.clone())?)
        } else {
            self.plain_array(&values, self.shape.clone())?
        };
        found.ok_or_else(|| self.error(0, "integers of 64 bits"))
    }

    /// A one-dimensional array with these items.
    pub(super) fn array(&self, dtype: &DType) -> Result<Array, Error> {
        let values = match dtype {
            DType::Record(record) => return self.records(dtype, record),
            DType::Subarray(sub) => return self.subarrays(sub),
            DType::Number(number, order) if matches!(number.kind(), 'i' | 'u') => {
                return self.integers(dtype, *order);
            }
            DType::Datetime(..) | DType::Timedelta(..) => return self.times(dtype),
            DType::Bool => self.map_items("true or false", |value| match value {
                Value::Bool(value) => Some(Value::Bool(*value)),
                _ => None,
            })?,
            DType::Number(kind, _) if kind.kind() == 'c' => {
                self.map_items("[re, im]", |value| match value {
                    Value::List(parts) => match parts.as_slice() {
                        [re, im] => Some(Value::Complex(number(re)?, number(im)?)),
                        _ => None,
                    },
                    _ => None,
                })?
            }
            DType::Number(..) => {
                if self.values.iter().any(|value| value.as_str().is_some()) {
                    self.map_items("a number", |value| match value {
                        Value::Str(_) => Some(value.clone()),
                        value => number(value).map(|value| Value::from(format!("{value:?}"))),
                    })?
                } else {
                    self.map_items("a number", |value| number(value).map(Value::Float))?
                }
            }
            DType::Str(width, _) => {
                let fits = |points: usize| *width == 0 || points <= *width as usize;
                let expected = format!("a text that {dtype} holds");
                self.map_items(&expected, |value| match value {
                    Value::Str(text) if fits(text.points().count()) => Some(value.clone()),
                    _ => None,
                })?
            }
            DType::Bytes(width) | DType::Void(width) => {
                let fits = |bytes: &Vec<u8>| *width == 0 || bytes.len() <= *width as usize;
                let expected = format!("bytes that {dtype} holds");
                self.map_items(&expected, |value| {
                    bytes(value).filter(fits).map(Value::Bytes)
                })?
            }
            other => {
                return Err(Error::unsupported(format!(
                    "items of dtype {other} in JSON"
                )));
            }
        };
        let count = [values.len()];
        let found = if values.is_empty() {
            return Ok(Array::new(
                Layout::new(dtype.clone(), count, Order::C)?,
                Buffer::from(vec![]),
            )?);
        } else {
            self.plain_array(&values, count.to_vec())?
        };
        let found = found.ok_or_else(|| self.error(0, format!("items of dtype {dtype}")))?;
        let found = match dtype {
            DType::Void(width) => {
                let padded = found.astype(DType::Bytes(*width), Casting::Unsafe)?;
                padded.with_dtype(dtype.clone())?
            }
            _ => found.astype(dtype.clone(), Casting::Unsafe)?,
        };
        Ok(found)
    }

    fn integers(&self, dtype: &DType, order: ByteOrder) -> Result<Array, Error> {
        let size = dtype.itemsize();
        let is_signed = matches!(dtype, DType::Number(number, _) if number.kind() == 'i');
        let bits = 8 * size as u32 - u32::from(is_signed);
        let range = if is_signed { -(1i128 << bits) } else { 0 }..1i128 << bits;
        let expected = format!("an integer that {dtype} holds");
        let integers = self.map_items(&expected, |value| match value {
            Value::Int(int) => int.to_i128().filter(|int| range.contains(int)),
            _ => None,
        })?;
        integer_array(dtype, order, &integers)
    }

    /// Counts, or dates as text.
    fn times(&self, dtype: &DType) -> Result<Array, Error> {
        let (DType::Datetime(_, order) | DType::Timedelta(_, order)) = dtype else {
            return Err(Error::unsupported("a time"));
        };
        let expected = "a text, an integer of 64 bits or null";
        let counts = self.map_items(expected, |value| match value {
            Value::Int(int) => int.to_i64().map(i128::from),
            Value::Str(_) | Value::None => Some(NAT.into()),
            _ => None,
        })?;
        let mut counts = integer_array(dtype, *order, &counts)?;
        let is_text = |value: &&&Value| matches!(value, Value::Str(_));
        let texts = self.values.iter().filter(is_text);
        let texts: Vec<Value> = texts.map(|text| (*text).clone()).collect();
        if let Some(texts) = self.plain_array(&texts, vec![texts.len()])? {
            let texts = texts.astype(dtype.clone(), Casting::Unsafe)?;
            let items = counts.as_mut_bytes().chunks_exact_mut(8).zip(&self.values);
            let slots = items
                .filter(|(_, value)| is_text(value))
                .map(|(item, _)| item);
            let (dates, _) = texts.as_bytes().as_chunks::<8>();
            slots
                .zip(dates)
                .for_each(|(slot, date)| slot.copy_from_slice(date));
        }
        Ok(counts)
    }

    fn records(&self, dtype: &DType, record: &Record) -> Result<Array, Error> {
        let (fields, size) = (record.fields(), record.itemsize());
        let expected = format!("a list of {} fields", fields.len());
        let rows = self.map_items(&expected, |value| match value {
            Value::List(parts) if parts.len() == fields.len() => Some(parts.as_slice()),
            _ => None,
        })?;
        let layout = Layout::new(dtype.clone(), [rows.len()], Order::C)?;
        let mut bytes = Buffer::zeroed(layout.nbytes(), layout.dtype().alignment())?;
        for (i, field) in fields.iter().enumerate() {
            let values = rows.iter().filter_map(|row| row.get(i)).collect();
            let shape = self.shape.clone();
            let field_items = JsonItems {
                values,
                shape,
                max_bytes: self.max_bytes,
            };
            let field_items = field_items.array(&field.dtype)?;
            let items = field_items
                .as_bytes()
                .chunks_exact(field.dtype.itemsize().max(1));
            for (row, item) in bytes.as_mut().chunks_exact_mut(size.max(1)).zip(items) {
                let slot = row.get_mut(field.offset..).unwrap_or_default();
                slot.iter_mut().zip(item).for_each(|(to, from)| *to = *from);
            }
        }
        Ok(Array::new(layout, bytes)?)
    }

    fn subarrays(&self, sub: &Subarray) -> Result<Array, Error> {
        let mut values = Vec::new();
        for (i, value) in self.values.iter().enumerate() {
            flatten(value, sub.shape(), &mut Vec::new(), &mut values)
                .map_err(|_| self.error(i, format!("lists of the lengths {:?}", sub.shape())))?;
        }
        let shape = [self.shape.as_slice(), sub.shape()].concat();
        let max_bytes = self.max_bytes;
        JsonItems {
            values,
            shape,
            max_bytes,
        }
        .array(sub.base())
    }
}

fn integer_array(dtype: &DType, order: ByteOrder, integers: &[i128]) -> Result<Array, Error> {
    let size = dtype.itemsize();
    let layout = Layout::new(dtype.clone(), [integers.len()], Order::C)?;
    let bytes = integers.iter().flat_map(|int| {
        let mut item: Vec<u8> = int.to_le_bytes().into_iter().take(size).collect();
        if order == ByteOrder::Big {
            item.reverse();
        }
        item
    });
    Ok(Array::new(
        layout,
        Buffer::from(bytes.collect::<Vec<u8>>()),
    )?)
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(value) => Some(u8::from(*value).into()),
        value => value.to_f64(),
    }
}

/// The bytes of an ASCII text or of `{"base64":"…"}`.
fn bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Str(text) => {
            let text = text.as_str().filter(|text| text.is_ascii())?;
            Some(text.as_bytes().to_vec())
        }
        Value::Dict(dict) if dict.len() == 1 => decode_base64(dict.get("base64")?.as_str()?),
        _ => None,
    }
}
