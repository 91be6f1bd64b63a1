//! `npio unpack`: the members of an archive as files, never outside of one folder.

use crate::address::{ErrorContext, FileArg};
use crate::archive::{copy_bytes, open_archive, total_size};
use crate::args::UnpackArgs;
use crate::file_names::{MemberName, System, paths};
use crate::output::{escaped, report_error};
use crate::progress::Progress;
use crate::target::Target;
use crate::{Outcome, Status};
use anyhow::{anyhow, ensure};
use npio::RandomAccessFile;
use npio::dtype::python::quoted;
use npio::npz::{Archive, Member};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Everything is checked before anything is written: names, obstacles, files that would be replaced. Unsafe members
/// are listed, and the others are written.
pub(crate) fn run(options: &UnpackArgs) -> Outcome {
    let (input, folder, force) = (&options.input, options.folder.as_path(), options.force);
    let archive = open_archive(input, options.duplicates.is_last())?;
    let members =
        selected_members(&archive, &options.members).map_err(|error| input.error(error))?;
    let entries: Vec<MemberName<'_>> = members.iter().map(member_name).collect();
    let paths = paths(&entries, System::THIS);
    let mut plan = Vec::new();
    let mut status = Status::Success;
    for ((member, entry), parts) in members.iter().zip(&entries).zip(paths) {
        if entry.is_folder {
            continue;
        }
        let checked = match parts {
            Ok(_) if member.is_symlink() => Err("it is marked as a symbolic link".to_owned()),
            parts => parts.and_then(|parts| check_path(folder, &parts, force)),
        };
        match checked {
            Ok(file) => plan.push((member, file)),
            Err(why) => {
                let name = quoted(entry.name);
                let what = format_args!("member {name} is not unpacked: {why}");
                report_error(&input.error(what).to_string());
                status = Status::Failure;
            }
        }
    }
    if plan.is_empty() && status == Status::Failure {
        return Ok(status);
    }
    let progress = Progress::new(total_size(plan.iter().map(|(member, _)| **member)));
    let mut errors = Vec::new();
    // The archive itself may be replaced by a member, once nothing reads it any more.
    let mut last = None;
    make_folder(folder)?;
    for (member, file) in &plan {
        let replaces_archive = is_same_file(&file.path, input.path());
        let finished = match unpack(input, member, file, &progress) {
            Ok(target) if replaces_archive => {
                last = Some(target);
                Ok(())
            }
            Ok(target) => target.finish(()),
            Err(error) => Err(error),
        };
        errors.extend(finished.err());
    }
    if let Some(target) = last {
        errors.extend(target.finish(archive).err());
    }
    drop(progress);
    for error in &errors {
        report_error(&error.to_string());
        status = Status::Failure;
    }
    Ok(status)
}

/// The name of a member. Zip archives store a folder as an empty member whose name ends in a slash; folders with
/// contents are made anyway.
fn member_name<'a>(member: &Member<'a, RandomAccessFile>) -> MemberName<'a> {
    let name = member.file_name();
    let is_folder = name.ends_with('/') && member.size() == 0;
    MemberName { name, is_folder }
}

/// The members of these names, each once, or all of them.
fn selected_members<'a>(
    archive: &'a Archive<RandomAccessFile>,
    names: &[String],
) -> Result<Vec<Member<'a, RandomAccessFile>>, npio::npz::Error> {
    if names.is_empty() {
        return Ok(archive.members().collect());
    }
    let mut members = Vec::new();
    let mut seen = HashSet::new();
    for name in names {
        let member = archive.get(name)?;
        if seen.insert(member.index()) {
            members.push(member);
        }
    }
    Ok(members)
}

/// A file to be written.
struct UnpackPath {
    path: PathBuf,
    /// Whether a file existed before, which may be replaced.
    replaces: bool,
}

/// Checks existing files: folders on the path have to be folders and not links, and the file must not
/// exist, unless it may be replaced.
fn check_path(folder: &Path, parts: &[&str], force: bool) -> Result<UnpackPath, String> {
    let mut path = folder.to_owned();
    let mut parts = parts.iter();
    while let Some(part) = parts.next() {
        path.push(part);
        let Ok(found) = fs::symlink_metadata(&path) else {
            path.extend(parts);
            let replaces = false;
            return Ok(UnpackPath { path, replaces });
        };
        let shown = escaped(&path.to_string_lossy());
        let is_last = parts.as_slice().is_empty();
        if found.is_symlink() {
            return Err(format!("{shown} is a symbolic link"));
        }
        if !is_last && !found.is_dir() {
            return Err(format!("{shown} is not a folder"));
        }
        if is_last && !found.is_file() {
            return Err(format!("{shown} is not a regular file"));
        }
        if is_last && !force {
            return Err(format!("{shown} exists: use --force to replace it"));
        }
    }
    let replaces = true;
    Ok(UnpackPath { path, replaces })
}

fn make_folder(path: &Path) -> anyhow::Result<()> {
    let made = fs::create_dir_all(path);
    made.map_err(|error| anyhow!("{}: {error}", escaped(&path.to_string_lossy())))
}

/// Writes a member's bytes to a file, which does not have its name yet.
fn unpack(
    input: &FileArg,
    member: &Member<'_, RandomAccessFile>,
    file: &UnpackPath,
    progress: &Progress,
) -> anyhow::Result<Target> {
    let path = file.path.as_path();
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let name = FileArg::from(path.as_os_str().to_owned());
    // A file system may have rules of its own, such as short names for long ones on Windows. In any case, a file
    // written for an earlier member is not replaced.
    ensure!(
        file.replaces || fs::symlink_metadata(path).is_err(),
        name.error(format_args!(
            "member {} is not unpacked: now there is such a file, perhaps from a member whose name is the same on this \
             file system",
            quoted(member.file_name())
        ))
    );
    let mut target = Target::create_plain(&name, file.replaces)?;
    copy_bytes(input, member, &name, &mut target, progress)?;
    Ok(target)
}

/// Whether both paths lead to one file, which exists.
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
