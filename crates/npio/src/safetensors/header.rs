//! From the JSON of a header to the places of arrays.

use super::LENGTH_BYTES;
use super::dtype_name::TensorDType;
use super::error::{Error, ErrorKind};
use super::write::METADATA;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

/// Dtype, shape and place of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TensorInfo {
    pub(super) dtype: TensorDType,
    pub(super) shape: Vec<usize>,
    /// Where the items begin, in bytes after the header.
    pub(super) begin: u64,
    pub(super) end: u64,
}

/// The arrays, in the order of their items, and the texts of the metadata.
pub(super) type Contents = (Vec<(String, TensorInfo)>, Vec<(String, String)>);

/// The contents of a header that is followed by this many bytes.
pub(super) fn parse(text: &[u8], available: u64) -> Result<Contents, Error> {
    let parsed: HeaderText = serde_json::from_slice(text).map_err(|error| {
        let offset = LENGTH_BYTES + error_offset(text, &error);
        let message = message(&error);
        ErrorKind::Json {
            offset: offset as u64,
            message,
        }
    })?;
    let mut tensors = Vec::with_capacity(parsed.tensors.len());
    for (name, stated) in parsed.tensors {
        let Some(dtype) = TensorDType::from_name(&stated.dtype) else {
            let dtype = stated.dtype;
            return Err(ErrorKind::UnknownDType { name, dtype }.into());
        };
        let (begin, end) = stated.data_offsets;
        let expected = TensorInfo::nbytes(dtype, &stated.shape);
        if expected.is_none() || end.checked_sub(begin) != expected {
            let found = i128::from(end) - i128::from(begin);
            return Err(ErrorKind::Size {
                name,
                expected,
                found,
            }
            .into());
        }
        let info = TensorInfo {
            dtype,
            shape: stated.shape,
            begin,
            end,
        };
        tensors.push((name, info));
    }
    tensors.sort_by_key(|(_, info)| (info.begin, info.end));
    let mut expected = 0;
    for (name, info) in &tensors {
        if info.begin != expected {
            let (name, found) = (name.clone(), info.begin);
            return Err(ErrorKind::Place {
                name,
                expected,
                found,
            }
            .into());
        }
        expected = info.end;
    }
    if expected != available {
        let found = available;
        return Err(ErrorKind::Length { expected, found }.into());
    }
    Ok((tensors, parsed.metadata))
}

/// Where the parser found the error, in bytes: it counts lines, and bytes in them.
fn error_offset(text: &[u8], error: &serde_json::Error) -> usize {
    let lines_before = error.line().saturating_sub(1);
    let ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let mut ends = ends.map(|(place, _)| place + 1);
    let begin = match lines_before.checked_sub(1) {
        Some(n) => ends.nth(n).unwrap_or(0),
        None => 0,
    };
    begin + error.column().saturating_sub(1)
}

/// The parser's message without its place.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// What the header says, as it is written. No name is used twice.
struct HeaderText {
    tensors: Vec<(String, StatedTensor)>,
    metadata: Vec<(String, String)>,
}

#[derive(serde::Deserialize)]
struct StatedTensor {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

/// The texts of an object by name; no name is used twice.
struct Texts(Vec<(String, String)>);

impl<'de> Deserialize<'de> for HeaderText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<HeaderText, D::Error> {
        struct HeaderVisitor;

        impl<'de> Visitor<'de> for HeaderVisitor {
            type Value = HeaderText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of tensors by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<HeaderText, A::Error> {
                let (mut tensors, mut metadata) = (Vec::new(), None);
                for_each_name(map, |name, map| {
                    if name == METADATA {
                        metadata = map.next_value::<Option<Texts>>()?;
                    } else {
                        tensors.push((name, map.next_value()?));
                    }
                    Ok(())
                })?;
                let metadata = metadata.map_or(Vec::new(), |Texts(texts)| texts);
                Ok(HeaderText { tensors, metadata })
            }
        }

        deserializer.deserialize_map(HeaderVisitor)
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Texts, D::Error> {
        struct TextsVisitor;

        impl<'de> Visitor<'de> for TextsVisitor {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Texts, A::Error> {
                let mut texts = Vec::new();
                for_each_name(map, |name, map| {
                    texts.push((name, map.next_value()?));
                    Ok(())
                })?;
                Ok(Texts(texts))
            }
        }

        deserializer.deserialize_map(TextsVisitor)
    }
}

/// Calls `take` with each name of an object, to take its value; an error if a name is used twice.
fn for_each_name<'de, A: MapAccess<'de>>(
    mut map: A,
    mut take: impl FnMut(String, &mut A) -> Result<(), A::Error>,
) -> Result<(), A::Error> {
    let mut names = HashSet::new();
    while let Some(name) = map.next_key::<String>()? {
        if names.insert(name.clone()) {
            take(name, &mut map)?;
        } else {
            let name = flatfile::dtype::python::excerpt(&name);
            let what = format_args!("the name {name} is used twice");
            return Err(serde::de::Error::custom(what));
        }
    }
    Ok(())
}
