//! The documents of Zarr that describe groups and arrays.

use super::name::split;
use super::{ArrayRefs, Entries, ZarrFormat};
use flatfile::dtype::Order;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::io::{self, Write};

/// Writes the documents of the root, and of these groups.
pub(super) fn write_groups<'a>(
    groups: impl Iterator<Item = &'a str>,
    format: ZarrFormat,
    entries: &mut Entries<impl Write>,
) -> io::Result<()> {
    let (name, document) = match format {
        ZarrFormat::V2 => (".zgroup", json!({"zarr_format": 2})),
        ZarrFormat::V3 => (
            "zarr.json",
            json!({"zarr_format": 3, "node_type": "group", "attributes": {}}),
        ),
    };
    entries.document(name, &document)?;
    for group in groups {
        entries.document(&format!("{group}/{name}"), &document)?;
    }
    Ok(())
}

/// Writes the documents of an array.
pub(super) fn write_array(
    array: &ArrayRefs,
    dimensions: &Dimensions<'_>,
    format: ZarrFormat,
    entries: &mut Entries<impl Write>,
) -> io::Result<()> {
    let (name, layout, dtype) = (array.name(), array.layout(), array.dtype());
    let dimensions = dimensions.names(array);
    match format {
        ZarrFormat::V2 => {
            let order = match layout.order() {
                Order::C => "C",
                Order::Fortran => "F",
            };
            let document = json!({
                "zarr_format": 2,
                "shape": layout.shape(),
                "chunks": array.chunk_shape(),
                "dtype": dtype.name,
                "order": order,
                "fill_value": dtype.fill_value,
                "compressor": null,
                "filters": null,
                "dimension_separator": ".",
            });
            entries.document(&format!("{name}/.zarray"), &document)?;
            let attributes = json!({"_ARRAY_DIMENSIONS": dimensions});
            entries.document(&format!("{name}/.zattrs"), &attributes)
        }
        ZarrFormat::V3 => {
            let document = json!({
                "zarr_format": 3,
                "node_type": "array",
                "shape": layout.shape(),
                "data_type": dtype.name,
                "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": array.chunk_shape()}},
                "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
                "fill_value": dtype.fill_value,
                "codecs": codecs(array),
                "dimension_names": dimensions,
                "attributes": {},
            });
            entries.document(&format!("{name}/zarr.json"), &document)
        }
    }
}

/// How version 3 comes from an array to its bytes: an array in Fortran order is transposed first.
fn codecs(array: &ArrayRefs) -> Vec<Value> {
    let bytes = match array.dtype().endian {
        Some(endian) => json!({"name": "bytes", "configuration": {"endian": endian}}),
        None => json!({"name": "bytes"}),
    };
    if array.layout().order() == Order::C {
        return vec![bytes];
    }
    let axes: Vec<usize> = (0..array.layout().ndim()).rev().collect();
    let transpose = json!({"name": "transpose", "configuration": {"order": axes}});
    vec![transpose, bytes]
}

/// The names of the axes. The axes of arrays in a group that have the same name have one length, as xarray wants it.
pub(super) struct Dimensions<'a> {
    /// By group and axis: the length, if all arrays there have the same one.
    lengths: HashMap<(&'a str, usize), Option<usize>>,
    arrays: HashSet<&'a str>,
}

impl<'a> Dimensions<'a> {
    pub(super) fn new(arrays: &'a [ArrayRefs]) -> Dimensions<'a> {
        let mut lengths = HashMap::new();
        for array in arrays {
            let (group, _) = split(array.name());
            for (axis, length) in array.layout().shape().iter().enumerate() {
                let known = lengths.entry((group, axis)).or_insert(Some(*length));
                *known = known.filter(|known| known == length);
            }
        }
        let arrays = arrays.iter().map(ArrayRefs::name).collect();
        Dimensions { lengths, arrays }
    }

    /// Those of an array: `dim_0` and so on, or `dim_0_100`, with the length, if other arrays have another one.
    fn names(&self, array: &ArrayRefs) -> Vec<String> {
        let (group, _) = split(array.name());
        let axes = array.layout().shape().iter().enumerate();
        axes.map(|(axis, length)| {
            let mut name = format!("dim_{axis}");
            if !matches!(self.lengths.get(&(group, axis)), Some(Some(_))) {
                name = format!("{name}_{length}");
            }
            // An array with the name of an axis would be its coordinates.
            while self.is_array(group, &name) {
                name.push('_');
            }
            name
        })
        .collect()
    }

    fn is_array(&self, group: &str, name: &str) -> bool {
        if group.is_empty() {
            return self.arrays.contains(name);
        }
        self.arrays.contains(format!("{group}/{name}").as_str())
    }
}
