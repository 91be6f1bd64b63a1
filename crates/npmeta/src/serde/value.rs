//! Values themselves in serde's formats.

use super::plain::{description, to_list};
use crate::Value;
use crate::value::{Dict, item};
use ::serde::de::{Deserialize, Deserializer, EnumAccess, MapAccess, SeqAccess, Visitor};
use ::serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, SerializeTuple, Serializer};
use std::fmt;

/// Arrays become sequences, dates and times texts in ISO 8601, spans of time seconds, complex numbers pairs;
/// what has no form of its own becomes a map of its parts, as in JSON.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::None => serializer.serialize_none(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(int) => match (int.to_i64(), int.to_u64(), int.to_i128()) {
                (Some(int), ..) => serializer.serialize_i64(int),
                (_, Some(int), _) => serializer.serialize_u64(int),
                (.., Some(int)) => serializer.serialize_i128(int),
                _ => Err(S::Error::custom("an integer of more than 128 bits")),
            },
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::Complex(real, imaginary) => {
                let mut pair = serializer.serialize_tuple(2)?;
                pair.serialize_element(real)?;
                pair.serialize_element(imaginary)?;
                pair.end()
            }
            Value::Str(text) => match text.as_str() {
                Some(text) => serializer.serialize_str(text),
                None => Err(S::Error::custom(format!(
                    "a text with surrogates: {text:?}"
                ))),
            },
            Value::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Value::Tuple(items) => {
                let mut tuple = serializer.serialize_tuple(items.len())?;
                items
                    .iter()
                    .try_for_each(|item| tuple.serialize_element(item))?;
                tuple.end()
            }
            Value::List(items) | Value::Set(items) | Value::FrozenSet(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items
                    .iter()
                    .try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Value::Dict(dict) => {
                let mut map = serializer.serialize_map(Some(dict.len()))?;
                dict.iter()
                    .try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
            Value::Date(date) => serializer.collect_str(date),
            Value::Time(time) => serializer.collect_str(time),
            Value::DateTime(time) => serializer.collect_str(time),
            Value::Delta(delta) => serializer.serialize_f64(delta.microseconds() as f64 / 1e6),
            Value::Scalar(array) => match item(array).map_err(S::Error::custom)? {
                Value::Scalar(array) => serializer.collect_str(&array),
                value => value.serialize(serializer),
            },
            Value::DType(_)
            | Value::Range(_)
            | Value::Slice(_)
            | Value::Name(_)
            | Value::Opaque(_) => description(self).serialize(serializer),
            Value::Array(_) | Value::Objects(_) => to_list(self)
                .map_err(S::Error::custom)?
                .serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

macro_rules! visit {
    ($($visit:ident $type:ty;)*) => {$(
        fn $visit<E>(self, value: $type) -> Result<Value, E> {
            Ok(value.into())
        }
    )*};
}

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    visit! { visit_bool bool; visit_i64 i64; visit_u64 u64; visit_i128 i128; visit_u128 u128; visit_f64 f64; }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Value, E> {
        Ok(Value::Bytes(value.to_vec()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(pair) = pairs.next_entry::<Value, Value>()? {
            list.push(pair);
        }
        let unhashable =
            |name| ::serde::de::Error::custom(format!("a {name} as the key of a dict"));
        Dict::from_pairs(list).map(Value::Dict).map_err(unhashable)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<Value, A::Error> {
        Err(::serde::de::Error::custom("an enum is not a Python value"))
    }
}

/// As its value.
impl Serialize for Dict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Dict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Dict, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Dict(dict) => Ok(dict),
            other => Err(::serde::de::Error::custom(format!(
                "expected a dict, found {other}"
            ))),
        }
    }
}
