//! NumPy's `fromfile` and `tofile` without `sep`, and layouts in file names.

use crate::compressed::{self, Decoder, Format, inner_name};
use crate::error::{Cause, Error};
use crate::load::LoadOptions;
use crate::open::read_first_bytes;
use crate::save::SaveOptions;
use crate::to_strided::ToStrided;
use flatfile::dtype::{ByteOrder, DType, Layout};
use flatfile::raw::RawLayout;
use flatfile::{Array, Error as FlatError, ErrorKind, ReadAt, Reader, Strided, raw};
use npmeta::name::{self, FileName};
use std::io::Read;
use std::path::Path;

/// Loads items that only `format` describes, as NumPy's `fromfile` does: a dtype alone means all items of
/// the file, a [`RawLayout`] can give the shape, order and offset.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.dat");
/// use npio::{Array, DType, RawLayout};
/// npio::tofile(&path, &Array::from_slice(&[1i32, 2, 3, 4, 5, 6], [2, 3])?)?;
/// assert_eq!(npio::fromfile(&path, DType::I32)?.shape(), [6]);
/// let x = npio::fromfile(&path, RawLayout::new(DType::I32).shape([-1, 3]))?;
/// assert_eq!(x.to_string(), "[[1 2 3]\n [4 5 6]]");
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// A file that does not exist or cannot be read; one whose length does not fit; one whose first bytes are
/// those of another format, unless the items begin after them. ([`compressed`](crate::compressed) files are
/// decompressed first, in memory if the shape is to be inferred.)
pub fn fromfile(path: impl AsRef<Path>, format: impl Into<RawLayout>) -> Result<Array, Error> {
    LoadOptions::new().fromfile(path, format)
}

/// Saves the items of an array and nothing else, in C order, as NumPy's `tofile` does. The file is replaced
/// atomically, and compressed if its name says so, as by [`save`](crate::save).
///
/// # Errors
/// As [`save`](crate::save).
pub fn tofile(path: impl AsRef<Path>, array: impl ToStrided) -> Result<(), Error> {
    SaveOptions::new().tofile(path, array)
}

/// Saves the items alone, under a name that gives their layout: `fish_int32_4_5.dat`. [`load`](crate::load) reads
/// them back as the same array.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("fish_int32_2_2.dat");
/// let fish = npio::Array::from_slice(&[1i32, 2, 3, 4], [2, 2])?;
/// npio::save_raw(&path, &fish)?;
/// assert_eq!(std::fs::metadata(&path).unwrap().len(), 16);
/// assert_eq!(npio::load(&path)?.shape(), [2, 2]);
/// // A name that gives another layout is an error.
/// assert!(npio::save_raw(path.with_file_name("fish_int32_4.dat"), &fish).is_err());
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// A name that gives no layout, or another one than the array's; as [`save`](crate::save).
pub fn save_raw(path: impl AsRef<Path>, array: impl ToStrided) -> Result<(), Error> {
    SaveOptions::new().save_raw(path, array)
}

impl LoadOptions {
    /// See [`fromfile`].
    ///
    /// # Errors
    /// As [`fromfile`].
    pub fn fromfile(
        &self,
        path: impl AsRef<Path>,
        format: impl Into<RawLayout>,
    ) -> Result<Array, Error> {
        let (path, format) = (path.as_ref(), format.into());
        let load = || {
            let file = self.open_file(path)?;
            let is_regular = file.is_regular()?;
            let first = is_regular.then(|| read_first_bytes(&file)).transpose()?;
            let Some(first) = first.filter(|first| !compressed::is_compressed(first, path)) else {
                let mut stream = Decoder::in_file(file.into_stream(), path)?;
                let most = longest(&format)?;
                // The length of a stream is known only at its end.
                let mut bytes = Vec::new();
                stream.by_ref().take(most).read_to_end(&mut bytes)?;
                if format.begin() == 0 {
                    raw::check_first_bytes(&bytes)?;
                }
                let layout = format.layout(bytes.len() as u64)?;
                let reader = Reader::raw(bytes, layout, format.begin());
                return self.read.apply(reader)?.read();
            };
            if format.begin() == 0 {
                raw::check_first_bytes(&first)?;
            }
            let layout = format.layout(file.len()?)?;
            let reader = Reader::raw(file, layout, format.begin());
            self.read.apply(reader)?.read()
        };
        load().map_err(|error: FlatError| Error::new(path, error))
    }
}

/// The number of bytes after which nothing matters any more: of a shape without -1, one more than it has.
fn longest(format: &RawLayout) -> Result<u64, FlatError> {
    Ok(match format.complete() {
        Ok(layout) => {
            let items = layout.nbytes() as u64;
            format.begin().saturating_add(items).saturating_add(1)
        }
        Err(error) if matches!(error.kind(), ErrorKind::Shape(_)) => u64::MAX,
        Err(error) => return Err(error),
    })
}

impl SaveOptions {
    /// See [`tofile`]; in Fortran order if [`order`](SaveOptions::order) asks for it.
    ///
    /// # Errors
    /// As [`tofile`].
    pub fn tofile(&self, path: impl AsRef<Path>, array: impl ToStrided) -> Result<(), Error> {
        let path = path.as_ref();
        let save = || {
            let array = array.to_strided()?;
            let items = self.write.items();
            if Format::in_name(path).is_some() {
                return self.replace_compressed(path, |target| items.write(target, &array));
            }
            self.replace(path, |file| items.write_file(file, &array))
        };
        save().map_err(|error: FlatError| Error::new(path, error))
    }

    /// See [`save_raw`]. The name also gives the orders: if [`order`](SaveOptions::order) or
    /// [`byte_order`](SaveOptions::byte_order) asks for others, that is an error.
    ///
    /// # Errors
    /// As [`save_raw`]; options that contradict the name.
    pub fn save_raw(&self, path: impl AsRef<Path>, array: impl ToStrided) -> Result<(), Error> {
        let path = path.as_ref();
        let save = || {
            let array = array.to_strided()?;
            let options = self.as_named(path, &array.strided())?;
            if Format::in_name(path).is_some() {
                self.replace_compressed(path, |target| options.write(target, &array))?;
            } else {
                self.replace(path, |file| options.write_file(file, &array))?;
            }
            Ok(())
        };
        save().map_err(|error: Cause| Error::new(path, error))
    }

    /// How to write this array to a raw file of this name.
    fn as_named(&self, path: &Path, view: &Strided<'_>) -> Result<raw::WriteOptions, Cause> {
        let named = named_layout(path)?;
        let conversion = self.write.as_conversion();
        let dtype = conversion.requested_dtype().unwrap_or(view.dtype());
        let dtype = match conversion.requested_byte_order() {
            Some(order) => dtype.with_byte_order(order),
            None => dtype.clone(),
        };
        let order = conversion.requested_order();
        let native = |dtype: &DType| dtype.with_byte_order(ByteOrder::NATIVE);
        let is_same_type = match conversion.requested_byte_order() {
            Some(_) => *named.dtype() == dtype,
            None => native(named.dtype()) == native(&dtype),
        };
        let is_same_order = order.is_none_or(|order| order == named.order());
        if !is_same_type || !is_same_order || named.shape() != view.shape() {
            let found = Layout::new(dtype, view.shape(), order.unwrap_or_default());
            let found = found.map_err(FlatError::from)?;
            return Err(name::Error::from(name::ErrorKind::OtherLayout { named, found }).into());
        }
        let byte_order = if *named.dtype() == named.dtype().with_byte_order(ByteOrder::Big) {
            ByteOrder::Big
        } else {
            ByteOrder::Little
        };
        let items = self.write.items().clone().order(named.order());
        Ok(items.byte_order(byte_order))
    }
}

/// The layout in a path's file name, unless it ends in `.npy` or `.npz`: `fish_int32_4_5.dat`. The suffix of a
/// [`compressed`](crate::compressed) file does not count.
///
/// ```
/// let layout = npio::layout_in_name("data/fish_int32_4_5.dat").unwrap();
/// assert_eq!((layout.shape(), layout.dtype().to_string()), (&[4, 5][..], "<i4".into()));
/// assert!(npio::layout_in_name("data/fish_int32_4_5.npy").is_none());
/// ```
pub fn layout_in_name(path: impl AsRef<Path>) -> Option<Layout> {
    named_layout(path.as_ref()).ok()
}

fn named_layout(path: &Path) -> Result<Layout, name::Error> {
    let path = &*inner_name(path);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let suffix = path.extension().unwrap_or_default();
    if suffix == "npy" || suffix == "npz" {
        let (name, pattern) = (name.into_owned(), "another suffix".to_owned());
        return Err(name::ErrorKind::NoLayout { name, pattern }.into());
    }
    Ok(FileName::parse(&name)?.layout)
}

/// The layout in a path's file name, as the format that [`memmap`](crate::memmap) and its siblings take.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x_int32_2_2.dat");
/// npio::save_raw(&path, &npio::Array::from_slice(&[1i32, 2, 3, 4], [2, 2])?)?;
/// // SAFETY: no other program changes this file meanwhile.
/// let x = unsafe { npio::memmap(&path, npio::format_in_name(&path)?) }?;
/// assert_eq!(x.to_vec::<i32>()?, [1, 2, 3, 4]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// A name that gives no layout.
pub fn format_in_name(path: impl AsRef<Path>) -> Result<RawLayout, name::Error> {
    let name = path.as_ref().file_name().unwrap_or_default();
    let named = FileName::parse(&name.to_string_lossy())?;
    Ok(named.layout.into())
}
