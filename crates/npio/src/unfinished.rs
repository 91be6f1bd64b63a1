//! The temporary files of this process, so that nothing is left of them where nothing is dropped.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The temporary files that have no other name yet.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the temporary files of everything that this process is saving.
///
/// This is for a handler of signals that ends the process while other threads are still at work, so that what they own is
/// never dropped. What they save after that fails.
///
/// ```standalone_crate
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// let file = npio::SaveOptions::new().create(&path)?;
/// npio::remove_unfinished();
/// assert_eq!(std::fs::read_dir(folder.path())?.count(), 0);
/// assert!(file.finish().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn remove_unfinished() {
    for path in unfinished().drain(..) {
        // It may have just got its name, or been removed by its owner.
        let _ = std::fs::remove_file(path);
    }
}

/// That a temporary file is to be removed at such an end, until this is dropped.
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
