//! Errors as Python's exceptions.

use crate::dtypes;
use crate::load::helper;
use npio::flatfile::ErrorKind;
use npio::flatfile::text::TextError;
use npio::{DType, ErrorClass};
use pyo3::create_exception;
use pyo3::exceptions::{
    PyEOFError, PyFileNotFoundError, PyKeyError, PyKeyboardInterrupt, PyMemoryError, PyOSError,
    PyValueError,
};
use pyo3::prelude::*;
use std::error::Error;
use std::io;
use std::path::Path;

create_exception!(
    pynpio,
    FormatError,
    PyValueError,
    "The data is invalid: corrupt, truncated, or of another format."
);
create_exception!(
    pynpio,
    UnsupportedError,
    PyValueError,
    "The data is valid, but uses something that is not supported."
);
create_exception!(
    pynpio,
    MismatchError,
    PyValueError,
    "The data is valid, but not what was asked for: another dtype, another shape."
);
create_exception!(pynpio, LimitError, PyValueError, "A limit was exceeded.");

/// The result of work, with Python's exception for an error.
pub(crate) trait OrRaise<T> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T>;
}

impl<T, E: Into<npio::Error>> OrRaise<T> for Result<T, E> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| exception(py, error.into()))
    }
}

/// The exception for an error in this file.
pub(crate) fn exception_in(py: Python<'_>, path: &Path, error: impl Into<npio::Error>) -> PyErr {
    exception(py, error.into().in_file(path))
}

/// The exception for an error. What a Python file object raised comes back as it is.
pub(crate) fn exception(py: Python<'_>, error: npio::Error) -> PyErr {
    if let Some(io) = error.io_error() {
        if let Some(raised) = raised(io) {
            return raised.clone_ref(py);
        }
        if let Some(code) = io.raw_os_error() {
            return os_error(py, code, &error);
        }
        if io.kind() == io::ErrorKind::OutOfMemory {
            return PyMemoryError::new_err(error.to_string());
        }
    }
    let text = error.to_string();
    match error.class() {
        ErrorClass::NotFound => PyFileNotFoundError::new_err(text),
        ErrorClass::NoMember => PyKeyError::new_err(text),
        ErrorClass::Empty => PyEOFError::new_err(format!("No data left in file: {text}")),
        ErrorClass::Cancelled => PyKeyboardInterrupt::new_err(()),
        ErrorClass::Busy | ErrorClass::Io => PyOSError::new_err(text),
        ErrorClass::Unsupported => UnsupportedError::new_err(text),
        ErrorClass::Mismatch if is_slice(&error) => slice_error(py, text),
        ErrorClass::Mismatch => MismatchError::new_err(text),
        ErrorClass::Limit if is_memory(&error) => PyMemoryError::new_err(text),
        ErrorClass::Limit if is_long_header(&error) => LimitError::new_err(format!(
            "Header info length is large and may not be safe to load: {text}; allow it with `max_header_size`, or, if you \
             trust the file, `allow_pickle=True`"
        )),
        ErrorClass::Limit => LimitError::new_err(text),
        _ => FormatError::new_err(text),
    }
}

/// The exception in an I/O error, also in one that a layer between has put into another.
fn raised(error: &io::Error) -> Option<&PyErr> {
    let mut inner: &(dyn Error + 'static) = error.get_ref()?;
    loop {
        if let Some(raised) = inner.downcast_ref::<PyErr>() {
            return Some(raised);
        }
        inner = match inner.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref()?,
            None => inner.source()?,
        };
    }
}

/// `OSError(errno, text, path)`, of which Python makes `FileNotFoundError` and its siblings.
fn os_error(py: Python<'_>, code: i32, error: &npio::Error) -> PyErr {
    let text = || {
        py.import("os")?
            .call_method1("strerror", (code,))?
            .extract::<String>()
    };
    let text = text().unwrap_or_else(|_| error.to_string());
    // A text, as `open` has it, and not a path of pathlib.
    let path = error.path().map(|path| path.as_os_str().to_owned());
    if cfg!(windows) {
        return PyOSError::new_err((0, text, path, code));
    }
    PyOSError::new_err((code, text, path))
}

/// What the array's error is, if that is the cause, also in an archive.
pub(crate) fn array_error(error: &npio::Error) -> Option<&ErrorKind> {
    let kind = match error.cause() {
        npio::Cause::Array(error) => error.kind(),
        npio::Cause::Archive(error) => match error.kind() {
            npio::npz::ErrorKind::Array(error) => error.kind(),
            _ => return None,
        },
        _ => return None,
    };
    match kind {
        ErrorKind::File { source, .. } => Some(source.kind()),
        kind => Some(kind),
    }
}

fn is_memory(error: &npio::Error) -> bool {
    matches!(array_error(error), Some(ErrorKind::Memory { .. }))
}

fn is_slice(error: &npio::Error) -> bool {
    matches!(array_error(error), Some(ErrorKind::Slice(_)))
}

/// Its class has two bases, and is Python's therefore.
fn slice_error(py: Python<'_>, text: String) -> PyErr {
    match helper(py, "pynpio.errors", "SliceError").and_then(|class| class.call1((text,))) {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}

/// The exception for an error in a file that was to be appended to.
pub(crate) fn append_exception(py: Python<'_>, error: npio::Error) -> PyErr {
    if error.class() == ErrorClass::Limit && is_long_header(&error) {
        // There is no option for it, as there is for what reads.
        let text = format!("{error}: rows cannot be appended to an array with such a header");
        return LimitError::new_err(text);
    }
    exception(py, error)
}

fn is_long_header(error: &npio::Error) -> bool {
    matches!(array_error(error), Some(ErrorKind::Header(_)))
}

/// The exception for an error in a table of this dtype: as NumPy words it, which people look for, and then where it is.
pub(crate) fn table_exception(py: Python<'_>, error: npio::Error, dtype: &DType) -> PyErr {
    let Some(ErrorKind::Text { place, problem }) = array_error(&error) else {
        return exception(py, error);
    };
    let row = place.item;
    let words = match problem {
        TextError::Item { found, .. } | TextError::Range { found, .. } => {
            let name = match dtype {
                DType::Record(_) => "its column's type".to_owned(),
                _ => dtypes::to_python(py, dtype)
                    .map_or_else(|_| dtype.to_string(), |name| name.to_string()),
            };
            let column = place.field.map_or(0, |field| field + 1);
            format!("could not convert string '{found}' to {name} at row {row}, column {column}")
        }
        TextError::Fields { expected, found } if row == 0 => {
            format!(
                "the dtype passed requires {expected} columns but {found} were found at row {}",
                row + 1
            )
        }
        TextError::Fields { expected, found } => format!(
            "the number of columns changed from {expected} to {found} at row {}; use `usecols` to select a subset and \
             avoid this error",
            row + 1
        ),
        TextError::NoField { index, found } => {
            format!(
                "invalid column index {index} at row {} with {found} columns",
                row + 1
            )
        }
        _ => return exception(py, error),
    };
    FormatError::new_err(format!("{words}: {error}"))
}
