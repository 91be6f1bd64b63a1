//! References to the chunks of arrays in files, for all that reads Zarr: Dask, xarray, VirtualiZarr, Icechunk.
//!
//! The items of a `.npy`, of a stored member of a `.npz`, of raw items and of safetensors are a chunk of a Zarr array, as
//! they are. [`Refs`] describes where they are, in the JSON of kerchunk that fsspec reads as a file system: the metadata of
//! each array, and an address, an offset and a length for each chunk. Only headers are needed for it, and no file is
//! changed or copied.
//!
//! ```
//! use npio::refs::{Part, Refs, ZarrFormat};
//! use npio::{DType, Layout, Order};
//!
//! let layout = Layout::new("<f8".parse::<DType>()?, [1000, 4], Order::C)?;
//! let shard = |n| Part {
//!     url: format!("s3://bucket/shard{n}.npy"),
//!     offset: 128,
//!     layout: layout.clone(),
//! };
//! let mut json = Vec::new();
//! let mut refs = Refs::new(ZarrFormat::V2);
//! refs.array("x", vec![shard(0), shard(1)], 8 << 20)?.write(&mut json)?;
//! let json = String::from_utf8(json)?;
//! assert!(json.contains(r#""x/1.0":["s3://bucket/shard1.npy",128,32000]"#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod array;
mod chunk_shape;
mod dtype;
mod error;
mod metadata;
mod name;
mod url;

pub use array::{ArrayRefs, ChunkRef};
pub use dtype::Unsupported;
pub use error::{Error, ErrorKind};
pub use url::{file_url, url_in};

use flatfile::dtype::Layout;
use metadata::Dimensions;
use name::Names;
use std::io::{self, BufWriter, Write};

/// The version of the format in which the metadata of Zarr is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ZarrFormat {
    /// Version 2, which everything reads.
    #[default]
    V2,
    /// Version 3.
    V3,
}

/// The items of an array, or of some rows of one, in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The address of the file, as fsspec takes it: see [`file_url`] and [`url_in`].
    pub url: String,
    /// Where the items begin in it.
    pub offset: u64,
    /// Dtype, shape and memory order.
    pub layout: Layout,
}

/// References to arrays by name, in the form of one Zarr group.
#[derive(Clone, Debug)]
pub struct Refs {
    format: ZarrFormat,
    names: Names,
    arrays: Vec<ArrayRefs>,
}

impl Refs {
    /// No arrays yet.
    pub fn new(format: ZarrFormat) -> Refs {
        let (names, arrays) = (Names::default(), Vec::new());
        Refs {
            format,
            names,
            arrays,
        }
    }

    /// Adds the array of this name, whose parts are concatenated along the first axis. A name with slashes is that of an
    /// array in groups.
    ///
    /// Zarr's chunks all have one shape, and each is one range of bytes here. So chunks are made of rows (in Fortran order,
    /// of the last axis), whose number divides the length of each part: the one that brings a chunk nearest to `chunk_size`
    /// bytes. If single rows are larger, they are cut the same way.
    ///
    /// # Errors
    /// A dtype that Zarr does not have; a name that is used twice, or cannot be one; parts of different dtypes, orders or
    /// shapes; parts whose lengths have only divisors that make very many small chunks.
    pub fn array(
        &mut self,
        name: &str,
        parts: impl Into<Vec<Part>>,
        chunk_size: u64,
    ) -> Result<&mut Refs, Error> {
        let located = |kind| Error::new(name, kind);
        let array = ArrayRefs::new(name, parts.into(), chunk_size, self.format);
        let array = array.map_err(located)?;
        self.names.add(name, self.format).map_err(located)?;
        self.arrays.push(array);
        Ok(self)
    }

    /// The arrays, in the order in which they were added.
    pub fn arrays(&self) -> &[ArrayRefs] {
        &self.arrays
    }

    /// Writes the JSON, one reference on a line, without more memory than the arrays take.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: impl Write) -> io::Result<()> {
        let mut out = BufWriter::with_capacity(64 << 10, out);
        out.write_all(b"{\"version\":1,\"refs\":{\n")?;
        let mut entries = Entries {
            out: &mut out,
            is_first: true,
        };
        metadata::write_groups(self.names.groups(), self.format, &mut entries)?;
        let dimensions = Dimensions::new(&self.arrays);
        for array in &self.arrays {
            metadata::write_array(array, &dimensions, self.format, &mut entries)?;
            array.write_chunks(self.format, &mut entries)?;
        }
        out.write_all(b"\n}}\n")?;
        out.flush()
    }
}

/// The entries of a JSON object, as they are written.
struct Entries<W> {
    out: W,
    is_first: bool,
}

impl<W: Write> Entries<W> {
    /// Begins an entry, of which `write` writes the key and the value.
    fn entry(&mut self, write: impl FnOnce(&mut W) -> io::Result<()>) -> io::Result<()> {
        if !std::mem::take(&mut self.is_first) {
            self.out.write_all(b",\n")?;
        }
        write(&mut self.out)
    }

    /// An entry whose value is JSON in a string.
    fn document(&mut self, key: &str, document: &serde_json::Value) -> io::Result<()> {
        self.entry(|out| {
            serde_json::to_writer(&mut *out, key)?;
            out.write_all(b":")?;
            Ok(serde_json::to_writer(out, &document.to_string())?)
        })
    }
}
