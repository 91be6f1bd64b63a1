//! Which values are equal as keys of a dict, or as items of a set.

use super::Value;
use std::borrow::Cow;
use std::collections::HashMap;

/// Which of some values are equal.
pub(super) struct Keys {
    /// For each value, the number of distinct ones before the first that equals it.
    places: Vec<usize>,
    distinct: usize,
}

impl Keys {
    /// The error is the type of a value that Python cannot hash.
    pub(super) fn of<'a>(
        values: impl ExactSizeIterator<Item = &'a Value>,
    ) -> Result<Keys, &'static str> {
        let mut known: HashMap<Cow<'a, [u8]>, usize> = HashMap::new();
        let mut places = Vec::with_capacity(values.len());
        for (i, value) in values.enumerate() {
            let key = match value {
                // Nearly all are texts, whose bytes are those of no other key.
                Value::Str(text) => Cow::Borrowed(text.as_bytes()),
                other => Cow::Owned(key(other, i).ok_or(other.type_name())?),
            };
            let next = known.len();
            places.push(*known.entry(key).or_insert(next));
        }
        let distinct = known.len();
        Ok(Keys { places, distinct })
    }

    /// The number of distinct values.
    pub(super) fn distinct(&self) -> usize {
        self.distinct
    }

    /// For each value, its index among the distinct ones.
    pub(super) fn places(self) -> Vec<usize> {
        self.places
    }
}

/// The values without those that equal one before them. The error is the type of one that Python cannot hash.
pub(crate) fn distinct(mut values: Vec<Value>) -> Result<Vec<Value>, &'static str> {
    let keys = Keys::of(values.iter())?;
    let (mut places, mut next) = (keys.places().into_iter(), 0);
    values.retain(|_| {
        let is_new = places.next() == Some(next);
        next += usize::from(is_new);
        is_new
    });
    Ok(values)
}

/// Bytes that are equal for values that are equal in Python, so that `1`, `1.0` and `True` are one key. `None` if
/// Python cannot hash the value: a list, a dict, an array. A NaN equals no other, so `number` makes its bytes unique.
pub(super) fn key(value: &Value, number: usize) -> Option<Vec<u8>> {
    // No text begins with this byte.
    let mut bytes = vec![0xff];
    push(value, number, &mut bytes)?;
    Some(bytes)
}

fn push(value: &Value, number: usize, out: &mut Vec<u8>) -> Option<()> {
    let mut part = |tag: u8, bytes: &[u8]| {
        out.push(tag);
        out.extend((bytes.len() as u64).to_le_bytes());
        out.extend(bytes);
    };
    match value {
        Value::None => part(b'N', &[]),
        Value::Bool(value) => part(b'I', if *value { &[1] } else { &[] }),
        Value::Int(int) => part(b'I', &int.to_le_bytes()),
        Value::Float(value) => push_float(*value, number, &mut part),
        Value::Complex(real, imaginary) if real.is_nan() || imaginary.is_nan() => {
            part(b'X', &number.to_le_bytes());
        }
        Value::Complex(real, imaginary) => {
            if *imaginary == 0.0 {
                push_float(*real, number, &mut part)
            } else {
                part(
                    b'J',
                    &[(real + 0.0).to_le_bytes(), imaginary.to_le_bytes()].concat(),
                )
            }
        }
        Value::Str(text) => part(b'U', text.as_bytes()),
        Value::Bytes(bytes) => part(b'S', bytes),
        Value::Tuple(items) => {
            part(b'(', &(items.len() as u64).to_le_bytes());
            return items.iter().try_for_each(|item| push(item, number, out));
        }
        Value::FrozenSet(items) => {
            let keys: Option<Vec<_>> = items.iter().map(|item| key(item, number)).collect();
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

/// A whole number, as an integer.
fn push_float(value: f64, number: usize, part: &mut impl FnMut(u8, &[u8])) {
    if value.is_nan() {
        return part(b'X', &number.to_le_bytes());
    }
    let int = value as i128;
    if int as f64 == value && int != i128::MAX {
        part(b'I', &super::Int::from(int).to_le_bytes())
    } else {
        part(b'F', &value.to_le_bytes())
    }
}
