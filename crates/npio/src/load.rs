//! `np.load` of a `.npy`.

use crate::Error;
use flatfile::dtype::{ByteOrder, Element, Order};
use flatfile::npy::ReadOptions;
use flatfile::npy_header::Header;
use flatfile::{Array, Error as FlatError};
use std::fs::File;
use std::path::Path;

/// Loads the array in a `.npy`, as NumPy's `load` does: items and memory order as they are in the file.
///
/// # Errors
/// A file that is not there, cannot be read, or is no `.npy`.
pub fn load(path: impl AsRef<Path>) -> Result<Array, Error> {
    LoadOptions::new().load(path)
}

/// Loads the array in a `.npy` as Rust values in C order, and its shape; other byte orders are
/// converted, other types are an error.
///
/// The items are copied once, into the memory of the vector that is returned; those of a Fortran-order
/// file are transposed on the way.
///
/// # Errors
/// As [`load`]; another dtype.
pub fn load_vec<T: Element>(path: impl AsRef<Path>) -> Result<(Vec<T>, Vec<usize>), Error> {
    LoadOptions::new().load_vec(path)
}

/// Reads only the header of a `.npy`; the data may be of any length.
///
/// # Errors
/// As [`load`].
pub fn load_header(path: impl AsRef<Path>) -> Result<Header, Error> {
    let path = path.as_ref();
    let header = || {
        let file = File::open(path)?;
        ReadOptions::new()
            .read_header(file)
            .map(|(header, _)| header)
    };
    header().map_err(|error: FlatError| Error::new(path, error))
}

/// How to load; [`load`] and [`load_vec`] are the same with all defaults.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    read: ReadOptions,
}

impl LoadOptions {
    /// The defaults.
    pub fn new() -> LoadOptions {
        LoadOptions::default()
    }

    /// The longest header to parse, in bytes; 256 KiB unless said otherwise (NumPy: 10,000).
    #[must_use]
    pub fn max_header_size(mut self, bytes: usize) -> LoadOptions {
        self.read = self.read.max_header_size(bytes);
        self
    }

    /// Turns the items into this byte order while they are read.
    #[must_use]
    pub fn byte_order(mut self, order: ByteOrder) -> LoadOptions {
        self.read = self.read.byte_order(order);
        self
    }

    /// Turns the items into this memory order while they are read.
    #[must_use]
    pub fn order(mut self, order: Order) -> LoadOptions {
        self.read = self.read.order(order);
        self
    }

    /// See [`load`].
    ///
    /// # Errors
    /// As [`load`].
    pub fn load(&self, path: impl AsRef<Path>) -> Result<Array, Error> {
        let path = path.as_ref();
        read(&self.read, path).map_err(|error| Error::new(path, error))
    }

    /// See [`load_vec`].
    ///
    /// # Errors
    /// As [`load_vec`].
    pub fn load_vec<T: Element>(
        &self,
        path: impl AsRef<Path>,
    ) -> Result<(Vec<T>, Vec<usize>), Error> {
        let path = path.as_ref();
        let load = || {
            let options = self.read.clone().element::<T>().order(Order::C);
            let array = read(&options, path)?;
            let shape = array.shape().to_vec();
            Ok((array.into_vec()?, shape))
        };
        load().map_err(|error: FlatError| Error::new(path, error))
    }
}

/// Regular files are read at their place by several threads; pipes and devices as they come.
fn read(options: &ReadOptions, path: &Path) -> Result<Array, FlatError> {
    let file = File::open(path)?;
    match file.metadata()?.is_file() {
        true => options.read_at(&file, 0).map(|(array, _)| array),
        false => options.read(file),
    }
}
