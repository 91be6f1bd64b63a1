//! Rows behind the array in a file.

use crate::Error;
use crate::atomic::{Replace, Replacement};
use flatfile::npy::Trust;
use flatfile::{Error as FlatError, ErrorKind, Strided};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Appends rows to the array in a `.npy`, in place.
///
/// Whatever happens, the file reads as the old array or the new one: the rows are written behind the
/// others, and then the header that counts them, in the place that NumPy leaves for this. Where the
/// header has no such place, the file is replaced, as [`save`](crate::save) does.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// use npio::Array;
/// npio::save(&path, &Array::from_slice(&[1, 2, 3, 4], [2, 2])?)?;
/// npio::append(&path, &Array::from_slice(&[5, 6], [1, 2])?)?;
/// assert_eq!(npio::load_vec(&path)?, (vec![1, 2, 3, 4, 5, 6], vec![3, 2]));
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// A file that is no `.npy`, whose array is in Fortran order or does not end where the file does, or to
/// which somebody else appends; rows of another dtype or shape; the system's. After each of them the
/// file holds the old array.
pub fn append<'a>(path: impl AsRef<Path>, rows: impl Into<Strided<'a>>) -> Result<(), Error> {
    AppendOptions::new().append(path, rows)
}

/// How to append; [`append`] is the same with all defaults.
#[derive(Clone, Copy, Debug, Default)]
pub struct AppendOptions {
    durable: bool,
    recover: Option<Trust>,
}

impl AppendOptions {
    /// The defaults.
    pub fn new() -> AppendOptions {
        AppendOptions::default()
    }

    /// Waits until the storage has the rows before it is given the header, and then until it has that:
    /// the promise holds on a power cut, too.
    #[must_use]
    pub fn durable(mut self) -> AppendOptions {
        self.durable = true;
        self
    }

    /// Corrects a file whose header and data do not agree, which is an error else: a program was killed
    /// between the two, or the file was cut off. What is trusted says how many rows there are; what
    /// stands behind them is cut off.
    #[must_use]
    pub fn recover(mut self, trust: Trust) -> AppendOptions {
        self.recover = Some(trust);
        self
    }

    /// See [`append`].
    ///
    /// # Errors
    /// As [`append`].
    pub fn append<'a>(
        &self,
        path: impl AsRef<Path>,
        rows: impl Into<Strided<'a>>,
    ) -> Result<(), Error> {
        let mut appender = self.open(path)?;
        appender.push(rows)?;
        appender.commit()
    }

    /// Opens a file to append to it more than once.
    ///
    /// # Errors
    /// As [`append`].
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Appender, Error> {
        let path = path.as_ref();
        let open = || {
            let lock = open_locked(path)?;
            let storage = self.storage(&lock.0)?;
            let rows = match self.recover {
                None => Rows::open(storage)?,
                Some(trust) => {
                    let rows = Rows::recover(storage, trust)?;
                    lock.0.set_len(rows.end())?;
                    rows
                }
            };
            Ok(Appender {
                // Rows that the header does not count are part of the array only when it does.
                committed: (self.recover != Some(Trust::Data)).then_some(rows.end()),
                rows,
                lock,
                moved: None,
                has_written: false,
                has_failed: false,
                path: path.to_owned(),
                options: *self,
            })
        };
        open().map_err(|error: FlatError| Error::new(path, error))
    }

    fn storage(&self, file: &File) -> io::Result<Storage> {
        let (file, is_durable) = (file.try_clone()?, self.durable);
        Ok(Storage { file, is_durable })
    }
}

/// Corrects the array in a `.npy` whose header and data do not agree, in place; `trust` says which of
/// them is right.
///
/// Rows that are cut off are gone. In Fortran order it is the length of the last axis that is corrected.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// use npio::{Array, Trust};
/// npio::save(&path, &Array::from_slice(&[1u32, 2, 3], [3])?)?;
/// // The last four bytes are lost.
/// # let cut = || { let f = std::fs::OpenOptions::new().write(true).open(&path)?; f.set_len(f.metadata()?.len() - 4) };
/// # cut().unwrap();
/// assert!(npio::load(&path).is_err());
/// npio::repair(&path, Trust::Data)?;
/// assert_eq!(npio::load_vec::<u32>(&path)?, (vec![1, 2], vec![2]));
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// A file that is no `.npy`, or to which somebody appends; a 0-d array; a header that is trusted and
/// counts more than is there; another array behind the first; the system's.
pub fn repair(path: impl AsRef<Path>, trust: Trust) -> Result<(), Error> {
    AppendOptions::new().recover(trust).open(path)?.commit()
}

type Rows = flatfile::npy::Appender<Storage>;

/// A file that rows are appended to: see [`AppendOptions::open`].
///
/// Nobody else appends to it meanwhile. Rows that are not committed when this is dropped are cut off.
#[derive(Debug)]
pub struct Appender {
    rows: Rows,
    lock: Lock,
    /// Where the array ends that the file's header describes; `None` where that is not certain.
    committed: Option<u64>,
    /// What is to replace the file, with all the rows.
    moved: Option<Moved>,
    /// Whether rows, or a part of them, may stand behind the array.
    has_written: bool,
    has_failed: bool,
    path: PathBuf,
    options: AppendOptions,
}

/// A new file with all the rows, and a header that has room for more.
#[derive(Debug)]
struct Moved {
    rows: Rows,
    lock: Lock,
    replacement: Replacement,
}

impl Appender {
    /// Writes rows behind the others: an array of the same dtype, byte order aside, and the same axes
    /// behind the first.
    ///
    /// # Errors
    /// Other rows, before anything is written; the system's, after which nothing more is written.
    pub fn push<'a>(&mut self, rows: impl Into<Strided<'a>>) -> Result<(), Error> {
        let view = rows.into();
        let pushed = match self.current()?.push(view.clone()) {
            Err(error) if matches!(error.kind(), ErrorKind::NoRoom) => self.push_moved(&view),
            pushed => pushed,
        };
        self.has_failed = matches!(&pushed, Err(error) if matches!(error.kind(), ErrorKind::Io(_)));
        self.has_written |= pushed.is_ok() || self.has_failed;
        pushed.map_err(|error| Error::new(&self.path, error))
    }

    /// Makes the rows that were pushed part of the array.
    ///
    /// # Errors
    /// The system's, after which the file holds the old array or the new one, and nothing more is
    /// written.
    pub fn commit(&mut self) -> Result<(), Error> {
        self.current()?;
        let committed = match self.moved.take() {
            None => self.commit_in_place(),
            Some(moved) => self.replace(moved),
        };
        self.has_failed = committed.is_err();
        committed.map_err(|error| Error::new(&self.path, error))?;
        self.committed = Some(self.rows.end());
        self.has_written = false;
        Ok(())
    }

    fn commit_in_place(&mut self) -> Result<(), FlatError> {
        let committed = self.committed.take();
        match self.rows.commit() {
            // Nothing was written.
            Err(error) if matches!(error.kind(), ErrorKind::NoRoom) => {
                self.committed = committed;
                let moved = self.with_room()?;
                self.replace(moved)
            }
            result => result,
        }
    }

    /// Where the rows go.
    fn current(&mut self) -> Result<&mut Rows, Error> {
        match (self.has_failed, &mut self.moved) {
            (true, _) => {
                let error = io::Error::other("an earlier write to this file failed");
                Err(Error::new(&self.path, error))
            }
            (false, Some(moved)) => Ok(&mut moved.rows),
            (false, None) => Ok(&mut self.rows),
        }
    }

    /// Writes rows to a new file, behind all those so far.
    fn push_moved(&mut self, view: &Strided<'_>) -> Result<(), FlatError> {
        let moved = self.with_room()?;
        self.moved.insert(moved).rows.push(view.clone())
    }

    fn with_room(&mut self) -> Result<Moved, FlatError> {
        let how = Replace {
            durable: self.options.durable,
            ..Replace::default()
        };
        let replacement = Replacement::begin(&self.path, how)?;
        let lock = Lock::of(replacement.file().try_clone()?)?;
        let storage = self.options.storage(&lock.0)?;
        let rows = self.rows.move_to(storage)?;
        Ok(Moved {
            rows,
            lock,
            replacement,
        })
    }

    /// Puts the new file in the place of the old one, which stays locked until then.
    fn replace(&mut self, mut moved: Moved) -> Result<(), FlatError> {
        moved.rows.commit()?;
        moved.replacement.commit()?;
        // The old file has no name any more: there is nothing to cut off.
        self.committed = None;
        self.lock = moved.lock;
        let mut storage = self.options.storage(&self.lock.0)?;
        storage.rewind()?;
        // Columns, too, which are repaired but take no rows.
        self.rows = Rows::recover(storage, Trust::Header)?;
        Ok(())
    }
}

impl Drop for Appender {
    fn drop(&mut self) {
        // What else is there, somebody put there who looks at no locks.
        if !self.has_written {
            return;
        }
        let file = &self.lock.0;
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        if let Some(end) = self.committed.filter(|end| *end < length) {
            // Where that fails, the file reads as the same array all the same.
            let _ = file.set_len(end);
        }
    }
}

/// A file whose `flush` waits for the storage, where that is asked for.
#[derive(Debug)]
struct Storage {
    file: File,
    is_durable: bool,
}

impl Read for Storage {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.file.read(bytes)
    }
}

impl Write for Storage {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.is_durable {
            true => self.file.sync_data(),
            false => Ok(()),
        }
    }
}

impl Seek for Storage {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// A file to which nobody else appends until this is dropped.
#[derive(Debug)]
struct Lock(File);

impl Lock {
    fn of(file: File) -> io::Result<Lock> {
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => {
                let text = "somebody else is appending to this file";
                Err(io::Error::new(io::ErrorKind::ResourceBusy, text))
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file does not do it where a new process has not yet closed its inherited files.
        let _ = self.0.unlock();
    }
}

/// Opens the file at `path` so that nobody else appends to it.
fn open_locked(path: &Path) -> io::Result<Lock> {
    loop {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let lock = Lock::of(file)?;
        // Whoever had the lock may have put another file in its place.
        if is_at(&lock.0, path)? {
            return Ok(lock);
        }
    }
}

/// Whether it is this file that has the name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (file, named) = (file.metadata()?, std::fs::metadata(path)?);
    Ok((file.dev(), file.ino()) == (named.dev(), named.ino()))
}

/// Elsewhere an open file cannot be replaced.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}
