//! Addresses on the command line: a file, or a member of an archive.

use crate::output::escaped;
use crate::{interrupt, remote};
use npio::RandomAccessFile;
use npio::compressed::inner_name;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::{fmt, io};

/// The separator between the name of an archive and that of a member.
const SEPARATOR: &str = "::";

/// The name of a file: a path, of any bytes that the system allows, or `-`, or the address of a remote object.
#[derive(Clone, Debug)]
pub(crate) struct FileArg {
    /// An address is without its credentials here.
    name: OsString,
    url: Option<String>,
}

impl FileArg {
    /// Whether it is standard input or output.
    pub(crate) fn is_stdio(&self) -> bool {
        self.name == "-"
    }

    /// Its path; of an address, what tells a format and a layout.
    pub(crate) fn path(&self) -> &Path {
        Path::new(&self.name)
    }

    /// Whether it is the address of a remote object.
    pub(crate) fn is_remote(&self) -> bool {
        self.url.is_some()
    }

    /// Opens it, if it is not standard input. Reads fail once the work should stop.
    pub(crate) fn open(&self) -> io::Result<RandomAccessFile> {
        match &self.url {
            Some(url) => remote::open(url),
            None => {
                let file = RandomAccessFile::open(self.path())?;
                Ok(file.cancelled_by(interrupt::token()))
            }
        }
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
        match name.to_str().filter(|text| host_end(text).is_some()) {
            Some(url) => FileArg {
                name: without_credentials(url).into(),
                url: Some(url.to_owned()),
            },
            None => FileArg { name, url: None },
        }
    }
}

/// Where the host or bucket of an address ends; `None` for a path.
fn host_end(text: &str) -> Option<usize> {
    let (scheme, rest) = text.split_once("://")?;
    let is_scheme = scheme.len() > 1 && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let host = rest.find('/').unwrap_or(rest.len());
    is_scheme.then_some(text.len() - rest.len() + host)
}

/// An address without its query, which may be a signature, and without user and password.
fn without_credentials(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let (shown, _) = url.split_at(end);
    let host = host_end(shown).unwrap_or(0);
    let (host, path) = shown.split_at(host);
    match (host.split_once("://"), host.rsplit_once('@')) {
        // Before it, Azure's addresses have the name of a container.
        (Some((scheme, _)), Some((_, host))) if scheme.starts_with("http") => {
            format!("{scheme}://{host}{path}")
        }
        _ => shown.to_owned(),
    }
}

/// Its text, safe for a terminal.
impl fmt::Display for FileArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escaped(&self.name.to_string_lossy()))
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

/// The last `::` separates a member, unless a file of the whole name exists; in a URL only after the host. This is never checked on Windows: file
/// names have no colons there, but `x.npy::$DATA` is the file `x.npy`.
impl From<OsString> for Address {
    fn from(text: OsString) -> Address {
        let parts = split(&text, SEPARATOR).filter(|_| cfg!(windows) || !Path::new(&text).exists());
        let (name, member) = match parts {
            Some((file, member)) if file.is_empty() => ("-".into(), Some(member)),
            Some((file, member)) => (file, Some(member)),
            None => (text, None),
        };
        let name = FileArg::from(name);
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
        if address.name.is_remote() || address.name.path().exists() {
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
    if text.to_str().and_then(host_end).is_some_and(|end| at < end) {
        return None;
    }
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
    fn addresses_of_remote_objects() {
        let address = |text: &str| {
            let address = Address::from(OsString::from(text));
            (address.name.url, address.name.name, address.member)
        };
        let url = |url: &str, shown: &str, member: Option<&str>| {
            (
                Some(url.to_owned()),
                shown.into(),
                member.map(str::to_owned),
            )
        };
        for (text, expected) in [
            ("s3://b/x.npz", url("s3://b/x.npz", "s3://b/x.npz", None)),
            (
                "s3://b/x.npz::a",
                url("s3://b/x.npz", "s3://b/x.npz", Some("a")),
            ),
            (
                "http://[::1]:8/x.npy",
                url("http://[::1]:8/x.npy", "http://[::1]:8/x.npy", None),
            ),
            (
                "http://[::1]/x::a",
                url("http://[::1]/x", "http://[::1]/x", Some("a")),
            ),
            (
                "https://h/x.npz?s=1::a",
                url("https://h/x.npz?s=1", "https://h/x.npz", Some("a")),
            ),
            (
                "https://me:pw@h/x@y?k",
                url("https://me:pw@h/x@y?k", "https://h/x@y", None),
            ),
            (
                "az://box@acc/x",
                url("az://box@acc/x", "az://box@acc/x", None),
            ),
        ] {
            assert_eq!(address(text), expected, "{text}");
        }
        let named = NamedInput::from(OsString::from("a=https://h/x?k=v"));
        assert_eq!(
            (named.name.as_deref(), named.address.name.url.as_deref()),
            (Some("a"), Some("https://h/x?k=v"))
        );
        let plain = NamedInput::from(OsString::from("https://h/x?k=v"));
        assert_eq!(
            (plain.name, plain.address.name.url.as_deref()),
            (None, Some("https://h/x?k=v"))
        );
        assert!(!FileArg::from(OsString::from("a/b://c")).is_remote());
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
