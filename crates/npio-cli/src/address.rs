//! Addresses on the command line: a file, or a member of an archive.

use crate::output::escaped;
use npio::compressed::inner_name;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::Path;

/// The separator between the name of an archive and that of a member.
const SEPARATOR: &str = "::";

/// The name of a file: a path, of any bytes that the system allows, or `-`.
#[derive(Clone, Debug)]
pub(crate) struct FileArg(OsString);

impl FileArg {
    /// Whether it is standard input or output.
    pub(crate) fn is_stdio(&self) -> bool {
        self.0 == "-"
    }

    pub(crate) fn path(&self) -> &Path {
        Path::new(&self.0)
    }
}

/// What an error is about: a file, or a member of an archive. The message is one line that begins with its name.
pub(crate) trait ErrorContext {
    /// An error with this message, which is safe for a terminal.
    fn error(&self, message: impl fmt::Display) -> anyhow::Error;

    /// An error with this message, which may contain anything.
    fn escaped_error(&self, message: impl fmt::Display) -> anyhow::Error {
        self.error(escaped(&message.to_string()))
    }
}

impl ErrorContext for FileArg {
    fn error(&self, message: impl fmt::Display) -> anyhow::Error {
        anyhow::anyhow!("{self}: {message}")
    }
}

impl From<OsString> for FileArg {
    fn from(name: OsString) -> FileArg {
        FileArg(name)
    }
}

/// Its text, safe for a terminal.
impl fmt::Display for FileArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escaped(&self.0.to_string_lossy()))
    }
}

/// Spells `-::MEMBER` as `::MEMBER`, which would otherwise be taken for an option.
pub(crate) fn not_an_option(argument: OsString) -> OsString {
    match argument.to_str().and_then(|text| text.strip_prefix('-')) {
        Some(rest) if rest.starts_with(SEPARATOR) => rest.into(),
        _ => argument,
    }
}

/// `FILE`, or `FILE::MEMBER`.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) name: FileArg,
    pub(crate) member: Option<String>,
}

/// The last `::` separates a member, unless a file of the whole name exists. This is never checked on Windows: file
/// names have no colons there, but `x.npy::$DATA` is the file `x.npy`.
impl From<OsString> for Address {
    fn from(text: OsString) -> Address {
        let parts = split(&text, SEPARATOR).filter(|_| cfg!(windows) || !Path::new(&text).exists());
        let (name, member) = match parts {
            Some((file, member)) if file.is_empty() => ("-".into(), Some(member)),
            Some((file, member)) => (file, Some(member)),
            None => (text, None),
        };
        let name = FileArg(name);
        Address { name, member }
    }
}

impl Address {
    /// Its name in an archive: the member's name, or the file's without its suffix, and without that of a compressed
    /// file.
    pub(crate) fn stem(&self) -> Option<String> {
        match &self.member {
            Some(member) => Some(member.strip_suffix(".npy").unwrap_or(member).to_owned()),
            None if self.name.is_stdio() => None,
            None => {
                let path = inner_name(self.name.path());
                Some(path.file_stem()?.to_str()?.to_owned())
            }
        }
    }
}

/// `[NAME=]ADDRESS`: an array, and the name it gets.
#[derive(Clone, Debug)]
pub(crate) struct NamedInput {
    pub(crate) name: Option<String>,
    pub(crate) address: Address,
}

/// The first `=` follows a name, unless a file of the whole name exists.
impl From<OsString> for NamedInput {
    fn from(text: OsString) -> NamedInput {
        let address = Address::from(text.clone());
        if address.name.path().exists() {
            return NamedInput {
                name: None,
                address,
            };
        }
        match split_first(&text, "=") {
            Some((name, rest)) => NamedInput {
                name: Some(name),
                address: rest.into(),
            },
            None => NamedInput {
                name: None,
                address,
            },
        }
    }
}

/// The parts before and after the last separator, if the one after it is text.
fn split(text: &OsStr, separator: &str) -> Option<(OsString, String)> {
    let bytes = text.as_encoded_bytes();
    let at = bytes
        .windows(separator.len())
        .rposition(|window| window == separator.as_bytes())?;
    let member = bytes.get(at + separator.len()..)?;
    let member = str::from_utf8(member).ok()?.to_owned();
    Some((from_bytes(bytes.get(..at)?)?, member))
}

/// The parts before and after the first separator, if the one before it is text.
fn split_first(text: &OsStr, separator: &str) -> Option<(String, OsString)> {
    let bytes = text.as_encoded_bytes();
    let at = bytes
        .windows(separator.len())
        .position(|window| window == separator.as_bytes())?;
    let name = str::from_utf8(bytes.get(..at)?).ok()?.to_owned();
    Some((name, from_bytes(bytes.get(at + separator.len()..)?)?))
}

/// A name of these bytes.
#[cfg(unix)]
pub(crate) fn from_bytes(bytes: &[u8]) -> Option<OsString> {
    use std::os::unix::ffi::OsStrExt;
    Some(OsStr::from_bytes(bytes).to_owned())
}

/// On other systems, names that are not Unicode have no members.
#[cfg(not(unix))]
pub(crate) fn from_bytes(bytes: &[u8]) -> Option<OsString> {
    Some(str::from_utf8(bytes).ok()?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let address = |text: &str| {
            let address = Address::from(OsString::from(text));
            (address.name.to_string(), address.member)
        };
        let some = |file: &str, member: &str| (file.to_owned(), Some(member.to_owned()));
        assert_eq!(address("x.npy"), ("x.npy".into(), None));
        assert_eq!(address("x.npz::a"), some("x.npz", "a"));
        assert_eq!(address("a::b.npz::c/d.npy"), some("a::b.npz", "c/d.npy"));
        assert_eq!(address("-::a"), some("-", "a"));
        assert_eq!(address("::a"), some("-", "a"));
        assert_eq!(not_an_option("-::a".into()), "::a");
        assert_eq!(not_an_option("--full".into()), "--full");
        assert_eq!(address("x.npz::"), some("x.npz", ""));
    }

    #[test]
    fn names_before_addresses() {
        let named = |text: &str| {
            let named = NamedInput::from(OsString::from(text));
            (named.name, named.address.name.to_string())
        };
        assert_eq!(named("x.npy"), (None, "x.npy".into()));
        assert_eq!(named("a=x=y.npy"), (Some("a".into()), "x=y.npy".into()));
    }
}
