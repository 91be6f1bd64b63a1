//! Which values are the same key of a dict, or the same item of a set.

use super::Value;

/// Bytes that are the same for values that Python holds for equal, so that `1`, `1.0` and `True` are one key.
/// `None` where Python cannot hash the value: a list, a dict, an array.
pub(crate) fn key(value: &Value) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    push(value, &mut bytes)?;
    Some(bytes)
}

fn push(value: &Value, out: &mut Vec<u8>) -> Option<()> {
    let mut part = |tag: u8, bytes: &[u8]| {
        out.push(tag);
        out.extend((bytes.len() as u64).to_le_bytes());
        out.extend(bytes);
    };
    match value {
        Value::None => part(b'N', &[]),
        Value::Bool(value) => part(b'I', if *value { &[1] } else { &[] }),
        Value::Int(int) => part(b'I', &int.to_le_bytes()),
        Value::Float(value) => push_float(*value, &mut part),
        Value::Complex(real, imaginary) => match *imaginary == 0.0 {
            true => push_float(*real, &mut part),
            false => part(
                b'J',
                &[(real + 0.0).to_le_bytes(), imaginary.to_le_bytes()].concat(),
            ),
        },
        Value::Str(text) => part(b'U', text.as_bytes()),
        Value::Bytes(bytes) => part(b'S', bytes),
        Value::Tuple(items) => {
            part(b'(', &(items.len() as u64).to_le_bytes());
            return items.iter().try_for_each(|item| push(item, out));
        }
        Value::FrozenSet(items) => {
            let keys: Option<Vec<_>> = items.iter().map(key).collect();
            let mut keys = keys?;
            keys.sort();
            part(b'{', &keys.concat());
        }
        Value::Date(date) => part(b'D', &date.days().to_le_bytes()),
        Value::Time(time) => part(b'T', time.to_string().as_bytes()),
        Value::DateTime(time) => part(b'M', time.to_string().as_bytes()),
        Value::Delta(delta) => part(b'd', &delta.microseconds().to_le_bytes()),
        Value::Scalar(array) => part(b'G', array.as_bytes()),
        Value::List(_) | Value::Set(_) | Value::Dict(_) | Value::Array(_) | Value::Objects(_) => {
            return None;
        }
    }
    Some(())
}

/// A whole number as the integer that it is.
fn push_float(value: f64, part: &mut impl FnMut(u8, &[u8])) {
    let int = value as i128;
    match int as f64 == value && int != i128::MAX {
        true => part(b'I', &super::Int::from(int).to_le_bytes()),
        false => part(b'F', &value.to_le_bytes()),
    }
}
