//! Names of arrays, and the groups that they make: [`Names`].

use super::ZarrFormat;
use super::error::ErrorKind;
use std::collections::{BTreeSet, HashSet};

/// What Zarr calls its metadata, beside the chunks.
const METADATA: [&str; 5] = [".zarray", ".zattrs", ".zgroup", ".zmetadata", "zarr.json"];

/// The names that are used.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    arrays: HashSet<String>,
    groups: BTreeSet<String>,
}

impl Names {
    /// Adds that of an array, and of the groups that it is in.
    pub(super) fn add(&mut self, name: &str, format: ZarrFormat) -> Result<(), ErrorKind> {
        for part in name.split('/') {
            check(part, format)?;
        }
        if self.arrays.contains(name) {
            return Err(ErrorKind::NameUsed);
        }
        if self.groups.contains(name) {
            return Err(ErrorKind::ArrayAndGroup(name.to_owned()));
        }
        if let Some(group) = groups_of(name).find(|group| self.arrays.contains(*group)) {
            return Err(ErrorKind::ArrayAndGroup(group.to_owned()));
        }
        self.groups.extend(groups_of(name).map(str::to_owned));
        self.arrays.insert(name.to_owned());
        Ok(())
    }

    /// The groups, each after those that it is in; the root, which has no name, is not among them.
    pub(super) fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().map(String::as_str)
    }
}

/// The groups that an array of this name is in, from the outermost on.
fn groups_of(name: &str) -> impl Iterator<Item = &str> {
    let slashes = name.match_indices('/');
    slashes.filter_map(|(at, _)| name.get(..at))
}

/// The group that an array is in, and its name there.
pub(super) fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('/').unwrap_or(("", name))
}

/// Checks the name of an array or a group in another group.
fn check(part: &str, format: ZarrFormat) -> Result<(), ErrorKind> {
    let reason = if part.is_empty() {
        "it is empty"
    } else if matches!(part, "." | "..") {
        "it leads to another group"
    } else if part.contains('\\') {
        "a backslash is read as a slash"
    } else if METADATA.contains(&part) {
        "it is that of metadata"
    } else if part.starts_with("__") && format == ZarrFormat::V3 {
        "those that begin with __ are reserved"
    } else {
        return Ok(());
    };
    let part = part.to_owned();
    Err(ErrorKind::Name { part, reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_groups() {
        let mut names = Names::default();
        names.add("model/layer 1/weight", ZarrFormat::V2).unwrap();
        names.add("model/bias", ZarrFormat::V2).unwrap();
        assert_eq!(
            names.groups().collect::<Vec<_>>(),
            ["model", "model/layer 1"]
        );
        let mut refused = |name: &str| names.add(name, ZarrFormat::V3).unwrap_err();
        assert_eq!(refused("model/bias"), ErrorKind::NameUsed);
        assert_eq!(refused("model"), ErrorKind::ArrayAndGroup("model".into()));
        let within = ErrorKind::ArrayAndGroup("model/bias".into());
        assert_eq!(refused("model/bias/0"), within);
        for wrong in [
            "",
            "/a",
            "a/",
            "a//b",
            ".",
            "a/../b",
            "a\\b",
            ".zarray",
            "a/zarr.json",
            "__a",
        ] {
            assert!(matches!(refused(wrong), ErrorKind::Name { .. }), "{wrong}");
        }
        assert_eq!(names.groups().count(), 2);
        names.add("__a", ZarrFormat::V2).unwrap();
    }
}
