//! Replacing a file so that its path holds the old bytes or the new ones, whatever happens.

use crate::retry::{explain_open, explain_rename, is_sharing_violation, may_be_held, retry};
use crate::unfinished::Unfinished;
use flatfile::{CancelToken, Cancellable};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use tempfile::{Builder, TempPath};

/// How a file is replaced.
#[derive(Clone, Debug, Default)]
pub(crate) struct Replace {
    /// Its bytes are overwritten.
    pub(crate) in_place: bool,
    /// The storage has it before the call returns.
    pub(crate) durable: bool,
    /// Not replaced at all: an existing file is an error.
    pub(crate) create_new: bool,
    /// What can stop it.
    pub(crate) cancel: Option<CancelToken>,
}

/// A file that is to be written, and then to have a name.
#[derive(Debug)]
pub(crate) struct Replacement {
    // Closed before the name is removed: Windows keeps the name of a file that is open.
    file: Cancellable<File>,
    name: Name,
    is_durable: bool,
    is_new: bool,
}

#[derive(Debug)]
enum Name {
    /// The file has its name already.
    Final(PathBuf),
    /// It is in the same folder under another name, which is removed unless it is committed.
    Temporary {
        now: TempPath,
        unfinished: Unfinished,
        target: PathBuf,
    },
}

impl Replacement {
    /// Creates a file beside the one at `path`, to replace it. If this is dropped, the new file is removed.
    ///
    /// Links are followed. What is not a regular file (a pipe, a device) is written in place.
    pub(crate) fn begin(path: &Path, how: &Replace) -> io::Result<Replacement> {
        if how.in_place {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            options.create_new(how.create_new);
            return Replacement::in_place(path, &options, how);
        }
        // The system follows links that cannot be followed by hand: /dev/stdout to a pipe.
        if fs::metadata(path).is_ok_and(|old| !old.is_file()) {
            return Replacement::in_place(path, OpenOptions::new().write(true), how);
        }
        let target = with_long_form(resolve_links(path)?)?;
        let old = match open(&target, OpenOptions::new().write(true)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            _ if how.create_new && target.try_exists().unwrap_or(false) => {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            // Whoever may not write to it may not replace it either.
            old => Some(old?.metadata()?),
        };
        Replacement::beside(target, old.as_ref(), how)
    }

    /// As [`begin`](Replacement::begin) to replace the regular file `old` at `path`, which this process has
    /// open to write already; perhaps nobody can open it again.
    pub(crate) fn of_open(path: &Path, old: &File, how: &Replace) -> io::Result<Replacement> {
        let target = with_long_form(resolve_links(path)?)?;
        Replacement::beside(target, Some(&old.metadata()?), how)
    }

    fn beside(target: PathBuf, old: Option<&Metadata>, how: &Replace) -> io::Result<Replacement> {
        let (file, unfinished, now) = create_beside(&target, old)?;
        let name = Name::Temporary {
            now,
            unfinished,
            target,
        };
        Ok(Replacement::new(file, name, how))
    }

    fn in_place(path: &Path, options: &OpenOptions, how: &Replace) -> io::Result<Replacement> {
        let file = open(path, options)?;
        let name = Name::Final(path.to_owned());
        Ok(Replacement::new(file, name, how))
    }

    fn new(file: File, name: Name, how: &Replace) -> Replacement {
        Replacement {
            file: Cancellable::new(file, how.cancel.clone()),
            name,
            is_durable: how.durable,
            is_new: how.create_new,
        }
    }

    /// The file.
    pub(crate) fn file(&self) -> &File {
        self.file.get_ref()
    }

    /// The file, to be written until that is cancelled.
    pub(crate) fn writer(&self) -> Cancellable<&File> {
        self.file.borrowed()
    }

    /// As [`writer`](Replacement::writer), of its own.
    pub(crate) fn owned_writer(&self) -> io::Result<Cancellable<File>> {
        self.file.try_clone()
    }

    /// Where the file is to be, if it is not there yet.
    #[cfg(windows)]
    pub(crate) fn target(&self) -> Option<&Path> {
        match &self.name {
            Name::Final(_) => None,
            Name::Temporary { target, .. } => Some(target),
        }
    }

    /// Gives the file its name.
    ///
    /// `readers` is everything else that has the old file open, or `()`. It is dropped before the file is
    /// replaced, because on Windows a file that is open keeps its name.
    pub(crate) fn commit(self, readers: impl Sized) -> io::Result<()> {
        // The last one is dropped first: the file is closed before its temporary name is removed.
        let (name, is_new) = (self.name, self.is_new);
        let file = self.file;
        // Pipes and devices have nothing to wait for.
        let is_durable = self.is_durable && file.get_ref().metadata()?.is_file();
        if is_durable {
            file.get_ref().sync_all()?;
        }
        drop(readers);
        let target = match name {
            Name::Final(path) => path,
            Name::Temporary {
                now,
                unfinished,
                target,
            } => {
                file.check()?;
                if is_new {
                    rename_new(now, &target)?;
                } else {
                    rename(now, &target)?;
                }
                drop(unfinished);
                target
            }
        };
        if is_durable {
            sync_name(file.get_ref(), &resolve_links(&target)?)?;
        }
        Ok(())
    }
}

/// Opens a file, and waits a little where somebody else has it open.
fn open(path: &Path, options: &OpenOptions) -> io::Result<File> {
    retry(is_sharing_violation, || options.open(path)).map_err(explain_open)
}

/// Renames the file, in place of another one.
fn rename(mut now: TempPath, target: &Path) -> io::Result<()> {
    // On Windows this, and not tempfile's, also replaces files that are open, where the file system can
    // do that, and takes paths of any length.
    retry(may_be_held, || fs::rename(&now, target)).map_err(explain_rename)?;
    now.disable_cleanup(true);
    Ok(())
}

/// Renames the file, unless there is another one of that name.
fn rename_new(now: TempPath, target: &Path) -> io::Result<()> {
    // A failed attempt gives the name back.
    let mut now = Some(now);
    let renamed = retry(may_be_held, || match now.take() {
        None => Ok(()),
        Some(name) => name.persist_noclobber(target).map_err(|failed| {
            now = Some(failed.path);
            failed.error
        }),
    });
    renamed.map_err(explain_rename)
}

/// Waits until the storage has the file's name.
#[cfg(unix)]
fn sync_name(_: &File, target: &Path) -> io::Result<()> {
    File::open(folder(target))?.sync_all()
}

/// Elsewhere a folder cannot be flushed. NTFS also keeps a file's name in the file's own record, which is
/// flushed with the file.
#[cfg(not(unix))]
fn sync_name(file: &File, _: &Path) -> io::Result<()> {
    file.sync_all()
}

/// Where a chain of links ends, whether there is a file or not.
pub(crate) fn resolve_links(path: &Path) -> io::Result<PathBuf> {
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

/// The folder of a file.
pub(crate) fn folder(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// The path in the form that Windows takes at any length. The standard library writes long paths so by
/// itself, but tempfile does not.
#[cfg(windows)]
fn with_long_form(path: PathBuf) -> io::Result<PathBuf> {
    use std::ffi::OsString;
    use std::path::{Component, Prefix};
    let absolute = std::path::absolute(path)?;
    let mut components = absolute.components();
    let mut long = match components.next() {
        Some(Component::Prefix(prefix)) => match prefix.kind() {
            Prefix::Disk(letter) => OsString::from(format!(r"\\?\{}:", char::from(letter))),
            Prefix::UNC(server, share) => {
                let mut long = OsString::from(r"\\?\UNC\");
                long.push(server);
                long.push(r"\");
                long.push(share);
                long
            }
            // Long already, or a device.
            _ => return Ok(absolute),
        },
        _ => return Ok(absolute),
    };
    long.push(components.as_path());
    Ok(long.into())
}

#[cfg(not(windows))]
fn with_long_form(path: PathBuf) -> io::Result<PathBuf> {
    Ok(path)
}

/// A new file in the same folder, with the permissions of the old one, and its name.
fn create_beside(
    target: &Path,
    old: Option<&Metadata>,
) -> io::Result<(File, Unfinished, TempPath)> {
    let mut builder = Builder::new();
    builder.prefix(".npio-").suffix(".tmp");
    let new = builder.make_in(folder(target), |path| {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(windows)]
        {
            use std::os::windows::fs::OpenOptionsExt;
            use windows::{FILE_SHARE_DELETE, FILE_SHARE_READ};
            // Nobody else writes to it, also when it has its name. (It is renamed while it is open.)
            options.share_mode(FILE_SHARE_READ | FILE_SHARE_DELETE);
        }
        Ok((options.open(path)?, Unfinished::new(path)))
    })?;
    let ((file, unfinished), path) = new.into_parts();
    #[cfg(unix)]
    if let Some(old) = old {
        keep_permissions(&file, old)?;
    }
    // Windows gives a new file the permissions of its folder; the standard library cannot copy others.
    #[cfg(not(unix))]
    let _ = old;
    Ok((file, unfinished, path))
}

/// Gives the file the owner, group and permissions of the old one, as far as this process may.
#[cfg(unix)]
fn keep_permissions(file: &File, old: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let new = file.metadata()?;
    let (uid, gid) = (old.uid(), old.gid());
    if (new.uid(), new.gid()) != (uid, gid) {
        // Only root may give a file away; for others it becomes theirs, as with any other editor, but
        // stays in its group where that is one of theirs.
        let given = fchown(file, Some(uid), Some(gid));
        let _ = given.or_else(|_| fchown(file, None, Some(gid)));
    }
    // Without setuid and its like, which were granted to other content.
    let mode = old.permissions().mode() & 0o777;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

/// What the standard library has no names for.
#[cfg(windows)]
pub(crate) mod windows {
    pub(crate) const FILE_SHARE_READ: u32 = 1;
    pub(crate) const FILE_SHARE_WRITE: u32 = 2;
    pub(crate) const FILE_SHARE_DELETE: u32 = 4;
    pub(crate) const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;
}
