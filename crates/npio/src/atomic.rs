//! Replacing a file so that its path holds the old bytes or the new ones, whatever happens.

use crate::retry::{explain_open, explain_rename, is_sharing_violation, may_be_held, retry};
use crate::unfinished::{Step, Unfinished};
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
    /// It is on disk before the call returns.
    pub(crate) durable: bool,
    /// Not replaced at all: an existing file is an error.
    pub(crate) create_new: bool,
    /// The token that can stop it.
    pub(crate) cancel: Option<CancelToken>,
}

/// A file that is being written, and gets its name at the end.
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
    /// The file already has its name.
    Final(PathBuf),
    /// It has none. The system removes the file when it is closed, however the process ends.
    #[cfg(target_os = "linux")]
    None {
        target: PathBuf,
        /// Whether there was a file of that name.
        replaces: bool,
    },
    /// It is in the same folder under another name, which is removed unless it is committed.
    Temporary {
        now: TempPath,
        unfinished: Unfinished,
        target: PathBuf,
    },
}

impl Replacement {
    /// Creates a file beside the one at `path`, which will replace it. If this is dropped, the new file is
    /// removed.
    ///
    /// Links are followed. A path that is not a regular file (a pipe, a device) is written in place.
    pub(crate) fn begin(path: &Path, how: &Replace) -> io::Result<Replacement> {
        if how.in_place {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            options.create_new(how.create_new);
            return Replacement::in_place(path, &options, how);
        }
        // The system follows links that cannot be resolved here, such as /dev/stdout to a pipe.
        if fs::metadata(path).is_ok_and(|old| !old.is_file()) {
            return Replacement::in_place(path, OpenOptions::new().write(true), how);
        }
        let target = with_long_form(resolve_links(path)?)?;
        let old = match open(&target, OpenOptions::new().write(true)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            _ if how.create_new && target.try_exists().unwrap_or(false) => {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            // A user who may not write to the file may not replace it either.
            old => Some(old?.metadata()?),
        };
        Replacement::beside(target, old.as_ref(), how)
    }

    /// As [`begin`](Replacement::begin) but replaces the regular file `old` at `path`, which this process
    /// already has open for writing; opening it again may not be possible.
    pub(crate) fn of_open(path: &Path, old: &File, how: &Replace) -> io::Result<Replacement> {
        let target = with_long_form(resolve_links(path)?)?;
        Replacement::beside(target, Some(&old.metadata()?), how)
    }

    fn beside(target: PathBuf, old: Option<&Metadata>, how: &Replace) -> io::Result<Replacement> {
        #[cfg(target_os = "linux")]
        if let Some(file) = nameless::create(folder(&target)) {
            let replaces = old.is_some();
            if let Some(old) = old {
                keep_permissions(&file, old)?;
            }
            return Ok(Replacement::new(file, Name::None { target, replaces }, how));
        }
        let (file, unfinished, now) = create_beside(&target)?;
        #[cfg(unix)]
        if let Some(old) = old {
            keep_permissions(&file, old)?;
        }
        // Windows gives a new file the permissions of its folder; the standard library cannot copy others.
        #[cfg(not(unix))]
        let _ = old;
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

    /// The file, as a writer that fails once the token is cancelled.
    pub(crate) fn writer(&self) -> Cancellable<&File> {
        self.file.borrowed()
    }

    /// As [`writer`](Replacement::writer), but owned.
    pub(crate) fn owned_writer(&self) -> io::Result<Cancellable<File>> {
        self.file.try_clone()
    }

    /// The path of the file, unless it already has its name.
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
    /// replaced, because Windows does not replace an open file.
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
            #[cfg(target_os = "linux")]
            Name::None { target, replaces } => {
                file.check()?;
                nameless::name(file.get_ref(), &target, replaces, is_new)?;
                target
            }
            Name::Temporary {
                now,
                unfinished,
                target,
            } => {
                file.check()?;
                let _step = Step::begin()?;
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

/// Opens a file, and waits a little if another program has it open.
fn open(path: &Path, options: &OpenOptions) -> io::Result<File> {
    retry(is_sharing_violation, || options.open(path)).map_err(explain_open)
}

/// Renames the file, replacing an existing one.
fn rename(mut now: TempPath, target: &Path) -> io::Result<()> {
    // On Windows this, unlike tempfile's rename, also replaces open files if the file system supports it,
    // and takes paths of any length.
    retry(may_be_held, || fs::rename(&now, target)).map_err(explain_rename)?;
    now.disable_cleanup(true);
    Ok(())
}

/// Renames the file, unless the name exists.
fn rename_new(now: TempPath, target: &Path) -> io::Result<()> {
    // A failed attempt returns the temporary path.
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

/// Waits until the file's name is on disk.
#[cfg(unix)]
pub(crate) fn sync_name(_: &File, target: &Path) -> io::Result<()> {
    File::open(folder(target))?.sync_all()
}

/// Other systems cannot flush a folder. NTFS also keeps a file's name in the file's own record, which is
/// flushed with the file.
#[cfg(not(unix))]
pub(crate) fn sync_name(file: &File, _: &Path) -> io::Result<()> {
    file.sync_all()
}

/// The end of a chain of links, whether or not it exists.
pub(crate) fn resolve_links(path: &Path) -> io::Result<PathBuf> {
    // The number of links that Linux follows.
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

/// The path in the form that Windows takes at any length. The standard library does this for long paths,
/// but tempfile does not.
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
            // Already in that form, or a device.
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

/// A new file in the same folder, and its name.
fn create_beside(target: &Path) -> io::Result<(File, Unfinished, TempPath)> {
    let new = temporary_name().make_in(folder(target), |path| {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(windows)]
        {
            use std::os::windows::fs::OpenOptionsExt;
            use windows::{FILE_SHARE_DELETE, FILE_SHARE_READ};
            // No other process may write to it, even once it has its name. (It is renamed while it is
            // open.)
            options.share_mode(FILE_SHARE_READ | FILE_SHARE_DELETE);
        }
        let step = Step::begin()?;
        let file = options.open(path)?;
        let path = path.to_owned();
        // It may just have been removed by its owner.
        let unfinished = step.enter(move || drop(fs::remove_file(path)));
        Ok((file, unfinished))
    })?;
    let ((file, unfinished), path) = new.into_parts();
    Ok((file, unfinished, path))
}

/// The names of temporary files.
fn temporary_name() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(".npio-").suffix(".tmp");
    builder
}

/// Files without a name, which most file systems of Linux have.
#[cfg(target_os = "linux")]
mod nameless {
    use super::{folder, rename, temporary_name};
    use crate::unfinished::Step;
    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd;
    use std::path::Path;

    /// A new file in this folder. `None` if the system or the file system has none, or if it could not be named.
    pub(super) fn create(folder: &Path) -> Option<File> {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        // The system takes the umask from it.
        let file = File::from(open(folder, flags, Mode::from_raw_mode(0o666)).ok()?);
        Path::new(&descriptor(&file)).exists().then_some(file)
    }

    /// Gives it the name `target`. A file of that name is replaced, unless `is_new`; `replaces` says whether there was one.
    pub(super) fn name(file: &File, target: &Path, replaces: bool, is_new: bool) -> io::Result<()> {
        let link_to = |path: &Path| {
            let file = descriptor(file);
            linkat(CWD, file, CWD, path, AtFlags::SYMLINK_FOLLOW).map_err(io::Error::from)
        };
        let _step = Step::begin()?;
        if is_new || !replaces {
            match link_to(target) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && !is_new => {}
                linked => return linked,
            }
        }
        // A link never replaces a file, so it gets another name first, for a moment.
        let linked = temporary_name().make_in(folder(target), link_to)?;
        let ((), now) = linked.into_parts();
        rename(now, target)
    }

    /// A path that leads to the file.
    fn descriptor(file: &File) -> String {
        format!("/proc/self/fd/{}", file.as_raw_fd())
    }
}

/// Gives the file the owner, group and permissions of the old one, as far as this process may.
#[cfg(unix)]
fn keep_permissions(file: &File, old: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let new = file.metadata()?;
    let (uid, gid) = (old.uid(), old.gid());
    if (new.uid(), new.gid()) != (uid, gid) {
        // Only root may give a file away. For other users the file becomes theirs, as with any editor, but
        // keeps its group if they belong to it.
        let given = fchown(file, Some(uid), Some(gid));
        let _ = given.or_else(|_| fchown(file, None, Some(gid)));
    }
    // Without setuid and the like, which were granted to the old content.
    let mode = old.permissions().mode() & 0o777;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

/// Calls that the standard library does not have.
#[cfg(windows)]
pub(crate) mod windows {
    pub(crate) const FILE_SHARE_READ: u32 = 1;
    pub(crate) const FILE_SHARE_WRITE: u32 = 2;
    pub(crate) const FILE_SHARE_DELETE: u32 = 4;
    pub(crate) const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;
}
