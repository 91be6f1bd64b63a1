//! Updates of archives: as a new file, or in place.

use crate::archive::{ArchiveWriter, SavezOptions};
use crate::atomic::{Replace, Replacement};
use crate::clone::clone_beginning;
use crate::error::Error;
use crate::exclusive::{self, ExclusiveFile};
use crate::undo::{self, Found, OpenEnded, Undo};
use crate::unfinished::{Step, Unfinished};
use flatfile::{CancelToken, Cancellable, RandomAccessFile};
use npz::Update;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// An archive that is to be updated: see [`SavezOptions::updater`]. Until this and what it begins are dropped, no other
/// process can update it.
#[derive(Debug)]
pub struct Updater {
    archive: npz::Archive<RandomAccessFile>,
    held: ExclusiveFile,
    options: SavezOptions,
    path: PathBuf,
}

impl SavezOptions {
    /// Opens an archive to update it. An earlier update [in place](SavezOptions::in_place) that was interrupted is undone
    /// first.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.npz");
    /// # npio::savez(&path, [("x", [1, 2])])?;
    /// use std::io::Write;
    /// let mut archive = npio::SavezOptions::new().in_place().updater(&path)?.append()?;
    /// archive.array("y", [3.0])?;
    /// archive.member("notes.txt", |notes| Ok(notes.write_all(b"of any length")?))?;
    /// archive.finish()?;
    /// let archive = npio::load_npz(&path)?;
    /// assert_eq!(archive.names().collect::<Vec<_>>(), ["x", "y", "notes.txt"]);
    /// # Ok::<(), npio::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`load_npz`](crate::load_npz); `ResourceBusy` if another process is updating it.
    pub fn updater(&self, path: impl AsRef<Path>) -> Result<Updater, Error> {
        let path = path.as_ref();
        let open = || {
            if self.replace.create_new {
                return Err(io::Error::from(io::ErrorKind::AlreadyExists).into());
            }
            let held = hold(path, self.wait, self.replace.cancel.as_ref())?;
            undo_interrupted(path, held.file())?;
            let file = RandomAccessFile::from(held.file().try_clone()?);
            let archive = npz::Archive::new(file.cancelled_by(self.replace.cancel.clone()))?;
            Ok(Updater {
                archive,
                held,
                options: self.clone(),
                path: path.to_owned(),
            })
        };
        open().map_err(|error: npz::Error| Error::new(path, error))
    }
}

impl Updater {
    /// The archive as it is.
    pub fn archive(&self) -> &npz::Archive<RandomAccessFile> {
        &self.archive
    }

    /// Begins an archive that has all members of the old one, and those that are then written: see
    /// [`resume`](Updater::resume).
    ///
    /// # Errors
    /// As [`resume`](Updater::resume).
    pub fn append(self) -> Result<ArchiveWriter, Error> {
        let members = self.archive.len();
        self.resume(members)
    }

    /// Begins an archive whose first `members` are those of the old one, where they are: all of them, or a number that
    /// [`npz::Archive::leading`] returns. [`ArchiveWriter::copy`] copies others. If these are all, and it was asked for, it
    /// is written [in place](SavezOptions::in_place).
    ///
    /// # Errors
    /// Members whose names could not be read back; I/O errors.
    pub fn resume(self, members: usize) -> Result<ArchiveWriter, Error> {
        let Updater {
            archive,
            held,
            options,
            path,
        } = self;
        let begin = || {
            let how = Replace {
                in_place: false,
                ..options.replace.clone()
            };
            let cancel = how.cancel.clone();
            let end = archive.end_of(members);
            let (target, destination) = if options.replace.in_place && members >= archive.len() {
                let in_place = InPlace::begin(&path, held, end)?;
                // Also without a token of the caller's, so that each piece is a short step.
                let token = cancel.unwrap_or_default();
                let file = Cancellable::new(in_place.held.file().try_clone()?, token);
                let target = Target::InPlace(OpenEnded::begin(file)?);
                (target, Destination::InPlace(in_place))
            } else {
                let replacement = Replacement::of_open(&path, held.file(), &how)?;
                clone_beginning(held.file(), replacement.file(), end, cancel.as_ref())?;
                let target = Target::New(replacement.owned_writer()?);
                (target, Destination::Update { replacement, held })
            };
            let options = options.write_options();
            Ok(ArchiveWriter {
                writer: options.resume(ArchiveFile(target), &archive, members)?,
                old: Some(archive),
                destination,
                path: path.clone(),
            })
        };
        begin().map_err(|error: npz::Error| Error::new(&path, error))
    }

    /// Writes the archive with these changes.
    pub(crate) fn update(self, update: &Update<'_>) -> Result<(), Error> {
        let members = update.unchanged(&self.archive);
        let members = members.map_err(|error| Error::new(&self.path, error))?;
        let mut writer = self.resume(members)?;
        if let Some(old) = &writer.old {
            let written = update.write(old, &mut writer.writer);
            written.map_err(|error| Error::new(&writer.path, error))?;
        }
        writer.finish()
    }
}

/// Opens the archive once no other process updates it.
fn hold(path: &Path, wait: Duration, cancel: Option<&CancelToken>) -> io::Result<ExclusiveFile> {
    let held = ExclusiveFile::wait_for(path, wait, cancel);
    held.map_err(|error| match error.kind() {
        io::ErrorKind::ResourceBusy => {
            io::Error::new(error.kind(), "somebody else is updating this archive")
        }
        _ => error,
    })
}

/// Restores the archive if an update in place was interrupted, and returns whether it was.
fn undo_interrupted(path: &Path, archive: &File) -> io::Result<bool> {
    match undo::find(path, archive)? {
        Found::Nothing | Found::Foreign => Ok(false),
        Found::Obsolete(undo) => std::fs::remove_file(undo).map(|()| false),
        Found::Interrupted(undo) => undo.restore(archive).map(|()| true),
    }
}

/// Whether an update of this archive [in place](SavezOptions::in_place) was interrupted, or is under way.
/// [`repair_npz`] restores it.
pub fn is_interrupted(path: impl AsRef<Path>) -> bool {
    let path = path.as_ref();
    let found = File::open(path).and_then(|file| undo::find(path, &file));
    matches!(found, Ok(Found::Interrupted(_)))
}

/// Restores an archive whose update [in place](SavezOptions::in_place) was interrupted as it was before, bit for bit.
/// Returns whether it was.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npz");
/// # npio::savez(&path, [("x", [1, 2])])?;
/// let old = std::fs::read(&path)?;
/// let mut archive = npio::SavezOptions::new().in_place().updater(&path)?.append()?;
/// archive.array("y", [3.0])?;
/// // As if the program were killed here.
/// std::mem::forget(archive);
/// # let copy = folder.path().join("copy.npz");
/// # std::fs::rename(folder.path().join("x.npz.npio-undo"), folder.path().join("copy.npz.npio-undo"))?;
/// # std::fs::write(&copy, std::fs::read(&path)?)?;
/// # let path = copy;
/// assert!(npio::load_npz(&path).is_err() && npio::is_interrupted(&path));
/// assert!(npio::repair_npz(&path)?);
/// assert_eq!(std::fs::read(&path)?, old);
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// I/O errors; `ResourceBusy` if another process is updating it.
pub fn repair_npz(path: impl AsRef<Path>) -> Result<bool, Error> {
    let path = path.as_ref();
    let repair = || {
        let _step = Step::begin()?;
        let held = hold(path, Duration::ZERO, None)?;
        undo_interrupted(path, held.file())
    };
    repair().map_err(|error: io::Error| Error::new(path, error))
}

/// The file that an [`ArchiveWriter`] writes to.
#[derive(Debug)]
pub struct ArchiveFile(Target);

#[derive(Debug)]
enum Target {
    New(Cancellable<File>),
    InPlace(OpenEnded),
}

impl ArchiveFile {
    /// A file that is no archive yet.
    pub(crate) fn new(file: Cancellable<File>) -> ArchiveFile {
        ArchiveFile(Target::New(file))
    }
}

impl Write for ArchiveFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Target::New(file) => file.write(bytes),
            Target::InPlace(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Target::New(file) => file.flush(),
            Target::InPlace(file) => file.flush(),
        }
    }
}

impl Seek for ArchiveFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.0 {
            Target::New(file) => file.seek(to),
            Target::InPlace(file) => file.seek(to),
        }
    }
}

/// How the file becomes the archive.
#[derive(Debug)]
pub(crate) enum Destination {
    New(Replacement),
    Update {
        replacement: Replacement,
        held: ExclusiveFile,
    },
    InPlace(InPlace),
}

impl Destination {
    /// Makes what was written the archive.
    pub(crate) fn commit(
        self,
        target: ArchiveFile,
        old: Option<npz::Archive<RandomAccessFile>>,
    ) -> io::Result<()> {
        match (self, target.0) {
            (Destination::New(replacement), target) => replacement.commit((target, old)),
            (Destination::Update { replacement, held }, Target::New(file)) => {
                cut_off(file)?;
                exclusive::replace(replacement, (old, held))
            }
            (Destination::InPlace(in_place), Target::InPlace(file)) => {
                file.sync()?;
                in_place.keep(file)
            }
            // Both are made together.
            (Destination::Update { .. }, _) | (Destination::InPlace(_), _) => {
                Err(io::ErrorKind::Unsupported.into())
            }
        }
    }
}

/// Cuts the file off at its position: the one that it began as may have been longer.
fn cut_off(mut file: Cancellable<File>) -> io::Result<()> {
    let end = file.stream_position()?;
    let file = file.into_inner();
    if file.metadata()?.len() > end {
        file.set_len(end)?;
    }
    Ok(())
}

/// An archive that is being updated in place. Dropped before it is [kept](InPlace::keep), it is restored.
#[derive(Debug)]
pub(crate) struct InPlace {
    held: ExclusiveFile,
    undo: Arc<Undo>,
    /// Until what was written is kept.
    unfinished: Option<Unfinished>,
}

impl InPlace {
    /// Saves the bytes of the archive from `offset` on, which may then be overwritten.
    fn begin(path: &Path, held: ExclusiveFile, offset: u64) -> io::Result<InPlace> {
        let step = Step::begin()?;
        let file = held.file().try_clone()?;
        let undo = Arc::new(Undo::save(path, held.file(), offset)?);
        let unfinished = step.enter({
            let undo = undo.clone();
            move || drop(undo.restore(&file))
        });
        Ok(InPlace {
            held,
            undo,
            unfinished: Some(unfinished),
        })
    }

    /// Makes what was written the archive.
    fn keep(mut self, file: OpenEnded) -> io::Result<()> {
        let _step = Step::begin()?;
        file.finish()?;
        self.unfinished = None;
        self.undo.remove();
        Ok(())
    }
}

impl Drop for InPlace {
    fn drop(&mut self) {
        // If the process is being ended, it is restored already.
        if let (Some(_), Ok(_step)) = (&self.unfinished, Step::begin()) {
            // If this fails, the archive stays interrupted: whoever reads it is told so.
            let _ = self.undo.restore(self.held.file());
        }
    }
}
