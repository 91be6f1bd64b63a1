//! Values as the items of an array: [`array_of`], and arrays of objects as plain ones.

use super::indexed::{item_bytes, natural_bytes, natural_dtype, str_dtype};
use super::{Objects, Value};
use crate::{Error, ErrorKind};
use flatfile::dtype::{
    ByteOrder, Casting, DType, Field, Layout, Order, Record, Subarray, can_cast, unravel_index,
};
use flatfile::{Array, ArrayView, Buffer};
use std::collections::HashMap;

impl Objects {
    /// The same items in an array without objects: that of the dtype, and with the additional axes, that NumPy's
    /// `np.array(arr.tolist())` finds. Items may be numbers, texts, bytes, dates, NumPy's scalars, and arrays or lists
    /// of equal shapes; in a record, this holds for each field.
    ///
    /// Unlike NumPy, it never makes texts of numbers: items that are not of one kind are an error.
    ///
    /// ```
    /// use npmeta::{Objects, Value};
    /// let objects = Objects::new([3], vec![Value::from(1), Value::from(2.5), Value::from(true)])?;
    /// assert_eq!(objects.to_plain()?.as_slice::<f64>()?, [1.0, 2.5, 1.0]);
    ///
    /// let mixed = Objects::new([2], vec![Value::from(1), Value::from("a")])?;
    /// assert_eq!(
    ///     mixed.to_plain().unwrap_err().to_string(),
    ///     "item [1]: expected an item that goes with int64, found str"
    /// );
    /// # Ok::<(), npmeta::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Item`: an item that is not plain, or that does not go with those before it, with its index; `Array`.
    pub fn to_plain(&self) -> Result<Array, Error> {
        let items: Vec<&Value> = self.items().iter().collect();
        let located = |wrong: Wrong| ErrorKind::Item {
            index: unravel_index(wrong.item, self.shape()),
            expected: wrong.expected,
            found: wrong.found,
        };
        let (dtype, inner, bytes) = column(self.dtype(), &items).map_err(located)?;
        let shape = [self.shape(), &inner].concat();
        Ok(Array::new(
            Layout::new(dtype, shape, Order::C)?,
            Buffer::from(bytes),
        )?)
    }
}

/// Values as the items of the array that NumPy makes of them; `None` if only a pickle can hold them.
pub(crate) fn array_of(values: &[Value], shape: Vec<usize>) -> Result<Option<Array>, Error> {
    let values: Vec<&Value> = values.iter().collect();
    let Ok((dtype, inner, bytes)) = objects_column(&values) else {
        return Ok(None);
    };
    let layout = Layout::new(dtype, [shape, inner].concat(), Order::C)?;
    Ok(Some(Array::new(layout, Buffer::from(bytes))?))
}

/// An item that cannot be in a plain array, by its number.
struct Wrong {
    item: usize,
    expected: String,
    found: String,
}

/// The dtype of the items, the axes in each, and the bytes of them all.
type Column = (DType, Vec<usize>, Vec<u8>);

/// The values of this dtype without objects.
fn column(dtype: &DType, values: &[&Value]) -> Result<Column, Wrong> {
    match dtype {
        DType::Record(record) => record_column(record, values),
        DType::Subarray(_) | DType::Object => objects_column(values),
        plain => {
            let mut bytes = Vec::new();
            for (item, value) in values.iter().enumerate() {
                bytes.extend(item_bytes(value, plain).ok_or_else(|| Wrong {
                    item,
                    expected: format!("an item of {}", plain.descr()),
                    found: value.type_name().to_owned(),
                })?);
            }
            Ok((plain.clone(), Vec::new(), bytes))
        }
    }
}

/// Records, field by field, without gaps.
fn record_column(record: &Record, values: &[&Value]) -> Result<Column, Wrong> {
    let (mut fields, mut columns, mut offset) = (Vec::new(), Vec::new(), 0usize);
    for (i, field) in record.fields().iter().enumerate() {
        let parts = values.iter().enumerate();
        let parts = parts.map(|(item, value)| part_of(value, i, item));
        let parts: Vec<&Value> = parts.collect::<Result<_, _>>()?;
        let (dtype, inner, bytes) = column(&field.dtype, &parts).map_err(|wrong| Wrong {
            expected: format!("{} in the field '{}'", wrong.expected, field.name),
            ..wrong
        })?;
        let too_large = |_| Wrong {
            item: 0,
            expected: "records of at most 2 GiB".to_owned(),
            found: format!(
                "arrays of the shape {inner:?} in the field '{}'",
                field.name
            ),
        };
        let dtype = match inner.as_slice() {
            [] => dtype,
            inner => Subarray::dtype(dtype, inner.to_vec()).map_err(too_large)?,
        };
        let size = dtype.itemsize();
        fields.push(Field {
            name: field.name.clone(),
            title: field.title.clone(),
            dtype,
            offset,
        });
        columns.push((size, bytes));
        offset = offset.saturating_add(size);
    }
    let mut bytes = Vec::with_capacity(columns.iter().map(|(_, bytes)| bytes.len()).sum());
    for row in 0..values.len() {
        for (size, column) in &columns {
            bytes.extend(column.get(row * size..(row + 1) * size).unwrap_or_default());
        }
    }
    let record = Record::new(fields, offset).map_err(|error| Wrong {
        item: 0,
        expected: "the fields of a record".to_owned(),
        found: error.to_string(),
    })?;
    Ok((record.into(), Vec::new(), bytes))
}

/// The value of the field of this number in a record.
fn part_of(value: &Value, field: usize, item: usize) -> Result<&Value, Wrong> {
    let part = match value {
        Value::Tuple(parts) => parts.get(field),
        _ => None,
    };
    part.ok_or_else(|| Wrong {
        item,
        expected: "a tuple of the fields".to_owned(),
        found: value.type_name().to_owned(),
    })
}

/// Objects of one kind and shape.
fn objects_column(values: &[&Value]) -> Result<Column, Wrong> {
    let mut shape: Option<Vec<usize>> = None;
    let mut dtype: Option<DType> = None;
    let mut lengths = TextLengths::new();
    for (item, value) in values.iter().enumerate() {
        let wrong = |expected: String, found: String| Wrong {
            item,
            expected,
            found,
        };
        let part = Part::of(value, &mut lengths).ok_or_else(|| {
            wrong(
                "a number, a text, a date or an array".to_owned(),
                value.type_name().to_owned(),
            )
        })?;
        match &shape {
            None => shape = Some(part.shape.clone()),
            Some(shape) if *shape == part.shape => {}
            Some(shape) => {
                let found = format!("the shape {:?}", part.shape);
                return Err(wrong(
                    format!("the shape {shape:?} of the items before"),
                    found,
                ));
            }
        }
        dtype = match (dtype, part.dtype) {
            (None, found) => found,
            (Some(known), None) => Some(known),
            (Some(known), Some(found)) => Some(common(&known, &found).ok_or_else(|| {
                let expected = format!("an item that goes with {}", name(&known));
                let found = match value {
                    Value::Scalar(_) | Value::Array(_) => name(&found),
                    value => value.type_name().to_owned(),
                };
                wrong(expected, found)
            })?),
        };
    }
    let (dtype, shape) = (dtype.unwrap_or(DType::F64), shape.unwrap_or_default());
    let counts = [&[values.len()][..], &shape].concat().into_iter();
    let nbytes = counts.fold(dtype.itemsize(), usize::saturating_mul);
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(nbytes).map_err(|_| Wrong {
        item: 0,
        expected: "items for which there is memory".to_owned(),
        found: format!("an array of {nbytes} bytes"),
    })?;
    for (item, value) in values.iter().enumerate() {
        push(value, &dtype, &mut bytes).ok_or_else(|| Wrong {
            item,
            expected: format!("a value that {} holds", name(&dtype)),
            found: value.type_name().to_owned(),
        })?;
    }
    Ok((dtype, shape, bytes))
}

fn name(dtype: &DType) -> String {
    dtype.name().unwrap_or_else(|| dtype.to_string())
}

/// The numbers of characters of texts, by where their bytes are: values may share a text any number of times.
type TextLengths = HashMap<*const u8, usize>;

/// What NumPy would find in a value: the axes of what is nested, and the dtype, if there is an item.
struct Part {
    shape: Vec<usize>,
    dtype: Option<DType>,
}

impl Part {
    fn of(value: &Value, lengths: &mut TextLengths) -> Option<Part> {
        let parts: &[Value] = match value {
            Value::Array(array) => {
                return Some(Part {
                    shape: array.shape().to_vec(),
                    dtype: Some(array.dtype().clone()),
                });
            }
            Value::List(parts) | Value::Tuple(parts) => parts,
            Value::Objects(objects) => {
                let mut part = Part::of_all(objects.items(), lengths)?;
                part.shape.splice(0..0, objects.shape().iter().copied());
                return Some(part);
            }
            value => {
                let dtype = match value {
                    Value::Str(text) => {
                        let length = lengths.entry(text.as_bytes().as_ptr());
                        str_dtype(*length.or_insert_with(|| text.points().count()))
                    }
                    value => natural_dtype(value),
                };
                return Some(Part {
                    shape: Vec::new(),
                    dtype: Some(dtype?),
                });
            }
        };
        let mut part = Part::of_all(parts, lengths)?;
        part.shape.insert(0, parts.len());
        Some(part)
    }

    /// The shape that all values have, and their dtype.
    fn of_all(values: &[Value], lengths: &mut TextLengths) -> Option<Part> {
        let mut all: Option<Part> = None;
        for value in values {
            let part = Part::of(value, lengths)?;
            all = Some(match all {
                None => part,
                Some(all) if all.shape == part.shape => Part {
                    dtype: match (all.dtype, part.dtype) {
                        (Some(one), Some(other)) => Some(common(&one, &other)?),
                        (one, other) => one.or(other),
                    },
                    shape: all.shape,
                },
                Some(_) => return None,
            });
        }
        Some(all.unwrap_or(Part {
            shape: Vec::new(),
            dtype: None,
        }))
    }
}

/// The dtype that holds the items of both: NumPy's `promote_types`, but for texts and anything else, and for integers
/// that no integer type holds.
fn common(one: &DType, other: &DType) -> Option<DType> {
    let holds =
        |wide: &DType| can_cast(one, wide, Casting::Safe) && can_cast(other, wide, Casting::Safe);
    let is_text = |dtype: &DType| matches!(dtype, DType::Str(..) | DType::Bytes(_));
    if one == other {
        return Some(one.clone());
    }
    // Each value decides, so that large integers stay exact; NumPy makes floats of them.
    if matches!(
        (one, other),
        (&DType::I64, &DType::U64) | (&DType::U64, &DType::I64)
    ) {
        return Some(DType::U64);
    }
    if is_text(one) != is_text(other) {
        return None;
    }
    let is_int = |dtype: &DType| matches!(dtype, DType::Number(number, _) if number.is_integer());
    let wider: &[DType] = match is_int(one) && is_int(other) {
        true => &[DType::I16, DType::I32, DType::I64],
        false => &[DType::F32, DType::F64, DType::C64, DType::C128],
    };
    [one, other]
        .into_iter()
        .chain(wider)
        .find(|wide| holds(wide))
        .cloned()
}

/// Appends the items of a value as items of this dtype.
fn push(value: &Value, dtype: &DType, bytes: &mut Vec<u8>) -> Option<()> {
    match value {
        Value::List(parts) | Value::Tuple(parts) => {
            parts.iter().try_for_each(|part| push(part, dtype, bytes))
        }
        Value::Objects(objects) => objects
            .items()
            .iter()
            .try_for_each(|part| push(part, dtype, bytes)),
        Value::Array(array) => push_array(array.strided().to_array(Order::C).ok()?, dtype, bytes),
        // Longer ones than this one are filled up with NULs.
        Value::Str(_) if matches!(dtype, DType::Str(_, ByteOrder::NATIVE)) => {
            let end = bytes.len().checked_add(dtype.itemsize())?;
            bytes.extend(natural_bytes(value)?);
            bytes.resize(end.max(bytes.len()), 0);
            Some(())
        }
        value => {
            let own = natural_dtype(value)?;
            let item = natural_bytes(value)?;
            if own == *dtype {
                bytes.extend(item);
                return Some(());
            }
            let layout = Layout::new(own, [], Order::C).ok()?;
            push_array(ArrayView::new(layout, item.as_slice()).ok()?, dtype, bytes)
        }
    }
}

fn push_array<B: AsRef<[u8]>>(array: Array<B>, dtype: &DType, bytes: &mut Vec<u8>) -> Option<()> {
    let is_positive = || {
        let items = array.as_slice::<i64>();
        items.is_ok_and(|items| items.iter().all(|item| *item >= 0))
    };
    let casting = match dtype {
        &DType::U64 if is_positive() => Casting::Unsafe,
        _ => Casting::Safe,
    };
    let array = array.astype(dtype.clone(), casting).ok()?;
    bytes.try_reserve(array.as_bytes().len()).ok()?;
    bytes.extend(array.as_bytes());
    Some(())
}
