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
    let mut tensors = Vec::with_capacity(parsed.tensors.0.len());
    for (name, stated) in parsed.tensors.0 {
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
    Ok((tensors, parsed.metadata.0))
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

/// What the header says, as it is written.
struct HeaderText {
    tensors: Pairs<StatedTensor>,
    metadata: Pairs<String>,
}

#[derive(serde::Deserialize)]
struct StatedTensor {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

/// The values of an object by name; no name is used twice.
struct Pairs<T>(Vec<(String, T)>);

impl<'de> Deserialize<'de> for HeaderText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<HeaderText, D::Error> {
        struct HeaderVisitor;

        impl<'de> Visitor<'de> for HeaderVisitor {
            type Value = HeaderText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of tensors by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<HeaderText, A::Error> {
                let (mut tensors, mut metadata) = (Vec::new(), None);
                let mut names = HashSet::new();
                while let Some(name) = map.next_key::<String>()? {
                    if !names.insert(name.clone()) {
                        return Err(used_twice(&name));
                    }
                    if name == METADATA {
                        metadata = map.next_value::<Option<Pairs<String>>>()?;
                    } else {
                        tensors.push((name, map.next_value()?));
                    }
                }
                Ok(HeaderText {
                    tensors: Pairs(tensors),
                    metadata: metadata.unwrap_or(Pairs(Vec::new())),
                })
            }
        }

        deserializer.deserialize_map(HeaderVisitor)
    }
}

impl<'de> Deserialize<'de> for Pairs<String> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Pairs<String>, D::Error> {
        struct PairsVisitor;

        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs<String>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<String>, A::Error> {
                let (mut pairs, mut names) = (Vec::new(), HashSet::new());
                while let Some((name, value)) = map.next_entry::<String, String>()? {
                    if !names.insert(name.clone()) {
                        return Err(used_twice(&name));
                    }
                    pairs.push((name, value));
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(PairsVisitor)
    }
}

fn used_twice<E: serde::de::Error>(name: &str) -> E {
    E::custom(format_args!(
        "the name {} is used twice",
        flatfile::dtype::python::excerpt(name)
    ))
}
