//! `fromfile`, `fromstring`, `loadtxt`, and `tofile` and `savetxt` with text.

use crate::array::{self, Items};
use crate::errors::{OrRaise, exception_in, table_exception};
use crate::file::{PyFile, PyFileAt, real_file};
use crate::load::{name_of, path_of};
use crate::save::{self, Target, target_path, to_object};
use crate::{dtypes, work};
use npio::encoding::{Decoder, Encoder, Encoding};
use npio::flatfile::text::{self, Format, Separator, table};
use npio::{
    Array, CancelToken, Cancellable, LoadOptions, RandomAccessFile, RawLayout, ReadAt, Reader,
};
use numpy::{PyArrayDescr, PyUntypedArray};
use pyo3::exceptions::{PyLookupError, PyOSError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

/// The number of the error of a position before the beginning, which is the same on all systems.
const EINVAL: i32 = 22;

/// Raw items, as `np.fromfile` reads them. A file object is left behind the last one.
#[pyfunction]
pub(crate) fn fromfile_raw<'py>(
    file: &Bound<'py, PyAny>,
    dtype: &Bound<'py, PyArrayDescr>,
    count: i64,
    offset: i64,
) -> PyResult<Bound<'py, PyAny>> {
    let py = file.py();
    let dtype = dtypes::from_python(dtype)?;
    let token = CancelToken::new();
    let layout = |position: u64| {
        let Some(begin) = position.checked_add_signed(offset) else {
            // As `seek` has it.
            return Err(PyOSError::new_err((EINVAL, "Invalid argument")));
        };
        let layout = RawLayout::new(dtype.clone()).offset(begin).allow_partial();
        Ok(match usize::try_from(count) {
            Ok(count) => layout.at_most(count),
            Err(_) => layout,
        })
    };
    if let Some(path) = path_of(file)? {
        let layout = layout(0)?;
        let source = work::run_at(py, &token, &path, 0, || RandomAccessFile::open(&path))?;
        let source = source.map_err(|error| exception_in(py, &path, error))?;
        let source = source.cancelled_by(token.clone());
        let is_file = source.is_regular().is_ok_and(|is_regular| is_regular);
        if !is_file {
            // A pipe has no length.
            let options = LoadOptions::new().cancel(token.clone());
            let array = work::run_at(py, &token, &path, u64::MAX, || {
                options.fromfile(&path, layout)
            })?
            .or_raise(py)?;
            return array::to_python(py, array);
        }
        let (array, _) = read_raw(py, source, &layout, &token, &path)?;
        return array::to_python(py, array);
    }
    let name = name_of(file);
    let (array, end) = match real_file(file)? {
        Some((real, begin)) => {
            let layout = layout(begin)?;
            read_raw(
                py,
                RandomAccessFile::from(real).cancelled_by(token.clone()),
                &layout,
                &token,
                &name,
            )?
        }
        None => {
            let begin: u64 = file.call_method0(intern!(py, "tell"))?.extract()?;
            let layout = layout(begin)?;
            read_raw(py, PyFileAt::new(PyFile::new(file)), &layout, &token, &name)?
        }
    };
    file.call_method1(intern!(py, "seek"), (end,))?;
    array::to_python(py, array)
}

/// The items, and where they end.
fn read_raw<S: ReadAt + Send + Sync>(
    py: Python<'_>,
    source: S,
    layout: &RawLayout,
    token: &CancelToken,
    name: &Path,
) -> PyResult<(Array, u64)> {
    let begin = layout.begin();
    let layout = py
        .detach(|| layout.in_source(&source))
        .map_err(|error| exception_in(py, name, error))?;
    let bytes = layout.nbytes() as u64;
    let reader = Reader::raw(source, layout, begin);
    let array = work::run(py, token, bytes, || reader.read())?;
    let array = array.map_err(|error| exception_in(py, name, error))?;
    Ok((array, reader.end()))
}

/// Items with a separator between them, as `np.fromfile` reads them. A file object is left behind the last one that was
/// read.
#[pyfunction]
pub(crate) fn fromfile_sep<'py>(
    file: &Bound<'py, PyAny>,
    dtype: &Bound<'py, PyArrayDescr>,
    count: i64,
    sep: &str,
    strict: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let py = file.py();
    let dtype = dtypes::from_python(dtype)?;
    let token = CancelToken::new();
    let separator = Separator::new(sep).or_raise(py)?;
    let options = text_options(count, strict);
    if let Some(path) = path_of(file)? {
        let bytes = fs::metadata(&path).map_or(0, |metadata| metadata.len());
        let load = LoadOptions::new().text(options).cancel(token.clone());
        let array = work::run_at(py, &token, &path, bytes, || {
            load.fromfile_sep(&path, dtype, sep)
        })?
        .or_raise(py)?;
        return array::to_python(py, array);
    }
    let name = name_of(file);
    let (read, begin) = match real_file(file)? {
        Some((mut real, begin)) => {
            let bytes = real.metadata()?.len();
            let read = work::run(py, &token, bytes, || {
                let moved = real.seek(SeekFrom::Start(begin));
                let source = Cancellable::new(&real, token.clone());
                match moved {
                    Ok(_) => read_items(&options, source, dtype, &separator),
                    Err(error) => (Err(error.into()), 0),
                }
            });
            if read.is_err() {
                file.call_method1(intern!(py, "seek"), (begin,))?;
            }
            (read?, begin)
        }
        None => {
            let begin: u64 = file.call_method0(intern!(py, "tell"))?.extract()?;
            let source = PyFile::new(file);
            let read = py.detach(|| read_items(&options, source, dtype, &separator));
            (read, begin)
        }
    };
    let (array, length) = read;
    // Also after an error: more was read than the items before it.
    file.call_method1(intern!(py, "seek"), (begin + length,))?;
    let array = array.map_err(|error| exception_in(py, &name, error))?;
    array::to_python(py, array)
}

/// The items of a text, and the length of those that could be read in bytes.
fn read_items(
    options: &text::ReadOptions,
    source: impl Read,
    dtype: npio::DType,
    separator: &Separator,
) -> (Result<Array, npio::flatfile::Error>, u64) {
    match options.blocks(source, dtype, separator) {
        Ok(mut blocks) => {
            let array = blocks.read_rest();
            (array, blocks.position().byte)
        }
        Err(error) => (Err(error), 0),
    }
}

fn text_options(count: i64, strict: bool) -> text::ReadOptions {
    let mut options = text::ReadOptions::new();
    if let Ok(count) = u64::try_from(count) {
        options = options.count(count);
    }
    if strict {
        options
    } else {
        options.numpy_compatible()
    }
}

/// The items in a text, as `np.fromstring` reads them.
#[pyfunction]
pub(crate) fn fromstring_sep<'py>(
    py: Python<'py>,
    text: &[u8],
    dtype: &Bound<'py, PyArrayDescr>,
    count: i64,
    sep: &str,
    strict: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let dtype = dtypes::from_python(dtype)?;
    let separator = Separator::new(sep).or_raise(py)?;
    let options = text_options(count, strict).text_bytes(text.len() as u64);
    let token = CancelToken::new();
    let source = Cancellable::new(text, token.clone());
    let array = work::run(py, &token, text.len() as u64, || {
        options.read(source, dtype, &separator)
    })?
    .or_raise(py)?;
    array::to_python(py, array)
}

/// How `loadtxt` reads.
#[derive(FromPyObject)]
pub(crate) struct TableOptions {
    #[pyo3(item)]
    delimiter: Option<char>,
    #[pyo3(item)]
    comments: Vec<String>,
    #[pyo3(item)]
    quotechar: Option<char>,
    #[pyo3(item)]
    skiprows: u64,
    #[pyo3(item)]
    max_rows: Option<u64>,
    #[pyo3(item)]
    usecols: Option<Vec<i64>>,
    #[pyo3(item)]
    encoding: Option<String>,
    #[pyo3(item)]
    strict: bool,
}

impl TableOptions {
    fn to_options(&self) -> table::ReadOptions {
        let mut options = table::ReadOptions::new()
            .comments(&self.comments)
            .skiprows(self.skiprows);
        if let Some(delimiter) = self.delimiter {
            options = options.delimiter(delimiter);
        }
        if let Some(quote) = self.quotechar {
            options = options.quotechar(u8::try_from(quote).ok());
        }
        if let Some(rows) = self.max_rows {
            options = options.max_rows(rows);
        }
        if let Some(columns) = &self.usecols {
            options = options.usecols(columns.iter().map(|column| *column as isize));
        }
        if self.strict {
            options
        } else {
            options.numpy_compatible()
        }
    }
}

fn parse_encoding(label: Option<&str>) -> PyResult<Option<Encoding>> {
    let encoding = label.map(str::parse).transpose();
    encoding.map_err(|error: npio::encoding::Error| PyLookupError::new_err(error.to_string()))
}

/// Whether text in this encoding can be read and written here.
#[pyfunction]
pub(crate) fn knows_encoding(label: &str) -> bool {
    label.parse::<Encoding>().is_ok()
}

/// Bytes and lines of a text.
type ReadSoFar = (u64, u64);

/// A table, as `np.loadtxt` reads it; and, where that is known, how many bytes and lines of it were read.
#[pyfunction]
pub(crate) fn read_table<'py>(
    file: &Bound<'py, PyAny>,
    dtype: &Bound<'py, PyArrayDescr>,
    options: TableOptions,
) -> PyResult<(Bound<'py, PyAny>, Option<ReadSoFar>)> {
    let py = file.py();
    let dtype = dtypes::from_python(dtype)?;
    let token = CancelToken::new();
    let encoding = parse_encoding(options.encoding.as_deref())?;
    let table = options.to_options();
    let raised = |error: npio::Error| table_exception(py, error, &dtype);
    if let Ok(text) = file.cast::<PyBytes>() {
        let text = text.as_bytes();
        let bytes = text.len() as u64;
        let source = Cancellable::new(text, token.clone());
        let table = table.text_bytes(bytes);
        let read = work::run(py, &token, bytes, || read_blocks(&table, source, &dtype))?;
        let (array, end) = read.map_err(|error| raised(error.into()))?;
        return Ok((array::to_python(py, array)?, end));
    }
    if let Some(path) = path_of(file)? {
        let bytes = fs::metadata(&path).map_or(0, |metadata| metadata.len());
        let mut load = LoadOptions::new().table(table).cancel(token.clone());
        if let Some(encoding) = encoding {
            load = load.encoding(encoding);
        }
        let read = work::run_at(py, &token, &path, bytes, || {
            load.loadtxt(&path, dtype.clone())
        })?;
        return Ok((array::to_python(py, read.map_err(raised)?)?, None));
    }
    let name = name_of(file);
    let source = PyFile::new(file);
    let read = py.detach(|| match encoding {
        Some(encoding) => read_blocks(&table, Decoder::new(source, encoding)?, &dtype),
        None => read_blocks(&table, source, &dtype),
    });
    let (array, _) = read.map_err(|error| raised(npio::Error::from(error).in_file(name)))?;
    Ok((array::to_python(py, array)?, None))
}

fn read_blocks(
    options: &table::ReadOptions,
    source: impl Read,
    dtype: &npio::DType,
) -> Result<(Array, Option<ReadSoFar>), npio::flatfile::Error> {
    if table::has_open_length(dtype) {
        return Ok((options.read(source, dtype.clone())?, None));
    }
    let mut blocks = options.blocks(source, dtype.clone())?;
    let array = blocks.read_rest()?;
    let end = blocks.position();
    let lines = if end.column > 1 {
        end.line
    } else {
        end.line.saturating_sub(1)
    };
    Ok((array, Some((end.byte, lines))))
}

/// Writes items with a separator between them, as `ndarray.tofile` does.
#[pyfunction]
#[pyo3(signature = (arr, file, sep, format, *, atomic=true))]
pub(crate) fn tofile_sep<'py>(
    arr: &Bound<'py, PyUntypedArray>,
    file: &Bound<'py, PyAny>,
    sep: &str,
    format: &str,
    atomic: bool,
) -> PyResult<()> {
    let py = file.py();
    let items = Items::new(arr.clone())?;
    let view = items.strided()?;
    let mut options = text::WriteOptions::new();
    if !matches!(format, "%s" | "") {
        options = options.format(format.parse::<Format>().or_raise(py)?);
    }
    options.check(items.dtype()).or_raise(py)?;
    let token = CancelToken::new();
    let bytes = items.nbytes();
    if let Some(path) = target_path(file)? {
        let save = save::options(atomic, false, &token);
        let written = work::run(py, &token, bytes, || {
            save.replace(&path, |target| options.write(target, view, sep).map(drop))
        })?;
        return written.map_err(|error: npio::flatfile::Error| exception_in(py, &path, error));
    }
    let inner = token.clone();
    to_object(py, file, &token, bytes, |target| {
        match target {
            Target::File(file) => options
                .write(Cancellable::new(file, inner), view, sep)
                .map(drop)?,
            Target::Object(object) => options.write(object, view, sep).map(drop)?,
        }
        Ok(())
    })
}

/// How `savetxt` writes.
#[derive(FromPyObject)]
pub(crate) struct TableFormat {
    #[pyo3(item)]
    formats: Vec<String>,
    #[pyo3(item)]
    delimiter: String,
    #[pyo3(item)]
    newline: String,
    #[pyo3(item)]
    header: String,
    #[pyo3(item)]
    footer: String,
    #[pyo3(item)]
    comments: String,
    #[pyo3(item)]
    encoding: Option<String>,
}

/// Writes a table, as `np.savetxt` does.
#[pyfunction]
#[pyo3(signature = (file, arr, options, *, atomic=true))]
pub(crate) fn write_table<'py>(
    file: &Bound<'py, PyAny>,
    arr: &Bound<'py, PyUntypedArray>,
    options: TableFormat,
    atomic: bool,
) -> PyResult<()> {
    let py = file.py();
    let items = Items::new(arr.clone())?;
    let view = items.strided()?;
    let mut table = table::WriteOptions::new()
        .delimiter(options.delimiter)
        .newline(options.newline)
        .comments(options.comments)
        .header(options.header)
        .footer(options.footer);
    table = match options.formats.as_slice() {
        [format] => table.format(format),
        formats => table.formats(formats),
    };
    table.check(view.clone()).or_raise(py)?;
    let encoding = parse_encoding(options.encoding.as_deref())?;
    let token = CancelToken::new();
    let bytes = items.nbytes();
    if let Some(path) = target_path(file)? {
        let mut save = save::options(atomic, false, &token).table(table);
        if let Some(encoding) = encoding {
            save = save.encoding(encoding);
        }
        return work::run(py, &token, bytes, || save.savetxt(&path, view))?.or_raise(py);
    }
    let inner = token.clone();
    to_object(py, file, &token, bytes, |target| match target {
        Target::File(file) => encoded(Cancellable::new(file, inner), encoding, &table, view),
        Target::Object(object) => encoded(object, encoding, &table, view),
    })
}

fn encoded(
    target: impl Write,
    encoding: Option<Encoding>,
    table: &table::WriteOptions,
    view: npio::Strided<'_>,
) -> Result<(), npio::Error> {
    match encoding {
        Some(encoding) => {
            let mut encoder = Encoder::new(target, encoding);
            table.write(&mut encoder, view)?;
            encoder.finish().map_err(npio::Error::from)?;
        }
        None => table.write(target, view)?,
    }
    Ok(())
}
