//! `verify`: what is wrong with a file.

use crate::errors::{OrRaise, exception_in};
use crate::{remote, work};
use npio::compressed::{self, Decoder};
use npio::flatfile::read_once_at;
use npio::{CancelToken, Cancellable, ErrorClass, LoadOptions, Opened, RandomAccessFile};
use pyo3::prelude::*;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The number of bytes that tell how a file is compressed.
const COMPRESSED_BYTES: usize = 16;

/// What is wrong with a file: texts, and whether each makes the file wrong, rather than merely unusual.
#[pyfunction]
pub(crate) fn verify_file(py: Python<'_>, path: PathBuf) -> PyResult<Vec<(String, bool)>> {
    let token = CancelToken::new();
    let options = LoadOptions::new().cancel(token.clone());
    let bytes = match std::fs::metadata(&path) {
        _ if remote::url_of(&path).is_some() => work::WAITS,
        metadata => metadata.map_or(0, |metadata| metadata.len()),
    };
    let (path, options) = remote::resolved(path, options, &token);
    let is_file = path.metadata().is_ok_and(|found| found.is_file());
    if is_file && is_compressed(&path).map_err(|error| exception_in(py, &path, error))? {
        let issues = work::run(py, &token, work::WAITS, || {
            verify_compressed(&path, &options, &token)
        })?;
        return issues.or_raise(py);
    }
    let issues = work::run(py, &token, bytes, || match options.open(&path) {
        Ok(Opened::Archive(archive)) => Ok(archive
            .verify()
            .iter()
            .map(|issue| (issue.to_string(), issue.is_wrong()))
            .collect()),
        _ => options.verify(&path).map(|issues| lines(&issues)),
    })?;
    issues.or_raise(py)
}

/// The same for a compressed file, which is decompressed into memory.
fn verify_compressed(
    path: &Path,
    options: &LoadOptions,
    token: &CancelToken,
) -> Result<Vec<(String, bool)>, npio::Error> {
    let file = File::open(path).map_err(|error| npio::Error::from(error).in_file(path))?;
    let mut bytes = Vec::new();
    let decoder = Decoder::in_file(Cancellable::new(file, token.clone()), path);
    if let Err(error) = decoder.and_then(|mut decoder| decoder.read_to_end(&mut bytes)) {
        let error = npio::Error::from(error);
        return if error.class() == ErrorClass::Cancelled {
            Err(error)
        } else {
            Ok(vec![(error.to_string(), true)])
        };
    }
    let issues = options.verify_file(&RandomAccessFile::from_source(bytes))?;
    Ok(lines(&issues))
}

fn lines(issues: &[npio::Issue]) -> Vec<(String, bool)> {
    let issues = issues.iter();
    issues
        .map(|issue| (issue.to_string(), issue.is_wrong()))
        .collect()
}

/// Whether the file at a path is compressed, so that what is in it has no position there.
fn is_compressed(path: &Path) -> io::Result<bool> {
    let file = RandomAccessFile::open(path)?;
    let mut first = [0; COMPRESSED_BYTES];
    let n = read_once_at(&file, &mut first, 0)?;
    Ok(compressed::is_compressed(first.split_at(n).0, path))
}
