//! A file to which one appender at a time writes.
//!
//! On Unix this is an advisory lock (`flock`): everybody may read, and whoever asks for the lock waits.
//! The file is replaced while its lock is held, so that nobody can append to the old file in between.
//!
//! On Windows a lock would keep readers out, so the file is opened without `FILE_SHARE_WRITE`: others may
//! read, nobody else may open it to write. But it has to be closed before it can be replaced, and
//! whoever opened it just then would append rows that are lost with it. A second file closes that gap.
//! It is called [`GATE`](system::GATE), is in the same folder, and exists only while a file is replaced:
//!
//! - Who replaces a file creates the gate, then closes the file, renames the new one (which it holds open
//!   without `FILE_SHARE_WRITE` already), and removes the gate.
//! - Who opens a file looks for the gate afterwards. If there is one, it closes the file and starts again.
//!
//! So nobody keeps the old file open while there is a gate. And where an opener finds none, the file that
//! it holds is not replaced: it has no `FILE_SHARE_DELETE`, so that renaming fails until it is closed. The
//! system removes the gate when its owner ends, however it ends; one that a power cut left is owned by
//! nobody, and ignored.

use std::io;

pub(crate) use system::{ExclusiveFile, replace};

/// The error where somebody else appends.
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

    /// A file, open to read and write, to which nobody else appends until this is dropped.
    #[derive(Debug)]
    pub(crate) struct ExclusiveFile(File);

    impl ExclusiveFile {
        /// Opens the file at `path`.
        pub(crate) fn open(path: &Path) -> io::Result<ExclusiveFile> {
            loop {
                let file = OpenOptions::new().read(true).write(true).open(path)?;
                let file = ExclusiveFile::lock(file)?;
                // Whoever had the lock may have put another file in its place.
                if is_at(&file.0, path)? {
                    return Ok(file);
                }
            }
        }

        /// The file that is to replace another.
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
            // Closing the file does not do it where a new process has not yet closed its inherited files.
            let _ = self.0.unlock();
        }
    }

    /// Replaces the file that `old` holds, to which nobody can append meanwhile.
    pub(crate) fn replace(new: Replacement, old: impl Sized) -> io::Result<()> {
        let replaced = new.commit(());
        drop(old);
        replaced
    }

    /// Whether it is this file that has the name.
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

    /// The file that exists while a file in its folder is closed to be replaced.
    pub(super) const GATE: &str = ".npio-append.lock";

    /// A file, open to read and write, to which nobody else appends until this is dropped.
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
                // Whoever has the gate can replace it only then.
                drop(file);
                thread::sleep(pause);
            }
            Err(busy())
        }

        /// The file that is to replace another. Nobody else can open it to write, from the beginning.
        pub(crate) fn of(new: &Replacement) -> io::Result<ExclusiveFile> {
            Ok(ExclusiveFile(new.file().try_clone()?))
        }

        pub(crate) fn file(&self) -> &File {
            &self.0
        }
    }

    /// Replaces the file that `old` holds, to which nobody can append meanwhile.
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
        // Others may have closed it, for other files.
        retry(may_be_held, || options.open(folder.join(GATE)))
    }

    /// Whether somebody has closed the gate of this folder.
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
        // A power cut left it: nobody has it open.
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
        // The new file is nobody else's, either.
        let error = ExclusiveFile::open(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ResourceBusy);
        drop(held);
        drop(ExclusiveFile::open(&path).unwrap());
    }
}
