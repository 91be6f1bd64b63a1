//! `npio pack` and `npio repack`: makes archives of arrays, and rewrites them in another form.

use crate::address::{ErrorContext, FileArg, NamedInput};
use crate::archive::{
    copy_bytes, open_archive, open_to_update, replaced_member, rewrite, total_size, update_options,
    write_array_member,
};
use crate::args::PackArgs;
use crate::array::{open_array, open_member};
use crate::expand::{is_array, members_at};
use crate::output::{escaped, library_error, report_error, with_stdout};
use crate::progress::Progress;
use crate::source::{Input, InputError, InputKind, InputSource, OpenInput, io_input_error};
use crate::target::{Target, check_overwrite, write_result};
use crate::unpack::is_same_file;
use crate::{Outcome, Status};
use anyhow::ensure;
use npio::dtype::python::{excerpt, quoted};
use npio::npz::{Archive, Compression, CompressionMethod, Member, WriteOptions, Writer};
use npio::{RandomAccessFile, ReadAt, Updater};
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

/// A member of the new archive.
struct PackMember {
    /// The name as NumPy lists it, and that in the archive.
    name: String,
    file_name: String,
    input: Input,
    source: MemberSource,
    /// The number of bytes that are read.
    size: u64,
}

/// Where a member comes from.
enum MemberSource {
    /// A file, which is opened only when it is written.
    File,
    /// Standard input, or a pipe, which cannot be opened again.
    Stream(Option<Box<OpenInput>>),
    /// The member of an archive with this index. It is copied, unless its items are converted.
    Member { index: usize, is_converted: bool },
}

/// Writes an archive, or adds to one.
pub(crate) fn run(options: &PackArgs) -> Outcome {
    let output = &options.output;
    let old = existing(options)?;
    if old.is_none() {
        check_overwrite(output, options.force)?;
    }
    let mut members = Vec::new();
    let mut packing = Packing::new(options);
    for source in &options.sources {
        packing.find_members(source, &mut members)?;
    }
    let mut names = HashMap::new();
    for member in &members {
        if let Some(other) = names.insert(&member.name, member) {
            return Err(same_name(other, member));
        }
    }
    let sizes: Vec<u64> = members.iter().map(|member| member.size).collect();
    let Some(old) = old else {
        let progress = Progress::new(
            sizes
                .iter()
                .fold(0, |sum: u64, size| sum.saturating_add(*size)),
        );
        let write_options =
            WriteOptions::new().compression(packing.compression(Compression::STORED));
        let mut writer = Target::create(output, options.force)?.archive(&write_options)?;
        for member in &mut members {
            packing.write(&mut writer, member, Compression::STORED, &progress)?;
        }
        // A source may be the file that is replaced.
        write_result(output, writer.finish())?.finish(packing)?;
        return Ok(Status::Success);
    };
    let replaced = replaced_members(options, &old, &members)?;
    let archive = rewrite(old, &replaced, &sizes, |writer, number, like, progress| {
        let member = members.get_mut(number);
        member.map_or(Ok(()), |member| {
            packing.write(writer, member, like, progress)
        })
    })?;
    drop(packing);
    archive.finish().map_err(library_error)?;
    Ok(Status::Success)
}

/// The error of two members with one name.
fn same_name(one: &PackMember, other: &PackMember) -> anyhow::Error {
    let is_same_file = one.input.name.path() == other.input.name.path();
    let name = excerpt(&other.name);
    let index = |member: &PackMember| match member.source {
        MemberSource::Member { index, .. } => Some(index),
        MemberSource::File | MemberSource::Stream(_) => None,
    };
    if is_same_file && one.input.member == other.input.member && index(one) != index(other) {
        let what = format_args!("several members have the name {name}: use --duplicates last");
        return other.input.name.error(what);
    }
    other.input.error(format_args!(
        "another array already has the name {name}: give another one as NAME=FILE"
    ))
}

/// The archive that is added to, if there is one.
fn existing(options: &PackArgs) -> anyhow::Result<Option<Updater>> {
    let output = &options.output;
    if !options.add {
        return Ok(None);
    }
    ensure!(
        !output.is_stdio(),
        "-: nothing can be added to standard output"
    );
    match output.path().metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(output.error(error)),
        Ok(_) => {}
    }
    let mut update = update_options().wait(options.wait.unwrap_or_default());
    if options.in_place {
        let mut sources = options.sources.iter();
        let is_source =
            |source: &NamedInput| is_same_file(source.address.name.path(), output.path());
        ensure!(
            !sources.any(is_source),
            output.error("it is one of its own sources: leave out --in-place")
        );
        update = update.in_place();
    }
    let old = open_to_update(output, &update)?;
    let refused = "not an archive, or a compressed one, to which nothing can be added";
    old.map(Some).ok_or_else(|| output.error(refused))
}

/// The members of the archive that new ones replace, which then have the same names.
fn replaced_members(
    options: &PackArgs,
    old: &Updater,
    members: &[PackMember],
) -> anyhow::Result<BTreeMap<usize, Option<usize>>> {
    let output = &options.output;
    let mut replaced = BTreeMap::new();
    for (number, member) in members.iter().enumerate() {
        let existing = replaced_member(output, old.archive(), &member.name, options.force)?;
        replaced.extend(existing.map(|existing| (existing.index(), Some(number))));
    }
    Ok(replaced)
}

fn has_plain_items(member: &Member<'_, RandomAccessFile>) -> bool {
    let open = member.open();
    open.is_ok_and(|array| !array.layout().dtype().has_object())
}

/// Writes members one after another.
struct Packing<'o> {
    options: &'o PackArgs,
    /// The archives that cannot be opened again.
    streams: Vec<(FileArg, Archive<RandomAccessFile>)>,
    /// The archive that the last member was taken from.
    archive: Option<(FileArg, Archive<RandomAccessFile>)>,
}

impl<'o> Packing<'o> {
    fn new(options: &'o PackArgs) -> Packing<'o> {
        Packing {
            options,
            streams: Vec::new(),
            archive: None,
        }
    }

    /// Adds the members that a source becomes: an array or, from archives, any number.
    fn find_members(
        &mut self,
        source: &NamedInput,
        found: &mut Vec<PackMember>,
    ) -> anyhow::Result<()> {
        let options = self.options;
        let mut input = options.raw.input(&source.address)?;
        input.longdouble = options.longdouble.map(Into::into);
        input.fields = options.field.clone();
        if let Some(archive) = self.stream(&input.name) {
            return add_members(options, source, &input, archive, found);
        }
        let in_file = |error: InputError| error.in_file(&input.name);
        let opened = OpenInput::new(&input).map_err(in_file)?;
        if matches!(opened.kind, InputKind::Npz) {
            let is_regular = opened.is_regular;
            if let InputSource::Archive(archive) = opened.source().map_err(in_file)? {
                add_members(options, source, &input, &archive, found)?;
                if !is_regular {
                    self.streams.push((input.name, archive));
                }
            }
            return Ok(());
        }
        let name = source.name.clone().or_else(|| source.address.stem());
        let name =
            name.ok_or_else(|| input.error("the member has no name: give one as NAME=FILE"))?;
        found.push(PackMember {
            file_name: format!("{name}.npy"),
            name,
            size: input.name.path().metadata().map_or(0, |meta| meta.len()),
            source: if opened.is_regular {
                MemberSource::File
            } else {
                MemberSource::Stream(Some(Box::new(opened)))
            },
            input,
        });
        Ok(())
    }

    /// The archive of this name that cannot be opened again, if it was opened.
    fn stream(&self, name: &FileArg) -> Option<&Archive<RandomAccessFile>> {
        let mut streams = self.streams.iter();
        let found = streams.find(|(open, _)| open.path() == name.path());
        found.map(|(_, archive)| archive)
    }

    /// How a member is compressed, by default like this.
    fn compression(&self, default: Compression) -> Compression {
        self.options.compress.compression().unwrap_or(default)
    }

    fn write<W: Write>(
        &mut self,
        writer: &mut Writer<W>,
        member: &mut PackMember,
        like: Compression,
        progress: &Progress,
    ) -> anyhow::Result<()> {
        let (options, input) = (self.options, &member.input);
        let output = &options.output;
        let file_name = &member.file_name;
        writer.set_compression(self.compression(like));
        let conversion = input.copy_conversion();
        let mut source = match &mut member.source {
            MemberSource::File => input.open()?,
            MemberSource::Stream(opened) => {
                // It is written once.
                let Some(opened) = opened.take() else {
                    return Ok(());
                };
                let source = opened.source();
                source.map_err(|error| error.in_file(&input.name))?
            }
            MemberSource::Member {
                index,
                is_converted,
            } => {
                let found = self.member(input, *index)?;
                if !*is_converted {
                    return copy(options, writer, file_name, input, &found, progress);
                }
                let blocks = open_member(found, input)?.items(None, None, conversion)?;
                return write_array_member(output, writer, file_name, input, blocks, progress);
            }
        };
        let blocks = open_array(&mut source, input)?.items(None, None, conversion)?;
        write_array_member(output, writer, file_name, input, blocks, progress)
        // The source is closed here: it may be the file that is replaced.
    }

    /// The member of an archive that was found at this index.
    fn member(
        &mut self,
        input: &Input,
        index: usize,
    ) -> anyhow::Result<Member<'_, RandomAccessFile>> {
        let name = &input.name;
        let is_open = |(open, _): &(FileArg, _)| open.path() == name.path();
        if self.stream(name).is_none() && !self.archive.as_ref().is_some_and(is_open) {
            let archive = open_archive(name, input.last_of_duplicates)?;
            self.archive = Some((name.clone(), archive));
        }
        let last = || self.archive.as_ref().map(|(_, archive)| archive);
        let archive = self.stream(name).or_else(last);
        let found = archive.and_then(|archive| archive.member(index));
        let is_same = |found: &Member<'_, _>| input.member.as_deref() == Some(found.file_name());
        let changed = || name.error("the archive has changed");
        found.filter(is_same).ok_or_else(changed)
    }
}

/// Adds the members of an archive that an address names.
fn add_members(
    options: &PackArgs,
    source: &NamedInput,
    input: &Input,
    archive: &Archive<RandomAccessFile>,
    found: &mut Vec<PackMember>,
) -> anyhow::Result<()> {
    let members = members_at(archive, input.member.as_deref());
    let members = members.map_err(|error| error.in_file(&input.name))?;
    let is_one = input
        .member
        .as_deref()
        .is_some_and(|name| archive.get(name).is_ok());
    for member in members {
        let suffix = if member.is_npy() { ".npy" } else { "" };
        let name = match source.name.as_deref() {
            None => member.name().to_owned(),
            Some(given) if is_one => given.to_owned(),
            Some(folder) => format!("{folder}/{}", member.name()),
        };
        found.push(PackMember {
            file_name: format!("{name}{suffix}"),
            name,
            input: input.with_member(member.file_name()),
            source: MemberSource::Member {
                index: member.index(),
                // What is no array can only be copied, and so can objects, which have no long doubles.
                is_converted: options.field.is_some() && is_array(&member)
                    || options.longdouble.is_some() && has_plain_items(&member),
            },
            size: member.size(),
        });
    }
    Ok(())
}

/// Copies a member of an archive: as it is, unless it is to be compressed.
fn copy<W: Write>(
    options: &PackArgs,
    writer: &mut Writer<W>,
    file_name: &str,
    input: &Input,
    member: &Member<'_, RandomAccessFile>,
    progress: &Progress,
) -> anyhow::Result<()> {
    let (output, compress) = (&options.output, options.compress);
    let is_stored = member.compression_method() == CompressionMethod::Stored;
    let is_compressed = compress.compression().is_some() && (is_stored || compress.recompresses());
    if !is_compressed {
        let copied = writer.copy_as(member, file_name);
        write_result(output, copied)?;
        progress.add(member.size());
        return Ok(());
    }
    let copy = writer.sized_member(file_name, member.size());
    let mut copy = write_result(output, copy)?;
    copy_bytes(&input.name, member, output, &mut copy, progress)?;
    write_result(output, copy.finish())
}

/// How `repack` writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RepackOptions {
    pub(crate) align: Option<u16>,
    pub(crate) compression: Option<Compression>,
    /// Whether compressed members are compressed again.
    pub(crate) recompress: bool,
    /// Whether only the last of several members with the same name counts.
    pub(crate) last_of_duplicates: bool,
    /// Whether the members that are whole in a damaged archive are saved.
    pub(crate) salvage: bool,
    pub(crate) force: bool,
}

/// Writes the members of an archive into another one; those that do not change are copied as they are.
pub(crate) fn repack(input: &FileArg, output: &FileArg, options: RepackOptions) -> Outcome {
    check_overwrite(output, options.force)?;
    let (archive, mut status) = if options.salvage {
        salvage(input, options.last_of_duplicates)?
    } else {
        let archive = open_archive(input, options.last_of_duplicates)?;
        (archive, Status::Success)
    };
    let later: HashMap<&str, usize> = archive
        .members()
        .map(|member| (member.file_name(), member.index()))
        .collect();
    let progress = Progress::new(total_size(archive.members()));
    let write_options = WriteOptions::new().compression(options.compression.unwrap_or_default());
    let write_options = options
        .align
        .into_iter()
        .fold(write_options, WriteOptions::align);
    let mut writer = Target::create(output, options.force)?.archive(&write_options)?;
    let mut saved = Vec::new();
    for member in archive.members() {
        if options.salvage {
            let is_last = later.get(member.file_name()) == Some(&member.index());
            let why = if is_last {
                writer
                    .check_name(member.file_name())
                    .err()
                    .map(|error| error.to_string())
            } else {
                let name = quoted(member.name());
                Some(format!(
                    "member {name}: a later member has this name (--duplicates last does not count it)"
                ))
            };
            if let Some(why) = why {
                report_lost(input, &why);
                status = Status::Issues;
                continue;
            }
            saved.push(member);
        }
        let is_stored = member.compression_method() == CompressionMethod::Stored;
        let is_copied = match options.compression {
            None | Some(Compression::STORED) => is_stored,
            Some(_) => !is_stored && !options.recompress,
        };
        if is_copied {
            write_result(output, writer.copy(&member))?;
            progress.add(member.size());
            continue;
        }
        let mut copy = write_result(
            output,
            writer.sized_member(member.file_name(), member.size()),
        )?;
        copy_bytes(input, &member, output, &mut copy, &progress)?;
        write_result(output, copy.finish())?;
    }
    let target = write_result(output, writer.finish())?;
    if options.salvage && !output.is_stdio() {
        with_stdout(|out| {
            for member in &saved {
                let (name, size) = (escaped(member.file_name()), member.size());
                writeln!(out, "{input}: saved {name}, {size} bytes")?;
            }
            Ok(())
        })?;
    }
    drop(saved);
    target.finish(archive)?;
    Ok(status)
}

/// The members that are whole in a damaged archive, after what was lost has been said.
fn salvage(
    name: &FileArg,
    last_of_duplicates: bool,
) -> anyhow::Result<(Archive<RandomAccessFile>, Status)> {
    let in_file = |error: InputError| error.in_file(name);
    let opened = OpenInput::new(&Input::file(name)).map_err(in_file)?;
    let file = opened.into_file().map_err(in_file)?;
    let length = file.len().map_err(io_input_error).map_err(in_file)?;
    let (progress, mut done) = (Progress::new(length), 0);
    let salvaged = Archive::salvage_with(file, |at| {
        progress.add(at.saturating_sub(done));
        done = done.max(at);
    });
    let salvaged = salvaged.map_err(|error| in_file(error.into()))?;
    drop(progress);
    for lost in &salvaged.lost {
        report_lost(name, &lost.to_string());
    }
    let mut status = if salvaged.lost.is_empty() {
        Status::Success
    } else {
        Status::Issues
    };
    if !salvaged.has_end {
        let what = "the end of the archive is missing: there may have been further members";
        report_error(&name.error(what).to_string());
        status = Status::Issues;
    }
    let archive = salvaged.archive;
    ensure!(
        !archive.is_empty() || status == Status::Success,
        name.error("no member is whole, so nothing is written")
    );
    Ok(if last_of_duplicates {
        (archive.last_of_duplicates(), status)
    } else {
        (archive, status)
    })
}

fn report_lost(name: &FileArg, what: &str) {
    report_error(
        &name
            .error(format_args!("lost {}", escaped(what)))
            .to_string(),
    );
}
