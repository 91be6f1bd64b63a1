//! `npio pack` and `npio repack`: makes archives of arrays, and rewrites them in another form.

use crate::address::{ErrorContext, FileArg};
use crate::archive::{copy_bytes, open_archive, total_size, write_array_member};
use crate::args::PackArgs;
use crate::array::open_array;
use crate::progress::Progress;
use crate::target::{Target, check_overwrite, write_result};
use crate::{Outcome, Status};
use npio::dtype::python::excerpt;
use npio::npz::{Compression, CompressionMethod, WriteOptions};
use std::collections::HashSet;

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
    pub(crate) force: bool,
}

/// Writes the members of an archive into another one; those that do not change are copied as they are.
pub(crate) fn repack(input: &FileArg, output: &FileArg, options: RepackOptions) -> Outcome {
    check_overwrite(output, options.force)?;
    let archive = open_archive(input)?;
    let progress = Progress::new(total_size(archive.members()));
    let write_options = WriteOptions::new().compression(options.compression.unwrap_or_default());
    let write_options = options
        .align
        .into_iter()
        .fold(write_options, WriteOptions::align);
    let mut writer = Target::create(output, options.force)?.archive(&write_options)?;
    for member in archive.members() {
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
    write_result(output, writer.finish())?.finish(archive)?;
    Ok(Status::Success)
}
