//! A deserializer whose input is a value.

use super::plain::{description, to_list};
use crate::value::{Dict, item};
use crate::{Error, Value};
use ::serde::de::value::{MapDeserializer, SeqDeserializer};
use ::serde::de::{self, Error as _, IntoDeserializer, Visitor};
use ::serde::forward_to_deserialize_any;

pub(super) struct Deserializer(pub(super) Value);

/// For the parts of containers.
impl IntoDeserializer<'_, Error> for Deserializer {
    type Deserializer = Deserializer;

    fn into_deserializer(self) -> Deserializer {
        self
    }
}

fn pairs(dict: Dict) -> impl Iterator<Item = (Deserializer, Deserializer)> {
    dict.into_iter()
        .map(|(key, value)| (Deserializer(key), Deserializer(value)))
}

impl<'de> de::Deserializer<'de> for Deserializer {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::None => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Int(int) => match (int.to_i64(), int.to_u64(), int.to_i128()) {
                (Some(int), ..) => visitor.visit_i64(int),
                (_, Some(int), _) => visitor.visit_u64(int),
                (.., Some(int)) => visitor.visit_i128(int),
                _ => Err(Error::unsupported(
                    "an integer of more than 128 bits for serde",
                )),
            },
            Value::Float(value) => visitor.visit_f64(value),
            Value::Complex(real, imaginary) => list(vec![real.into(), imaginary.into()], visitor),
            Value::Str(text) => match text.as_str() {
                Some(text) => visitor.visit_str(text),
                None => Err(Error::unsupported(format!(
                    "the text {text:?} for serde, for its surrogates"
                ))),
            },
            Value::Bytes(bytes) => visitor.visit_byte_buf(bytes),
            Value::List(items)
            | Value::Tuple(items)
            | Value::Set(items)
            | Value::FrozenSet(items) => list(items, visitor),
            Value::Dict(dict) => {
                let mut pairs = MapDeserializer::new(pairs(dict));
                let value = visitor.visit_map(&mut pairs)?;
                pairs.end()?;
                Ok(value)
            }
            Value::Date(date) => visitor.visit_string(date.to_string()),
            Value::Time(time) => visitor.visit_string(time.to_string()),
            Value::DateTime(time) => visitor.visit_string(time.to_string()),
            Value::Delta(delta) => visitor.visit_f64(delta.microseconds() as f64 / 1e6),
            Value::Scalar(array) => match item(&array)? {
                Value::Scalar(array) => visitor.visit_string(array.to_string()),
                value => Deserializer(value).deserialize_any(visitor),
            },
            described @ (Value::DType(_)
            | Value::Range(_)
            | Value::Slice(_)
            | Value::Name(_)
            | Value::Opaque(_)) => {
                Deserializer(description(&described).into()).deserialize_any(visitor)
            }
            array @ (Value::Array(_) | Value::Objects(_)) => {
                Deserializer(to_list(&array)?).deserialize_any(visitor)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::None => visitor.visit_none(),
            value => visitor.visit_some(Deserializer(value)),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    /// The name of a variant, or a dict of the name and its content.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0.into_item()? {
            Value::Str(text) => match text.as_str() {
                Some(text) => {
                    visitor.visit_enum(IntoDeserializer::<Error>::into_deserializer(text))
                }
                None => Err(Error::custom(format!(
                    "expected one of {variants:?}, found {text:?}"
                ))),
            },
            Value::Dict(dict) if dict.len() == 1 => {
                let pairs = MapDeserializer::new(pairs(dict));
                visitor.visit_enum(de::value::MapAccessDeserializer::new(pairs))
            }
            other => Err(Error::custom(format!(
                "expected a variant of {name}, found {other}"
            ))),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq
        tuple tuple_struct map struct identifier ignored_any
    }
}

fn list<'de, V: Visitor<'de>>(items: Vec<Value>, visitor: V) -> Result<V::Value, Error> {
    let mut items = SeqDeserializer::new(items.into_iter().map(Deserializer));
    let value = visitor.visit_seq(&mut items)?;
    items.end()?;
    Ok(value)
}
