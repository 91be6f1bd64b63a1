//! Checks a file for faults.

use crate::error::Error;
use crate::load::LoadOptions;
use flatfile::RandomAccessFile;
use flatfile::npy;
use std::fmt;
use std::path::Path;
#[cfg(feature = "meta")]
use {
    flatfile::ReadAt,
    flatfile::npy::IssueKind,
    std::io::{self, Read},
};

/// Something about a file that its reader may want to know.
#[derive(Debug)]
#[non_exhaustive]
pub enum Issue {
    /// About a header, or the length of an array.
    Array(npy::Issue),
    /// The pickle of an array of Python objects is broken or, if it was decoded, not accepted.
    #[cfg(feature = "meta")]
    Pickle {
        /// The position of the pickle in the file.
        offset: u64,
        /// What is wrong; its position counts from the beginning of the pickle.
        error: npmeta::Error,
    },
}

impl Issue {
    /// Whether it makes the file wrong, rather than merely unusual.
    pub fn is_wrong(&self) -> bool {
        match self {
            Issue::Array(issue) => issue.is_wrong(),
            #[cfg(feature = "meta")]
            Issue::Pickle { .. } => true,
        }
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Issue::Array(issue) => issue.fmt(f),
            #[cfg(feature = "meta")]
            Issue::Pickle { offset, error } => {
                write!(f, "the pickle from byte {offset} on: {error}")
            }
        }
    }
}

/// Checks the headers and lengths of the arrays in a `.npy`; no data is read, except that pickles must be whole.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// npio::save(&path, &npio::Array::from_slice(&[1.0, 2.0], [2])?)?;
/// assert!(npio::verify(&path)?.is_empty());
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// A file that does not exist or cannot be read. A fault in it is not an error, but an [`Issue`].
pub fn verify(path: impl AsRef<Path>) -> Result<Vec<Issue>, Error> {
    LoadOptions::new().verify(path)
}

impl LoadOptions {
    /// See [`verify`]; if pickles are allowed, they are also decoded.
    ///
    /// # Errors
    /// As [`verify`].
    pub fn verify(&self, path: impl AsRef<Path>) -> Result<Vec<Issue>, Error> {
        let path = path.as_ref();
        let file = self.open_file(path).map_err(flatfile::Error::from);
        let issues = file.and_then(|file| self.verify_file(&file));
        issues.map_err(|error| Error::new(path, error))
    }

    /// As [`verify`](LoadOptions::verify), of a file that is already open.
    ///
    /// # Errors
    /// Only I/O errors: everything else is an issue.
    pub fn verify_file(&self, file: &RandomAccessFile) -> Result<Vec<Issue>, flatfile::Error> {
        let mut issues = Vec::new();
        for issue in npy::verify(file)? {
            #[cfg(feature = "meta")]
            if matches!(issue.kind, IssueKind::Pickle) {
                issues.extend(self.pickle_issue(file, issue)?);
                continue;
            }
            issues.push(Issue::Array(issue));
        }
        Ok(issues)
    }

    /// What is to be said of the pickle at the position of this issue.
    #[cfg(feature = "meta")]
    fn pickle_issue(
        &self,
        file: &RandomAccessFile,
        issue: npy::Issue,
    ) -> Result<Option<Issue>, flatfile::Error> {
        let offset = issue.offset;
        let input = FileFrom { file, offset };
        let Err(error) = npmeta::pickle::verify(input, self.pickles.as_ref()) else {
            let is_decoded = self.pickles.is_some();
            return Ok((!is_decoded).then_some(Issue::Array(issue)));
        };
        match error.into_io_error() {
            Ok(error) => Err(error.into()),
            Err(error) => Ok(Some(Issue::Pickle { offset, error })),
        }
    }
}

/// A file from this byte on.
#[cfg(feature = "meta")]
struct FileFrom<'f> {
    file: &'f RandomAccessFile,
    offset: u64,
}

#[cfg(feature = "meta")]
impl Read for FileFrom<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(bytes, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}
