//! `npio pack` and `npio repack`: makes archives of arrays, and rewrites them in another form.

use crate::address::Name;
use crate::archive::{copy_bytes, open, put_array, size};
use crate::args::Pack;
use crate::array::find;
use crate::progress::Progress;
use crate::target::{Target, check_new, written};
use crate::{Outcome, Status};
use npio::dtype::python::quoted;
use npio::npz::{Compression, CompressionMethod, WriteOptions};
use std::collections::HashSet;

/// Writes an archive of arrays, each of which is opened only when it is written.
pub(crate) fn run(options: &Pack) -> Outcome {
    let output = &options.output;
    check_new(output, options.force)?;
    let mut names = HashSet::new();
    let mut members = Vec::new();
    for source in &options.sources {
        let mut input = options.raw.input(&source.address)?;
        input.longdouble = options.longdouble.map(Into::into);
        let name = source.name.clone().or_else(|| source.address.stem());
        let name = name.ok_or_else(|| {
            input.complaint("what is it called in the archive? Say it as NAME=FILE")
        })?;
        if !names.insert(name.clone()) {
            let name = quoted(&name);
            return Err(input.complaint(format_args!(
                "another array is called {name} already: say another name, as NAME=FILE"
            )));
        }
        members.push((name, input));
    }
    let compression = options.compress.compression().unwrap_or_default();
    let how = WriteOptions::new().compression(compression);
    let lengths = members
        .iter()
        .map(|(_, input)| input.name.path().metadata().map_or(0, |meta| meta.len()));
    let progress = Progress::of(lengths.sum());
    let mut writer = Target::create(output, options.force)?.archive(&how)?;
    for (name, input) in &members {
        let mut source = input.open()?;
        let found = find(&mut source, input)?;
        let blocks = found.items(None, None, input.reading())?;
        let file_name = format!("{name}.npy");
        put_array(output, &mut writer, &file_name, input, blocks, &progress)?;
        // The source is closed here: it may be the file that is replaced.
    }
    written(output, writer.finish())?.finish(())?;
    Ok(Status::Fine)
}

/// How `repack` writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repack {
    pub(crate) align: Option<u16>,
    pub(crate) compression: Option<Compression>,
    /// Whether compressed members are compressed again.
    pub(crate) anew: bool,
    pub(crate) force: bool,
}

/// Writes the members of an archive into another one; those that do not change are copied as they are.
pub(crate) fn repack(input: &Name, output: &Name, how: Repack) -> Outcome {
    check_new(output, how.force)?;
    let archive = open(input)?;
    let progress = Progress::of(size(archive.members()));
    let options = WriteOptions::new().compression(how.compression.unwrap_or_default());
    let options = how.align.into_iter().fold(options, WriteOptions::align);
    let mut writer = Target::create(output, how.force)?.archive(&options)?;
    for member in archive.members() {
        let is_stored = member.compression_method() == CompressionMethod::Stored;
        let stays = match how.compression {
            None | Some(Compression::STORED) => is_stored,
            Some(_) => !is_stored && !how.anew,
        };
        if stays {
            written(output, writer.copy(&member))?;
            progress.add(member.size());
            continue;
        }
        let mut copy = written(
            output,
            writer.sized_member(member.file_name(), member.size()),
        )?;
        copy_bytes(input, &member, output, &mut copy, &progress)?;
        written(output, copy.finish())?;
    }
    written(output, writer.finish())?.finish(archive)?;
    Ok(Status::Fine)
}
