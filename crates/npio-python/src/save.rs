//! `save`, `savez`, `tofile` for items, and `append`.

use crate::array::Items;
use crate::errors::{OrRaise, append_exception, exception, exception_in};
use crate::file::{PyFile, real_file};
use crate::load::{helper, path_of};
use crate::{counts, dtypes, work};
use npio::flatfile::raw;
use npio::header::{Header, Version};
use npio::{
    AppendOptions, CancelToken, Cancellable, DType, Layout, Order, SaveOptions, SavezOptions,
    Strided, npz,
};
use numpy::{PyArrayDescr, PyArrayDescrMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::{PyTypeError, PyUnicodeEncodeError, PyUserWarning, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;

/// Saves an array as `np.save` does; the package's documentation describes it.
#[pyfunction]
#[pyo3(signature = (file, arr, allow_pickle=true, *, atomic=true, durable=false))]
pub(crate) fn save<'py>(
    file: &Bound<'py, PyAny>,
    arr: &Bound<'py, PyAny>,
    allow_pickle: bool,
    atomic: bool,
    durable: bool,
) -> PyResult<()> {
    let py = file.py();
    let path = target_path(file)?;
    let Some(items) = npy_items(arr)? else {
        // Objects, another library's dtypes, and what is no array at all.
        let arguments = PyDict::new(py);
        arguments.set_item("allow_pickle", allow_pickle)?;
        arguments.set_item("atomic", atomic)?;
        arguments.set_item("durable", durable)?;
        helper(py, "pynpio._save", "save_other")?.call((file, arr), Some(&arguments))?;
        return Ok(());
    };
    counts::count("save");
    let view = items.strided()?;
    warn_of_version(py, &view)?;
    let bytes = items.nbytes();
    let token = CancelToken::new();
    if let Some(path) = path {
        let path = with_suffix(path, "npy");
        let options = options(atomic, durable, &token);
        // Written as it is, whatever the name: `x.gz` is `x.gz.npy` here, as in NumPy.
        return work::run(py, &token, bytes, || options.save(&path, view))?.or_raise(py);
    }
    let options = SaveOptions::new().cancel(token.clone());
    to_object(py, file, &token, bytes, |target| match target {
        Target::File(file) => options.save_to(file, view).map(drop),
        Target::Object(object) => {
            npio::flatfile::npy::write(object, view)?;
            Ok(())
        }
    })
}

/// An array of NumPy's own dtypes, as it is saved in a `.npy`; `None` for anything else.
fn npy_items<'py>(array: &Bound<'py, PyAny>) -> PyResult<Option<Items<'py>>> {
    let py = array.py();
    let Ok(array) = array.cast_exact::<PyUntypedArray>() else {
        return Ok(None);
    };
    let descr = array.dtype();
    if descr.has_object() || !descr.getattr(intern!(py, "metadata"))?.is_none() {
        return Ok(None);
    }
    // Another dtype is left to NumPy, also for the error. The dtypes of fields may have metadata, too.
    // Names that are not Unicode NumPy would write as something that is read by itself alone.
    let items = match Items::new(array.clone()) {
        Ok(items) => items,
        Err(error) if error.is_instance_of::<PyUnicodeEncodeError>(py) => return Err(error),
        Err(_) => return Ok(None),
    };
    if matches!(items.dtype(), DType::Record(_)) {
        let dropped = helper(py, "numpy.lib._utils_impl", "drop_metadata")?.call1((&descr,))?;
        if !dropped.is(&descr) {
            return Ok(None);
        }
    }
    Ok(Some(items))
}

/// NumPy's warning if the header of this array has a version that old readers do not know.
fn warn_of_version(py: Python<'_>, view: &Strided<'_>) -> PyResult<()> {
    // No other dtype is that long, or has names.
    if !matches!(view.dtype(), DType::Record(_)) {
        return Ok(());
    }
    let options = npio::flatfile::npy::WriteOptions::new();
    // As of the function that was called.
    warn_of(py, &options.header_for(view.clone()).or_raise(py)?, 1)
}

fn warn_of(py: Python<'_>, header: &Header, stack_level: i32) -> PyResult<()> {
    let text = match header.version() {
        Version::V2 => c"Stored array in format 2.0. It can only be read by NumPy >= 1.9",
        Version::V3 => c"Stored array in format 3.0. It can only be read by NumPy >= 1.17",
        _ => return Ok(()),
    };
    PyErr::warn(py, &py.get_type::<PyUserWarning>(), text, stack_level)
}

/// The path to write to; `None` if it is a file object.
pub(crate) fn target_path(file: &Bound<'_, PyAny>) -> PyResult<Option<PathBuf>> {
    if file.hasattr(intern!(file.py(), "write"))? {
        return Ok(None);
    }
    path_of(file)
}

fn with_suffix(path: PathBuf, suffix: &str) -> PathBuf {
    if path
        .as_os_str()
        .as_encoded_bytes()
        .ends_with(format!(".{suffix}").as_bytes())
    {
        return path;
    }
    let mut path = path.into_os_string();
    path.push(".");
    path.push(suffix);
    path.into()
}

pub(crate) fn options(atomic: bool, durable: bool, token: &CancelToken) -> SaveOptions {
    let mut options = SaveOptions::new().cancel(token.clone());
    if !atomic {
        options = options.in_place();
    }
    if durable {
        options = options.durable();
    }
    options
}

/// What a file object is written through.
pub(crate) enum Target<'a> {
    /// The file of the system behind it, at its position.
    File(&'a File),
    /// Its methods, by way of a buffer.
    Object(&'a mut dyn Write),
}

/// Writes to a file object, from its position on, and leaves it at the end of what was written.
pub(crate) fn to_object(
    py: Python<'_>,
    file: &Bound<'_, PyAny>,
    token: &CancelToken,
    bytes: u64,
    write: impl FnOnce(Target<'_>) -> Result<(), npio::Error> + Send,
) -> PyResult<()> {
    if let Some((mut real, begin)) = real_file(file)? {
        let end = work::run(py, token, bytes, || {
            real.seek(SeekFrom::Start(begin))
                .map_err(npio::Error::from)?;
            write(Target::File(&real))?;
            real.stream_position().map_err(npio::Error::from)
        })?;
        // Also after an error, since the position was moved.
        let position = end.as_ref().copied().unwrap_or(begin);
        file.call_method1(intern!(py, "seek"), (position,))?;
        return end.map(drop).or_raise(py);
    }
    let object = PyFile::new(file);
    let write = || {
        let mut buffered = std::io::BufWriter::with_capacity(256 << 10, object);
        write(Target::Object(&mut buffered))?;
        buffered.flush().map_err(npio::Error::from)
    };
    // Its own methods look for signals.
    py.detach(write).or_raise(py)
}

/// Saves named arrays in an archive. The arrays are exact ones, of dtypes that `can_save` accepts, or bytes: whole `.npy`
/// that Python has made.
#[pyfunction]
#[pyo3(signature = (file, names, arrays, *, level, atomic, durable))]
pub(crate) fn savez<'py>(
    file: &Bound<'py, PyAny>,
    names: Vec<String>,
    arrays: Vec<Bound<'py, PyAny>>,
    level: Option<u8>,
    atomic: bool,
    durable: bool,
) -> PyResult<()> {
    let py = file.py();
    let arrays = arrays
        .iter()
        .map(Member::new)
        .collect::<PyResult<Vec<_>>>()?;
    let bytes = arrays.iter().map(Member::nbytes).sum();
    let members = names.iter().map(String::as_str).zip(&arrays);
    let members = members
        .map(|(name, member)| Ok((name, member.content()?)))
        .collect::<PyResult<Vec<_>>>()?;
    for (_, content) in &members {
        if let Content::Array(view) = content {
            warn_of_version(py, view)?;
        }
    }
    let token = CancelToken::new();
    let compression = level.map(npz::Compression::deflated);
    let only_arrays = members.iter().map(|(name, content)| match content {
        Content::Array(view) => Some((*name, view.clone())),
        Content::Npy(_) => None,
    });
    let only_arrays: Option<Vec<(&str, Strided<'_>)>> = only_arrays.collect();
    if let Some(path) = target_path(file)? {
        let path = with_suffix(path, "npz");
        let mut options = SavezOptions::new().cancel(token.clone());
        if let Some(compression) = compression {
            options = options.compression(compression);
        }
        if !atomic {
            options = options.in_place();
        }
        if durable {
            options = options.durable();
        }
        let saved = work::run(py, &token, bytes, || match only_arrays {
            Some(arrays) => options.savez(&path, arrays),
            None => {
                let mut archive = options.create(&path)?;
                let written = write_members(archive.as_npz(), members);
                written.map_err(|error| npio::Error::from(error).in_file(&path))?;
                archive.finish()
            }
        })?;
        return saved.or_raise(py);
    }
    let mut options = npz::WriteOptions::new();
    if let Some(compression) = compression {
        options = options.compression(compression);
    }
    let seeks = PyFile::new(file);
    let is_at_start = seeks.is_seekable(py)
        && file
            .call_method0(intern!(py, "tell"))
            .and_then(|at| at.extract::<u64>())
            .is_ok_and(|at| at == 0);
    let target = Cancellable::new(seeks, token.clone());
    let saved = work::run(py, &token, bytes, || {
        let mut writer = if is_at_start {
            options.create(target)?
        } else {
            options.stream(target)
        };
        write_members(&mut writer, members)?;
        writer.finish()?.flush()?;
        Ok(())
    })?;
    saved.map_err(|error: npz::Error| exception(py, error.into()))
}

fn write_members<W: Write>(
    writer: &mut npz::Writer<W>,
    members: Vec<(&str, Content<'_>)>,
) -> Result<(), npz::Error> {
    for (name, content) in members {
        match content {
            Content::Array(view) => writer.array(name, view)?,
            Content::Npy(bytes) => {
                let mut member = writer.member(&format!("{name}.npy"))?;
                member.write_all(bytes)?;
                member.finish()?;
            }
        }
    }
    Ok(())
}

/// A member to save.
enum Member<'py> {
    Array(Items<'py>),
    Npy(Vec<u8>),
}

enum Content<'a> {
    Array(Strided<'a>),
    Npy(&'a [u8]),
}

impl<'py> Member<'py> {
    fn new(array: &Bound<'py, PyAny>) -> PyResult<Member<'py>> {
        match array.cast::<PyUntypedArray>() {
            Ok(array) => Items::new(array.clone()).map(Member::Array),
            Err(_) => Ok(Member::Npy(array.extract()?)),
        }
    }

    fn nbytes(&self) -> u64 {
        match self {
            Member::Array(items) => items.nbytes(),
            Member::Npy(bytes) => bytes.len() as u64,
        }
    }

    fn content(&self) -> PyResult<Content<'_>> {
        Ok(match self {
            Member::Array(items) => Content::Array(items.strided()?),
            Member::Npy(bytes) => Content::Npy(bytes),
        })
    }
}

/// Whether an exact array of this dtype can be saved without NumPy's help.
#[pyfunction]
pub(crate) fn can_save(array: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(npy_items(array)?.is_some())
}

/// Saves the bytes of a whole `.npy`, that Python has made, as `save` does.
#[pyfunction]
pub(crate) fn save_bytes(
    file: &Bound<'_, PyAny>,
    npy: &[u8],
    atomic: bool,
    durable: bool,
) -> PyResult<()> {
    let py = file.py();
    let Some(path) = path_of(file)? else {
        return Err(PyTypeError::new_err("expected a path"));
    };
    let path = with_suffix(path, "npy");
    let token = CancelToken::new();
    let options = options(atomic, durable, &token);
    let replaced = work::run(py, &token, npy.len() as u64, || {
        options.replace(&path, |mut target| target.write_all(npy))
    })?;
    replaced.map_err(|error| exception_in(py, &path, error))
}

/// Appends rows to the array in a `.npy`.
#[pyfunction]
#[pyo3(signature = (file, rows, *, durable=false))]
pub(crate) fn append<'py>(
    file: &Bound<'py, PyAny>,
    rows: &Bound<'py, PyUntypedArray>,
    durable: bool,
) -> PyResult<()> {
    let py = file.py();
    let Some(path) = path_of(file)? else {
        return Err(PyValueError::new_err(
            "expected a path: a file object cannot be appended to in place",
        ));
    };
    let items = Items::new(rows.clone())?;
    let view = items.strided()?;
    let token = CancelToken::new();
    let mut options = AppendOptions::new().cancel(token.clone());
    if durable {
        options = options.durable();
    }
    work::run(py, &token, items.nbytes(), || options.append(&path, view))?
        .map_err(|error| append_exception(py, error))
}

/// Writes the items of an array without a header, as `ndarray.tofile` does.
#[pyfunction]
#[pyo3(signature = (arr, file, *, atomic=true))]
pub(crate) fn tofile_raw<'py>(
    arr: &Bound<'py, PyUntypedArray>,
    file: &Bound<'py, PyAny>,
    atomic: bool,
) -> PyResult<()> {
    let py = file.py();
    // Whatever they mean, the bytes of an item are the bytes of an item.
    let items = Items::new(arr.clone())?;
    let view = items.strided()?;
    let token = CancelToken::new();
    if let Some(path) = target_path(file)? {
        let options = options(atomic, false, &token);
        return work::run(py, &token, items.nbytes(), || {
            options.replace(&path, |target| {
                if target.get_ref().metadata()?.is_file() {
                    raw::WriteOptions::new().write_file(target, view)
                } else {
                    raw::write(target, view)
                }
            })
        })?
        .map_err(|error: npio::flatfile::Error| exception_in(py, &path, error));
    }
    let inner = token.clone();
    to_object(py, file, &token, items.nbytes(), |target| {
        match target {
            Target::File(file) => {
                raw::WriteOptions::new().write_file(Cancellable::new(file, inner), view)?
            }
            Target::Object(object) => raw::write(object, view)?,
        }
        Ok(())
    })
}

/// Adds, replaces, removes and renames members of an archive.
#[pyfunction]
#[pyo3(signature = (path, names, arrays, remove, rename, *, level, durable))]
#[expect(clippy::too_many_arguments, reason = "the parts of an update")]
pub(crate) fn update<'py>(
    py: Python<'py>,
    path: PathBuf,
    names: Vec<String>,
    arrays: Vec<Bound<'py, PyAny>>,
    remove: Vec<String>,
    rename: Vec<(String, String)>,
    level: Option<u8>,
    durable: bool,
) -> PyResult<()> {
    let arrays = arrays
        .iter()
        .map(Member::new)
        .collect::<PyResult<Vec<_>>>()?;
    let file_names: Vec<String> = names.iter().map(|name| format!("{name}.npy")).collect();
    let mut update = npz::Update::new();
    for name in &remove {
        update = update.remove(name);
    }
    for (from, to) in &rename {
        update = update.rename(from, to);
    }
    for ((name, file_name), member) in names.iter().zip(&file_names).zip(&arrays) {
        update = match member.content()? {
            Content::Array(view) => update.set(name, view),
            Content::Npy(bytes) => update.set_bytes(file_name, bytes),
        };
    }
    let token = CancelToken::new();
    let mut options = SavezOptions::new().cancel(token.clone());
    if let Some(level) = level {
        options = options.deflate(level);
    }
    if durable {
        options = options.durable();
    }
    let old = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
    let bytes = arrays
        .iter()
        .map(Member::nbytes)
        .sum::<u64>()
        .saturating_add(old);
    work::run(py, &token, bytes, || options.update_npz(&path, &update))?.or_raise(py)
}

/// The header of a `.npy`; NumPy's warning if old readers do not know its version.
#[pyfunction]
pub(crate) fn encode_header<'py>(
    dtype: &Bound<'py, PyArrayDescr>,
    shape: Vec<usize>,
    fortran_order: bool,
) -> PyResult<Bound<'py, PyBytes>> {
    let py = dtype.py();
    let order = if fortran_order {
        Order::Fortran
    } else {
        Order::C
    };
    let layout = Layout::new(dtypes::from_python(dtype)?, shape, order);
    let header = Header::new(layout.map_err(npio::flatfile::Error::from).or_raise(py)?);
    let bytes = header.encode().map_err(npio::flatfile::Error::from);
    let bytes = bytes.or_raise(py)?;
    // As of the caller of `open_memmap`.
    warn_of(py, &header, 3)?;
    Ok(PyBytes::new(py, &bytes))
}
