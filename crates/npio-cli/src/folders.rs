//! The files of arrays in folders.

use crate::address::{Address, FileArg};
use crate::source::SAFETENSORS;
use npio::compressed::inner_name;
use npio::layout_in_name;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The suffixes of files that are arrays for sure. Texts may be anything.
const SUFFIXES: [&str; 3] = ["npy", "npz", SAFETENSORS];

/// Which folders are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Folders {
    /// Those that are named.
    Named,
    /// These, and all folders in them.
    Recursive,
}

/// The addresses with the files of arrays in folders in place of these, in the order of their names. What begins with a
/// dot is left out, and links to folders are not followed. A folder that cannot be read stays, for the error.
pub(crate) fn expand_folders(addresses: &[Address], folders: Folders) -> Vec<Address> {
    let mut found = Vec::new();
    for address in addresses {
        let name = &address.name;
        let is_folder = address.member.is_none() && !name.is_stdio() && name.path().is_dir();
        if !is_folder || add_files(name.path(), folders, &mut found).is_err() {
            found.push(address.clone());
        }
    }
    found
}

/// The files of arrays in a folder; the empty path is the current one.
pub(crate) fn files_in(folder: &Path, folders: Folders) -> io::Result<Vec<Address>> {
    let mut found = Vec::new();
    add_files(folder, folders, &mut found)?;
    Ok(found)
}

fn add_files(folder: &Path, folders: Folders, found: &mut Vec<Address>) -> io::Result<()> {
    let listed = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let entries = fs::read_dir(listed)?;
    let names = entries.map(|entry| Ok(entry?.file_name()));
    let mut names: Vec<OsString> = names.collect::<io::Result<_>>()?;
    names.sort_unstable();
    for name in names {
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        // Standard input has that name.
        let path = if folder.as_os_str().is_empty() && name == "-" {
            PathBuf::from("./-")
        } else {
            folder.join(&name)
        };
        let is_folder = path.symlink_metadata().is_ok_and(|found| found.is_dir());
        if is_folder && folders == Folders::Recursive {
            // One that cannot be read is reported when it is opened as a file.
            if add_files(&path, folders, found).is_err() {
                found.push(file_address(path));
            }
        } else if is_array_file(&path) && path.metadata().is_ok_and(|found| found.is_file()) {
            found.push(file_address(path));
        }
    }
    Ok(())
}

fn file_address(path: PathBuf) -> Address {
    Address {
        name: FileArg::from(path.into_os_string()),
        member: None,
    }
}

/// Whether the name is that of arrays, also in a compressed file.
pub(crate) fn is_array_file(path: &Path) -> bool {
    let inner = inner_name(path);
    let suffix = inner.extension().and_then(|suffix| suffix.to_str());
    suffix.is_some_and(|suffix| SUFFIXES.contains(&suffix)) || layout_in_name(&inner).is_some()
}
