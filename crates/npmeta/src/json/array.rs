//! Arrays in JSON.

use super::items::JsonItems;
use super::parse;
use crate::{Error, ErrorKind, Value};
use flatfile::Array;
use flatfile::dtype::{DType, Layout, Order};

/// NumPy's maximum number of axes.
const MAX_AXES: usize = 64;

/// The array in nested lists, such as [`flatfile::show::json`] writes.
///
/// Without a dtype it is NumPy's choice: `bool`, `int64` or else `uint64` (NumPy makes floats if smaller integers are
/// among them), `float64` if any number has a point, texts as wide as the widest. A dtype determines the form of the
/// items: complex numbers are `[re,im]`, records lists of their fields, subarrays lists; dates are ISO 8601 or, as
/// spans of time, counts, and `null` is NaT; bytes are text or `{"base64":"…"}`; `longdouble` may be text. An item
/// that the dtype cannot hold is an error.
///
/// ```
/// use npmeta::json;
/// let x = json::to_array("[[1, 2], [3, 4.5]]", None)?;
/// assert_eq!((x.shape(), x.to_vec::<f64>()?), (&[2, 2][..], vec![1.0, 2.0, 3.0, 4.5]));
/// let error = json::to_array("[1, [2]]", None).unwrap_err();
/// assert_eq!(error.to_string(), "item [1]: expected a value as its neighbours, found a list");
/// # Ok::<(), npmeta::Error>(())
/// ```
///
/// # Errors
/// `Syntax`, with the position; `Item`: lists of different lengths, or an item that the dtype cannot hold; `Limit`:
/// more than 100 levels, 64 axes, or texts that the widest one makes many times as long as `text`.
pub fn to_array(text: &str, dtype: Option<DType>) -> Result<Array, Error> {
    let value = parse(text)?;
    let shape = shape(&value, dtype.as_ref().map_or(0, nesting_depth));
    if shape.len() > MAX_AXES {
        return Err(ErrorKind::Limit("more than 64 axes").into());
    }
    let mut values = Vec::new();
    flatten(&value, &shape, &mut Vec::new(), &mut values)?;
    let items = JsonItems {
        values,
        shape: shape.clone(),
        max_bytes: (1 << 20) + 64 * text.len(),
    };
    match dtype {
        None => items.inferred(),
        Some(dtype) => {
            let items = items.array(&dtype)?;
            let layout = Layout::new(items.dtype().clone(), shape, Order::C)?;
            Ok(Array::new(layout, items.into_parts().1)?)
        }
    }
}

/// The number of levels of lists in the form of an item.
fn nesting_depth(dtype: &DType) -> usize {
    match dtype {
        DType::Record(record) => {
            1 + record
                .fields()
                .first()
                .map_or(0, |field| nesting_depth(&field.dtype))
        }
        DType::Subarray(sub) => sub.shape().len() + nesting_depth(sub.base()),
        DType::Number(number, _) => usize::from(number.kind() == 'c'),
        _ => 0,
    }
}

/// The lengths of the lists around the first item, which itself has this many levels of lists.
fn shape(value: &Value, item_depth: usize) -> Vec<usize> {
    let (mut shape, mut value) = (Vec::new(), value);
    while let Value::List(items) = value {
        shape.push(items.len());
        match items.first() {
            Some(first) => value = first,
            // What it would contain is unknown.
            None => return shape,
        }
    }
    shape.truncate(shape.len().saturating_sub(item_depth));
    shape
}

/// Appends the items of nested lists with these lengths.
pub(super) fn flatten<'v>(
    value: &'v Value,
    shape: &[usize],
    index: &mut Vec<usize>,
    out: &mut Vec<&'v Value>,
) -> Result<(), Error> {
    let Some((length, inner)) = shape.split_first() else {
        out.push(value);
        return Ok(());
    };
    let items = match value {
        Value::List(items) if items.len() == *length => items,
        other => return Err(item_error(index, format!("a list of {length}"), other)),
    };
    for (i, item) in items.iter().enumerate() {
        index.push(i);
        flatten(item, inner, index, out)?;
        index.pop();
    }
    Ok(())
}

pub(super) fn item_error(index: &[usize], expected: impl Into<String>, found: &Value) -> Error {
    let found = match found {
        Value::List(_) => "a list".to_owned(),
        Value::Dict(_) => "an object".to_owned(),
        Value::None => "null".to_owned(),
        plain => plain.to_string(),
    };
    ErrorKind::Item {
        index: index.to_vec(),
        expected: expected.into(),
        found,
    }
    .into()
}
