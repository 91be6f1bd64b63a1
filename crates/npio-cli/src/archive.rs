//! Work with archives that several commands share.

use crate::address::{ErrorContext, FileArg};
use crate::array::npy_header;
use crate::array_blocks::ArrayBlocks;
use crate::interrupt;
use crate::output::library_error;
use crate::progress::Progress;
use crate::source::{Input, InputError, InputKind, InputSource, OpenInput};
use crate::target::{Output, Target, check_overwrite, check_regular, write_result};
use anyhow::{bail, ensure};
use npio::dtype::python::excerpt;
use npio::flatfile::threads::parallel_map;
use npio::header::Header;
use npio::npz::{Archive, Compression, Error, ErrorKind, Member};
use npio::npz::{WriteOptions, Writer, threads_for};
use npio::{ArchiveFile, ArchiveWriter, RandomAccessFile, SavezOptions, Updater};
use std::collections::{BTreeMap, HashSet};
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
pub(crate) fn write_array_member<W: Write>(
    name: &FileArg,
    writer: &mut Writer<W>,
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
fn is_existing_file(name: &FileArg) -> anyhow::Result<bool> {
    match name.path().metadata() {
        _ if name.is_stdio() => Ok(false),
        Ok(found) => Ok(found.is_file()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(name.error(error)),
    }
}

/// Places in an archive for arrays: in a new archive, or in one whose other members are kept.
pub(crate) struct MemberSlots {
    name: FileArg,
    /// The name of each new member, and the index of the one that it replaces.
    members: Vec<(String, Option<usize>)>,
    old: Option<OldArchive>,
    force: bool,
}

/// The member of this name that a new one replaces, if there is one and it may.
pub(crate) fn replaced_member<'a>(
    name: &FileArg,
    archive: &'a Archive<RandomAccessFile>,
    member: &str,
    force: bool,
) -> anyhow::Result<Option<Member<'a, RandomAccessFile>>> {
    match archive.get(member) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound { .. }) => Ok(None),
        Err(error) => Err(name.escaped_error(error)),
        Ok(existing) => {
            check_replaced(name, member, force)?;
            Ok(Some(existing))
        }
    }
}

/// Checks that an existing member may be replaced.
pub(crate) fn check_replaced(name: &FileArg, member: &str, force: bool) -> anyhow::Result<()> {
    let member = excerpt(member);
    let what = format_args!("member {member}: it exists: use --force to replace it");
    ensure!(force, name.error(what));
    Ok(())
}

/// An archive that exists.
pub(crate) enum OldArchive {
    Plain(Updater),
    /// In a compressed file, which is written anew.
    Compressed(Archive<RandomAccessFile>),
}

impl OldArchive {
    pub(crate) fn archive(&self) -> &Archive<RandomAccessFile> {
        match self {
            OldArchive::Plain(updater) => updater.archive(),
            OldArchive::Compressed(archive) => archive,
        }
    }
}

impl MemberSlots {
    /// Finds the places for `members`, before anything is written. Existing members are only replaced with `--force`.
    pub(crate) fn find(
        name: &FileArg,
        members: &[String],
        force: bool,
    ) -> anyhow::Result<MemberSlots> {
        let old = existing_archive(name, force)?;
        let place = |member: &String| {
            let existing = match &old {
                Some(old) => replaced_member(name, old.archive(), member, force)?,
                None => None,
            };
            let index = existing.map(|existing| existing.index());
            // One that was found by a name in UTF-8 that the archive does not declare gets that name.
            let is_same = existing.is_some_and(|existing| existing.file_name() == member);
            let file_name = if is_same || member.ends_with(".npy") {
                member.clone()
            } else {
                format!("{member}.npy")
            };
            Ok((file_name, index))
        };
        let members = members.iter().map(place).collect::<anyhow::Result<_>>()?;
        Ok(MemberSlots {
            name: name.clone(),
            members,
            old,
            force,
        })
    }

    /// Writes the archive with the arrays in their places, all of them or none. The other members are kept as they are.
    /// `sizes` are the sizes of the arrays in bytes, and `blocks` returns each, if it is there, by its number.
    pub(crate) fn write<'s>(
        self,
        source: &Input,
        sizes: &[u64],
        compression: Option<Compression>,
        mut blocks: impl FnMut(usize) -> anyhow::Result<Option<ArrayBlocks<'s>>>,
    ) -> anyhow::Result<Output> {
        let name = &self.name;
        let file_name = |number: usize| {
            let place = self.members.get(number);
            place.map_or("", |(file_name, _)| file_name.as_str())
        };
        let replaced = self.members.iter().zip(0..);
        let replaced = replaced.filter_map(|((_, index), number)| Some(((*index)?, Some(number))));
        let changes: BTreeMap<usize, Option<usize>> = replaced.collect();
        let old = match self.old {
            Some(OldArchive::Plain(old)) => old,
            old => {
                let members: Vec<_> = old.iter().flat_map(|old| old.archive().members()).collect();
                let bytes = sizes.iter().sum::<u64>() + total_size(members.iter().copied());
                let progress = Progress::new(bytes);
                let target = Target::create(name, self.force || old.is_some())?;
                let mut writer = target.archive(&WriteOptions::new())?;
                let mut put = |writer: &mut Writer<Target>, number, like| {
                    writer.set_compression(compression.unwrap_or(like));
                    let Some(blocks) = blocks(number)? else {
                        return Ok(());
                    };
                    write_array_member(name, writer, file_name(number), source, blocks, &progress)
                };
                for member in &members {
                    if let Some(Some(number)) = changes.get(&member.index()) {
                        let like = Compression::like(member.compression_method());
                        put(&mut writer, *number, like)?;
                    } else {
                        write_result(name, writer.copy(member))?;
                        progress.add(member.size());
                    }
                }
                for ((_, index), number) in self.members.iter().zip(0..) {
                    if index.is_none() {
                        put(&mut writer, number, Compression::STORED)?;
                    }
                }
                return Ok(Output::Target(write_result(name, writer.finish())?));
            }
        };
        let writer = rewrite(old, &changes, sizes, |writer, number, like, progress| {
            writer.set_compression(compression.unwrap_or(like));
            let Some(blocks) = blocks(number)? else {
                return Ok(());
            };
            write_array_member(name, writer, file_name(number), source, blocks, progress)
        })?;
        Ok(Output::Archive(Box::new(writer)))
    }
}

/// Writes an archive whose members at these indices are removed, or replaced by new ones of these numbers; the other new
/// ones follow at the end. `new` are their sizes in bytes. `write` writes one: it gets its number and, as a default, the
/// compression of the member that it replaces.
pub(crate) fn rewrite(
    old: Updater,
    changes: &BTreeMap<usize, Option<usize>>,
    new: &[u64],
    mut write: impl FnMut(&mut Writer<ArchiveFile>, usize, Compression, &Progress) -> anyhow::Result<()>,
) -> anyhow::Result<ArchiveWriter> {
    let archive = old.archive();
    let first = changes.keys().next();
    let kept = archive.leading(first.map_or(archive.len(), |first| *first));
    let rest = archive.members().skip(kept);
    let rest: Vec<_> = rest
        .map(|member| {
            (
                member.size(),
                Compression::like(member.compression_method()),
            )
        })
        .collect();
    let copied = rest.iter().zip(kept..);
    let copied = copied.filter(|(_, index)| !changes.contains_key(index));
    let sizes = copied.map(|((size, _), _)| size).chain(new);
    let progress = Progress::new(sizes.fold(0, |sum: u64, size| sum.saturating_add(*size)));
    let mut writer = old.resume(kept).map_err(library_error)?;
    let mut written = HashSet::new();
    for ((size, like), index) in rest.into_iter().zip(kept..) {
        match changes.get(&index) {
            None => {
                writer.copy(index).map_err(library_error)?;
                progress.add(size);
            }
            Some(None) => {}
            Some(Some(number)) => {
                written.insert(*number);
                write(writer.as_npz(), *number, like, &progress)?;
            }
        }
    }
    for number in (0..new.len()).filter(|number| !written.contains(number)) {
        write(writer.as_npz(), number, Compression::STORED, &progress)?;
    }
    Ok(writer)
}

/// How archives are updated.
pub(crate) fn update_options() -> SavezOptions {
    SavezOptions::new().cancel(interrupt::token())
}

/// The existing archive, to be updated; `None` for a file of another kind, or a compressed one.
pub(crate) fn open_to_update(
    name: &FileArg,
    options: &SavezOptions,
) -> anyhow::Result<Option<Updater>> {
    check_regular(name)?;
    let opened = OpenInput::new(&Input::file(name)).map_err(|error| error.in_file(name))?;
    if !matches!(opened.kind, InputKind::Npz) || opened.compression.is_some() {
        return Ok(None);
    }
    drop(opened);
    let updater = options.updater(name.path()).map_err(library_error)?;
    Ok(Some(updater))
}

/// The archive whose other members are kept, if there is one. A file of another kind is only replaced with `--force`.
pub(crate) fn existing_archive(name: &FileArg, force: bool) -> anyhow::Result<Option<OldArchive>> {
    if !is_existing_file(name)? {
        return Ok(None);
    }
    if let Some(updater) = open_to_update(name, &update_options())? {
        return Ok(Some(OldArchive::Plain(updater)));
    }
    let in_file = |error: InputError| error.in_file(name);
    let opened = OpenInput::new(&Input::file(name)).map_err(in_file)?;
    if matches!(opened.kind, InputKind::Npz)
        && let InputSource::Archive(archive) = opened.source().map_err(in_file)?
    {
        return Ok(Some(OldArchive::Compressed(archive)));
    }
    check_overwrite(name, force)?;
    Ok(None)
}
