//! What it takes to undo an update of an archive in place.
//!
//! New members are written over the directory of the archive, and a new directory after them. What they overwrite is
//! saved first, in a file beside the archive, so that whatever happens to the program, the old archive can be restored.
//! Meanwhile no reader may find another archive in the file than the old one or the new one; a member may itself be an
//! archive, whose directory a reader would find as soon as the file ended there. So the file ends with [`GAP`] zeros, in
//! which no reader finds the end of a directory:
//!
//! 1. The undo file is written, and it and its name are on disk.
//! 2. The file becomes longer: from here on it is no archive. It is on disk like this before anything is overwritten.
//! 3. Members and a directory are written, always with zeros after them, and are on disk.
//! 4. The file is cut off after the directory: from here on it is the new archive. When that is on disk, the undo file is
//!    removed.
//!
//! Undoing is the same: what was overwritten is written back, and then the file is cut off at its old length.

use crate::atomic::{resolve_links, sync_name};
use crate::unfinished::Step;
use flate2::Crc;
use flatfile::{Cancellable, RandomAccessFile, ReadAt, read_exact_at};
use npz::ErrorKind;
use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The first bytes of an undo file: a name and a version.
const MAGIC: [u8; 9] = *b"npio-und\x01";

/// The length of what precedes the saved bytes: the magic, two lengths and a CRC.
const HEADER: usize = MAGIC.len() + 8 + 8 + 4;

/// The number of zeros that end a file which is being updated. The end of a directory is no further from the end of an
/// archive than 22 bytes and a comment of 65,535.
const GAP: u64 = 128 << 10;

/// The number of bytes at the beginning and at the end of those that are kept that identify an archive.
const IDENTIFYING: u64 = 64 << 10;

/// What an update in place overwrites.
#[derive(Debug)]
pub(crate) struct Undo {
    path: PathBuf,
    /// The length of the old archive in bytes.
    length: u64,
    /// The offset of the saved bytes, which are those from there to the end.
    offset: u64,
    /// The CRC-32 of some of the bytes before that, which are kept.
    kept_crc: u32,
    saved: Vec<u8>,
}

/// What an undo file beside an archive means.
#[derive(Debug)]
pub(crate) enum Found {
    /// There is none.
    Nothing,
    /// The archive is the old one or the new one: the file is to be removed.
    Obsolete(PathBuf),
    /// The archive is to be restored.
    Interrupted(Undo),
    /// It belongs to another archive, or is no undo file.
    Foreign,
}

/// The path of the undo file for the archive at this path.
pub(crate) fn undo_path(path: &Path) -> io::Result<PathBuf> {
    let mut undo = OsString::from(resolve_links(path)?);
    undo.push(".npio-undo");
    Ok(undo.into())
}

/// Looks for an undo file, and compares it with the archive.
pub(crate) fn find(path: &Path, archive: &File) -> io::Result<Found> {
    let path = undo_path(path)?;
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(error),
    };
    let archive = RandomAccessFile::from(archive.try_clone()?);
    let is_readable = is_readable(&archive)?;
    let Some(undo) = Undo::parse(&path, &bytes) else {
        // Nothing is overwritten before the undo file is complete. After a power cut it may be zeros.
        let is_begun = MAGIC.starts_with(bytes.get(..MAGIC.len()).unwrap_or(&bytes))
            || bytes.iter().all(|byte| *byte == 0);
        return Ok(if is_readable && is_begun {
            Found::Obsolete(path)
        } else {
            Found::Foreign
        });
    };
    let is_same = undo.is_of(&archive)?;
    Ok(match is_readable {
        true if is_same => Found::Obsolete(path),
        false if is_same && undo.is_under_way(&archive)? => Found::Interrupted(undo),
        _ => Found::Foreign,
    })
}

/// Whether the file is an archive, so that nothing has to be restored.
fn is_readable(file: &RandomAccessFile) -> io::Result<bool> {
    match npz::Archive::new(file) {
        Ok(_) => Ok(true),
        Err(error) => match error.kind() {
            ErrorKind::Io(_) => Err(error.into()),
            _ => Ok(false),
        },
    }
}

impl Undo {
    /// Saves the bytes of the archive from `offset` on, and waits until they are on disk.
    pub(crate) fn save(path: &Path, archive: &File, offset: u64) -> io::Result<Undo> {
        let path = undo_path(path)?;
        let metadata = archive.metadata()?;
        let length = metadata.len();
        let file = RandomAccessFile::from(archive.try_clone()?);
        let mut saved = vec![0; length.saturating_sub(offset) as usize];
        read_exact_at(&file, &mut saved, offset)?;
        let undo = Undo {
            kept_crc: kept_crc(&file, offset)?,
            path,
            length,
            offset,
            saved,
        };
        let mut file = create(&undo.path, &metadata).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => undo.say_foreign(&error),
            _ => error,
        })?;
        let written = file.write_all(&undo.to_bytes());
        let synced = written.and_then(|()| {
            file.sync_all()?;
            sync_name(&file, &undo.path)
        });
        if let Err(error) = synced {
            drop(file);
            undo.remove();
            return Err(error);
        }
        Ok(undo)
    }

    /// The error if there is an undo file that is not of this archive.
    fn say_foreign(&self, error: &io::Error) -> io::Error {
        let path = self.path.display();
        let text = format!("{path} restores another archive that had this name: move it away");
        io::Error::new(error.kind(), text)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER + self.saved.len() + 4);
        bytes.extend(MAGIC);
        bytes.extend(self.length.to_le_bytes());
        bytes.extend(self.offset.to_le_bytes());
        bytes.extend(self.kept_crc.to_le_bytes());
        bytes.extend(&self.saved);
        bytes.extend(crc(&[&bytes]).to_le_bytes());
        bytes
    }

    /// `None` if the bytes are not those of a complete undo file.
    fn parse(path: &Path, bytes: &[u8]) -> Option<Undo> {
        let (bytes, sum) = bytes.split_last_chunk()?;
        let rest = bytes.strip_prefix(&MAGIC)?;
        let (length, rest) = rest.split_first_chunk()?;
        let (offset, rest) = rest.split_first_chunk()?;
        let (kept_crc, saved) = rest.split_first_chunk()?;
        let undo = Undo {
            path: path.to_owned(),
            length: u64::from_le_bytes(*length),
            offset: u64::from_le_bytes(*offset),
            kept_crc: u32::from_le_bytes(*kept_crc),
            saved: saved.to_vec(),
        };
        let is_whole = u32::from_le_bytes(*sum) == crc(&[bytes]);
        let is_consistent = undo.offset.checked_add(saved.len() as u64) == Some(undo.length);
        (is_whole && is_consistent).then_some(undo)
    }

    /// Whether the bytes that an update keeps are those of this archive.
    fn is_of(&self, archive: &RandomAccessFile) -> io::Result<bool> {
        let has_kept = archive.len()? >= self.offset;
        Ok(has_kept && kept_crc(archive, self.offset)? == self.kept_crc)
    }

    /// Whether the file looks as it does in the middle of an update: anything else was written by another program.
    fn is_under_way(&self, archive: &RandomAccessFile) -> io::Result<bool> {
        let length = archive.len()?;
        if length < self.length.saturating_add(GAP) {
            return Ok(false);
        }
        let mut end = vec![0; GAP as usize];
        read_exact_at(archive, &mut end, length - GAP)?;
        Ok(end.iter().all(|byte| *byte == 0))
    }

    /// Restores the old archive, and removes the undo file.
    pub(crate) fn restore(&self, mut archive: &File) -> io::Result<()> {
        archive.seek(SeekFrom::Start(self.offset))?;
        archive.write_all(&self.saved)?;
        archive.sync_data()?;
        archive.set_len(self.length)?;
        archive.sync_all()?;
        self.remove();
        Ok(())
    }

    /// Removes the undo file. If that fails it is obsolete, and removed by the next update.
    pub(crate) fn remove(&self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Creates the undo file, which nobody may read who may not read the archive.
fn create(path: &Path, archive: &Metadata) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        options.mode(archive.permissions().mode() & 0o666);
    }
    #[cfg(not(unix))]
    let _ = archive;
    options.open(path)
}

/// The CRC-32 of the first and the last of the bytes before `offset`.
fn kept_crc(file: &RandomAccessFile, offset: u64) -> io::Result<u32> {
    let mut first = vec![0; offset.min(IDENTIFYING) as usize];
    let mut last = first.clone();
    read_exact_at(file, &mut first, 0)?;
    let begin = offset - last.len() as u64;
    read_exact_at(file, &mut last, begin)?;
    Ok(crc(&[&first, &last]))
}

fn crc(parts: &[&[u8]]) -> u32 {
    let mut crc = Crc::new();
    for part in parts {
        crc.update(part);
    }
    crc.sum()
}

/// An archive that is being updated in place: zeros always follow what is written.
#[derive(Debug)]
pub(crate) struct OpenEnded {
    file: Cancellable<File>,
    length: u64,
    position: u64,
}

impl OpenEnded {
    /// Makes the file longer, so that it is no archive, and waits until it is on disk like this.
    pub(crate) fn begin(file: Cancellable<File>) -> io::Result<OpenEnded> {
        let length = file.get_ref().metadata()?.len();
        let mut file = OpenEnded {
            file,
            length,
            position: length,
        };
        let _step = Step::begin()?;
        file.make_room(0)?;
        file.file.get_ref().sync_all()?;
        Ok(file)
    }

    /// Makes the file so long that zeros follow this many bytes at the current position.
    fn make_room(&mut self, bytes: u64) -> io::Result<()> {
        let end = self.position.saturating_add(bytes).saturating_add(GAP);
        if self.length < end {
            let length = end.saturating_add(GAP);
            self.file.get_ref().set_len(length)?;
            self.length = length;
        }
        Ok(())
    }

    /// Waits until all that was written is on disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.check()?;
        self.file.get_ref().sync_data()
    }

    /// Cuts the file off at the current position: from now on it is an archive. Returns when that is on disk.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.file.check()?;
        let file = self.file.into_inner();
        file.set_len(self.position)?;
        file.sync_all()
    }
}

impl Write for OpenEnded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _step = Step::begin()?;
        self.make_room(bytes.len() as u64)?;
        // On Windows reading the old archive has moved the cursor, which is that of all handles of a file.
        self.file.seek(SeekFrom::Start(self.position))?;
        let count = self.file.write(bytes)?;
        self.position += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for OpenEnded {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(SeekFrom::Start(self.position))?;
        self.position = self.file.seek(to)?;
        Ok(self.position)
    }
}
