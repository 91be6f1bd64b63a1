//! `x[…]` as Python passes it: integers, slices, `...`, and tuples of them.

use npio::{Index, Slice};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyEllipsis, PySlice, PyString, PyTuple};

pub(crate) fn from_python(index: &Bound<'_, PyAny>) -> PyResult<Slice> {
    if let Ok(text) = index.cast::<PyString>() {
        let slice = text.to_str()?.parse::<Slice>();
        return slice.map_err(|error| crate::errors::exception(index.py(), error.into()));
    }
    let parts = match index.cast::<PyTuple>() {
        Ok(tuple) => tuple
            .iter()
            .map(|part| part_from_python(&part))
            .collect::<PyResult<Vec<_>>>()?,
        Err(_) => vec![part_from_python(index)?],
    };
    Ok(Slice::new(parts))
}

/// Whether there is a `...` in it.
pub(crate) fn has_ellipsis(index: &Bound<'_, PyAny>) -> PyResult<bool> {
    if let Ok(text) = index.cast::<PyString>() {
        return Ok(text.to_str()?.contains("..."));
    }
    let is_ellipsis = |part: &Bound<'_, PyAny>| part.is_instance_of::<PyEllipsis>();
    Ok(match index.cast::<PyTuple>() {
        Ok(tuple) => tuple.iter().any(|part| is_ellipsis(&part)),
        Err(_) => is_ellipsis(index),
    })
}

fn part_from_python(part: &Bound<'_, PyAny>) -> PyResult<Index> {
    if part.is_instance_of::<PyEllipsis>() {
        return Ok(Index::Ellipsis);
    }
    if let Ok(slice) = part.cast::<PySlice>() {
        let bound = |name| -> PyResult<Option<isize>> {
            let bound = slice.getattr(name)?;
            if bound.is_none() {
                Ok(None)
            } else {
                Ok(Some(integer(&bound)?))
            }
        };
        let step = bound("step")?.unwrap_or(1);
        if step == 0 {
            return Err(pyo3::exceptions::PyValueError::new_err(
                "slice step cannot be zero",
            ));
        }
        return Ok(Index::Range {
            start: bound("start")?,
            stop: bound("stop")?,
            step,
        });
    }
    if part.is_none() || part.is_instance_of::<pyo3::types::PyBool>() {
        return Err(not_basic(part));
    }
    integer(part).map(Index::At).map_err(|_| not_basic(part))
}

/// An integer of Python or NumPy; beyond `isize` it is as far out as it gets.
fn integer(value: &Bound<'_, PyAny>) -> PyResult<isize> {
    let index = value.call_method0("__index__")?;
    match index.extract() {
        Ok(index) => Ok(index),
        Err(_) if index.lt(0)? => Ok(isize::MIN),
        Err(_) => Ok(isize::MAX),
    }
}

fn not_basic(part: &Bound<'_, PyAny>) -> PyErr {
    let text = part
        .repr()
        .map_or_else(|_| "an object".to_owned(), |text| text.to_string());
    PyTypeError::new_err(format!(
        "expected integers, slices and `...`, found {text}: load the array, and index it then"
    ))
}
