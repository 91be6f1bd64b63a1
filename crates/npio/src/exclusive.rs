//! A file to which one appender at a time writes.
//!
//! On Unix this is an advisory lock (`flock`): any process may read, and one that asks for the lock waits.
//! The file is replaced while its lock is held, so that no process can append to the old file in between.
//!
//! On Windows a lock would keep readers out, so the file is opened without `FILE_SHARE_WRITE`: others may
//! read it, but not open it for writing. But it has to be closed before it can be replaced, and a process
//! that opened it just then would append rows that are lost with it. A second file closes that gap. It is
//! called [`GATE`](system::GATE), is in the same folder, and exists only while a file is replaced:
//!
//! - A process that replaces a file creates the gate, closes the file, renames the new one (which it
//!   already holds open without `FILE_SHARE_WRITE`), and removes the gate.
//! - A process that opens a file looks for the gate afterwards. If there is one, it closes the file and
//!   starts again.
//!
//! So no process keeps the old file open while there is a gate. And if an opener finds none, the file that
//! it holds cannot be replaced: it has no `FILE_SHARE_DELETE`, so renaming fails until it is closed. The
//! system removes the gate when its owner exits, however it exits; a gate left by a power cut has no owner,
//! and is ignored.

use flatfile::CancelToken;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{io, thread};

pub(crate) use system::{ExclusiveFile, replace};

impl ExclusiveFile {
    /// Opens the file once no other process holds it, or until the time is over.
    pub(crate) fn wait_for(
        path: &Path,
        wait: Duration,
        cancel: Option<&CancelToken>,
    ) -> io::Result<ExclusiveFile> {
        /// Short enough not to be noticed, and long enough not to keep a core busy.
        const PAUSE: Duration = Duration::from_millis(5);
        let begun = Instant::now();
        loop {
            match ExclusiveFile::open(path) {
                Err(error)
                    if error.kind() == io::ErrorKind::ResourceBusy && begun.elapsed() < wait => {}
                opened => return opened,
            }
            cancel.map_or(Ok(()), CancelToken::check)?;
            thread::sleep(PAUSE.min(wait));
        }
    }
}

/// The error if another process is appending.
fn busy() -> io::Error {
    let text = "somebody else is appending to this file";
    io::Error::new(io::ErrorKind::ResourceBusy, text)
}

#[cfg(not(windows))]
mod system {
    use super::busy;
    use crate::atomic::Replacement;
    use std::fs::{File, OpenOptions, TryLockError};
    use std::io;
    use std::path::Path;

    /// A file, open for reading and writing, to which no other process appends until this is dropped.
    #[derive(Debug)]
    pub(crate) struct ExclusiveFile(File);

    impl ExclusiveFile {
        /// Opens the file at `path`.
        pub(crate) fn open(path: &Path) -> io::Result<ExclusiveFile> {
            loop {
                let file = OpenOptions::new().read(true).write(true).open(path)?;
                let file = ExclusiveFile::lock(file)?;
                // The previous holder of the lock may have replaced the file.
                if is_at(&file.0, path)? {
                    return Ok(file);
                }
            }
        }

        /// The file that will replace another.
        pub(crate) fn of(new: &Replacement) -> io::Result<ExclusiveFile> {
            ExclusiveFile::lock(new.file().try_clone()?)
        }

        fn lock(file: File) -> io::Result<ExclusiveFile> {
            match file.try_lock() {
                Ok(()) => Ok(ExclusiveFile(file)),
                Err(TryLockError::WouldBlock) => Err(busy()),
                Err(TryLockError::Error(error)) => Err(error),
            }
        }

        pub(crate) fn file(&self) -> &File {
            &self.0
        }
    }

    impl Drop for ExclusiveFile {
        fn drop(&mut self) {
            // Closing the file does not release the lock if a new process has not yet closed its inherited
            // files.
            let _ = self.0.unlock();
        }
    }

    /// Replaces the file that `old` holds; no process can append to it meanwhile.
    pub(crate) fn replace(new: Replacement, old: impl Sized) -> io::Result<()> {
        let replaced = new.commit(());
        drop(old);
        replaced
    }

    /// Whether the path still names this file.
    #[cfg(unix)]
    fn is_at(file: &File, path: &Path) -> io::Result<bool> {
        use std::os::unix::fs::MetadataExt;
        let (file, named) = (file.metadata()?, std::fs::metadata(path)?);
        Ok((file.dev(), file.ino()) == (named.dev(), named.ino()))
    }

    #[cfg(not(unix))]
    fn is_at(_: &File, _: &Path) -> io::Result<bool> {
        Ok(true)
    }
}

#[cfg(windows)]
mod system {
    use super::busy;
    use crate::atomic::windows::{
        FILE_FLAG_DELETE_ON_CLOSE, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE,
    };
    use crate::atomic::{Replacement, folder, resolve_links};
    use crate::retry::{is_sharing_violation, may_be_held, pauses, retry};
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::os::windows::fs::OpenOptionsExt;
    use std::path::Path;
    use std::thread;

    /// The file that exists while a file in the same folder is closed to be replaced.
    pub(super) const GATE: &str = ".npio-append.lock";

    /// A file, open for reading and writing, to which no other process appends until this is dropped.
    #[derive(Debug)]
    pub(crate) struct ExclusiveFile(File);

    impl ExclusiveFile {
        /// Opens the file at `path`.
        pub(crate) fn open(path: &Path) -> io::Result<ExclusiveFile> {
            let folder = folder(&resolve_links(path)?).to_owned();
            let mut options = OpenOptions::new();
            options.read(true).write(true).share_mode(FILE_SHARE_READ);
            for pause in pauses() {
                let file = options.open(path).map_err(|error| {
                    if is_sharing_violation(&error) {
                        busy()
                    } else {
                        error
                    }
                })?;
                if !is_gated(&folder) {
                    return Ok(ExclusiveFile(file));
                }
                // Only then can the holder of the gate replace it.
                drop(file);
                thread::sleep(pause);
            }
            Err(busy())
        }

        /// The file that will replace another. From the beginning no other process can open it for writing.
        pub(crate) fn of(new: &Replacement) -> io::Result<ExclusiveFile> {
            Ok(ExclusiveFile(new.file().try_clone()?))
        }

        pub(crate) fn file(&self) -> &File {
            &self.0
        }
    }

    /// Replaces the file that `old` holds; no process can append to it meanwhile.
    pub(crate) fn replace(new: Replacement, old: impl Sized) -> io::Result<()> {
        let gate = match new.target() {
            Some(target) => Some(close_gate(folder(target))?),
            None => None,
        };
        let replaced = new.commit(old);
        drop(gate);
        replaced
    }

    /// Keeps others from opening files of this folder to append to them, until the gate is dropped.
    fn close_gate(folder: &Path) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).share_mode(0);
        options.custom_flags(FILE_FLAG_DELETE_ON_CLOSE);
        // Other processes may have closed the gate, for other files.
        retry(may_be_held, || options.open(folder.join(GATE)))
    }

    /// Whether another process has closed the gate of this folder.
    fn is_gated(folder: &Path) -> bool {
        let mut options = OpenOptions::new();
        options.read(true);
        options.share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE);
        let gate = options.open(folder.join(GATE));
        gate.is_err_and(|error| may_be_held(&error))
    }
}

#[cfg(all(test, windows))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::system::GATE;
    use super::*;
    use crate::atomic::{Replace, Replacement};
    use std::fs::{self, OpenOptions};
    use std::io::Write;
    use std::os::windows::fs::OpenOptionsExt;

    #[test]
    fn nobody_opens_a_file_while_the_gate_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, gate) = (folder.path().join("x"), folder.path().join(GATE));
        fs::write(&path, "old").unwrap();
        // A power cut left it: no process has it open.
        fs::write(&gate, "").unwrap();
        drop(ExclusiveFile::open(&path).unwrap());
        let closed = OpenOptions::new()
            .write(true)
            .share_mode(0)
            .open(&gate)
            .unwrap();
        let error = ExclusiveFile::open(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ResourceBusy);
        drop(closed);
        drop(ExclusiveFile::open(&path).unwrap());
    }

    #[test]
    fn the_gate_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, "old").unwrap();
        let old = ExclusiveFile::open(&path).unwrap();
        let new = Replacement::of_open(&path, old.file(), &Replace::default()).unwrap();
        new.file().write_all(b"new").unwrap();
        let held = ExclusiveFile::of(&new).unwrap();
        replace(new, old).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        // No other process has the new file open, either.
        let error = ExclusiveFile::open(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ResourceBusy);
        drop(held);
        drop(ExclusiveFile::open(&path).unwrap());
    }
}
