//! `npio convert` from an archive to an archive: all arrays, or those that match a pattern.

use crate::archive::{
    OldArchive, check_replaced, existing_archive, rewrite, total_size, write_array_member,
};
use crate::args::ConvertArgs;
use crate::array::open_member;
use crate::convert::output_conversion;
use crate::expand::{is_array, members_at};
use crate::progress::Progress;
use crate::source::{Input, InputError};
use crate::target::{Output, Target, write_result};
use npio::RandomAccessFile;
use npio::npz::{Archive, Compression, Member, WriteOptions, Writer};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Write;

/// Writes the arrays at this address under their own names and, of a whole archive, copies the other members. Members
/// of an existing archive that none of them replaces are kept.
pub(crate) fn convert_archive(
    options: &ConvertArgs,
    input: &Input,
    source: &Archive<RandomAccessFile>,
) -> anyhow::Result<Output> {
    let name = &options.output.name;
    let members = members_at(source, input.member.as_deref());
    let mut members = members.map_err(|error| error.in_file(&input.name))?;
    if input.member.is_some() {
        members.retain(is_array);
    }
    let names: Vec<&str> = members.iter().map(Member::file_name).collect();
    let sizes: Vec<u64> = members.iter().map(Member::size).collect();
    let old = existing_archive(name, options.write.force)?;
    let replaced = match &old {
        Some(old) => replaced_members(options, old.archive(), &names)?,
        None => BTreeMap::new(),
    };
    let old = match old {
        Some(OldArchive::Plain(old)) => {
            let archive = rewrite(old, &replaced, &sizes, |writer, number, _, progress| {
                let file_name = names.get(number).copied().unwrap_or_default();
                write(options, input, source, file_name, writer, progress)
            })?;
            return Ok(Output::Archive(Box::new(archive)));
        }
        old => old,
    };
    let old_members: Vec<_> = old.iter().flat_map(|old| old.archive().members()).collect();
    let kept = old_members.iter().copied();
    let kept = kept.filter(|member| !replaced.contains_key(&member.index()));
    let progress = Progress::new(total_size(kept.chain(members.iter().copied())));
    let target = Target::create(name, options.write.force || old.is_some())?;
    let mut writer = target.archive(&WriteOptions::new())?;
    let put =
        |writer: &mut _, file_name| write(options, input, source, file_name, writer, &progress);
    let mut written = HashSet::new();
    for member in &old_members {
        if replaced.contains_key(&member.index()) {
            written.insert(member.file_name());
            put(&mut writer, member.file_name())?;
        } else {
            write_result(name, writer.copy(member))?;
            progress.add(member.size());
        }
    }
    for file_name in names {
        if written.insert(file_name) {
            put(&mut writer, file_name)?;
        }
    }
    Ok(Output::Target(write_result(name, writer.finish())?))
}

/// The indices of the old members that those of these names replace, and the numbers of these.
fn replaced_members(
    options: &ConvertArgs,
    old: &Archive<RandomAccessFile>,
    names: &[&str],
) -> anyhow::Result<BTreeMap<usize, Option<usize>>> {
    let numbers: HashMap<&str, usize> = names.iter().copied().zip(0..).collect();
    let mut replaced = BTreeMap::new();
    for member in old.members() {
        let Some(number) = numbers.get(member.file_name()) else {
            continue;
        };
        check_replaced(&options.output.name, member.name(), options.write.force)?;
        replaced.insert(member.index(), Some(*number));
    }
    Ok(replaced)
}

/// Writes the member of exactly this name: converted if it is an array, or else as it is.
fn write<W: Write>(
    options: &ConvertArgs,
    input: &Input,
    source: &Archive<RandomAccessFile>,
    file_name: &str,
    writer: &mut Writer<W>,
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
    writer.set_compression(options.write.compress.compression().unwrap_or(like));
    write_array_member(name, writer, file_name, input, blocks, progress)
}
