//! Patterns in the names of files, which shells on Windows do not expand.
//!
//! They are expanded after the command line is parsed, so only the names of input files are expanded: never an
//! option's value, a member or the name of an output file. Quotes make no difference: PowerShell removes them, and
//! file names on Windows cannot contain `*` and `?`. Brackets can be in a name, and such a file takes precedence.

use crate::address::{Address, ErrorContext, FileArg, NamedInput};
use anyhow::ensure;
use glob::{MatchOptions, Pattern, glob_with};

/// Case does not count in names there, and the temporary files of other writers begin with a dot.
const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: false,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// Where several files may be given.
pub(super) fn expand_all(addresses: &mut Vec<Address>) {
    *addresses = addresses.iter().flat_map(matching_addresses).collect();
}

/// Where one file is read.
pub(super) fn expand_one(name: &mut FileArg) -> anyhow::Result<()> {
    let mut files = matching_files(name);
    ensure!(
        files.len() < 2,
        name.error(format_args!(
            "{} files match this pattern, and one is expected here",
            files.len()
        ))
    );
    if let Some(file) = files.pop() {
        *name = file;
    }
    Ok(())
}

/// The same member of each file that matches.
fn matching_addresses(address: &Address) -> Vec<Address> {
    let files = matching_files(&address.name);
    if files.is_empty() {
        return vec![address.clone()];
    }
    let same_member = |name| Address {
        name,
        member: address.member.clone(),
    };
    files.into_iter().map(same_member).collect()
}

pub(super) fn expand_named(source: &NamedInput) -> Vec<NamedInput> {
    let same_name = |address| NamedInput {
        name: source.name.clone(),
        address,
    };
    matching_addresses(&source.address)
        .into_iter()
        .map(same_name)
        .collect()
}

/// The files that match, sorted; none where the name is not a pattern.
fn matching_files(name: &FileArg) -> Vec<FileArg> {
    let Some(text) = name.path().to_str() else {
        return Vec::new();
    };
    if !text.contains(['*', '?', '[']) || name.is_remote() || name.path().exists() {
        return Vec::new();
    }
    // In `data[1]\*.npy` the brackets are part of a folder's name, if there is such a folder.
    let found = glob_files(&with_literal_brackets(text));
    if found.is_empty() {
        return glob_files(text);
    }
    found
}

fn with_literal_brackets(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '[' | ']' => Pattern::escape(c.encode_utf8(&mut [0; 4])),
        c => c.to_string(),
    });
    escaped.collect()
}

/// What matches a pattern. What is not one, and folders that cannot be read, match nothing.
fn glob_files(pattern: &str) -> Vec<FileArg> {
    let paths = glob_with(pattern, OPTIONS).into_iter().flatten().flatten();
    paths.map(|path| path.into_os_string().into()).collect()
}
