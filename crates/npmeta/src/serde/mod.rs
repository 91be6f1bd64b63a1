//! Any `Serialize` or `Deserialize` type as a [`Value`], and a `Value` in any of serde's formats.

mod de;
mod plain;
mod ser;
mod value;

use crate::{Error, ErrorKind, Value};
use ::serde::{Serialize, de::DeserializeOwned};
use std::fmt;

/// Serializes a type into a value: structs and maps become dicts with texts as keys, sequences lists, tuples tuples,
/// `None` and `()` become `None`, and an enum variant its name, or a dict of its name and its content.
///
/// ```
/// use npmeta::{Value, from_value, to_value};
/// #[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
/// struct Mdata {
///     author: String,
///     age: f64,
///     tags: Option<Vec<String>>,
/// }
/// let mdata = Mdata { author: "Emma".into(), age: 1.5, tags: None };
/// let value = to_value(&mdata)?;
/// assert_eq!(value.to_string(), "{'author': 'Emma', 'age': 1.5, 'tags': None}");
/// assert_eq!(from_value::<Mdata>(value)?, mdata);
/// # Ok::<(), npmeta::Error>(())
/// ```
///
/// # Errors
/// `Serde`: an error of the type; `Limit`: more than 100 levels.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, Error> {
    value.serialize(ser::Serializer::default())
}

/// Deserializes a type from a value; arrays are sequences, 0-d arrays their item, dates and times texts in
/// ISO 8601.
///
/// # Errors
/// `Serde`: an error of the type; `Unsupported`: a text with surrogates.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    T::deserialize(de::Deserializer(value))
}

impl ::serde::ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Error {
        ErrorKind::Serde(message.to_string()).into()
    }
}

impl ::serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Error {
        ErrorKind::Serde(message.to_string()).into()
    }
}
