//! Values of kinds that serde does not know, as lists and dicts.

use crate::value::{Description, Part, check_lists, value_from_bytes};
use crate::{Dict, Error, Value};

/// The items of an array in nested lists; the item itself of a 0-d array; any other value unchanged.
pub(super) fn to_list(value: &Value) -> Result<Value, Error> {
    match value {
        Value::Array(array) => {
            check_lists(array.shape(), array.as_bytes().len())?;
            let view = array.strided();
            let mut items = view.items();
            nested_lists(array.shape(), &mut || {
                value_from_bytes(array.dtype(), items.next().unwrap_or_default())
            })
        }
        Value::Objects(objects) => {
            check_lists(objects.shape(), objects.items().len())?;
            let mut items = objects.items().iter().cloned();
            nested_lists(objects.shape(), &mut || {
                Ok(items.next().unwrap_or_default())
            })
        }
        other => Ok(other.clone()),
    }
}

fn nested_lists(
    shape: &[usize],
    next: &mut impl FnMut() -> Result<Value, Error>,
) -> Result<Value, Error> {
    let Some((length, inner)) = shape.split_first() else {
        return next();
    };
    let items = (0..*length).map(|_| nested_lists(inner, next));
    Ok(Value::List(items.collect::<Result<_, _>>()?))
}

/// The parts of a value that has a [`Description`].
pub(super) fn description(value: &Value) -> Dict {
    let parts = Description::of(value)
        .into_iter()
        .flat_map(|described| described.0);
    let parts = parts.map(|(name, part)| {
        let part = match part {
            Part::Text(text) => Value::Str(text.clone()),
            Part::Name(name) => name.into(),
            Part::Value(value) => value.clone(),
            Part::List(items) => Value::List(items.to_vec()),
            Part::Made(items) => Value::List(items),
            Part::Dict(dict) => Value::Dict(dict.clone()),
        };
        (name, part)
    });
    parts.collect()
}
