//! `npio convert` from an archive to an archive: all arrays, or those that match a pattern.

use crate::address::ErrorContext;
use crate::archive::{is_existing_file, total_size, write_array_member};
use crate::args::ConvertArgs;
use crate::array::open_member;
use crate::convert::output_conversion;
use crate::expand::{is_array, members_at};
use crate::progress::Progress;
use crate::source::{Input, InputError, InputSource};
use crate::target::{Target, check_overwrite, write_result};
use anyhow::ensure;
use npio::RandomAccessFile;
use npio::dtype::python::excerpt;
use npio::npz::{Archive, Compression, Member, WriteOptions, Writer};
use std::collections::HashSet;

/// Writes the arrays at this address under their own names and, of a whole archive, copies the other members. Members
/// of an existing archive that none of them replaces are kept.
pub(crate) fn convert_archive(
    options: &ConvertArgs,
    input: &Input,
    source: &Archive<RandomAccessFile>,
) -> anyhow::Result<Target> {
    let name = &options.output.name;
    let members = members_at(source, input.member.as_deref());
    let mut members = members.map_err(|error| error.in_file(&input.name))?;
    if input.member.is_some() {
        members.retain(is_array);
    }
    let archive = existing_archive(options)?;
    let old: Vec<Member<'_, _>> = archive.iter().flat_map(Archive::members).collect();
    let mut new: HashSet<&str> = members.iter().map(Member::file_name).collect();
    let (replaced, kept): (Vec<_>, Vec<_>) = old
        .iter()
        .copied()
        .partition(|member| new.contains(member.file_name()));
    if let Some(member) = replaced.first() {
        ensure!(
            options.force,
            name.error(format_args!(
                "member {}: it exists: use --force to replace it",
                excerpt(member.name())
            ))
        );
    }
    let progress = Progress::new(total_size(kept.into_iter().chain(members.iter().copied())));
    let target = Target::create(name, options.force || archive.is_some())?;
    let mut writer = target.archive(&WriteOptions::new())?;
    for member in &old {
        if new.remove(member.file_name()) {
            write(
                options,
                input,
                source,
                member.file_name(),
                &mut writer,
                &progress,
            )?;
        } else {
            write_result(name, writer.copy(member))?;
            progress.add(member.size());
        }
    }
    for member in &members {
        if new.remove(member.file_name()) {
            write(
                options,
                input,
                source,
                member.file_name(),
                &mut writer,
                &progress,
            )?;
        }
    }
    write_result(name, writer.finish())
}

/// The archive that is written to, if there is one.
fn existing_archive(options: &ConvertArgs) -> anyhow::Result<Option<Archive<RandomAccessFile>>> {
    let name = &options.output.name;
    if !is_existing_file(name)? {
        return Ok(None);
    }
    match Input::file(name).open() {
        Ok(InputSource::Archive(archive)) => Ok(Some(archive)),
        Ok(_) => check_overwrite(name, options.force).map(|()| None),
        Err(error) => Err(error),
    }
}

/// Writes the member of exactly this name: converted if it is an array, or else as it is.
fn write(
    options: &ConvertArgs,
    input: &Input,
    source: &Archive<RandomAccessFile>,
    file_name: &str,
    writer: &mut Writer<Target>,
    progress: &Progress,
) -> anyhow::Result<()> {
    let name = &options.output.name;
    let member = source.get(file_name);
    let member = member.map_err(|error| InputError::from(error).in_file(&input.name))?;
    if !is_array(&member) {
        write_result(name, writer.copy(&member))?;
        progress.add(member.size());
        return Ok(());
    }
    let input = &input.at(source, &member);
    let (order, conversion) = output_conversion(options, input.copy_conversion());
    let blocks = open_member(member, input)?.items(options.values.slice(), order, conversion)?;
    let like = Compression::like(member.compression_method());
    writer.set_compression(options.compress.compression().unwrap_or(like));
    write_array_member(name, writer, file_name, input, blocks, progress)
}
