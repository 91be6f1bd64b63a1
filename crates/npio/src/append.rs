//! Rows appended to the array in a file.

use crate::atomic::{Replace, Replacement};
use crate::error::{Cause, Error};
use crate::exclusive::{self, ExclusiveFile};
use crate::open::first_bytes;
use crate::raw::layout_in_name;
use crate::to_strided::ToStrided;
use crate::unfinished::{Step, Unfinished};
use flatfile::npy::RecoverFrom;
use flatfile::{CancelToken, Cancellable, Error as FlatError, ErrorKind, Strided};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Appends rows to the array in a `.npy`, in place.
///
/// Whatever happens, the file reads as the old array or the new one: the new rows are written after the
/// existing ones, and then the header that counts them, in the space that NumPy leaves for this. If the
/// header has no such space, the file is replaced, as [`save`](crate::save) does. The rows are of the file's dtype: a
/// record has the same padding, which NumPy's records have none of unless they are made with `align=True`.
///
/// Meanwhile other processes may read the file, but not append to it (on Windows, not write to it at all).
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
/// A file that is not a `.npy`, whose array is in Fortran order or does not end where the file does, or to which
/// another process is appending (`ResourceBusy`); rows of another dtype or shape; I/O errors. After each of them the
/// file holds the old array.
pub fn append(path: impl AsRef<Path>, rows: impl ToStrided) -> Result<(), Error> {
    AppendOptions::new().append(path, rows)
}

/// Options for appending; [`append`] uses the defaults.
#[derive(Clone, Debug, Default)]
pub struct AppendOptions {
    durable: bool,
    recover: Option<RecoverFrom>,
    cancel: Option<CancelToken>,
    wait: Duration,
}

impl AppendOptions {
    /// The defaults.
    pub fn new() -> AppendOptions {
        AppendOptions::default()
    }

    /// Waits until the rows are on disk before writing the header, and then until the header is: the
    /// guarantee also holds after a power cut.
    #[must_use]
    pub fn durable(mut self) -> AppendOptions {
        self.durable = true;
        self
    }

    /// Waits up to this long for another process that is appending to the file, instead of returning an error of the
    /// class [`Busy`](crate::ErrorClass::Busy) at once. The file is tried every few milliseconds.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.npy");
    /// use npio::{AppendOptions, ErrorClass};
    /// use std::time::Duration;
    /// npio::save(&path, [1, 2])?;
    /// let patient = AppendOptions::new().wait(Duration::from_secs(10));
    /// let mut other = AppendOptions::new().open(&path)?;
    /// assert_eq!(npio::append(&path, [3]).unwrap_err().class(), ErrorClass::Busy);
    /// std::thread::scope(|scope| {
    ///     let waiting = scope.spawn(|| patient.append(&path, [4]));
    ///     other.push([3])?;
    ///     other.commit()?;
    ///     drop(other);
    ///     waiting.join().unwrap()
    /// })?;
    /// assert_eq!(npio::load_vec::<i32>(&path)?.0, [1, 2, 3, 4]);
    /// # Ok::<(), npio::Error>(())
    /// ```
    #[must_use]
    pub fn wait(mut self, timeout: Duration) -> AppendOptions {
        self.wait = timeout;
        self
    }

    /// Stops when this token is cancelled, also while it waits, with an error of the class
    /// [`Cancelled`](crate::ErrorClass::Cancelled): the array is as it was before.
    #[must_use]
    pub fn cancel(mut self, token: CancelToken) -> AppendOptions {
        self.cancel = Some(token);
        self
    }

    /// Corrects a file whose header and data do not agree, which is otherwise an error: a program was
    /// killed between the two writes, or the file was truncated. The part that is trusted gives the number
    /// of rows; anything after them is cut off.
    #[must_use]
    pub fn recover(mut self, trust: RecoverFrom) -> AppendOptions {
        self.recover = Some(trust);
        self
    }

    /// See [`append`].
    ///
    /// # Errors
    /// As [`append`].
    pub fn append(&self, path: impl AsRef<Path>, rows: impl ToStrided) -> Result<(), Error> {
        let mut appender = self.open(path)?;
        appender.push(rows)?;
        appender.commit()
    }

    /// Opens a file to append to it several times.
    ///
    /// # Errors
    /// As [`append`].
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Appender, Error> {
        let path = path.as_ref();
        let open = || {
            let file = ExclusiveFile::wait_for(path, self.wait, self.cancel.as_ref())?;
            let is_committing = Arc::new(AtomicBool::new(false));
            let storage = self.storage(&file, &is_committing)?;
            let rows = match self.recover {
                None => Rows::open(storage)?,
                Some(trust) => {
                    let rows = Rows::recover(storage, trust)?;
                    file.file().set_len(rows.end())?;
                    rows
                }
            };
            // Rows that the header does not count are part of the array only when it does.
            let committed = (self.recover != Some(RecoverFrom::Data)).then_some(rows.end());
            Ok(Appender {
                committed: Arc::new(Mutex::new(committed)),
                uncounted: None,
                is_committing,
                current: Some(Current { rows, file }),
                moved: None,
                has_written: false,
                has_failed: false,
                path: path.to_owned(),
                options: self.clone(),
            })
        };
        open().map_err(|error: FlatError| {
            // Other bytes than a header's, under a name that says what they are.
            let named = first_bytes(&error).and_then(|_| layout_in_name(path));
            let cause = named.map_or_else(|| error.into(), Cause::RawItems);
            Error::new(path, cause)
        })
    }

    fn storage(
        &self,
        file: &ExclusiveFile,
        is_committing: &Arc<AtomicBool>,
    ) -> io::Result<Storage> {
        // Also without a token of the caller's, so that each piece is a short step.
        let token = self.cancel.clone().unwrap_or_default();
        let file = Cancellable::new(file.file().try_clone()?, token);
        let is_durable = self.durable;
        Ok(Storage {
            file,
            is_durable,
            is_committing: is_committing.clone(),
        })
    }
}

/// Corrects the array in a `.npy` whose header and data do not agree, in place; `trust` chooses which of
/// them is right.
///
/// Rows that are cut off are lost. In Fortran order the length of the last axis is corrected.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// use npio::{Array, RecoverFrom};
/// npio::save(&path, &Array::from_slice(&[1u32, 2, 3], [3])?)?;
/// // The last four bytes are lost.
/// # let cut = || { let f = std::fs::OpenOptions::new().write(true).open(&path)?; f.set_len(f.metadata()?.len() - 4) };
/// # cut().unwrap();
/// assert!(npio::load(&path).is_err());
/// npio::repair(&path, RecoverFrom::Data)?;
/// assert_eq!(npio::load_vec::<u32>(&path)?, (vec![1, 2], vec![2]));
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// A file that is not a `.npy`, or to which another process is appending; a 0-d array; a trusted header
/// that counts more rows than the file has; another array after the first; I/O errors.
pub fn repair(path: impl AsRef<Path>, trust: RecoverFrom) -> Result<(), Error> {
    let path = path.as_ref();
    let _step = Step::begin().map_err(|error| Error::new(path, error))?;
    AppendOptions::new().recover(trust).open(path)?.commit()
}

type Rows = flatfile::npy::Appender<Storage>;

/// A file to which rows are appended: see [`AppendOptions::open`].
///
/// Meanwhile other processes may read it, but not append to it. (On Windows they may not write to it at
/// all.) Rows that are not committed when this is dropped are cut off.
#[derive(Debug)]
pub struct Appender {
    /// The file; `None` if it was closed to be replaced, and that failed.
    current: Option<Current>,
    /// The end of the array that the file's header describes; `None` if that is not certain.
    committed: Arc<Mutex<Option<u64>>>,
    /// While rows that the header does not count may follow the array.
    uncounted: Option<Unfinished>,
    /// While the header is written, which is not cancelled.
    is_committing: Arc<AtomicBool>,
    /// The new file with all the rows, which will replace this one.
    moved: Option<Moved>,
    /// Whether rows, or a part of them, may follow the array.
    has_written: bool,
    has_failed: bool,
    path: PathBuf,
    options: AppendOptions,
}

/// An open file with an array. Both are closed before the file can be replaced.
#[derive(Debug)]
struct Current {
    rows: Rows,
    file: ExclusiveFile,
}

/// A new file with all the rows, and a header that has room for more.
#[derive(Debug)]
struct Moved {
    // Closed before the replacement, which removes the file.
    new: Current,
    replacement: Replacement,
}

impl Appender {
    /// Writes rows after the others: an array of the same dtype, byte order aside, and the same axes
    /// after the first.
    ///
    /// # Errors
    /// Rows that do not fit, before anything is written; I/O errors, after which nothing more is written.
    pub fn push(&mut self, rows: impl ToStrided) -> Result<(), Error> {
        let rows = rows.to_strided();
        let rows = rows.map_err(|error| Error::new(&self.path, error))?;
        let entered = self.enter_uncounted();
        entered.map_err(|error| Error::new(&self.path, error))?;
        let pushed = self.current()?.push(&rows);
        let pushed = match pushed {
            Err(error) if matches!(error.kind(), ErrorKind::HeaderFull) => {
                self.push_moved(&rows.strided())
            }
            pushed => pushed,
        };
        self.has_failed = matches!(&pushed, Err(error) if matches!(error.kind(), ErrorKind::Io(_)));
        self.has_written |= pushed.is_ok() || self.has_failed;
        if !self.has_written {
            self.uncounted = None;
        }
        pushed.map_err(|error| Error::new(&self.path, error))
    }

    /// Makes the rows that were pushed part of the array.
    ///
    /// If the file has to be replaced because its header has no room, close anything else that has it open:
    /// on Windows a file that is open or mapped often cannot be replaced.
    ///
    /// # Errors
    /// I/O errors, after which the file holds the old array or the new one, and nothing more is written.
    pub fn commit(&mut self) -> Result<(), Error> {
        let result = self.commit_rows();
        self.has_failed = result.is_err();
        let end = result.map_err(|error| Error::new(&self.path, error))?;
        *lock(&self.committed) = Some(end);
        self.has_written = false;
        self.uncounted = None;
        Ok(())
    }

    /// Enters the rows that will be written among what is undone if the process is ended.
    fn enter_uncounted(&mut self) -> io::Result<()> {
        if let (None, Some(current)) = (&self.uncounted, &self.current) {
            let (file, committed) = (current.file.file().try_clone()?, self.committed.clone());
            let uncounted = Step::begin()?.enter(move || cut_off(&file, &committed));
            self.uncounted = Some(uncounted);
        }
        Ok(())
    }

    /// Commits, and returns the end of the array.
    fn commit_rows(&mut self) -> Result<u64, FlatError> {
        if self.has_failed {
            return Err(failed_before());
        }
        // As long as the contents of the file are known.
        if let Some(token) = &self.options.cancel {
            token.check()?;
        }
        if let Some(moved) = self.moved.take() {
            return self.replace(moved);
        }
        let current = self.current.as_mut().ok_or_else(failed_before)?;
        let step = Step::begin()?;
        let committed = lock(&self.committed).take();
        self.is_committing.store(true, Ordering::Relaxed);
        let result = current.rows.commit();
        self.is_committing.store(false, Ordering::Relaxed);
        match result {
            // Nothing was written.
            Err(error) if matches!(error.kind(), ErrorKind::HeaderFull) => {
                *lock(&self.committed) = committed;
                drop(step);
                let moved = self.with_room()?;
                self.replace(moved)
            }
            result => result.map(|()| current.rows.end()),
        }
    }

    /// The open array that takes the rows: that of the new file, if there is one.
    fn current(&mut self) -> Result<&mut Rows, Error> {
        let current = match &mut self.moved {
            Some(moved) => Some(&mut moved.new),
            None => self.current.as_mut(),
        };
        match current.filter(|_| !self.has_failed) {
            Some(current) => Ok(&mut current.rows),
            None => Err(Error::new(&self.path, failed_before())),
        }
    }

    /// Writes rows to a new file, after all those so far.
    fn push_moved(&mut self, view: &Strided<'_>) -> Result<(), FlatError> {
        let moved = self.with_room()?;
        self.moved.insert(moved).new.rows.push(view.clone())
    }

    fn with_room(&mut self) -> Result<Moved, FlatError> {
        let current = self.current.as_mut().ok_or_else(failed_before)?;
        let how = Replace {
            durable: self.options.durable,
            cancel: self.options.cancel.clone(),
            ..Replace::default()
        };
        let replacement = Replacement::of_open(&self.path, current.file.file(), &how)?;
        let file = ExclusiveFile::of(&replacement)?;
        let rows = current
            .rows
            .move_to(self.options.storage(&file, &self.is_committing)?)?;
        let new = Current { rows, file };
        Ok(Moved { new, replacement })
    }

    /// Replaces the old file with the new one, and returns the end of its array.
    fn replace(&mut self, moved: Moved) -> Result<u64, FlatError> {
        let Moved { new, replacement } = moved;
        let Current { mut rows, file } = new;
        rows.commit()?;
        // The old file may have to be closed first, so it is completed now in case the replacement fails.
        self.cut_off();
        self.uncounted = None;
        let old = self.current.take();
        exclusive::replace(replacement, old)?;
        let mut storage = self.options.storage(&file, &self.is_committing)?;
        storage.rewind()?;
        // Also columns (Fortran order), which can be repaired but not appended to.
        let rows = Rows::recover(storage, RecoverFrom::Header)?;
        let end = rows.end();
        self.current = Some(Current { rows, file });
        Ok(end)
    }

    /// Cuts off rows that the file's header does not count.
    fn cut_off(&self) {
        // Anything else after the array was written by a program that ignores locks.
        let Some(current) = self.current.as_ref().filter(|_| self.has_written) else {
            return;
        };
        // Otherwise it is done already.
        if let Ok(_step) = Step::begin() {
            cut_off(current.file.file(), &self.committed);
        }
    }
}

impl Drop for Appender {
    fn drop(&mut self) {
        self.cut_off();
    }
}

/// Cuts off what follows the end of the array, if that is known.
fn cut_off(file: &File, committed: &Mutex<Option<u64>>) {
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    if let Some(end) = lock(committed).filter(|end| *end < length) {
        // If this fails, the file still reads as the same array.
        let _ = file.set_len(end);
    }
}

fn lock(committed: &Mutex<Option<u64>>) -> MutexGuard<'_, Option<u64>> {
    committed.lock().unwrap_or_else(PoisonError::into_inner)
}

fn failed_before() -> FlatError {
    io::Error::other("an earlier write to this file failed").into()
}

/// A file whose `flush` waits for the disk if that was requested.
#[derive(Debug)]
struct Storage {
    file: Cancellable<File>,
    is_durable: bool,
    is_committing: Arc<AtomicBool>,
}

impl Read for Storage {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.file.read(bytes)
    }
}

impl Write for Storage {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _step = Step::begin()?;
        if self.is_committing.load(Ordering::Relaxed) {
            return self.file.get_ref().write(bytes);
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_durable {
            self.file.get_ref().sync_data()
        } else {
            Ok(())
        }
    }
}

impl Seek for Storage {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}
