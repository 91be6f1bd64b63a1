//! `npio pack` and `npio repack`: makes archives of arrays, and rewrites them in another form.

use crate::address::{ErrorContext, FileArg};
use crate::archive::{copy_bytes, open_archive, total_size, write_array_member};
use crate::args::PackArgs;
use crate::array::open_array;
use crate::output::{escaped, report_error, with_stdout};
use crate::progress::Progress;
use crate::source::{Input, InputError, OpenInput, io_input_error};
use crate::target::{Target, check_overwrite, write_result};
use crate::{Outcome, Status};
use anyhow::ensure;
use npio::dtype::python::{excerpt, quoted};
use npio::npz::{Archive, Compression, CompressionMethod, WriteOptions};
use npio::{RandomAccessFile, ReadAt};
use std::collections::{HashMap, HashSet};

/// Writes an archive of arrays, each of which is opened only when it is written.
pub(crate) fn run(options: &PackArgs) -> Outcome {
    let output = &options.output;
    check_overwrite(output, options.force)?;
    let mut names = HashSet::new();
    let mut members = Vec::new();
    for source in &options.sources {
        let mut input = options.raw.input(&source.address)?;
        input.longdouble = options.longdouble.map(Into::into);
        let name = source.name.clone().or_else(|| source.address.stem());
        let name =
            name.ok_or_else(|| input.error("the member has no name: give one as NAME=FILE"))?;
        if !names.insert(name.clone()) {
            let name = excerpt(&name);
            return Err(input.error(format_args!(
                "another array already has the name {name}: give another one as NAME=FILE"
            )));
        }
        members.push((name, input));
    }
    let compression = options.compress.compression().unwrap_or_default();
    let write_options = WriteOptions::new().compression(compression);
    let lengths = members
        .iter()
        .map(|(_, input)| input.name.path().metadata().map_or(0, |meta| meta.len()));
    let progress = Progress::new(lengths.sum::<u64>());
    let mut writer = Target::create(output, options.force)?.archive(&write_options)?;
    for (name, input) in &members {
        let mut source = input.open()?;
        let array = open_array(&mut source, input)?;
        let blocks = array.items(None, None, input.copy_conversion())?;
        let file_name = format!("{name}.npy");
        write_array_member(output, &mut writer, &file_name, input, blocks, &progress)?;
        // The source is closed here: it may be the file that is replaced.
    }
    write_result(output, writer.finish())?.finish(())?;
    Ok(Status::Success)
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
