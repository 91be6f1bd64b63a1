//! Replacing a file so that its path holds the old bytes or the new ones, whatever happens.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile};

/// How a file is replaced.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Replace {
    /// Written over where it stands.
    pub(crate) in_place: bool,
    /// Held by the storage before the call returns.
    pub(crate) durable: bool,
    /// Not replaced at all: a file that is there is an error.
    pub(crate) create_new: bool,
}

/// A file that is to be written, and then to have a name.
#[derive(Debug)]
pub(crate) struct Replacement {
    file: Opened,
    how: Replace,
}

#[derive(Debug)]
enum Opened {
    /// The file itself.
    There(File, PathBuf),
    /// A new one in the same folder, and the name that it is to have.
    Beside(NamedTempFile, PathBuf),
}

impl Replacement {
    /// Opens what is to replace the file at `path`: a new file beside it. If this is dropped, that goes.
    ///
    /// Links are followed. What is no regular file (a pipe, a device) is written in place.
    pub(crate) fn begin(path: &Path, how: Replace) -> io::Result<Replacement> {
        if how.in_place {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            let file = options.create_new(how.create_new).open(path)?;
            let file = Opened::There(file, path.to_owned());
            return Ok(Replacement { file, how });
        }
        // The system follows links that cannot be followed by hand: /dev/stdout to a pipe.
        if fs::metadata(path).is_ok_and(|old| !old.is_file()) {
            let file = OpenOptions::new().write(true).open(path)?;
            let file = Opened::There(file, path.to_owned());
            return Ok(Replacement { file, how });
        }
        let target = followed(path)?;
        let old = match OpenOptions::new().write(true).open(&target) {
            Ok(_) if how.create_new => return Err(io::ErrorKind::AlreadyExists.into()),
            // Whoever may not write to it may not replace it either.
            Ok(old) => Some(old.metadata()?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let file = Opened::Beside(beside(&target, old.as_ref())?, target);
        Ok(Replacement { file, how })
    }

    /// What is to be written to.
    pub(crate) fn file(&self) -> &File {
        match &self.file {
            Opened::There(file, _) => file,
            Opened::Beside(file, _) => file.as_file(),
        }
    }

    /// Gives the file its name.
    pub(crate) fn commit(self) -> io::Result<()> {
        // Pipes and devices have nothing to wait for.
        let is_durable = self.how.durable && self.file().metadata()?.is_file();
        if is_durable {
            self.file().sync_all()?;
        }
        let target = match self.file {
            Opened::There(_, path) => path,
            Opened::Beside(file, target) => {
                let renamed = match self.how.create_new {
                    true => file.persist_noclobber(&target),
                    false => file.persist(&target),
                };
                renamed.map_err(|error| error.error)?;
                target
            }
        };
        match is_durable {
            true => settle_name(&followed(&target)?),
            false => Ok(()),
        }
    }
}

/// Waits until the storage has the file's name.
fn settle_name(target: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened, and names are the file system's business.
    #[cfg(unix)]
    File::open(folder(target))?.sync_all()?;
    #[cfg(not(unix))]
    let _ = target;
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

fn folder(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// A new file in the same folder, for the same people as the old one.
fn beside(target: &Path, old: Option<&Metadata>) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".npio-").suffix(".tmp");
    let file = builder.make_in(folder(target), |path| {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).open(path)
    })?;
    #[cfg(unix)]
    if let Some(old) = old {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
        let new = file.as_file().metadata()?;
        let (uid, gid) = (old.uid(), old.gid());
        if (new.uid(), new.gid()) != (uid, gid) {
            // Only root may give a file away; for others it becomes theirs, as with any other editor, but
            // stays in its group where that is one of theirs.
            let given = fchown(file.as_file(), Some(uid), Some(gid));
            let _ = given.or_else(|_| fchown(file.as_file(), None, Some(gid)));
        }
        // Without setuid and its like, which were granted to other content.
        let mode = old.permissions().mode() & 0o777;
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(mode))?;
    }
    #[cfg(not(unix))]
    let _ = old;
    Ok(file)
}
