//! NumPy's files, without Python.
//!
//! ```
//! # fn main() -> Result<(), npio::Error> {
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("x.npy");
//! let x = npio::Array::from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2, 3])?;
//! npio::save(&path, &x)?;
//!
//! let y = npio::load(&path)?;
//! assert_eq!(y.shape(), [2, 3]);
//! assert_eq!(*y.dtype(), npio::DType::F64);
//! assert_eq!(y.as_slice::<f64>()?, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
//!
//! let (items, shape) = npio::load_vec::<f64>(&path)?;
//! assert_eq!((items.len(), shape), (6, vec![2, 3]));
//! # Ok(())
//! # }
//! ```
//!
//! Structs are records, whose fields are found by name:
//!
#![cfg_attr(
    feature = "derive",
    doc = r#"
```
// In Cargo.toml: bytemuck, with its features `derive` and `min_const_generics`.
use npio::dtype::Bytes;
use npio::{Array, Element};

#[derive(Clone, Copy, Debug, PartialEq, Element, bytemuck::Zeroable, bytemuck::Pod)]
#[repr(C)]
struct Point {
    x: f32,
    y: f32,
}

// With a `bool`, or with padding.
#[derive(Clone, Copy, Element, bytemuck::CheckedBitPattern)]
#[repr(C)]
struct Star {
    is_variable: bool,
    name: Bytes<12>,
    magnitude: f64,
}

# let folder = tempfile::tempdir().unwrap();
# let path = folder.path().join("points.npy");
let points = vec![Point { x: 0.5, y: 1.5 }, Point { x: 2.5, y: 3.5 }];
npio::save(&path, &Array::from_vec(points.clone(), [2])?)?;
assert_eq!(npio::load_vec::<Point>(&path)?.0, points);
let table = npio::load(&path)?;
assert_eq!(table.field("y")?.to_vec::<f32>()?, [1.5, 3.5]);

let name = Bytes::new(b"Vega").unwrap();
let star = Star { is_variable: true, name, magnitude: 0.03 };
npio::save(&path, Array::from_records(&[star], [1])?)?;
assert!(npio::load_vec::<Star>(&path)?.0[0].is_variable);
# Ok::<(), Box<dyn std::error::Error>>(())
```
"#
)]
//!
//! This crate opens, sniffs and replaces files. The layers below handle their contents; each is a crate of
//! its own that is re-exported here:
//!
//! | | |
//! |---|---|
//! | [`dtype`] | what one item means; layouts; Rust types as items |
//! | [`header`] | the header of a `.npy`, without I/O |
//! | [`flatfile`] | arrays and their bytes; reading, writing, mapping |
//! | [`npz`] | archives of arrays |
//! | [`meta`] | layouts in file names; with the feature `meta`, metadata in items, JSON or pickles |
//! | `ndarray` | arrays of the ndarray crate, with the feature of that name |
//! | `nalgebra` | matrices of the nalgebra crate, with the feature of that name |
//!
//! The module `guide` has the call for each of NumPy's, a cookbook, and what to know about metadata, the formats and the
//! differences from NumPy.
//!
//! Examples of items that are re-exported here name the crate that they come from: read `npio::flatfile` for `flatfile`,
//! `npio::dtype` for `dtype`, and so on.
//!
//! Features, on by default: `derive` (structs as records), `half` and `complex` (elements of the crates half and
//! num-complex), `text`, `meta` (metadata, JSON, pickles), `serde` (any type as metadata; dtypes and layouts in serde's
//! formats). Off by default: `ndarray` and `nalgebra`; `safetensors` (files of that format); `refs` (where the chunks of arrays are, for Dask and all that reads Zarr); `zstd` and `methods` (bzip2, LZMA) for such members of archives and
//! such files ([`compressed`]); `encoding` for text that is not UTF-8. Without default features it is arrays alone.

#![forbid(unsafe_code)]

mod append;
mod archive;
mod atomic;
mod clone;
pub mod compressed;
#[cfg(feature = "encoding")]
pub mod encoding;
mod error;
mod exclusive;
// Their examples are run by tests of their own.
#[cfg(all(doc, not(doctest)))]
pub mod guide;
mod load;
#[cfg(feature = "ndarray")]
mod load_ndarray;
mod open;
mod raw;
#[cfg(feature = "refs")]
pub mod refs;
mod retry;
#[cfg(feature = "safetensors")]
pub mod safetensors;
mod save;
pub mod size;
#[cfg(feature = "text")]
mod text;
mod to_strided;
mod undo;
mod unfinished;
mod update;
#[cfg(feature = "meta")]
mod value;
mod verify;

pub use flatfile;
pub use flatfile::dtype;
pub use flatfile::npy_header as header;
#[cfg(feature = "nalgebra")]
pub use flatfile_nalgebra as nalgebra;
#[cfg(feature = "ndarray")]
pub use flatfile_ndarray as ndarray;
pub use npmeta as meta;
pub use npz;

pub use append::{AppendOptions, Appender, append, repair};
pub use archive::{Archive, ArchiveWriter, SavezOptions};
pub use archive::{load_npz, savez, savez_compressed, update_npz};
pub use error::{Cause, Error};
pub use flatfile::dtype::__private::Element;
#[cfg(feature = "derive")]
pub use flatfile::dtype::__private::ElementOfNpio as Element;
pub use flatfile::dtype::{
    ByteOrder, Casting, DType, ErrorClass, Layout, Order, can_cast, promote_types,
};
pub use flatfile::map::{MemmapOptions, Mmap, MmapMut, OpenMemmapOptions, memmap, open_memmap};
pub use flatfile::npy::RecoverFrom;
pub use flatfile::raw::RawLayout;
pub use flatfile::{AnySource, CowStrided, FieldIndex, Forward, ItemBlocks, Reader, RowBlocks};
pub use flatfile::{Array, ArrayView, Index, LongDouble, RandomAccessFile, ReadAt, Slice, Strided};
pub use flatfile::{CancelToken, Cancellable, Cancelled};
pub use load::{LoadOptions, OpenArray, load, load_header, load_into, load_slice, load_vec};
#[cfg(feature = "ndarray")]
pub use load_ndarray::load_ndarray;
#[cfg(feature = "meta")]
pub use npmeta::archive::MetadataFormat;
#[cfg(feature = "meta")]
pub use npmeta::{Dict, Value};
#[cfg(feature = "serde")]
pub use npmeta::{from_value, to_value};
pub use open::{FileKind, Opened, open, open_stream};
pub use raw::{format_in_name, fromfile, layout_in_name, save_raw, tofile};
pub use save::{NewFile, RowWriter, SaveOptions, save};
#[cfg(feature = "text")]
pub use text::{fromfile_sep, fromstring, genfromtxt, loadtxt, savetxt, tofile_sep};
pub use to_strided::ToStrided;
pub use unfinished::remove_unfinished;
pub use update::{ArchiveFile, Updater, is_interrupted, repair_npz};
#[cfg(feature = "meta")]
pub use value::{load_value, save_metadata, save_value};
pub use verify::{Issue, verify};
