//! Which values are equal as keys of a dict, or as items of a set.

use super::{Text, Value, item};
use std::collections::HashMap;

/// Which of some values are equal.
pub(super) struct DistinctKeys {
    /// For each value, the number of distinct ones before the first that equals it.
    indices: Vec<usize>,
    count: usize,
}

/// Numbers of texts, the same for equal ones. Where any number of keys may refer to one long text, it is read only once.
#[derive(Default)]
pub(crate) struct TextNumbers {
    by_content: HashMap<Text, u64>,
    /// Texts by the addresses of their bytes, which stay theirs while they are here.
    by_address: HashMap<usize, (Text, u64)>,
    /// The number of bytes that this takes.
    size: usize,
}

impl TextNumbers {
    fn number(&mut self, text: &Text) -> u64 {
        let address = text.as_bytes().as_ptr().addr();
        if let Some((_, number)) = self.by_address.get(&address) {
            return *number;
        }
        let next = self.by_content.len() as u64;
        let number = *self.by_content.entry(text.clone()).or_insert(next);
        self.by_address.insert(address, (text.clone(), number));
        self.size += text.as_bytes().len() + ENTRY_SIZE;
        number
    }

    /// The number of bytes that it takes: a fixed part and all texts.
    pub(crate) fn size(&self) -> usize {
        self.size
    }
}

/// The number of bytes that a text takes in both tables: twice its entries, since tables grow by doubling.
const ENTRY_SIZE: usize = 2 * (size_of::<(Text, u64)>() + size_of::<(usize, (Text, u64))>() + 16);

/// What is equal for equal keys.
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Text(&'a [u8]),
    TextNumber(u64),
    Other(Vec<u8>),
}

impl DistinctKeys {
    /// The error is the type of a value that Python cannot hash.
    pub(super) fn new<'a>(
        values: impl ExactSizeIterator<Item = &'a Value>,
        mut texts: Option<&mut TextNumbers>,
    ) -> Result<DistinctKeys, &'static str> {
        let mut known: HashMap<Key<'a>, usize> = HashMap::new();
        let mut indices = Vec::with_capacity(values.len());
        for (i, value) in values.enumerate() {
            let key = match (value, &mut texts) {
                // Nearly all are texts.
                (Value::Str(text), None) => Key::Text(text.as_bytes()),
                (Value::Str(text), Some(texts)) => Key::TextNumber(texts.number(text)),
                (other, texts) => {
                    let mut bytes = Vec::new();
                    push_key(other, i, texts, &mut bytes).ok_or(other.type_name())?;
                    Key::Other(bytes)
                }
            };
            let next = known.len();
            indices.push(*known.entry(key).or_insert(next));
        }
        let count = known.len();
        Ok(DistinctKeys { indices, count })
    }

    /// The number of distinct values.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// For each value, its index among the distinct ones.
    pub(super) fn into_indices(self) -> Vec<usize> {
        self.indices
    }
}

/// The values without those that equal one before them. The error is the type of one that Python cannot hash.
pub(crate) fn distinct(
    mut values: Vec<Value>,
    texts: &mut TextNumbers,
) -> Result<Vec<Value>, &'static str> {
    let keys = DistinctKeys::new(values.iter(), Some(texts))?;
    let (mut indices, mut next) = (keys.into_indices().into_iter(), 0);
    values.retain(|_| {
        let is_new = indices.next() == Some(next);
        next += usize::from(is_new);
        is_new
    });
    Ok(values)
}

/// The memory that [`DistinctKeys`] takes for this value while it compares it, except for a fixed part, and for texts.
pub(crate) fn key_size(value: &Value) -> usize {
    let all = |items: &[Value]| {
        let sizes = items.iter().map(|item| key_size(item).saturating_add(24));
        sizes.fold(0, usize::saturating_add)
    };
    match value {
        Value::Bytes(bytes) => bytes.len(),
        Value::Int(int) => int.size(),
        // Sorted, and then joined.
        Value::FrozenSet(items) => all(items).saturating_mul(2),
        Value::Tuple(items) => all(items),
        Value::Slice(parts) => all(&**parts),
        Value::Scalar(array) => array.as_bytes().len(),
        _ => 0,
    }
}

/// Bytes that are equal for values that are equal in Python, so that `1`, `1.0` and `True` are one key. `None` if
/// Python cannot hash the value: a list, a dict, an array. A NaN equals no other, so `nan_id` makes its bytes unique.
pub(super) fn hash_key(value: &Value, nan_id: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    push_key(value, nan_id, &mut None, &mut bytes)?;
    Some(bytes)
}

/// Texts are appended as their numbers, if they have some.
fn push_key(
    value: &Value,
    nan_id: usize,
    texts: &mut Option<&mut TextNumbers>,
    out: &mut Vec<u8>,
) -> Option<()> {
    let mut push_part = |tag: u8, bytes: &[u8]| {
        out.push(tag);
        out.extend((bytes.len() as u64).to_le_bytes());
        out.extend(bytes);
    };
    match value {
        Value::None => push_part(b'N', &[]),
        Value::Bool(value) => push_part(b'I', if *value { &[1] } else { &[] }),
        Value::Int(int) => push_part(b'I', &int.to_le_bytes()),
        Value::Float(value) => push_float(*value, nan_id, &mut push_part),
        Value::Complex(real, imaginary) if real.is_nan() || imaginary.is_nan() => {
            push_part(b'X', &nan_id.to_le_bytes());
        }
        Value::Complex(real, imaginary) => {
            if *imaginary == 0.0 {
                push_float(*real, nan_id, &mut push_part)
            } else {
                push_part(
                    b'J',
                    &[(real + 0.0).to_le_bytes(), imaginary.to_le_bytes()].concat(),
                )
            }
        }
        Value::Str(text) => match texts {
            Some(texts) => push_part(b'u', &texts.number(text).to_le_bytes()),
            None => push_part(b'U', text.as_bytes()),
        },
        Value::Bytes(bytes) => push_part(b'S', bytes),
        Value::Tuple(items) => {
            push_part(b'(', &(items.len() as u64).to_le_bytes());
            return items
                .iter()
                .try_for_each(|item| push_key(item, nan_id, texts, out));
        }
        Value::FrozenSet(items) => {
            let mut keys = Vec::with_capacity(items.len());
            for item in items {
                let mut key = Vec::new();
                push_key(item, nan_id, texts, &mut key)?;
                keys.push(key);
            }
            keys.sort();
            push_part(b'{', &keys.concat());
        }
        Value::Date(date) => push_part(b'D', &date.days().to_le_bytes()),
        Value::Time(time) => push_part(b'T', time.to_string().as_bytes()),
        Value::DateTime(time) => push_part(b'M', time.to_string().as_bytes()),
        Value::Delta(delta) => push_part(b'd', &delta.microseconds().to_le_bytes()),
        Value::Scalar(array) => match item(array) {
            Ok(Value::Scalar(_)) | Err(_) => push_part(b'G', array.as_bytes()),
            // NumPy's scalars are equal to Python's values.
            Ok(value) => return push_key(&value, nan_id, texts, out),
        },
        Value::DType(dtype) => push_part(b'T', dtype.descr().to_string().as_bytes()),
        Value::Range(parts) => {
            push_part(b'R', b"");
            let mut parts = parts.iter().cloned().map(Value::Int);
            return parts.try_for_each(|part| push_key(&part, nan_id, texts, out));
        }
        Value::Name(name) => push_part(b'n', name.as_bytes()),
        // Whether two are equal is up to their class.
        Value::Opaque(_) => push_part(b'o', &nan_id.to_le_bytes()),
        // Since Python 3.12.
        Value::Slice(parts) => {
            push_part(b'L', b"");
            return parts
                .iter()
                .try_for_each(|part| push_key(part, nan_id, texts, out));
        }
        Value::List(_) | Value::Set(_) | Value::Dict(_) | Value::Array(_) | Value::Objects(_) => {
            return None;
        }
    }
    Some(())
}

/// A whole number, as an integer.
fn push_float(value: f64, nan_id: usize, push_part: &mut impl FnMut(u8, &[u8])) {
    if value.is_nan() {
        return push_part(b'X', &nan_id.to_le_bytes());
    }
    let int = value as i128;
    if int as f64 == value && int != i128::MAX {
        push_part(b'I', &super::Int::from(int).to_le_bytes())
    } else {
        push_part(b'F', &value.to_le_bytes())
    }
}
