//! Python's file objects, and where an argument leads: a path, a file of the system, or any object that reads.

#![cfg_attr(
    unix,
    expect(unsafe_code, reason = "the descriptor of a Python file is a number")
)]

use npio::ReadAt;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

/// The most bytes that are requested of a file object at once.
const MOST: usize = 1 << 20;

/// A file object: anything with `read`, `write` or `seek`, as far as it is used.
///
/// The exceptions of its methods are in the errors, and come back as they are.
pub(crate) struct PyFile {
    file: Py<PyAny>,
    /// What was read and not yet taken: a text may have more bytes than characters.
    rest: Vec<u8>,
}

impl PyFile {
    pub(crate) fn new(file: &Bound<'_, PyAny>) -> PyFile {
        PyFile {
            file: file.clone().unbind(),
            rest: Vec::new(),
        }
    }

    /// Whether it can be read or written at any position.
    pub(crate) fn is_seekable(&self, py: Python<'_>) -> bool {
        let file = self.file.bind(py);
        let seekable = file.call_method0(intern!(py, "seekable"));
        match seekable.and_then(|is_seekable| is_seekable.is_truthy()) {
            Ok(is_seekable) => is_seekable,
            Err(_) => file.hasattr(intern!(py, "seek")).unwrap_or(false),
        }
    }

    /// The next bytes: texts are encoded as UTF-8.
    fn next(&mut self, py: Python<'_>, most: usize) -> PyResult<()> {
        py.check_signals()?;
        let read = self
            .file
            .bind(py)
            .call_method1(intern!(py, "read"), (most.min(MOST),))?;
        if let Ok(text) = read.cast::<PyString>() {
            self.rest.extend_from_slice(text.to_str()?.as_bytes());
        } else if let Ok(bytes) = read.cast::<PyBytes>() {
            self.rest.extend_from_slice(bytes.as_bytes());
        } else if read.is_none() {
            return Err(PyTypeError::new_err(
                "read() returned None: the file would block",
            ));
        } else {
            let bytes = py.get_type::<PyBytes>().call1((read,))?;
            self.rest
                .extend_from_slice(bytes.cast::<PyBytes>()?.as_bytes());
        }
        Ok(())
    }
}

impl Read for PyFile {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        if self.rest.is_empty() {
            Python::attach(|py| self.next(py, bytes.len()))?;
        }
        let n = self.rest.as_slice().read(bytes)?;
        self.rest.drain(..n);
        Ok(n)
    }
}

impl Write for PyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = bytes.get(..MOST).unwrap_or(bytes);
        Python::attach(|py| {
            py.check_signals()?;
            let written = self
                .file
                .bind(py)
                .call_method1(intern!(py, "write"), (PyBytes::new(py, piece),))?;
            // Objects that only look like files return nothing.
            match written.extract::<usize>() {
                Ok(written) => Ok(written.min(piece.len())),
                Err(_) => Ok(piece.len()),
            }
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Python::attach(|py| {
            let file = self.file.bind(py);
            if file.hasattr(intern!(py, "flush"))? {
                file.call_method0(intern!(py, "flush"))?;
            }
            Ok(())
        })
    }
}

impl Seek for PyFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        // As Python numbers them.
        let (offset, whence) = match to {
            SeekFrom::Start(offset) => (i128::from(offset), 0),
            SeekFrom::Current(offset) => (i128::from(offset) - self.rest.len() as i128, 1),
            SeekFrom::End(offset) => (i128::from(offset), 2),
        };
        self.rest.clear();
        Python::attach(|py| {
            let file = self.file.bind(py);
            let position = file.call_method1(intern!(py, "seek"), (offset, whence))?;
            match position.extract() {
                Ok(position) => Ok(position),
                Err(_) => Ok(file.call_method0(intern!(py, "tell"))?.extract()?),
            }
        })
    }
}

/// A file object that is read at positions, by one thread at a time.
pub(crate) struct PyFileAt(Mutex<PyFile>);

impl PyFileAt {
    pub(crate) fn new(file: PyFile) -> PyFileAt {
        PyFileAt(Mutex::new(file))
    }

    /// The result of `work` with the file. The lock is taken without the interpreter's, which its holder may wait for.
    fn with<T: Send>(
        &self,
        work: impl FnOnce(&mut PyFile) -> io::Result<T> + Send,
    ) -> io::Result<T> {
        let locked = || {
            let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut file)
        };
        match Python::try_attach(|py| py.detach(locked)) {
            Some(done) => done,
            None => Err(io::Error::other("the interpreter is shutting down")),
        }
    }
}

impl ReadAt for PyFileAt {
    fn len(&self) -> io::Result<u64> {
        self.with(|file| file.seek(SeekFrom::End(0)))
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        self.with(|file| {
            file.seek(SeekFrom::Start(offset))?;
            file.read(bytes)
        })
    }
}

/// The file of the system behind a Python file that is opened with `open(…, "rb")` and its siblings, and its position
/// there: it can be read and written without Python's help. `None` for any other object.
#[cfg(unix)]
pub(crate) fn real_file(file: &Bound<'_, PyAny>) -> PyResult<Option<(File, u64)>> {
    use std::os::fd::BorrowedFd;
    let py = file.py();
    let name = file.get_type().qualname()?;
    let is_file = matches!(
        name.to_str()?,
        "FileIO" | "BufferedReader" | "BufferedWriter" | "BufferedRandom"
    );
    if !is_file || file.get_type().module()? != "_io" {
        return Ok(None);
    }
    // One of another raw file, say of a compressed one, has no descriptor.
    let Ok(descriptor) = file.call_method0(intern!(py, "fileno")) else {
        return Ok(None);
    };
    let descriptor = descriptor.extract()?;
    if file.hasattr(intern!(py, "raw"))? {
        let raw = file.getattr(intern!(py, "raw"))?;
        if raw.get_type().qualname()? != "FileIO" {
            return Ok(None);
        }
    }
    file.call_method0(intern!(py, "flush"))?;
    let Ok(position) = file.call_method0(intern!(py, "tell")) else {
        return Ok(None);
    };
    // SAFETY: the file object is alive and open, so that the descriptor is open until it has been duplicated: the
    // interpreter's lock is held, and no other code runs meanwhile.
    let borrowed = unsafe { BorrowedFd::borrow_raw(descriptor) };
    let own = File::from(borrowed.try_clone_to_owned()?);
    let is_regular = own.metadata()?.is_file();
    Ok(is_regular.then_some((own, position.extract()?)))
}

/// On Windows all file objects are read and written through Python.
#[cfg(not(unix))]
pub(crate) fn real_file(_: &Bound<'_, PyAny>) -> PyResult<Option<(File, u64)>> {
    Ok(None)
}
