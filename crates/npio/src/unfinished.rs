//! The temporary files of this process, so that they can be removed even if their owners are never dropped.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The temporary files that do not have their final name yet.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the temporary files of everything that this process is saving.
///
/// This is for a signal handler that ends the process while other threads are still at work, so that the files they
/// own are never dropped. End the process after it: what the others finish saving then may fail. On Windows a file may
/// keep its name until it is closed, as it is when the process ends.
///
/// ```standalone_crate
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// let file = npio::SaveOptions::new().create(&path)?;
/// npio::remove_unfinished();
/// # if cfg!(unix) {
/// assert_eq!(std::fs::read_dir(folder.path())?.count(), 0);
/// assert!(file.finish().is_err());
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn remove_unfinished() {
    for path in unfinished().drain(..) {
        // It may just have been renamed, or removed by its owner.
        let _ = std::fs::remove_file(path);
    }
}

/// Keeps a temporary file in the list of those to remove, until this is dropped.
#[derive(Debug)]
pub(crate) struct Unfinished(PathBuf);

impl Unfinished {
    pub(crate) fn new(path: &Path) -> Unfinished {
        unfinished().push(path.to_owned());
        Unfinished(path.to_owned())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        unfinished().retain(|path| *path != self.0);
    }
}
