//! Arrays in JSON.

use super::column::Column;
use super::parse;
use crate::{Error, ErrorKind, Value};
use flatfile::Array;
use flatfile::dtype::{DType, Layout, Order};

/// As many axes as NumPy's arrays may have.
const MAX_AXES: usize = 64;

/// The array that lists of lists say: what [`flatfile::show::json`] wrote.
///
/// Without a dtype it is NumPy's: `bool`, `int64` or else `uint64` (of which NumPy makes floats where smaller integers are among them), `float64` where any number has a point, texts
/// as wide as the widest. A dtype says what items are: complex numbers are `[re,im]`, records lists of their
/// fields, subarrays lists; dates are ISO 8601 or, as spans of time, counts, and `null` is NaT; bytes are text
/// or `{"base64":"…"}`; `longdouble` may be text. What a dtype does not hold is an error.
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
/// `Syntax`, and where; `Item`: lists of different lengths, or an item that the dtype does not hold; `Limit`: more than 100 levels,
/// 64 axes, or texts that a wide one makes many times as long as `text`.
pub fn to_array(text: &str, dtype: Option<&DType>) -> Result<Array, Error> {
    let value = parse(text)?;
    let shape = shape(&value, dtype.map_or(0, levels));
    if shape.len() > MAX_AXES {
        return Err(ErrorKind::Limit("more than 64 axes").into());
    }
    let mut values = Vec::new();
    flatten(&value, &shape, &mut Vec::new(), &mut values)?;
    let column = Column {
        values,
        shape: shape.clone(),
        most: (1 << 20) + 64 * text.len(),
    };
    match dtype {
        None => column.inferred(),
        Some(dtype) => {
            let column = column.array(dtype)?;
            let layout = Layout::new(column.dtype().clone(), shape, Order::C)?;
            Ok(Array::new(layout, column.into_parts().1)?)
        }
    }
}

/// How many lists stand around what an item consists of.
fn levels(dtype: &DType) -> usize {
    match dtype {
        DType::Record(record) => {
            1 + record
                .fields()
                .first()
                .map_or(0, |field| levels(&field.dtype))
        }
        DType::Subarray(sub) => sub.shape().len() + levels(sub.base()),
        DType::Number(number, _) => usize::from(number.kind() == 'c'),
        _ => 0,
    }
}

/// The lengths of the lists around the first item, which is so many lists itself.
fn shape(value: &Value, levels: usize) -> Vec<usize> {
    let (mut shape, mut value) = (Vec::new(), value);
    while let Value::List(items) = value {
        shape.push(items.len());
        match items.first() {
            Some(first) => value = first,
            // What would be in it is not known.
            None => return shape,
        }
    }
    shape.truncate(shape.len().saturating_sub(levels));
    shape
}

/// Appends the items of lists of these lengths.
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
        other => return Err(wrong(index, format!("a list of {length}"), other)),
    };
    for (i, item) in items.iter().enumerate() {
        index.push(i);
        flatten(item, inner, index, out)?;
        index.pop();
    }
    Ok(())
}

pub(super) fn wrong(index: &[usize], expected: impl Into<String>, found: &Value) -> Error {
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
