//! `load`.

use crate::archive::{Archive, Source};
use crate::array::{self, Out};
use crate::errors::{FormatError, MismatchError, OrRaise, array_error, exception, exception_in};
use crate::file::{PyFile, PyFileAt, real_file};
use crate::{counts, dtypes, remote, values, work};
use npio::flatfile::{ErrorKind, npy, read_exact_at, read_once_at};
use npio::meta::pickle;
use npio::{
    CancelToken, Cancellable, Casting, FileKind, LoadOptions, OpenArray, Order, RandomAccessFile,
    ReadAt, Value,
};
use numpy::{PyArrayDescr, PyUntypedArray};
use pyo3::exceptions::{PyEOFError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyString};
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The number of bytes that tell the kind of a file.
const KIND_BYTES: usize = 8;

/// An array of fewer bytes is read at once.
const SMALL: usize = 256 << 10;

/// A function of the Python part of the package.
pub(crate) fn helper<'py>(
    py: Python<'py>,
    module: &str,
    name: &str,
) -> PyResult<Bound<'py, PyAny>> {
    py.import(module)?.getattr(name)
}

/// How arrays are read, and what stops it.
#[derive(Default)]
pub(crate) struct Reading {
    npy: npy::ReadOptions,
    pub(crate) token: CancelToken,
}

impl Reading {
    pub(crate) fn new(
        max_header_size: Option<usize>,
        order: Option<&str>,
        dtype: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Reading> {
        let mut npy = npy::ReadOptions::new();
        if let Some(bytes) = max_header_size {
            npy = npy.max_header_size(bytes);
        }
        match order {
            None | Some("K" | "k" | "A" | "a") => {}
            Some("C" | "c") => npy = npy.order(Order::C),
            Some("F" | "f") => npy = npy.order(Order::Fortran),
            Some(other) => {
                let text = format!("order: expected 'C', 'F' or 'K', found {other:?}");
                return Err(PyValueError::new_err(text));
            }
        }
        if let Some(dtype) = dtype {
            let descr = PyArrayDescr::new(dtype.py(), dtype)?;
            npy = npy.astype(dtypes::from_python(&descr)?, Casting::SameKind);
        }
        let token = CancelToken::new();
        Ok(Reading { npy, token })
    }

    /// As options for files of every kind.
    pub(crate) fn options(&self) -> LoadOptions {
        let options = LoadOptions::new().npy(self.npy.clone());
        options.cancel(self.token.clone())
    }
}

/// Loads arrays as `np.load` does; the package's documentation describes it.
#[pyfunction]
#[pyo3(signature = (
    file, mmap_mode=None, allow_pickle=false, fix_imports=true, encoding="ASCII", *,
    max_header_size=10000, order=None, dtype=None, out=None
))]
#[expect(clippy::too_many_arguments, reason = "they are NumPy's")]
pub(crate) fn load<'py>(
    file: &Bound<'py, PyAny>,
    mmap_mode: Option<&Bound<'py, PyAny>>,
    allow_pickle: bool,
    fix_imports: bool,
    encoding: &str,
    max_header_size: usize,
    order: Option<&str>,
    dtype: Option<&Bound<'py, PyAny>>,
    out: Option<&Bound<'py, PyUntypedArray>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = file.py();
    if !matches!(encoding, "ASCII" | "latin1" | "bytes") {
        return Err(PyValueError::new_err(
            "encoding must be 'ASCII', 'latin1', or 'bytes'",
        ));
    }
    if let Some(out) = out {
        helper(py, "pynpio._save", "refuse_masked")?.call1((out,))?;
    }
    // As in NumPy: who trusts a pickle trusts a long header.
    let header_limit = if allow_pickle {
        usize::MAX
    } else {
        max_header_size
    };
    let asked = Asked {
        reading: Reading::new(Some(header_limit), order, dtype)?,
        has_dtype: dtype.is_some(),
        out,
        pickles: Pickles {
            allow_pickle,
            fix_imports,
            encoding,
            max_header_size,
        },
    };
    if let Some(mode) = mmap_mode
        && mode.is_truthy()?
    {
        for (name, is_given) in [
            ("order", order.is_some()),
            ("dtype", dtype.is_some()),
            ("out", out.is_some()),
        ] {
            if is_given {
                return Err(PyValueError::new_err(format!(
                    "mmap_mode and {name} do not go together: a map is the file as it is"
                )));
            }
        }
        return helper(py, "pynpio._map", "load_mapped")?.call1((
            file,
            mode,
            asked.pickles.to_dict(py)?,
        ));
    }
    let loaded = match path_of(file)? {
        Some(path) => asked.load_path(py, file, path),
        None => asked.load_object(file),
    }?;
    match loaded {
        Loaded::Value(value) => {
            counts::count("load");
            Ok(value)
        }
        Loaded::ByNumpy => asked.load_by_numpy(file),
        Loaded::BytesByNumpy(bytes) => {
            let bytes = PyBytes::new(py, &bytes);
            let file = py.import("io")?.call_method1("BytesIO", (bytes,))?;
            asked.load_by_numpy(&file)
        }
    }
}

/// The path in an argument; `None` if it is a file object.
pub(crate) fn path_of(file: &Bound<'_, PyAny>) -> PyResult<Option<PathBuf>> {
    let py = file.py();
    if !file.is_instance_of::<PyString>() && file.hasattr(intern!(py, "read"))? {
        return Ok(None);
    }
    if let Ok(path) = file.extract::<PathBuf>() {
        return Ok(Some(path));
    }
    // Bytes, and what is no path at all, which is Python's error.
    let path = py.import("os")?.call_method1("fsdecode", (file,))?;
    Ok(Some(path.extract()?))
}

/// What `np.load` is told about pickles.
struct Pickles<'a> {
    allow_pickle: bool,
    fix_imports: bool,
    encoding: &'a str,
    max_header_size: usize,
}

impl Pickles<'_> {
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let arguments = PyDict::new(py);
        arguments.set_item("allow_pickle", self.allow_pickle)?;
        arguments.set_item("fix_imports", self.fix_imports)?;
        arguments.set_item("encoding", self.encoding)?;
        arguments.set_item("max_header_size", self.max_header_size)?;
        Ok(arguments)
    }
}

/// What a call asks for.
struct Asked<'a, 'py> {
    reading: Reading,
    /// Whether the items are to be of another dtype.
    has_dtype: bool,
    out: Option<&'a Bound<'py, PyUntypedArray>>,
    pickles: Pickles<'a>,
}

enum Loaded<'py> {
    Value(Bound<'py, PyAny>),
    /// A pickle that the caller trusts.
    ByNumpy,
    /// The same from an address, which NumPy does not open.
    BytesByNumpy(Vec<u8>),
}

impl<'py> Asked<'_, 'py> {
    fn load_by_numpy(&self, file: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = file.py();
        self.refuse_conversion()?;
        counts::count_numpy("load");
        let arguments = self.pickles.to_dict(py)?;
        helper(py, "pynpio._numpy", "load")?.call((file,), Some(&arguments))
    }

    /// Objects are what they are.
    fn refuse_conversion(&self) -> PyResult<()> {
        self.refuse_out("Python objects")?;
        if self.has_dtype {
            return Err(MismatchError::new_err(
                "dtype: expected an array of plain items in the file, found Python objects",
            ));
        }
        Ok(())
    }

    /// Only an array of plain items can be read into another.
    fn refuse_out(&self, found: &str) -> PyResult<()> {
        if self.out.is_some() {
            return Err(MismatchError::new_err(format!(
                "out: expected an array of plain items in the file, found {found}"
            )));
        }
        Ok(())
    }

    fn load_path(
        &self,
        py: Python<'py>,
        file: &Bound<'py, PyAny>,
        path: PathBuf,
    ) -> PyResult<Loaded<'py>> {
        if let Some(array) = self.load_small(py, &path)? {
            return Ok(Loaded::Value(array));
        }
        if let Some(url) = remote::url_of(&path) {
            return self.load_url(py, file, url);
        }
        let options = self.reading.options();
        let token = &self.reading.token;
        match work::run_at(py, token, &path, 0, || options.open_array(&path))? {
            Ok(reader) if reader.layout().dtype().has_object() => {
                if self.pickles.allow_pickle {
                    return Ok(Loaded::ByNumpy);
                }
                self.plain_objects(py, path).map(Loaded::Value)
            }
            Ok(reader) => self.read_from(py, &reader, Some(&path)).map(Loaded::Value),
            Err(error) if is_archive(&error) => {
                let opened = File::open(&path);
                let opened = opened.map_err(|error| exception_in(py, &path, error))?;
                let stat = stat_of(py, &opened, &path)?;
                let source = Source::File(RandomAccessFile::from(opened));
                self.archive(py, source, Some(path), file, Some(stat))
                    .map(Loaded::Value)
            }
            Err(error) if self.pickles.allow_pickle && error.io_error().is_none() => {
                // Another format may be a pickle; what is broken is reported by the one who knows why.
                if is_npy(&path) {
                    return Err(exception(py, error));
                }
                Ok(Loaded::ByNumpy)
            }
            Err(error) => Err(exception(py, error)),
        }
    }

    /// From an address.
    fn load_url(
        &self,
        py: Python<'py>,
        file: &Bound<'py, PyAny>,
        url: &str,
    ) -> PyResult<Loaded<'py>> {
        let Reading { npy, token } = &self.reading;
        let opened = work::run(py, token, work::WAITS, || remote::open(url, npy, token))?;
        let remote = Arc::new(opened.or_raise(py)?);
        let (path, source) = (remote::shown(url), Arc::clone(&remote));
        let options = self.reading.options();
        let options = options.opener(move |_| Ok(RandomAccessFile::from_source(source.clone())));
        match work::run(py, token, work::WAITS, || options.open_array(&path))? {
            Ok(reader) if reader.layout().dtype().has_object() && self.pickles.allow_pickle => {
                let bytes = work::run(py, token, work::WAITS, || all_bytes(&*remote))?;
                let bytes = bytes.map_err(|error| exception_in(py, &path, error))?;
                Ok(Loaded::BytesByNumpy(bytes))
            }
            Ok(reader) if reader.layout().dtype().has_object() => {
                self.refuse_conversion()?;
                let options = options.allow_plain_pickle();
                let value = work::run(py, token, work::WAITS, || options.load_value(&path))?;
                values::to_python(py, &value.or_raise(py)?).map(Loaded::Value)
            }
            Ok(_) if self.out.is_none() => {
                let array = work::run(py, token, work::WAITS, || remote.load())?;
                array::to_python(py, array.or_raise(py)?).map(Loaded::Value)
            }
            Ok(reader) => self
                .read_waiting(py, &reader, None, work::WAITS)
                .map(Loaded::Value),
            Err(error) if is_archive(&error) => self
                .archive(py, Source::Remote(remote), Some(path), file, None)
                .map(Loaded::Value),
            Err(error) => Err(exception(py, error)),
        }
    }

    /// A small array in a regular `.npy`, as most files of a folder of thousands are: without the detours of all others.
    /// `None` if it is anything else, or wrong.
    fn load_small(&self, py: Python<'py>, path: &Path) -> PyResult<Option<Bound<'py, PyAny>>> {
        if self.out.is_some() {
            return Ok(None);
        }
        let options = &self.reading.npy;
        let array = py.detach(|| {
            // A pipe can be opened only once, and not to look what it is.
            let is_file = path.metadata().is_ok_and(|found| found.is_file());
            let file = is_file.then(|| RandomAccessFile::open(path))?.ok()?;
            let reader = options.open(file).ok()?;
            let layout = reader.layout();
            let is_small = layout.nbytes() < SMALL && !layout.dtype().has_object();
            if is_small { reader.read().ok() } else { None }
        });
        array.map(|array| array::to_python(py, array)).transpose()
    }

    /// From an object with `read`.
    fn load_object(&self, file: &Bound<'py, PyAny>) -> PyResult<Loaded<'py>> {
        let py = file.py();
        if let Some((real, begin)) = real_file(file)? {
            let real = RandomAccessFile::from(real).cancelled_by(self.reading.token.clone());
            let mut first = vec![0; KIND_BYTES];
            let n = py
                .detach(|| read_once_at(&real, &mut first, begin))
                .map_err(npio::Error::from)
                .or_raise(py)?;
            first.truncate(n);
            return match self.kind(&first)? {
                Kind::Npy => {
                    let options = self.reading.options();
                    let reader = py.detach(|| options.open_at(real, begin)).or_raise(py)?;
                    if reader.layout().dtype().has_object() {
                        return match reader.data_offset() {
                            Some(at) if !self.pickles.allow_pickle => self.objects_in(file, at),
                            _ => Ok(Loaded::ByNumpy),
                        };
                    }
                    let end = reader.end();
                    let array = self.read(py, &reader.in_file(name_of(file)))?;
                    file.call_method1(intern!(py, "seek"), (end,))?;
                    Ok(Loaded::Value(array))
                }
                Kind::Npz => self
                    .archive(py, Source::File(real), None, file, None)
                    .map(Loaded::Value),
                Kind::Pickle => Ok(Loaded::ByNumpy),
            };
        }
        let begin: Option<u64> = file
            .call_method0(intern!(py, "tell"))
            .and_then(|begin| begin.extract())
            .ok();
        let mut stream = PyFile::new(file);
        let mut first = Vec::new();
        let read = py.detach(|| {
            stream
                .by_ref()
                .take(KIND_BYTES as u64)
                .read_to_end(&mut first)
        });
        read.map_err(npio::Error::from).or_raise(py)?;
        let back = -(first.len() as i64);
        match self.kind(&first)? {
            Kind::Npy => {
                let stream = Cursor::new(first).chain(stream);
                let stream = Cancellable::new(stream, self.reading.token.clone());
                let options = self.reading.options();
                let reader = py.detach(|| options.open_stream(stream)).or_raise(py)?;
                if reader.layout().dtype().has_object() {
                    let begin = begin.ok_or_else(|| {
                        PyValueError::new_err("objects are loaded only from a file that seeks")
                    })?;
                    if !self.pickles.allow_pickle {
                        let length = reader.data_offset().unwrap_or(0);
                        return self.objects_in(file, begin.saturating_add(length));
                    }
                    file.call_method1(intern!(py, "seek"), (begin,))?;
                    return Ok(Loaded::ByNumpy);
                }
                self.read(py, &reader.in_file(name_of(file)))
                    .map(Loaded::Value)
            }
            Kind::Npz => {
                stream
                    .seek(SeekFrom::Current(back))
                    .map_err(npio::Error::from)
                    .or_raise(py)?;
                let source = Source::Object(PyFileAt::new(stream));
                self.archive(py, source, None, file, None)
                    .map(Loaded::Value)
            }
            Kind::Pickle => {
                stream
                    .seek(SeekFrom::Current(back))
                    .map_err(npio::Error::from)
                    .or_raise(py)?;
                Ok(Loaded::ByNumpy)
            }
        }
    }

    fn kind(&self, first: &[u8]) -> PyResult<Kind> {
        if first.is_empty() {
            return Err(PyEOFError::new_err("No data left in file"));
        }
        match FileKind::of(first, "") {
            FileKind::Npy => Ok(Kind::Npy),
            FileKind::Npz => Ok(Kind::Npz),
            _ if self.pickles.allow_pickle => Ok(Kind::Pickle),
            _ => {
                let shown = String::from_utf8_lossy(first);
                Err(FormatError::new_err(format!(
                    "expected a .npy or .npz file, found {shown:?}: it may be pickled data, which is only loaded with \
                     allow_pickle=True, or text: see loadtxt"
                )))
            }
        }
    }

    /// The array as NumPy's, or in `out`.
    fn read(&self, py: Python<'py>, reader: &OpenArray<'_>) -> PyResult<Bound<'py, PyAny>> {
        self.read_from(py, reader, None)
    }

    /// The same from this path, which may be a pipe.
    fn read_from(
        &self,
        py: Python<'py>,
        reader: &OpenArray<'_>,
        path: Option<&Path>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.read_waiting(py, reader, path, reader.layout().nbytes() as u64)
    }

    /// The same, as work that counts as this many bytes.
    fn read_waiting(
        &self,
        py: Python<'py>,
        reader: &OpenArray<'_>,
        path: Option<&Path>,
        bytes: u64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let token = &self.reading.token;
        let path = path.unwrap_or(Path::new(""));
        if let Some(array) = self.out {
            let mut out = Out::new(array)?;
            let layout = out.layout.clone();
            let items = out.bytes();
            work::run_at(py, token, path, bytes, || {
                reader.read_into_bytes(&layout, items)
            })?
            .or_raise(py)?;
            return Ok(array.clone().into_any());
        }
        let array = work::run_at(py, token, path, bytes, || reader.read())?.or_raise(py)?;
        array::to_python(py, array)
    }

    /// The values of an array of objects, in a file that nobody vouches for.
    fn plain_objects(&self, py: Python<'py>, path: PathBuf) -> PyResult<Bound<'py, PyAny>> {
        self.refuse_conversion()?;
        let options = self.reading.options().allow_plain_pickle();
        let value: Value = py.detach(|| options.load_value(&path)).or_raise(py)?;
        values::to_python(py, &value)
    }

    /// The same from a file object: their pickle begins at this byte.
    fn objects_in(&self, file: &Bound<'py, PyAny>, at: u64) -> PyResult<Loaded<'py>> {
        let py = file.py();
        self.refuse_conversion()?;
        file.call_method1(intern!(py, "seek"), (at,))?;
        let bytes: Vec<u8> = file.call_method0(intern!(py, "read"))?.extract()?;
        let pickles = pickle::Options::new().refuse_opaque();
        let parsed = py.detach(|| pickles.parse(&bytes));
        let (value, length) = parsed.map_err(|error| exception_in(py, &name_of(file), error))?;
        file.call_method1(intern!(py, "seek"), (at + length as u64,))?;
        values::to_python(py, &value).map(Loaded::Value)
    }

    fn archive(
        &self,
        py: Python<'py>,
        source: Source,
        path: Option<PathBuf>,
        file: &Bound<'py, PyAny>,
        stat: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.refuse_out("an archive")?;
        let archive = Archive::open(py, source, path.clone(), self.reading.npy.clone())?;
        let archive = Bound::new(py, archive)?;
        static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let class = CLASS.get_or_try_init(py, || {
            helper(py, "pynpio._npz", "NpzFile").map(Bound::unbind)
        })?;
        class.bind(py).call1((
            archive,
            file,
            path.is_some(),
            stat,
            self.pickles.to_dict(py)?,
        ))
    }
}

enum Kind {
    Npy,
    Npz,
    Pickle,
}

/// Whether the error is that an archive is no array.
fn is_archive(error: &npio::Error) -> bool {
    let Some(ErrorKind::Header(error)) = array_error(error) else {
        return false;
    };
    match error.kind() {
        npio::header::ErrorKind::Magic(first) => FileKind::of(first, "") == FileKind::Npz,
        _ => false,
    }
}

/// What `os.stat` says of an open file.
#[cfg(unix)]
fn stat_of<'py>(py: Python<'py>, file: &File, _: &Path) -> PyResult<Bound<'py, PyAny>> {
    use std::os::fd::AsRawFd;
    py.import("os")?.call_method1("fstat", (file.as_raw_fd(),))
}

/// Elsewhere by its path, since Python has another number for an open file.
#[cfg(not(unix))]
fn stat_of<'py>(py: Python<'py>, _: &File, path: &Path) -> PyResult<Bound<'py, PyAny>> {
    py.import("os")?.call_method1("stat", (path,))
}

/// All bytes of an object. Memory grows with what arrives, whatever the server says.
fn all_bytes(source: &impl ReadAt) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut piece = vec![0; 1 << 20];
    loop {
        match source.read_at(&mut piece, bytes.len() as u64)? {
            0 => return Ok(bytes),
            n => bytes.extend_from_slice(piece.split_at(n).0),
        }
    }
}

/// Whether a file begins as a `.npy`.
fn is_npy(path: &Path) -> bool {
    let mut first = [0; npio::header::MAGIC.len()];
    let read = RandomAccessFile::open(path).and_then(|file| read_exact_at(&file, &mut first, 0));
    read.is_ok() && first == *npio::header::MAGIC
}

/// What an error calls a file object.
pub(crate) fn name_of(file: &Bound<'_, PyAny>) -> PathBuf {
    let name = file.getattr(intern!(file.py(), "name"));
    let name = name.and_then(|name| name.extract::<PathBuf>());
    name.unwrap_or_else(|_| PathBuf::from("<file object>"))
}
