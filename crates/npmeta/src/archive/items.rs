//! Values as arrays, as NumPy converts them.

use super::warning::LossKind;
use crate::value::array_of;
use crate::{Error, Value, npy};
use flatfile::Array;

/// The `.npy` of a value, and warnings of what is lost in it.
pub(super) fn item_npy(value: &Value) -> Result<(Vec<u8>, Option<LossKind>), Error> {
    let nuls = match value {
        Value::Str(text) => text.points().last() == Some(0),
        Value::Bytes(bytes) => bytes.last() == Some(&0),
        _ => false,
    };
    let loss = match value {
        Value::List(_) | Value::Tuple(_) => Some(LossKind::Array(value.type_name())),
        _ => nuls.then_some(LossKind::TrailingNuls),
    };
    match item_array(value)? {
        Some(array) => Ok((flatfile::npy::to_bytes(&array)?, loss)),
        None => Ok((
            npy::to_bytes(value)?,
            Some(LossKind::Pickled(value.type_name())),
        )),
    }
}

/// The array that holds the value; `None` if only a pickle can.
fn item_array(value: &Value) -> Result<Option<Array>, Error> {
    let one = std::slice::from_ref(value);
    match value {
        Value::Array(array) | Value::Scalar(array) => Ok(Some((**array).clone())),
        Value::List(items) | Value::Tuple(items) if !items.is_empty() => {
            let is_one_type = items.windows(2).all(|pair| match pair {
                [a, b] => a.type_name() == b.type_name(),
                _ => false,
            });
            let is_plain = matches!(
                items.first(),
                Some(Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_))
            );
            if is_one_type && is_plain {
                array_of(items, vec![items.len()])
            } else {
                Ok(None)
            }
        }
        _ => array_of(one, Vec::new()),
    }
}
