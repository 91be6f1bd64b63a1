//! Work with archives that several commands share.

use crate::address::Name;
use crate::array::Blocks;
use crate::progress::Progress;
use crate::source::{Input, Opened, Source};
use crate::target::{Target, check_new, written};
use anyhow::{bail, ensure};
use npio::RandomAccessFile;
use npio::dtype::python::quoted;
use npio::flatfile::threads::parallel_map;
use npio::header::Header;
use npio::npz::{Archive, Compression, Error, ErrorKind, Member};
use npio::npz::{WriteOptions, Writer, threads_for};
use std::convert::Infallible;
use std::io::{self, Read, Write};

/// The number of bytes copied at a time.
const BLOCK: usize = 1 << 20;

/// The header of a member, and the position of its items.
pub(crate) struct Head {
    pub(crate) header: Header,
    pub(crate) data_offset: Option<u64>,
    /// The number of bytes after the member's header.
    pub(crate) data_size: u64,
}

/// A member whose header was read.
pub(crate) enum Look {
    Array(Box<Head>),
    /// Other bytes.
    Other,
    Wrong(Error),
}

/// Reads the headers of these members, several at once.
pub(crate) fn look(members: &[Member<'_, RandomAccessFile>]) -> Vec<Look> {
    let threads = threads_for(members.len(), 0);
    let Ok(looks) = parallel_map(members, threads, |member| {
        Ok::<_, Infallible>(match member.open() {
            Ok(array) => match array.header() {
                Some(header) => Look::Array(Box::new(Head {
                    header: header.clone(),
                    data_offset: array.data_offset(),
                    data_size: array.source().data_size(),
                })),
                None => Look::Other,
            },
            Err(error) if matches!(error.kind(), ErrorKind::NotArray) => Look::Other,
            Err(error) => Look::Wrong(error),
        })
    });
    looks
}

/// The member that an address names, or all of them.
pub(crate) fn members<'a>(
    archive: &'a Archive<RandomAccessFile>,
    member: Option<&str>,
) -> Result<Vec<Member<'a, RandomAccessFile>>, Error> {
    match member {
        Some(name) => Ok(vec![archive.get(name)?]),
        None => Ok(archive.members().collect()),
    }
}

/// The archive in a file that has to be one.
pub(crate) fn open(name: &Name) -> anyhow::Result<Archive<RandomAccessFile>> {
    let input = Input::file(name);
    match input.open()? {
        Source::Archive(archive) => Ok(archive),
        _ => bail!(input.complaint("no archive")),
    }
}

/// The total size of all members in bytes.
pub(crate) fn size<'a>(members: impl IntoIterator<Item = Member<'a, RandomAccessFile>>) -> u64 {
    let sizes = members.into_iter().map(|member| member.size());
    sizes.fold(0, u64::saturating_add)
}

/// Copies the bytes of a member, decompressed and checked. Errors of the source name it.
pub(crate) fn copy_bytes(
    from: &Name,
    member: &Member<'_, RandomAccessFile>,
    to: &Name,
    out: &mut impl Write,
    progress: &Progress,
) -> anyhow::Result<()> {
    let wrong = |error: Error| from.complaint(crate::output::escaped(&error.to_string()));
    let mut reader = member.reader().map_err(wrong)?;
    let mut block = vec![0; (member.size().clamp(1, BLOCK as u64)) as usize];
    loop {
        let count = match reader.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(wrong(error.into())),
        };
        written(to, out.write_all(block.get(..count).unwrap_or_default()))?;
        progress.add(count as u64);
    }
}

/// Writes an array as the member of exactly this name.
pub(crate) fn put_array(
    name: &Name,
    writer: &mut Writer<Target>,
    file_name: &str,
    source: &Input,
    blocks: Blocks<'_>,
    progress: &Progress,
) -> anyhow::Result<()> {
    let header = blocks.header();
    let header = header.map_err(|problem| source.complaint(problem.text))?;
    let size = (header.len() + blocks.layout.nbytes()) as u64;
    let mut member = written(name, writer.sized_member(file_name, size))?;
    written(name, member.write_all(&header))?;
    Target::put(name, &mut member, blocks, progress)?;
    written(name, member.finish())
}

/// Whether the file exists. It is an error if the system cannot tell: members could be lost.
fn is_there(name: &Name) -> anyhow::Result<bool> {
    match name.path().metadata() {
        _ if name.is_stdio() => Ok(false),
        Ok(found) => Ok(found.is_file()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(name.complaint(error)),
    }
}

/// A place in an archive for an array: in a new archive, or in one whose other members are kept.
pub(crate) struct Place {
    name: Name,
    file_name: String,
    old: Option<Archive<RandomAccessFile>>,
    /// The member that is replaced.
    index: Option<usize>,
    force: bool,
}

impl Place {
    /// Finds the place for `member`, before anything is written. An existing member is only replaced with
    /// `--force`.
    pub(crate) fn find(name: &Name, member: &str, force: bool) -> anyhow::Result<Place> {
        let old = if is_there(name)? {
            match open_old(name)? {
                None => {
                    check_new(name, force)?;
                    None
                }
                old => old,
            }
        } else {
            None
        };
        let there = old.as_ref().map(|archive| archive.get(member));
        let there = match there {
            None => None,
            Some(Ok(there)) => Some((there.index(), there.file_name().to_owned())),
            Some(Err(error)) if matches!(error.kind(), ErrorKind::NotFound { .. }) => None,
            Some(Err(error)) => return Err(name.complaint(error)),
        };
        ensure!(
            there.is_none() || force,
            name.complaint(format_args!(
                "member {}: it exists: use --force to replace it",
                quoted(member)
            ))
        );
        let (index, file_name) = match there {
            Some((index, file_name)) => (Some(index), file_name),
            None if member.ends_with(".npy") => (None, member.to_owned()),
            None => (None, format!("{member}.npy")),
        };
        let name = name.clone();
        Ok(Place {
            name,
            file_name,
            old,
            index,
            force,
        })
    }

    /// Writes the archive with the array in its place, and closes the old archive. The other members are
    /// copied as they are.
    pub(crate) fn fill(
        self,
        source: &Input,
        blocks: Blocks<'_>,
        compression: Option<Compression>,
    ) -> anyhow::Result<Target> {
        let name = &self.name;
        let members: Vec<_> = self.old.iter().flat_map(Archive::members).collect();
        let progress = Progress::of(blocks.layout.nbytes() as u64 + size(members.iter().copied()));
        // The existing members are kept, except for one.
        let target = Target::create(name, self.force || self.old.is_some())?;
        let mut writer = target.archive(&WriteOptions::new())?;
        let mut new = Some(blocks);
        for member in &members {
            if Some(member.index()) != self.index {
                written(name, writer.copy(member))?;
                progress.add(member.size());
                continue;
            }
            let like_old = Compression::like(member.compression_method());
            writer.set_compression(compression.unwrap_or(like_old));
            if let Some(blocks) = new.take() {
                put_array(
                    name,
                    &mut writer,
                    &self.file_name,
                    source,
                    blocks,
                    &progress,
                )?;
            }
        }
        if let Some(blocks) = new {
            writer.set_compression(compression.unwrap_or(Compression::STORED));
            put_array(
                name,
                &mut writer,
                &self.file_name,
                source,
                blocks,
                &progress,
            )?;
        }
        written(name, writer.finish())
    }
}

/// The existing archive; `None` for a file of another kind.
fn open_old(name: &Name) -> anyhow::Result<Option<Archive<RandomAccessFile>>> {
    let opened = Opened::new(&Input::file(name)).map_err(|problem| problem.of(name))?;
    match opened.kind {
        crate::source::Kind::Npz => match opened.source() {
            Ok(Source::Archive(archive)) => Ok(Some(archive)),
            Ok(_) => Ok(None),
            Err(problem) => Err(problem.of(name)),
        },
        _ => Ok(None),
    }
}
