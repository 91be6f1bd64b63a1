//! The names of members as paths: which of them a system can hold, and which of them are the same file
//! there.
//!
//! The rules take the system as a value, so that any system can test them for all.

use npio::dtype::python::quoted;
use std::collections::HashMap;

/// A system, reduced to its rules for file names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    /// A name is bytes, and two names are equal if their bytes are.
    Unix,
    /// Case and the composition of Unicode characters are ignored.
    MacOs,
    /// Case is ignored, dots and spaces at the end are dropped, and some names are devices.
    Windows,
}

/// Windows allows none of these in a name, and no control characters.
const WINDOWS_FORBIDS: [char; 7] = ['<', '>', ':', '"', '|', '?', '*'];

/// Windows devices, which exist in every folder, also with an extension. COM and LPT are followed by a
/// digit.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

impl System {
    /// The one that this program runs on.
    pub(crate) const THIS: System = if cfg!(windows) {
        System::Windows
    } else if cfg!(target_vendor = "apple") {
        System::MacOs
    } else {
        System::Unix
    };

    /// The names of the folders and the file in a member's name, which are separated by `/`. None of them is empty,
    /// `.` or `..`, and none contains a separator of another system, so a path of them only goes down.
    fn parts(self, name: &str) -> Result<Vec<&str>, String> {
        let is_drive =
            matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
        if name.starts_with('/') {
            return Err("the name is that of an absolute path".into());
        }
        if is_drive {
            return Err("the name has a drive".into());
        }
        if name.contains('\\') {
            return Err("the name has a backslash".into());
        }
        if name.contains('\0') {
            return Err("the name has a NUL".into());
        }
        name.split('/').map(|part| self.part(part)).collect()
    }

    /// One part of a name, as the system stores it.
    fn part(self, part: &str) -> Result<&str, String> {
        if part == ".." {
            return Err("the name has a '..'".into());
        }
        if part.is_empty() || part == "." {
            return Err("a part of the name is empty or '.'".into());
        }
        if self != System::Windows {
            return Ok(part);
        }
        if let Some(c) = part.chars().find(|c| is_forbidden(*c)) {
            let c = c.to_string();
            return Err(format!(
                "the name has a {}, which Windows does not allow",
                quoted(&c)
            ));
        }
        if is_device(part) {
            return Err(format!("Windows has a device called {}", quoted(part)));
        }
        // The system drops them itself, unless it is given a verbatim path: `w.npy.` is `w.npy`, and `.. ` is `..`.
        let stored = part.trim_end_matches(['.', ' ']);
        if stored.is_empty() {
            return Err("a part of the name is only dots and spaces, which Windows drops".into());
        }
        Ok(stored)
    }

    /// A text that is equal for two parts that name the same file.
    ///
    /// A program cannot know the table with which a volume folds case: it depends on the version that formatted it.
    /// So this folds more than any table does. If it is wrong, two files that could be distinguished are listed and
    /// not written; the opposite mistake would lose one of them.
    fn key(self, part: &str) -> String {
        match self {
            System::Unix => part.to_owned(),
            // APFS folds like Unicode: "ß" is "ss". HFS+ ignores some characters.
            System::MacOs => {
                let seen: String = part.chars().filter(|c| !is_ignorable(*c)).collect();
                let upper = decomposed(&seen).to_uppercase();
                let lower: String = upper.chars().flat_map(char::to_lowercase).collect();
                decomposed(&lower)
            }
            // NTFS compares UTF-16 units in upper case, one for one: "ß" is not "ss".
            System::Windows => {
                let upper = part.chars().map(|c| single_or(c.to_uppercase(), c));
                upper.map(|c| single_or(c.to_lowercase(), c)).collect()
            }
        }
    }
}

/// The only character of these, or else `c`.
fn single_or(mut chars: impl Iterator<Item = char>, c: char) -> char {
    match (chars.next(), chars.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

fn is_forbidden(c: char) -> bool {
    c < ' ' || WINDOWS_FORBIDS.contains(&c)
}

/// Whether Windows takes this part of a name for a device: the part before the first dot decides.
fn is_device(part: &str) -> bool {
    let base = part.split('.').next().unwrap_or_default();
    let base = base.trim_end_matches(' ').to_ascii_uppercase();
    let port = base.strip_prefix("COM").or(base.strip_prefix("LPT"));
    let is_port = port.is_some_and(|number| {
        let mut chars = number.chars();
        let digit = chars.next();
        digit.is_some_and(|c| matches!(c, '0'..='9' | '¹' | '²' | '³')) && chars.next().is_none()
    });
    is_port || DEVICES.contains(&base.as_str())
}

/// Invisible characters, which HFS+ ignores when it compares names.
fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

/// The text with every character fully decomposed (NFD).
#[cfg(any(test, target_vendor = "apple"))]
fn decomposed(text: &str) -> String {
    unicode_normalization::UnicodeNormalization::nfd(text).collect()
}

/// Only macOS compares this way, and only there the tables are compiled in.
#[cfg(not(any(test, target_vendor = "apple")))]
fn decomposed(text: &str) -> String {
    text.to_owned()
}

/// A member: its name, and whether it is only an entry for a folder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MemberName<'a> {
    pub(crate) name: &'a str,
    pub(crate) is_folder: bool,
}

/// A file or folder in the names of members.
#[derive(Debug, Default)]
struct PathNode {
    /// The first two members that are a file here.
    files: [Option<usize>; 2],
    /// A member that needs a folder here.
    folder: Option<usize>,
}

/// The path of each member below a folder, or why the member is not written: its name is refused on this system, or
/// it is the same file there as another one. It is unknown which of those is meant, so none is written.
pub(crate) fn paths<'a>(
    entries: &[MemberName<'a>],
    system: System,
) -> Vec<Result<Vec<&'a str>, String>> {
    // A tree, because separate texts for all prefixes of a name would take the square of its length.
    let mut nodes = vec![PathNode::default()];
    let mut children = HashMap::new();
    let mut located = Vec::new();
    for (i, entry) in entries.iter().enumerate() {
        let name = if entry.is_folder {
            entry.name.trim_end_matches('/')
        } else {
            entry.name
        };
        let parts = system.parts(name);
        let mut path_nodes = Vec::new();
        let mut parent = 0;
        for part in parts.iter().flatten() {
            let node = children.entry((parent, system.key(part)));
            parent = *node.or_insert_with(|| {
                nodes.push(PathNode::default());
                nodes.len() - 1
            });
            path_nodes.push(parent);
        }
        let folders = if entry.is_folder {
            path_nodes.as_slice()
        } else {
            path_nodes
                .split_last()
                .map_or(&[][..], |(_, folders)| folders)
        };
        for node in folders {
            if let Some(node) = nodes.get_mut(*node) {
                node.folder.get_or_insert(i);
            }
        }
        let file = path_nodes.last().filter(|_| !entry.is_folder);
        let file = file.and_then(|node| nodes.get_mut(*node));
        let free = file.and_then(|node| node.files.iter_mut().find(|file| file.is_none()));
        if let Some(free) = free {
            *free = Some(i);
        }
        located.push((parts, path_nodes));
    }
    let checked = located
        .into_iter()
        .enumerate()
        .map(|(i, (parts, path_nodes))| {
            let parts = parts?;
            match collision(i, entries, &nodes, &path_nodes) {
                Some(why) => Err(why),
                None => Ok(parts),
            }
        });
    checked.collect()
}

/// The conflict that makes a member's path ambiguous.
fn collision(
    i: usize,
    entries: &[MemberName<'_>],
    nodes: &[PathNode],
    path_nodes: &[usize],
) -> Option<String> {
    let own = entries.get(i)?;
    let other = |j: usize| entries.get(j).map(|other| other.name).unwrap_or_default();
    let (file, folders) = path_nodes.split_last()?;
    let file = nodes.get(*file)?;
    if let Some(j) = file.files.iter().flatten().find(|j| **j != i) {
        return Some(if other(*j) == own.name {
            "another member has this name, too".into()
        } else {
            format!("here {} is the same file", quoted(other(*j)))
        });
    }
    if let Some(j) = file.folder.filter(|j| *j != i) {
        return Some(format!("{} needs a folder of this name", quoted(other(j))));
    }
    let mut files = folders.iter().filter_map(|node| nodes.get(*node)?.files[0]);
    let j = files.next()?;
    Some(format!("{} is a file, not a folder", quoted(other(j))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use System::{MacOs, Unix, Windows};

    const ALL: [System; 3] = [Unix, MacOs, Windows];

    fn files<'a>(names: &[&'a str]) -> Vec<MemberName<'a>> {
        let entry = |name: &&'a str| MemberName {
            name,
            is_folder: false,
        };
        names.iter().map(entry).collect()
    }

    /// Which of these names are written.
    fn written<'a>(names: &[&'a str], system: System) -> Vec<&'a str> {
        let paths = paths(&files(names), system);
        let safe = names.iter().zip(paths).filter(|(_, path)| path.is_ok());
        safe.map(|(name, _)| *name).collect()
    }

    /// Asserts that these names are different files on some systems, and that none is written on the others.
    fn check_apart(names: &[&str], apart: &[System]) {
        for system in ALL {
            let expected = if apart.contains(&system) { names } else { &[] };
            assert_eq!(written(names, system), expected, "{system:?}");
        }
    }

    #[test]
    fn names_that_go_down_only() {
        for system in ALL {
            assert_eq!(
                system.parts("a/b/c.npy").unwrap(),
                ["a", "b", "c.npy"],
                "{system:?}"
            );
            for fine in [
                ".npy", "a..b", "~", "-", "a b", " a", "é", "COM", "COM10", "NULL", "a.nul", "LPT⁴",
            ] {
                assert!(system.parts(fine).is_ok(), "{fine:?} {system:?}");
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
                assert!(system.parts(refused).is_err(), "{refused:?} {system:?}");
            }
        }
    }

    #[test]
    fn names_that_only_windows_refuses() {
        for name in [
            "...",
            ".. ",
            ".. /a",
            " ",
            "a/. /b",
            "kernel:0.npy",
            "a<b",
            "a>b",
            "a\"b",
            "a|b",
            "a?",
            "*",
            "a\nb",
            "\x1f",
            "CON",
            "con.npy",
            "Prn.a.b",
            "AUX /a",
            "a/nul",
            "NUL .npy",
            "com0",
            "COM9.npy",
            "com¹",
            "LPT².txt",
            "lpt³",
            "CONIN$",
            "conout$.npy",
        ] {
            for system in ALL {
                let is_fine = system.parts(name).is_ok();
                assert_eq!(is_fine, system != Windows, "{name:?} {system:?}");
            }
        }
    }

    #[test]
    fn dots_and_spaces_at_the_end() {
        assert_eq!(Windows.parts("a. ./w.npy. ").unwrap(), ["a", "w.npy"]);
        assert_eq!(Unix.parts("a. ./w.npy. ").unwrap(), ["a. .", "w.npy. "]);
        check_apart(&["w.npy", "w.npy.", "w.npy "], &[Unix, MacOs]);
        check_apart(&["a./b", "a/b"], &[Unix, MacOs]);
    }

    #[test]
    fn case() {
        check_apart(&["Weights.npy", "weights.npy"], &[Unix]);
        check_apart(&["Ä/é.npy", "ä/É.npy"], &[Unix]);
        check_apart(&["Σίσυφος", "ΣΊΣΥΦΟΣ"], &[Unix]);
        check_apart(&["straße", "STRASSE"], &[Unix, Windows]);
        // The Kelvin sign is a k in lower case, and the long s an S in upper case.
        check_apart(&["\u{212a}", "k"], &[Unix]);
        check_apart(&["\u{17f}", "s"], &[Unix]);
        // Two folders that become one.
        check_apart(&["A/x", "a/y"], &ALL);
        check_apart(&["A/x", "a/X"], &[Unix]);
    }

    #[test]
    fn composed_characters() {
        check_apart(&["\u{e9}", "e\u{301}"], &[Unix, Windows]);
        check_apart(&["\u{c9}", "e\u{301}"], &[Unix, Windows]);
        check_apart(&["\u{ac00}", "\u{1100}\u{1161}"], &[Unix, Windows]);
        check_apart(&["a\u{200d}b", "ab"], &[Unix, Windows]);
    }

    #[test]
    fn files_that_are_folders() {
        for system in ALL {
            for (names, safe) in [
                (["a", "a/b/c", "d"], ["d"]),
                (["a/b", "a/b/c", "a/d"], ["a/d"]),
                (["x", "x", "y"], ["y"]),
                (["a/../b", "b", "/c"], ["b"]),
            ] {
                assert_eq!(written(&names, system), safe, "{names:?} {system:?}");
            }
        }
        check_apart(&["a", "A/x"], &[Unix]);
        let folder = MemberName {
            name: "a/",
            is_folder: true,
        };
        let mut entries = files(&["a", "a/b", "c"]);
        entries[1] = folder;
        let is_fine: Vec<bool> = paths(&entries, Unix).iter().map(Result::is_ok).collect();
        assert_eq!(is_fine, [false, false, true]);
    }

    #[test]
    fn why() {
        let names = ["w", "w", "a", "A", "b", "b/c", "NUL", "x?"];
        let paths = paths(&files(&names), Windows);
        let why: Vec<&str> = paths
            .iter()
            .map(|path| path.as_ref().unwrap_err().as_str())
            .collect();
        assert_eq!(
            why,
            [
                "another member has this name, too",
                "another member has this name, too",
                "here 'A' is the same file",
                "here 'a' is the same file",
                "'b/c' needs a folder of this name",
                "'b' is a file, not a folder",
                "Windows has a device called 'NUL'",
                "the name has a '?', which Windows does not allow",
            ]
        );
    }

    /// A name of 65,535 bytes with 32,767 folders, many times: time and memory grow with the names' length.
    #[test]
    fn deep_names() {
        let names: Vec<String> = (0..20)
            .map(|i| format!("{}{i}", "a/".repeat(32_766)))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(written(&names, Windows), names);
    }
}
