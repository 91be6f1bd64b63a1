//! What of an array is read without the rest: its header, and slices.

use crate::errors::OrRaise;
use crate::file::{PyFile, PyFileAt, real_file};
use crate::load::{Reading, name_of, path_of};
use crate::{array, dtypes, remote, slice, work};
use npio::header::Header;
use npio::{AnySource, CancelToken, LoadOptions, Order, RandomAccessFile, Reader};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// An array that is open, in a path, at an address, or in a file object.
fn open_array(
    py: Python<'_>,
    file: &Bound<'_, PyAny>,
    options: &LoadOptions,
    token: &CancelToken,
) -> PyResult<Reader<AnySource<'static>>> {
    if let Some(path) = path_of(file)? {
        let bytes = remote::url_of(&path).map_or(0, |_| work::WAITS);
        let (path, options) = remote::resolved(path, options.clone(), token);
        return work::run(py, token, bytes, || options.open_array(path))?.or_raise(py);
    }
    let name = name_of(file);
    if let Some((real, begin)) = real_file(file)? {
        let reader = py.detach(|| options.open_at(RandomAccessFile::from(real), begin));
        return Ok(reader.or_raise(py)?.in_file(name));
    }
    let source = PyFileAt::new(PyFile::new(file));
    let begin = file.call_method0("tell")?.extract()?;
    Ok(py
        .detach(|| options.open_at(source, begin))
        .or_raise(py)?
        .in_file(name))
}

/// The result of `work`, which leaves a file object where it was.
fn keep_position<T>(file: &Bound<'_, PyAny>, work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    if path_of(file)?.is_some() {
        return work();
    }
    // What cannot tell where it is, or not seek, is left where it is read to.
    let Ok(position) = file.call_method0("tell") else {
        return work();
    };
    let result = work();
    if file.call_method0("seekable")?.is_truthy()? {
        file.call_method1("seek", (position,))?;
    }
    result
}

/// The facts of a header: dtype, shape, Fortran order, version, data offset.
pub(crate) fn facts<'py>(
    py: Python<'py>,
    header: &Header,
    data_offset: Option<u64>,
) -> PyResult<Bound<'py, PyTuple>> {
    let layout = header.layout();
    let version = header.version();
    (
        dtypes::to_python(py, layout.dtype())?,
        PyTuple::new(py, layout.shape())?,
        layout.order() == Order::Fortran,
        version.to_string(),
        data_offset,
    )
        .into_pyobject(py)
}

/// The header of an array: see `pynpio.header`.
#[pyfunction]
pub(crate) fn read_header<'py>(
    file: &Bound<'py, PyAny>,
    max_header_size: usize,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = file.py();
    let options = LoadOptions::new().max_header_size(max_header_size);
    let reader = keep_position(file, || open_array(py, file, &options, &CancelToken::new()))?;
    let header = reader.header().cloned();
    let header = header.unwrap_or_else(|| Header::new(reader.layout().clone()));
    facts(py, &header, reader.data_offset())
}

/// `load(file)[index]`, of which little else is read.
#[pyfunction]
#[pyo3(signature = (file, index, *, order=None, dtype=None))]
pub(crate) fn load_slice<'py>(
    file: &Bound<'py, PyAny>,
    index: &Bound<'py, PyAny>,
    order: Option<&str>,
    dtype: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = file.py();
    let reading = Reading::new(None, order, dtype)?;
    let slice = slice::from_python(index)?;
    let array = keep_position(file, || {
        let reader = open_array(py, file, &reading.options(), &reading.token)?;
        let bytes = match path_of(file)? {
            Some(path) if remote::url_of(&path).is_some() => work::WAITS,
            _ => reader.layout().nbytes() as u64,
        };
        work::run(py, &reading.token, bytes, || reader.slice(&slice))?.or_raise(py)
    })?;
    indexed(index, array)
}

/// An array as it is, but one item as NumPy's scalar, as indexing gives it unless there is a `...`.
pub(crate) fn indexed<'py>(
    index: &Bound<'py, PyAny>,
    array: npio::Array,
) -> PyResult<Bound<'py, PyAny>> {
    let py = index.py();
    let is_item = array.shape().is_empty() && !slice::has_ellipsis(index)?;
    let array = array::to_python(py, array)?;
    if is_item {
        array.get_item(PyTuple::empty(py))
    } else {
        Ok(array)
    }
}
