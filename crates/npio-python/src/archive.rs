//! Archives: what `NpzFile` does its work with.

use crate::errors::{OrRaise, exception};
use crate::file::PyFileAt;
use crate::look::{facts, indexed};
use crate::{array, slice, values, work};
use npio::flatfile::{Ranges, npy};
use npio::meta::{archive::member_value, pickle};
use npio::npz::{self, MemberItems};
use npio::{CancelToken, ErrorClass, RandomAccessFile, ReadAt, Reader};
use npio_remote::blocking::RemoteFile;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most bytes that are read before the token is looked at again.
const PIECE: usize = 4 << 20;

/// The bytes of an archive.
pub(crate) enum Source {
    /// In a file of the system.
    File(RandomAccessFile),
    /// Behind any object that reads and seeks.
    Object(PyFileAt),
    /// At an address.
    Remote(Arc<RemoteFile>),
}

/// A source whose reads end once the token of this moment is cancelled.
struct Stoppable {
    source: Source,
    token: Mutex<CancelToken>,
}

impl Stoppable {
    /// A token that is not cancelled, for the next work.
    fn token(&self) -> CancelToken {
        let mut token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if token.is_cancelled() {
            *token = CancelToken::new();
            // Its reads wait, and look at a token meanwhile.
            self.source.cancel_by(&token);
        }
        token.clone()
    }
}

impl Source {
    fn cancel_by(&self, token: &CancelToken) {
        if let Source::Remote(file) = self {
            file.cancel_by(token.clone());
        }
    }
}

impl ReadAt for Source {
    fn len(&self) -> io::Result<u64> {
        match self {
            Source::File(file) => file.len(),
            Source::Object(file) => file.len(),
            Source::Remote(file) => file.len(),
        }
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        match self {
            Source::File(file) => file.read_at(bytes, offset),
            Source::Object(file) => file.read_at(bytes, offset),
            Source::Remote(file) => file.read_at(bytes, offset),
        }
    }

    fn will_read(&self, ranges: Ranges) {
        if let Source::Remote(file) = self {
            file.will_read(ranges);
        }
    }
}

impl ReadAt for Stoppable {
    fn len(&self) -> io::Result<u64> {
        self.source.len()
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        self.token
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .check()?;
        let piece = bytes.len().min(PIECE);
        self.source.read_at(bytes.split_at_mut(piece).0, offset)
    }

    fn will_read(&self, ranges: Ranges) {
        self.source.will_read(ranges);
    }
}

/// An open archive.
#[pyclass(frozen, module = "pynpio._core")]
pub(crate) struct Archive {
    /// `None` once it is closed.
    archive: Mutex<Option<Arc<npz::Archive<Stoppable>>>>,
    path: Option<PathBuf>,
    options: npy::ReadOptions,
}

impl Archive {
    pub(crate) fn open(
        py: Python<'_>,
        source: Source,
        path: Option<PathBuf>,
        options: npy::ReadOptions,
    ) -> PyResult<Archive> {
        let token = CancelToken::new();
        source.cancel_by(&token);
        let bytes = match &source {
            Source::Remote(_) => work::WAITS,
            _ => 0,
        };
        let source = Stoppable {
            source,
            token: Mutex::new(token.clone()),
        };
        let archive = work::run(py, &token, bytes, || npz::Archive::new(source))?
            .map_err(|error| located(error.into(), path.as_ref()));
        let archive = Mutex::new(Some(Arc::new(archive.or_raise(py)?)));
        Ok(Archive {
            archive,
            path,
            options,
        })
    }

    /// The result of `work`, which reads about the bytes that the first function says.
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        bytes: impl FnOnce(&npz::Archive<Stoppable>) -> u64,
        mut work: impl FnMut(&npz::Archive<Stoppable>) -> Result<T, npio::Error> + Send,
    ) -> PyResult<T> {
        // Its own share: another thread may close the archive meanwhile.
        let archive = self.shared().clone();
        let Some(archive) = archive.as_deref() else {
            return Err(PyValueError::new_err("the archive is closed"));
        };
        let bytes = match archive.source().source {
            Source::Remote(_) => work::WAITS,
            _ => bytes(archive),
        };
        loop {
            let token = archive.source().token();
            match work::run(py, &token, bytes, || work(archive))? {
                // It was another thread that Ctrl-C was for.
                Err(error) if error.class() == ErrorClass::Cancelled => {}
                result => {
                    let located = |error| exception(py, located(error, self.path.as_ref()));
                    return result.map_err(located);
                }
            }
        }
    }

    fn shared(&self) -> MutexGuard<'_, Option<Arc<npz::Archive<Stoppable>>>> {
        self.archive.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open_member<'a>(
        &self,
        archive: &'a npz::Archive<Stoppable>,
        name: &str,
    ) -> Result<Reader<MemberItems<'a, Stoppable>>, npz::Error> {
        archive.get(name)?.open_with(&self.options)
    }
}

/// The bytes of a member; none if there is no such member, which is an error soon.
fn size_of(name: &str) -> impl FnOnce(&npz::Archive<Stoppable>) -> u64 {
    move |archive| archive.get(name).map_or(0, |member| member.size())
}

/// Those of all members.
fn total_size(archive: &npz::Archive<Stoppable>) -> u64 {
    let sizes = archive.members().map(|member| member.size());
    sizes.fold(0, u64::saturating_add)
}

/// The error with the path of the archive.
fn located(error: npio::Error, path: Option<&PathBuf>) -> npio::Error {
    match path {
        Some(path) => error.in_file(path),
        None => error,
    }
}

/// A member that is loaded: an array, or the bytes of another file.
enum Loaded {
    Array(npio::Array),
    Bytes(Vec<u8>),
    /// Plain objects.
    Objects(npio::Value),
    /// Objects that the caller trusts, which are not read here.
    ByNumpy,
}

#[pymethods]
impl Archive {
    /// The names of the files in it, as they are.
    fn names(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let names = |archive: &npz::Archive<Stoppable>| {
            Ok(archive
                .members()
                .map(|member| member.file_name().to_owned())
                .collect())
        };
        self.with(py, |_| 0, names)
    }

    /// An array, or the bytes of another file; `None` if it holds objects that the caller trusts, which NumPy reads.
    fn read<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        allow_pickle: bool,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let pickles = pickle::Options::new().refuse_opaque();
        let loaded = self.with(py, size_of(name), |archive| {
            let member = archive.get(name)?;
            let open = match member.open_with(&self.options) {
                Err(error) if matches!(error.kind(), npz::ErrorKind::NotArray) => {
                    return Ok(Loaded::Bytes(member.bytes()?));
                }
                open => open?,
            };
            Ok(if !open.layout().dtype().has_object() {
                Loaded::Array(open.read()?)
            } else if allow_pickle {
                Loaded::ByNumpy
            } else {
                Loaded::Objects(member_value(&member, Some(&pickles), &self.options)?)
            })
        })?;
        match loaded {
            Loaded::Array(array) => array::to_python(py, array).map(Some),
            Loaded::Bytes(bytes) => Ok(Some(PyBytes::new(py, &bytes).into_any())),
            Loaded::Objects(value) => values::to_python(py, &value).map(Some),
            Loaded::ByNumpy => Ok(None),
        }
    }

    /// The bytes of a file in it.
    fn read_bytes<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.with(py, size_of(name), |archive| {
            Ok(archive.get(name)?.bytes()?)
        })?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// All arrays, several at once.
    fn read_all<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let all = self.with(py, total_size, |archive| {
            let all = archive.read_all(&self.options)?;
            Ok(all
                .into_iter()
                .map(|(name, array)| (name.to_owned(), array))
                .collect::<Vec<_>>())
        })?;
        let arrays = PyDict::new(py);
        for (name, array) in all {
            arrays.set_item(name, array::to_python(py, array)?)?;
        }
        Ok(arrays)
    }

    /// The header of an array: dtype, shape, Fortran order, version, and the offset of its data if it is stored.
    fn header<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyTuple>> {
        let (header, offset) = self.with(
            py,
            |_| 0,
            |archive| {
                let open = self.open_member(archive, name)?;
                let header = open.header().cloned();
                Ok((header, open.data_offset()))
            },
        )?;
        let Some(header) = header else {
            return Err(crate::errors::FormatError::new_err(
                "the member has no header",
            ));
        };
        facts(py, &header, offset)
    }

    /// `archive[name][index]`, of which little else is read if the member is stored.
    fn load_slice<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        index: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let slice = slice::from_python(index)?;
        let array = self.with(py, size_of(name), |archive| {
            Ok(self.open_member(archive, name)?.slice(&slice)?)
        })?;
        indexed(index, array)
    }

    /// What is wrong with the members.
    fn verify(&self, py: Python<'_>) -> PyResult<Vec<(String, bool)>> {
        self.with(py, total_size, |archive| {
            let issues = archive.verify();
            Ok(issues
                .iter()
                .map(|issue| (issue.to_string(), issue.is_wrong()))
                .collect())
        })
    }

    /// Closes the file; what is being read from it is read to its end.
    fn close(&self) {
        let closed = self.shared().take();
        drop(closed);
    }
}
