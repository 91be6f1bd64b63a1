//! Writing files of safetensors.

use super::LENGTH_BYTES;
use super::dtype_name::TensorDType;
use super::error::{Error, ErrorKind};
use crate::Error as FileError;
use crate::save::SaveOptions;
use crate::to_strided::ToStrided;
use flatfile::dtype::{ByteOrder, DType, Layout, Order};
use flatfile::{Error as FlatError, raw};
use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// The longest header that is read or written, in bytes: that of the reference implementation.
pub const MAX_HEADER_SIZE: u64 = 100_000_000;

/// The key of the texts about a file.
pub(super) const METADATA: &str = "__metadata__";

/// The header of a file, for a program that writes the items itself.
///
/// ```
/// use npio::safetensors::Header;
/// use npio::{DType, Layout, Order};
///
/// let (a, b) = (Layout::new(DType::U8, [2], Order::C)?, Layout::new(DType::F32, [1], Order::C)?);
/// let header = Header::new(&[("a", &a), ("b", &b)], &[])?;
/// // Those with larger items come first.
/// assert_eq!(header.order(), [1, 0]);
/// let text = header.as_bytes().trim_ascii_end();
/// assert!(text.ends_with(br#""a":{"dtype":"U8","shape":[2],"data_offsets":[4,6]}}"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Header {
    bytes: Vec<u8>,
    order: Vec<usize>,
}

impl Header {
    /// The header of arrays with these names and layouts, and of texts about them. The arrays follow it in
    /// [`order`](Header::order), each in C order and little endian; the memory and byte order of a layout do not
    /// count.
    ///
    /// # Errors
    /// A dtype that safetensors does not have; a name that is used twice, or is `__metadata__`; a header of more than
    /// [`MAX_HEADER_SIZE`].
    pub fn new(tensors: &[(&str, &Layout)], metadata: &[(&str, &str)]) -> Result<Header, Error> {
        let mut names = HashSet::from([METADATA]);
        let mut sorted = Vec::with_capacity(tensors.len());
        for (index, (name, layout)) in tensors.iter().enumerate() {
            if !names.insert(name) {
                return Err(ErrorKind::Name((*name).to_owned()).into());
            }
            let dtype = TensorDType::of(layout.dtype()).ok_or_else(|| ErrorKind::NoDType {
                name: (*name).to_owned(),
                dtype: layout.dtype().clone(),
            })?;
            sorted.push((index, *name, *layout, dtype));
        }
        sorted.sort_by(|(_, a, _, one), (_, b, _, other)| {
            other.rank().cmp(&one.rank()).then(a.cmp(b))
        });
        let mut entries = Vec::with_capacity(sorted.len() + 1);
        if !metadata.is_empty() {
            entries.push(format!("\"{METADATA}\":{{{}}}", metadata_text(metadata)?));
        }
        let mut end = 0u64;
        for (_, name, layout, dtype) in &sorted {
            let begin = end;
            end = end.saturating_add(layout.nbytes() as u64);
            let lengths: Vec<String> = layout.shape().iter().map(usize::to_string).collect();
            entries.push(format!(
                "{}:{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{begin},{end}]}}",
                json_string(name),
                dtype.name(),
                lengths.join(",")
            ));
        }
        let mut text = format!("{{{}}}", entries.join(","));
        // The items begin at a multiple of 8 bytes.
        let padding = text.len().next_multiple_of(LENGTH_BYTES) - text.len();
        // Writing to a string cannot fail.
        let _ = write!(text, "{:padding$}", "");
        let length = text.len() as u64;
        if length > MAX_HEADER_SIZE {
            return Err(ErrorKind::HeaderTooLong(length).into());
        }
        let mut bytes = length.to_le_bytes().to_vec();
        bytes.extend(text.into_bytes());
        let order = sorted.iter().map(|(index, ..)| *index).collect();
        Ok(Header { bytes, order })
    }

    /// Its bytes, with which the file begins.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The order in which the arrays follow it, as indices of those it was made of.
    pub fn order(&self) -> &[usize] {
        &self.order
    }
}

/// The texts by name, without brackets.
fn metadata_text(metadata: &[(&str, &str)]) -> Result<String, Error> {
    let mut names = HashSet::new();
    let mut pairs = Vec::with_capacity(metadata.len());
    for (name, text) in metadata {
        if !names.insert(name) {
            return Err(ErrorKind::Name((*name).to_owned()).into());
        }
        pairs.push(format!("{}:{}", json_string(name), json_string(text)));
    }
    Ok(pairs.join(","))
}

/// A string of JSON, escaped only where it must be.
fn json_string(text: &str) -> String {
    // A text always is a value of JSON.
    serde_json::to_string(text).unwrap_or_default()
}

/// Saves arrays by name, with texts about them, as `safetensors.numpy.save_file` does. The file is replaced atomically.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.safetensors");
/// npio::safetensors::save(&path, &[("x", [1.5f32, 2.5])], &[])?;
/// assert_eq!(npio::safetensors::open(&path)?.get("x")?.open()?.read_vec::<f32>()?, [1.5, 2.5]);
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// As [`Header::new`]; I/O errors.
pub fn save(
    path: impl AsRef<Path>,
    tensors: &[(&str, impl ToStrided)],
    metadata: &[(&str, &str)],
) -> Result<(), FileError> {
    SaveOptions::new().save_safetensors(path, tensors, metadata)
}

impl SaveOptions {
    /// See [`safetensors::save`](save). Options for the items do not apply.
    ///
    /// # Errors
    /// As [`save`].
    pub fn save_safetensors(
        &self,
        path: impl AsRef<Path>,
        tensors: &[(&str, impl ToStrided)],
        metadata: &[(&str, &str)],
    ) -> Result<(), FileError> {
        let path = path.as_ref();
        let write = || {
            let mut views = Vec::with_capacity(tensors.len());
            for (name, array) in tensors {
                let view = array.to_strided()?;
                let layout = view.strided().layout(Order::C)?;
                views.push((*name, view, layout));
            }
            let layouts: Vec<(&str, &Layout)> = views
                .iter()
                .map(|(name, _, layout)| (*name, layout))
                .collect();
            let header = Header::new(&layouts, metadata)?;
            self.replace(path, |mut file| {
                file.write_all(header.as_bytes()).map_err(FlatError::from)?;
                let options = raw::WriteOptions::new()
                    .order(Order::C)
                    .byte_order(ByteOrder::Little);
                for index in header.order() {
                    if let Some((_, view, _)) = views.get(*index) {
                        options.write(&mut file, view.strided())?;
                    }
                }
                Ok::<_, FileError>(())
            })
        };
        write().map_err(|error: FileError| error.in_file(path))
    }
}

/// Whether arrays of this dtype can be saved.
pub fn has_dtype(dtype: &DType) -> bool {
    TensorDType::of(dtype).is_some()
}
