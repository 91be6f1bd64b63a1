//! Work with archives that several commands share.

use crate::address::{ErrorContext, FileArg};
use crate::array::{ArrayBlocks, npy_header};
use crate::progress::Progress;
use crate::source::{Input, InputSource, OpenInput};
use crate::target::{Target, check_overwrite, write_result};
use anyhow::{bail, ensure};
use npio::RandomAccessFile;
use npio::dtype::python::excerpt;
use npio::flatfile::threads::parallel_map;
use npio::header::Header;
use npio::npz::{Archive, Compression, Error, ErrorKind, Member};
use npio::npz::{WriteOptions, Writer, threads_for};
use std::convert::Infallible;
use std::io::{self, Read, Write};

/// The number of bytes copied at a time.
const COPY_BLOCK: usize = 1 << 20;

/// The header of a member, and the position of its items.
pub(crate) struct MemberHeader {
    pub(crate) header: Header,
    pub(crate) data_offset: Option<u64>,
    /// The number of bytes after the member's header.
    pub(crate) data_size: u64,
}

/// A member whose header was read.
pub(crate) enum MemberKind {
    Array(Box<MemberHeader>),
    /// Other bytes.
    Other,
    Unreadable(Error),
}

/// Reads the headers of these members, several at once.
pub(crate) fn member_kinds(members: &[Member<'_, RandomAccessFile>]) -> Vec<MemberKind> {
    let threads = threads_for(members.len(), 0);
    let Ok(kinds) = parallel_map(members, threads, |member| {
        Ok::<_, Infallible>(match member.open() {
            Ok(array) => match array.header() {
                Some(header) => MemberKind::Array(Box::new(MemberHeader {
                    header: header.clone(),
                    data_offset: array.data_offset(),
                    data_size: array.source().data_size(),
                })),
                None => MemberKind::Other,
            },
            Err(error) if matches!(error.kind(), ErrorKind::NotArray) => MemberKind::Other,
            Err(error) => MemberKind::Unreadable(error),
        })
    });
    kinds
}

/// The member that an address names, or all of them.
pub(crate) fn selected_members<'a>(
    archive: &'a Archive<RandomAccessFile>,
    member: Option<&str>,
) -> Result<Vec<Member<'a, RandomAccessFile>>, Error> {
    match member {
        Some(name) => Ok(vec![archive.get(name)?]),
        None => Ok(archive.members().collect()),
    }
}

/// The archive in a file that has to be one.
pub(crate) fn open_archive(
    name: &FileArg,
    last_of_duplicates: bool,
) -> anyhow::Result<Archive<RandomAccessFile>> {
    let input = Input {
        last_of_duplicates,
        ..Input::file(name)
    };
    match input.open()? {
        InputSource::Archive(archive) => Ok(archive),
        _ => bail!(input.error("not an archive")),
    }
}

/// The total size of all members in bytes.
pub(crate) fn total_size<'a>(
    members: impl IntoIterator<Item = Member<'a, RandomAccessFile>>,
) -> u64 {
    let sizes = members.into_iter().map(|member| member.size());
    sizes.fold(0, u64::saturating_add)
}

/// Copies the bytes of a member, decompressed and checked. Errors of the source name it.
pub(crate) fn copy_bytes(
    from: &FileArg,
    member: &Member<'_, RandomAccessFile>,
    to: &FileArg,
    out: &mut impl Write,
    progress: &Progress,
) -> anyhow::Result<()> {
    let read_error = |error: Error| from.escaped_error(error);
    let mut reader = member.reader().map_err(read_error)?;
    let mut block = vec![0; (member.size().clamp(1, COPY_BLOCK as u64)) as usize];
    loop {
        let count = match reader.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(read_error(error.into())),
        };
        write_result(to, out.write_all(block.get(..count).unwrap_or_default()))?;
        progress.add(count as u64);
    }
}

/// Writes an array as the member of exactly this name.
pub(crate) fn write_array_member(
    name: &FileArg,
    writer: &mut Writer<Target>,
    file_name: &str,
    source: &Input,
    mut blocks: ArrayBlocks<'_>,
    progress: &Progress,
) -> anyhow::Result<()> {
    let layout = blocks.layout()?;
    let header = npy_header(source, layout)?.encode();
    let header = header.map_err(|error| source.escaped_error(error))?;
    let size = (header.len() + layout.nbytes()) as u64;
    let mut member = write_result(name, writer.sized_member(file_name, size))?;
    write_result(name, member.write_all(&header))?;
    Target::write_blocks(name, &mut member, blocks, progress)?;
    write_result(name, member.finish())
}

/// Whether the file exists. It is an error if the system cannot tell: members could be lost.
pub(crate) fn is_existing_file(name: &FileArg) -> anyhow::Result<bool> {
    match name.path().metadata() {
        _ if name.is_stdio() => Ok(false),
        Ok(found) => Ok(found.is_file()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(name.error(error)),
    }
}

/// A place in an archive for an array: in a new archive, or in one whose other members are kept.
pub(crate) struct MemberSlot {
    name: FileArg,
    file_name: String,
    old: Option<Archive<RandomAccessFile>>,
    /// The member that is replaced.
    index: Option<usize>,
    force: bool,
}

impl MemberSlot {
    /// Finds the place for `member`, before anything is written. An existing member is only replaced with
    /// `--force`.
    pub(crate) fn find(name: &FileArg, member: &str, force: bool) -> anyhow::Result<MemberSlot> {
        let old = if is_existing_file(name)? {
            match open_existing(name)? {
                None => {
                    check_overwrite(name, force)?;
                    None
                }
                old => old,
            }
        } else {
            None
        };
        let existing = old.as_ref().map(|archive| archive.get(member));
        let existing = match existing {
            None => None,
            Some(Ok(existing)) => Some((existing.index(), existing.file_name().to_owned())),
            Some(Err(error)) if matches!(error.kind(), ErrorKind::NotFound { .. }) => None,
            Some(Err(error)) => return Err(name.error(error)),
        };
        ensure!(
            existing.is_none() || force,
            name.error(format_args!(
                "member {}: it exists: use --force to replace it",
                excerpt(member)
            ))
        );
        let (index, file_name) = match existing {
            Some((index, file_name)) => (Some(index), file_name),
            None if member.ends_with(".npy") => (None, member.to_owned()),
            None => (None, format!("{member}.npy")),
        };
        let name = name.clone();
        Ok(MemberSlot {
            name,
            file_name,
            old,
            index,
            force,
        })
    }

    /// Writes the archive with the array in its place, and closes the old archive. The other members are
    /// copied as they are.
    pub(crate) fn write(
        self,
        source: &Input,
        mut blocks: ArrayBlocks<'_>,
        compression: Option<Compression>,
    ) -> anyhow::Result<Target> {
        let name = &self.name;
        let members: Vec<_> = self.old.iter().flat_map(Archive::members).collect();
        let nbytes = blocks.layout()?.nbytes() as u64;
        let progress = Progress::new(nbytes + total_size(members.iter().copied()));
        // The existing members are kept, except for one.
        let target = Target::create(name, self.force || self.old.is_some())?;
        let mut writer = target.archive(&WriteOptions::new())?;
        let mut new = Some(blocks);
        for member in &members {
            if Some(member.index()) != self.index {
                write_result(name, writer.copy(member))?;
                progress.add(member.size());
                continue;
            }
            let like_old = Compression::like(member.compression_method());
            writer.set_compression(compression.unwrap_or(like_old));
            if let Some(blocks) = new.take() {
                write_array_member(
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
            write_array_member(
                name,
                &mut writer,
                &self.file_name,
                source,
                blocks,
                &progress,
            )?;
        }
        write_result(name, writer.finish())
    }
}

/// The existing archive; `None` for a file of another kind.
fn open_existing(name: &FileArg) -> anyhow::Result<Option<Archive<RandomAccessFile>>> {
    let opened = OpenInput::new(&Input::file(name)).map_err(|error| error.in_file(name))?;
    match opened.kind {
        crate::source::InputKind::Npz => match opened.source() {
            Ok(InputSource::Archive(archive)) => Ok(Some(archive)),
            Ok(_) => Ok(None),
            Err(error) => Err(error.in_file(name)),
        },
        _ => Ok(None),
    }
}
