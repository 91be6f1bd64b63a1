//! Python's dicts: [`Dict`].

use super::Value;
use super::key::{DistinctKeys, TextNumbers, hash_key};

/// Keys and values in order of insertion. Keys are any values that Python can hash, and no two are equal in
/// Python.
#[derive(Clone, Debug, Default)]
pub struct Dict {
    pairs: Vec<(Value, Value)>,
}

impl Dict {
    /// An empty one.
    pub fn new() -> Dict {
        Dict::default()
    }

    /// The number of keys.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The value under this text.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let mut pairs = self.pairs.iter();
        pairs
            .find_map(|(key, value)| matches!(key, Value::Str(key) if key == name).then_some(value))
    }

    /// Inserts a value, replacing the value of the same key.
    ///
    /// ```
    /// use npmeta::Dict;
    /// let mut dict = Dict::new();
    /// dict.insert("a", 1);
    /// dict.insert("a", "x");
    /// assert_eq!(dict.iter().count(), 1);
    /// assert_eq!(dict.get("a").and_then(|value| value.as_str()), Some("x"));
    /// ```
    pub fn insert(&mut self, name: impl Into<Value>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        let existing = self
            .pairs
            .iter_mut()
            .find(|(other, _)| is_same_key(other, &name));
        match existing {
            Some((_, old)) => *old = value,
            None => self.pairs.push((name, value)),
        }
    }

    /// Removes and returns the value under this text.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let is_it = |(key, _): &(Value, Value)| matches!(key, Value::Str(key) if key == name);
        let at = self.pairs.iter().position(is_it)?;
        Some(self.pairs.remove(at).1)
    }

    /// Keys and values.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Value, &Value)> {
        self.pairs.iter().map(|(key, value)| (key, value))
    }

    /// A dict of pairs in which a key may occur several times: it keeps its first position and its last
    /// value. The error is the type of a key that Python cannot hash.
    pub(crate) fn from_pairs(pairs: Vec<(Value, Value)>) -> Result<Dict, &'static str> {
        Dict::from_pairs_of(pairs, None)
    }

    /// As [`from_pairs`](Dict::from_pairs); the keys may be texts that other dicts have too.
    pub(crate) fn from_pairs_of(
        mut pairs: Vec<(Value, Value)>,
        texts: Option<&mut TextNumbers>,
    ) -> Result<Dict, &'static str> {
        let keys = DistinctKeys::new(pairs.iter().map(|(name, _)| name), texts)?;
        if keys.count() == pairs.len() {
            return Ok(Dict { pairs });
        }
        let indices = keys.into_indices();
        let mut kept: Vec<(Value, Value)> = Vec::new();
        for (index, pair) in indices.into_iter().zip(pairs.drain(..)) {
            match kept.get_mut(index) {
                Some((_, old)) => *old = pair.1,
                None => kept.push(pair),
            }
        }
        Ok(Dict { pairs: kept })
    }
}

/// Whether both are the same key; a value that cannot be hashed equals no other.
fn is_same_key(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Str(one), Value::Str(other)) => one == other,
        _ => hash_key(one, 0).is_some_and(|one| hash_key(other, 1) == Some(one)),
    }
}

/// In any order.
impl PartialEq for Dict {
    fn eq(&self, other: &Dict) -> bool {
        let has = |(key, value): &(Value, Value)| {
            let mut pairs = other.pairs.iter();
            pairs.any(|(other, found)| other == key && found == value)
        };
        self.len() == other.len() && self.pairs.iter().all(has)
    }
}

impl<K: Into<Value>, V: Into<Value>> FromIterator<(K, V)> for Dict {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Dict {
        let mut dict = Dict::new();
        dict.extend(pairs);
        dict
    }
}

impl<K: Into<Value>, V: Into<Value>> Extend<(K, V)> for Dict {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        pairs
            .into_iter()
            .for_each(|(key, value)| self.insert(key, value));
    }
}

impl IntoIterator for Dict {
    type Item = (Value, Value);
    type IntoIter = std::vec::IntoIter<(Value, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.pairs.into_iter()
    }
}
