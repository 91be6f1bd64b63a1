//! The archives among the fixtures with NumPy's results for each; every way to read one.

use crate::cases::{TOO_LONG, lengths};
use crate::sha256;
use flatfile::dtype::Order;
use flatfile::{Array, ReadAt};
use npz::{Archive, Error, ErrorKind, Member, Stream};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;

/// One archive of the fixtures.
#[derive(Debug, Deserialize)]
pub struct Archived {
    /// Unique in its folder.
    pub name: String,
    /// Its file, in the same folder as the manifest.
    pub file: String,
    /// NumPy's error, if it cannot open the archive.
    pub error: Option<serde_json::Value>,
    /// The names as NumPy lists them.
    #[serde(default)]
    pub files: Vec<String>,
    /// SHA-256 of NumPy's value for each name; `None` if that is an error.
    #[serde(default)]
    pub keys: BTreeMap<String, Option<String>>,
    /// The directory's entries as Python's zipfile reads them.
    #[serde(default)]
    pub members: Vec<Answered>,
    #[serde(skip)]
    folder: String,
}

/// NumPy's result for one member.
#[derive(Debug, Deserialize)]
pub struct Answered {
    /// The name in the archive.
    pub name: String,
    /// Its compression method.
    pub method: u16,
    /// Its size in bytes.
    pub size: u64,
    /// Its compressed size in bytes.
    pub compressed: u64,
    /// The CRC-32 in the directory.
    pub crc: u32,
    /// NumPy's error.
    pub error: Option<serde_json::Value>,
    /// Of an array.
    pub descr: Option<String>,
    /// Only for arrays.
    #[serde(default, deserialize_with = "lengths")]
    pub shape: Vec<usize>,
    /// SHA-256 of an array's items in C order.
    pub sha256_c: Option<String>,
    /// SHA-256 of other members.
    pub sha256: Option<String>,
}

impl Archived {
    /// The path of the file.
    pub fn path(&self) -> std::path::PathBuf {
        crate::fixtures().join(&self.folder).join(&self.file)
    }

    /// The contents of the file.
    ///
    /// # Panics
    /// If it cannot be read.
    pub fn bytes(&self) -> Vec<u8> {
        fs::read(self.path()).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

/// The archive with names in UTF-8 that it no longer declares to be that.
pub fn undeclared(archive: &[u8]) -> Vec<u8> {
    const UTF8: u8 = 8;
    let mut bytes = archive.to_owned();
    for (signature, flags) in [(b"PK\x03\x04", 7), (b"PK\x01\x02", 9)] {
        let headers = archive.windows(signature.len()).enumerate();
        for (at, _) in headers.filter(|(_, window)| window == signature) {
            if let Some(flags) = bytes.get_mut(at + flags) {
                *flags &= !UTF8;
            }
        }
    }
    bytes
}

/// All archives of one folder, `npz` or `hostile-npz`, except those with arrays that are too long for this machine.
///
/// # Panics
/// If the manifest cannot be read.
pub fn archives(folder: &str) -> Vec<Archived> {
    #[derive(Deserialize)]
    struct Manifest {
        cases: Vec<Archived>,
    }
    let path = crate::fixtures().join(folder).join("MANIFEST.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let manifest: Result<Manifest, _> = serde_json::from_str(&text);
    let mut cases = manifest
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        .cases;
    for case in &mut cases {
        folder.clone_into(&mut case.folder);
    }
    let is_here = |member: &Answered| !member.shape.contains(&TOO_LONG);
    cases.retain(|case| case.members.iter().all(is_here));
    cases
}

/// The contents of a member.
#[derive(Clone, Debug)]
pub enum Content {
    /// An array.
    Array(Array),
    /// Not an array.
    Bytes(Vec<u8>),
}

impl PartialEq for Content {
    fn eq(&self, other: &Content) -> bool {
        match (self, other) {
            (Content::Array(one), Content::Array(other)) => {
                one.layout() == other.layout() && one.as_bytes() == other.as_bytes()
            }
            (Content::Bytes(one), Content::Bytes(other)) => one == other,
            _ => false,
        }
    }
}

impl Content {
    /// The contents of a member, read to its end.
    ///
    /// # Errors
    /// The error of the member.
    pub fn of<S: ReadAt>(member: &Member<'_, S>) -> Result<Content, Error> {
        match member.read() {
            Err(error) if matches!(error.kind(), ErrorKind::NotArray) => {
                member.bytes().map(Content::Bytes)
            }
            read => read.map(Content::Array),
        }
    }

    /// SHA-256 of the bytes, those of an array's items in C order.
    ///
    /// # Panics
    /// If there is no memory for them.
    pub fn sha256(&self) -> String {
        match self {
            Content::Array(array) => {
                let items = array.to_order(Order::C).expect("little memory");
                sha256(items.as_bytes())
            }
            Content::Bytes(bytes) => sha256(bytes),
        }
    }

    /// Whether NumPy's result is the same.
    pub fn is(&self, answer: &Answered) -> bool {
        match self {
            Content::Array(array) => {
                answer.descr == Some(array.dtype().descr().to_string())
                    && answer.shape == array.shape()
                    && answer.sha256_c == Some(self.sha256())
            }
            Content::Bytes(_) => answer.sha256 == Some(self.sha256()),
        }
    }
}

/// Each member's name in the archive, and its contents.
pub type Contents = Vec<(String, Content)>;

/// All members of an archive.
///
/// # Errors
/// The first error.
pub fn contents<S: ReadAt>(archive: &Archive<S>) -> Result<Contents, Error> {
    let read = |member: Member<'_, S>| Ok((member.file_name().to_owned(), Content::of(&member)?));
    archive.members().map(read).collect()
}

/// All members of an archive that is streamed to its end in one pass. Members named `.npy` are read as
/// arrays.
///
/// # Errors
/// The first error.
pub fn streamed(source: impl Read) -> Result<Contents, Error> {
    let mut stream = Stream::new(source);
    let mut contents = Vec::new();
    while let Some(member) = stream.next_member()? {
        let name = member.file_name().to_owned();
        let content = if name.ends_with(".npy") {
            Content::Array(member.read()?)
        } else {
            let bytes = member.bytes()?;
            match flatfile::npy::read(&bytes[..]) {
                Ok(array) => Content::Array(array),
                Err(_) => Content::Bytes(bytes),
            }
        };
        contents.push((name, content));
    }
    stream.finish()?;
    Ok(contents)
}
