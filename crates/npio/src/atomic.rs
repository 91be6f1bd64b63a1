//! Replacing a file so that its path holds the old bytes or the new ones, whatever happens.

use flatfile::Error;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::path::{Path, PathBuf};
use tempfile::Builder;

/// How a file is replaced.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Replace {
    /// Written over where it stands.
    pub(crate) in_place: bool,
    /// Held by the storage before the call returns.
    pub(crate) durable: bool,
}

/// Has `write` fill a temporary file beside `path`, and gives that the name.
///
/// Links are followed. What is no regular file (a pipe, a device) is written in place.
pub(crate) fn replace(
    path: &Path,
    how: Replace,
    write: impl FnOnce(&File) -> Result<(), Error>,
) -> Result<(), Error> {
    if how.in_place {
        return in_place(path, how, write);
    }
    let target = followed(path)?;
    let old = match fs::metadata(&target) {
        Ok(old) if !old.is_file() => return in_place(path, how, write),
        Ok(old) => Some(old),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    if old.as_ref().is_some_and(|old| old.permissions().readonly()) {
        return Err(io::Error::from(io::ErrorKind::PermissionDenied).into());
    }
    let folder = match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let file = new_file(old.map(|old| old.permissions()), folder)?;
    write(file.as_file())?;
    if how.durable {
        file.as_file().sync_all()?;
    }
    file.persist(&target).map_err(|error| error.error)?;
    if how.durable {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Has `write` write over the file where it stands.
fn in_place(
    path: &Path,
    how: Replace,
    write: impl FnOnce(&File) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).open(path)?;
    write(&file)?;
    // A pipe or a device has no storage to wait for.
    if how.durable && file.metadata()?.is_file() {
        file.sync_all()?;
    }
    Ok(())
}

/// The file that a chain of links ends at, there or not.
fn followed(path: &Path) -> io::Result<PathBuf> {
    // As many as Linux follows.
    const MAX_LINKS: usize = 40;
    let mut target = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&target) {
            Ok(link) => target = target.parent().unwrap_or(Path::new("")).join(link),
            Err(_) => return Ok(target),
        }
    }
    Err(io::Error::other("too many levels of symbolic links"))
}

/// A temporary file with the old file's permissions, or those that a new file gets.
fn new_file(old: Option<Permissions>, folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".npio-").suffix(".tmp");
    let is_new = old.is_none();
    #[cfg(unix)]
    if is_new {
        use std::os::unix::fs::PermissionsExt;
        // Less the umask.
        builder.permissions(Permissions::from_mode(0o666));
    }
    fs::metadata(folder)?;
    // The error's text names the temporary file, of which nobody needs to know.
    let named = |error: io::Error| io::Error::from(error.kind());
    let file = builder.tempfile_in(folder).map_err(named)?;
    if let Some(old) = old {
        file.as_file().set_permissions(old)?;
    }
    Ok(file)
}
