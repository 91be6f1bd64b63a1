//! A reader of references to chunks, as simple as it can be: what fsspec and Zarr would make of them.

#![expect(clippy::indexing_slicing, reason = "a test may panic")]

use npio::{DType, Layout, Order};
use serde_json::Value;
use std::collections::BTreeMap;

/// The references of one file.
#[derive(Debug)]
pub struct References {
    entries: BTreeMap<String, Value>,
}

/// An array that was put together from its chunks.
#[derive(Debug, PartialEq)]
pub struct ReadArray {
    /// Its shape.
    pub shape: Vec<usize>,
    /// The shape of its chunks.
    pub chunk_shape: Vec<usize>,
    /// Its items in C order.
    pub bytes: Vec<u8>,
}

/// What the metadata of an array says.
struct Metadata {
    shape: Vec<usize>,
    chunk_shape: Vec<usize>,
    order: Order,
    /// What is before an index in the name of a chunk, and between the numbers.
    key: (String, char),
}

impl References {
    /// Those in this JSON.
    ///
    /// # Panics
    /// If it is another JSON, or a key is in it twice.
    pub fn parse(json: &[u8]) -> References {
        let document: Value = serde_json::from_slice(json).expect("a JSON");
        assert_eq!(document["version"], 1);
        let refs = document["refs"].as_object().expect("an object").clone();
        let lines = json.split(|byte| *byte == b'\n').count();
        assert_eq!(lines, refs.len() + 3, "each key is on a line, once");
        let entries = refs.into_iter().collect();
        References { entries }
    }

    /// The JSON under this key.
    ///
    /// # Panics
    /// If there is none.
    pub fn document(&self, key: &str) -> Value {
        let text = self.entries.get(key).and_then(Value::as_str);
        let text = text.unwrap_or_else(|| panic!("no {key} in {:?}", self.keys()));
        serde_json::from_str(text).expect("a JSON in a string")
    }

    /// All keys.
    pub fn keys(&self) -> Vec<&str> {
        self.entries.keys().map(String::as_str).collect()
    }

    /// The reference under this key: an address, an offset and a length.
    pub fn reference(&self, key: &str) -> Option<(&str, u64, u64)> {
        let parts = self.entries.get(key)?.as_array()?;
        let [url, offset, length] = parts.as_slice() else {
            return None;
        };
        Some((url.as_str()?, offset.as_u64()?, length.as_u64()?))
    }

    fn metadata(&self, name: &str) -> Metadata {
        let lengths = |value: &Value| -> Vec<usize> {
            serde_json::from_value(value.clone()).expect("lengths")
        };
        if self.entries.contains_key(&format!("{name}/.zarray")) {
            let document = self.document(&format!("{name}/.zarray"));
            let is_fortran = document["order"] == "F";
            return Metadata {
                shape: lengths(&document["shape"]),
                chunk_shape: lengths(&document["chunks"]),
                order: if is_fortran { Order::Fortran } else { Order::C },
                key: (format!("{name}/"), '.'),
            };
        }
        let document = self.document(&format!("{name}/zarr.json"));
        let is_fortran = document["codecs"][0]["name"] == "transpose";
        Metadata {
            shape: lengths(&document["shape"]),
            chunk_shape: lengths(&document["chunk_grid"]["configuration"]["chunk_shape"]),
            order: if is_fortran { Order::Fortran } else { Order::C },
            key: (format!("{name}/c/"), '/'),
        }
    }

    /// The array of this name with items of this dtype; `read` returns the bytes at an address. Every chunk has to be
    /// there, and no others.
    ///
    /// # Panics
    /// If anything is not as it has to be.
    pub fn array(
        &self,
        name: &str,
        dtype: &DType,
        read: impl Fn(&str, u64, u64) -> Vec<u8>,
    ) -> ReadArray {
        let Metadata {
            shape,
            chunk_shape,
            order,
            key: (prefix, separator),
        } = self.metadata(name);
        let whole = Layout::new(dtype.clone(), shape.clone(), Order::C).expect("a layout");
        let chunk = Layout::new(dtype.clone(), chunk_shape.clone(), order).expect("a layout");
        let grid: Vec<usize> = shape
            .iter()
            .zip(&chunk_shape)
            .map(|(length, chunk)| {
                assert!(length.is_multiple_of(*chunk), "{shape:?} {chunk_shape:?}");
                length / chunk
            })
            .collect();
        let mut bytes = vec![0; whole.nbytes()];
        let mut count = 0;
        for index in indices(&grid) {
            let numbers: Vec<String> = index.iter().map(ToString::to_string).collect();
            let mut key = prefix.clone() + &numbers.join(&separator.to_string());
            if numbers.is_empty() {
                key = match separator {
                    '.' => key + "0",
                    _ => key.trim_end_matches('/').to_owned(),
                };
            }
            let (url, offset, length) = self
                .reference(&key)
                .unwrap_or_else(|| panic!("no {key} in {:?}", self.keys()));
            let stored = read(url, offset, length);
            assert_eq!(stored.len(), chunk.nbytes(), "a whole chunk");
            for within in indices(&chunk_shape) {
                let at = |layout: &Layout, index: &[usize]| {
                    let begin = layout.offset(index).expect("an index");
                    begin..begin + dtype.itemsize()
                };
                let place = index.iter().zip(&chunk_shape).zip(&within);
                let place: Vec<usize> = place
                    .map(|((index, length), within)| index * length + within)
                    .collect();
                bytes[at(&whole, &place)].copy_from_slice(&stored[at(&chunk, &within)]);
            }
            count += 1;
        }
        let all = self.entries.iter();
        let all = all.filter(|(key, value)| {
            value.is_array()
                && (key.starts_with(&prefix) || Some(key.as_str()) == prefix.strip_suffix('/'))
        });
        assert_eq!(all.count(), count, "no other chunks");
        ReadArray {
            shape,
            chunk_shape,
            bytes,
        }
    }
}

/// All indices of an array of this shape.
pub fn indices(shape: &[usize]) -> impl Iterator<Item = Vec<usize>> {
    let shape = shape.to_vec();
    let count: usize = shape.iter().product();
    (0..count).map(move |number| {
        let mut left = number;
        let mut index: Vec<usize> = shape
            .iter()
            .rev()
            .map(|length| {
                let here = left % length;
                left /= length;
                here
            })
            .collect();
        index.reverse();
        index
    })
}
