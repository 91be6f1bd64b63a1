//! `npio unpack`: the members of an archive as files, never outside of one folder.

use crate::address::Name;
use crate::archive::{copy_bytes, open, size};
use crate::args::Unpack;
use crate::output::{complain, escaped};
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

/// Everything is checked before anything is written: names, what is in the way, what would be replaced.
pub(crate) fn run(options: &Unpack) -> Outcome {
    let (input, folder, force) = (&options.input, options.folder.as_path(), options.force);
    let archive = open(input)?;
    let members = chosen(&archive, &options.members).map_err(|error| input.complaint(error))?;
    let mut paths = HashSet::new();
    let mut plan = Vec::new();
    for member in members {
        let name = member.file_name();
        if name.ends_with('/') && member.size() == 0 {
            // How zip archives say a folder. Those that hold something are made anyway.
            continue;
        }
        let refused = |why: &str| {
            let name = quoted(name);
            input.complaint(format_args!("member {name} is not unpacked: {why}"))
        };
        let parts = parts(name).map_err(refused)?;
        ensure!(
            paths.insert(parts.clone()),
            refused("another member has this name, too")
        );
        check_way(folder, &parts, force).map_err(|why| refused(&why))?;
        plan.push((member, parts));
    }
    for (member, parts) in &plan {
        let mut above = parts.as_slice();
        while let Some((_, rest)) = above.split_last().filter(|(_, rest)| !rest.is_empty()) {
            above = rest;
            ensure!(
                !paths.contains(above),
                input.complaint(format_args!(
                    "member {} is not unpacked: {} is a file, not a folder",
                    quoted(member.file_name()),
                    quoted(&above.join("/"))
                ))
            );
        }
    }
    let progress = Progress::of(size(plan.iter().map(|(member, _)| *member)));
    let mut errors = Vec::new();
    // The archive itself may be replaced by a member, when nothing reads it any more.
    let mut last = None;
    make_folder(folder)?;
    for (member, parts) in &plan {
        let path = joined(folder, parts);
        let replaces_archive = is_same_file(&path, input.path());
        let finished = match unpack(input, member, &path, force, &progress) {
            Ok(target) if replaces_archive => {
                last = Some(target);
                Ok(())
            }
            Ok(target) => target.finish(()),
            Err(error) => Err(error),
        };
        errors.extend(finished.err());
    }
    drop(plan);
    if let Some(target) = last {
        errors.extend(target.finish(archive).err());
    }
    drop(progress);
    for error in &errors {
        complain(&error.to_string());
    }
    Ok(match errors.is_empty() {
        true => Status::Fine,
        false => Status::Failed,
    })
}

/// The members of these names, or all of them.
fn chosen<'a>(
    archive: &'a Archive<RandomAccessFile>,
    names: &[String],
) -> Result<Vec<Member<'a, RandomAccessFile>>, npio::npz::Error> {
    match names {
        [] => Ok(archive.members().collect()),
        names => names.iter().map(|name| archive.get(name)).collect(),
    }
}

/// The names of folders and file in a member's name. They are separated by `/`; none of them is empty, `.` or
/// `..`, and none has what separates names elsewhere. So a path of them goes down only.
fn parts(name: &str) -> Result<Vec<&str>, &'static str> {
    let parts: Vec<&str> = name.split('/').collect();
    let is_drive = matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if name.starts_with('/') {
        return Err("the name is that of an absolute path");
    }
    if is_drive || (cfg!(windows) && name.contains(':')) {
        return Err("the name has a drive");
    }
    if name.contains('\\') {
        return Err("the name has a backslash");
    }
    if name.contains('\0') {
        return Err("the name has a NUL");
    }
    if parts.contains(&"..") {
        return Err("the name has a '..'");
    }
    match parts.iter().any(|part| part.is_empty() || *part == ".") {
        true => Err("a part of the name is empty or '.'"),
        false => Ok(parts),
    }
}

/// Looks at what is there already: folders on the way that are folders and no links, and no file, unless
/// it may be replaced.
fn check_way(folder: &Path, parts: &[&str], force: bool) -> Result<(), String> {
    let mut path = folder.to_owned();
    for (i, part) in parts.iter().enumerate() {
        path.push(part);
        let Ok(found) = fs::symlink_metadata(&path) else {
            return Ok(());
        };
        let shown = escaped(&path.to_string_lossy());
        let is_last = i + 1 == parts.len();
        match is_last {
            _ if found.is_symlink() => return Err(format!("{shown} is a symbolic link")),
            false if !found.is_dir() => return Err(format!("{shown} is no folder")),
            true if !found.is_file() => return Err(format!("{shown} is no regular file")),
            true if !force => {
                return Err(format!("{shown} exists: use --force to replace it"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn joined(folder: &Path, parts: &[&str]) -> PathBuf {
    let mut path = folder.to_owned();
    path.extend(parts);
    path
}

fn make_folder(path: &Path) -> anyhow::Result<()> {
    let made = fs::create_dir_all(path);
    made.map_err(|error| anyhow!("{}: {error}", escaped(&path.to_string_lossy())))
}

/// Writes a member's bytes to a file, which does not have its name yet.
fn unpack(
    input: &Name,
    member: &Member<'_, RandomAccessFile>,
    path: &Path,
    force: bool,
    progress: &Progress,
) -> anyhow::Result<Target> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let name = Name::from(path.as_os_str().to_owned());
    let mut target = Target::create(&name, force)?;
    copy_bytes(input, member, &name, &mut target, progress)?;
    Ok(target)
}

/// Whether both paths lead to one file, which exists.
fn is_same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn names_that_go_down_only() {
        assert_eq!(parts("a/b/c.npy").unwrap(), ["a", "b", "c.npy"]);
        for fine in [".npy", "...", "a..b", "kernel:0.npy", "~", "-", "a b", "é"] {
            assert!(parts(fine).is_ok(), "{fine:?}");
        }
        for refused in [
            "",
            "/",
            "/a",
            "//a",
            "..",
            "../a",
            "a/../b",
            "a/..",
            ".",
            "./a",
            "a/./b",
            "a//b",
            "a/",
            "C:a",
            "c:/a",
            "C:\\a",
            "a\\b",
            "..\\a",
            "\\\\host\\a",
            "a\0b",
        ] {
            assert!(parts(refused).is_err(), "{refused:?}");
        }
    }
}
