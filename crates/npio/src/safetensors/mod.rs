//! Files of safetensors: arrays by name, and texts about them.
//!
//! Such a file is a JSON object, which states the dtype, the shape and the place of each array, and then the items of
//! all of them in C order and little endian. [`open`] reads the header; the items of an array are read on request, in
//! place. Headers are checked as a whole: each array has exactly the bytes that it needs, and there is nothing between
//! them or after them.
//!
//! ```
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("model.safetensors");
//! use npio::{Array, safetensors};
//!
//! let weight = Array::from_slice(&[1.5f32, 2.5, 3.5, 4.5], [2, 2])?;
//! let bias = Array::from_slice(&[1i64, 2], [2])?;
//! safetensors::save(&path, &[("weight", &weight), ("bias", &bias)], &[("format", "np")])?;
//!
//! let file = safetensors::open(&path)?;
//! assert_eq!(file.metadata(), [("format".to_owned(), "np".to_owned())]);
//! let names: Vec<&str> = file.tensors().map(|tensor| tensor.name()).collect();
//! assert_eq!(names, ["bias", "weight"]);
//! let weight = file.get("weight")?;
//! assert_eq!((weight.dtype_name(), weight.shape()), ("F32", &[2, 2][..]));
//! assert_eq!(weight.open()?.slice(&"1".parse()?)?.to_vec::<f32>()?, [3.5, 4.5]);
//! # Ok::<(), npio::Error>(())
//! ```

mod dtype_name;
mod error;
mod header;
mod write;

pub use error::{Error, ErrorKind};
pub use write::{Header, MAX_HEADER_SIZE, has_dtype, save};

use crate::Error as FileError;
use dtype_name::TensorDType;
use flatfile::dtype::{ByteOrder, Layout, Order, similar};
use flatfile::{RandomAccessFile, ReadAt, Reader, read_exact_at};
use header::TensorInfo;
use std::path::Path;

/// The bytes before the header, which are its length.
const LENGTH_BYTES: usize = size_of::<u64>();

/// The most names that are compared with one that is not there.
const MAX_COMPARED: usize = 1000;

/// Whether a file that begins with these bytes, of which nine are enough, is one of safetensors: its header has a
/// length that is allowed, and is a JSON object.
///
/// ```
/// use npio::safetensors::is_safetensors;
/// assert!(is_safetensors(b"\x02\0\0\0\0\0\0\0{}"));
/// assert!(!is_safetensors(b"{\"json\": 1}"));
/// ```
pub fn is_safetensors(first: &[u8]) -> bool {
    let Some((length, rest)) = first.split_first_chunk() else {
        return false;
    };
    (2..=MAX_HEADER_SIZE).contains(&u64::from_le_bytes(*length)) && rest.first() == Some(&b'{')
}

/// An open file, or other bytes.
#[derive(Debug)]
pub struct SafeTensors<S> {
    source: S,
    /// By the places of their items.
    tensors: Vec<(String, TensorInfo)>,
    /// Their indices, by their names.
    by_name: Vec<usize>,
    metadata: Vec<(String, String)>,
    /// Where the items begin.
    begin: u64,
}

/// Opens a file; only its header is read.
///
/// # Errors
/// A file that does not exist or cannot be read; a header that is invalid, or does not fit the file.
pub fn open(path: impl AsRef<Path>) -> Result<SafeTensors<RandomAccessFile>, FileError> {
    let path = path.as_ref();
    let file = RandomAccessFile::open(path).map_err(|error| FileError::new(path, error))?;
    SafeTensors::new(file).map_err(|error| error.in_file(path))
}

impl<S: ReadAt> SafeTensors<S> {
    /// Reads the header at the beginning of a source.
    ///
    /// # Errors
    /// A header that is invalid, or does not fit the source; the source's own errors.
    pub fn new(source: S) -> Result<SafeTensors<S>, FileError> {
        let length = source.len()?;
        let truncated = |needed| ErrorKind::Truncated {
            needed,
            found: length,
        };
        if length < LENGTH_BYTES as u64 {
            return Err(Error::from(truncated(LENGTH_BYTES as u64)).into());
        }
        let mut header_length = [0; LENGTH_BYTES];
        read_exact_at(&source, &mut header_length, 0)?;
        let header_length = u64::from_le_bytes(header_length);
        if header_length > MAX_HEADER_SIZE {
            return Err(Error::from(ErrorKind::HeaderTooLong(header_length)).into());
        }
        let begin = LENGTH_BYTES as u64 + header_length;
        if begin > length {
            return Err(Error::from(truncated(begin)).into());
        }
        // The file has that many bytes.
        let mut text = vec![0; header_length as usize];
        read_exact_at(&source, &mut text, LENGTH_BYTES as u64)?;
        let (tensors, metadata) = header::parse(&text, length - begin)?;
        let mut by_name: Vec<usize> = (0..tensors.len()).collect();
        by_name.sort_by_key(|index| tensors.get(*index).map(|(name, _)| name));
        Ok(SafeTensors {
            source,
            tensors,
            by_name,
            metadata,
            begin,
        })
    }

    /// The arrays, in the order of their items in the file.
    pub fn tensors(&self) -> impl ExactSizeIterator<Item = Tensor<'_, S>> {
        self.tensors.iter().map(|tensor| self.tensor(tensor))
    }

    fn tensor<'a>(&'a self, (name, info): &'a (String, TensorInfo)) -> Tensor<'a, S> {
        let file = self;
        Tensor { file, name, info }
    }

    /// The array of this name.
    ///
    /// # Errors
    /// There is none.
    pub fn get(&self, name: &str) -> Result<Tensor<'_, S>, FileError> {
        let place = self.by_name.binary_search_by(|index| {
            let found = self.tensors.get(*index);
            found.map_or("", |(found, _)| found.as_str()).cmp(name)
        });
        let index = place.ok().and_then(|place| self.by_name.get(place));
        let tensor = index.and_then(|index| self.tensors.get(*index));
        let not_found = || {
            let names = self.tensors.iter().map(|(name, _)| name.as_str());
            let similar = similar(name, names.take(MAX_COMPARED));
            let similar = similar.map(str::to_owned);
            let name = name.to_owned();
            Error::from(ErrorKind::NotFound { name, similar })
        };
        Ok(self.tensor(tensor.ok_or_else(not_found)?))
    }

    /// The number of arrays.
    pub fn len(&self) -> usize {
        self.tensors.len()
    }

    /// Whether there are no arrays.
    pub fn is_empty(&self) -> bool {
        self.tensors.is_empty()
    }

    /// The texts under `__metadata__`, in the order of the header.
    pub fn metadata(&self) -> &[(String, String)] {
        &self.metadata
    }

    /// The byte at which the header ends, and the items begin.
    pub fn data_offset(&self) -> u64 {
        self.begin
    }

    /// The source.
    pub fn source(&self) -> &S {
        &self.source
    }

    /// Closes the file and returns the source.
    pub fn into_source(self) -> S {
        self.source
    }
}

/// One array, whose items are not yet read.
#[derive(Debug)]
pub struct Tensor<'a, S> {
    file: &'a SafeTensors<S>,
    name: &'a str,
    info: &'a TensorInfo,
}

impl<'a, S: ReadAt> Tensor<'a, S> {
    /// Its name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The name that safetensors has for its dtype: `F32`, `BF16`, `F8_E4M3`.
    pub fn dtype_name(&self) -> &'static str {
        self.info.dtype.name()
    }

    /// Its shape.
    pub fn shape(&self) -> &'a [usize] {
        &self.info.shape
    }

    /// The size of its items in bytes.
    pub fn nbytes(&self) -> u64 {
        self.info.end - self.info.begin
    }

    /// The byte of the file at which its items begin.
    pub fn data_offset(&self) -> u64 {
        self.file.begin + self.info.begin
    }

    /// Dtype and shape of its items, which are in C order and little endian.
    ///
    /// # Errors
    /// A dtype with several items in a byte; more than 64 axes.
    pub fn layout(&self) -> Result<Layout, FileError> {
        let Some(number) = self.info.dtype.dtype() else {
            let (name, dtype) = (self.name.to_owned(), self.dtype_name());
            return Err(Error::from(ErrorKind::Packed { name, dtype }).into());
        };
        let dtype = number.with_byte_order(ByteOrder::Little);
        let layout = Layout::new(dtype, self.shape(), Order::C);
        Ok(layout.map_err(flatfile::Error::from)?)
    }

    /// The array, whose items are read on request.
    ///
    /// # Errors
    /// As [`layout`](Tensor::layout).
    pub fn open(&self) -> Result<Reader<&'a S>, FileError> {
        let layout = self.layout()?;
        Ok(Reader::raw(&self.file.source, layout, self.data_offset()))
    }
}

impl TensorInfo {
    /// The bytes that the items take, as dtype and shape say; `None` if that is no number of bytes.
    fn nbytes(dtype: TensorDType, shape: &[usize]) -> Option<u64> {
        let count = shape
            .iter()
            .try_fold(1u64, |count, length| count.checked_mul(*length as u64))?;
        let bits = count.checked_mul(dtype.bits().into())?;
        bits.is_multiple_of(8).then_some(bits / 8)
    }
}
