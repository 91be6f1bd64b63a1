//! The faults of an archive, and their places.

use crate::archive::Archive;
use crate::error::{Error, ErrorKind};
use crate::member::{Member, threads_for_all};
use flatfile::ReadAt;
use flatfile::threads::parallel_map;
use std::convert::Infallible;
use std::fmt;

/// The alignment that lets data of any type be viewed in place.
const ALIGNMENT: u64 = 64;

/// A finding about a member.
#[derive(Debug)]
pub struct Issue {
    /// The member's name, without `.npy`.
    pub member: String,
    /// The finding.
    pub kind: IssueKind,
}

/// The kinds of [`Issue`].
#[derive(Debug)]
#[non_exhaustive]
pub enum IssueKind {
    /// It cannot be read, or differs from what was written.
    Error(Error),
    /// Several members have its name.
    Duplicate,
    /// There are bytes after the array.
    Trailing {
        /// The number of bytes.
        bytes: u64,
    },
    /// Its name is that of an array, but it is not one.
    NotArray,
    /// The items do not begin at a multiple of 64 bytes from the beginning of the archive, so they may have
    /// to be copied.
    Unaligned {
        /// The offset at which they begin.
        offset: u64,
    },
    /// It is a pickle of objects, which was not inspected.
    Pickle,
}

impl Issue {
    /// Whether the archive is faulty, rather than unusual.
    pub fn is_wrong(&self) -> bool {
        !matches!(self.kind, IssueKind::Unaligned { .. } | IssueKind::Pickle)
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let member = flatfile::dtype::python::quoted(&self.member);
        match &self.kind {
            IssueKind::Error(error) => error.fmt(f),
            IssueKind::Duplicate => write!(f, "member {member}: another one has this name, too"),
            IssueKind::Trailing { bytes } => {
                write!(f, "member {member}: {bytes} bytes follow the array")
            }
            IssueKind::NotArray => {
                write!(
                    f,
                    "member {member}: it is named .npy, but is not a .npy file"
                )
            }
            IssueKind::Unaligned { offset } => write!(
                f,
                "member {member}: the data begins at byte {offset}, which is not a multiple of {ALIGNMENT}"
            ),
            IssueKind::Pickle => {
                write!(f, "member {member}: the pickle was not checked")
            }
        }
    }
}

impl<S: ReadAt> Archive<S> {
    /// Reads every member from its beginning to its end, several at once, and returns the faults found.
    pub fn verify(&self) -> Vec<Issue> {
        let members: Vec<_> = self.members().collect();
        let threads = threads_for_all(&members);
        let Ok(issues) = parallel_map(members, threads, |member| {
            Ok::<_, Infallible>(member.issues())
        });
        issues.into_iter().flatten().collect()
    }
}

impl<S: ReadAt> Member<'_, S> {
    /// Reads it from its beginning to its end, and returns the faults found: its part of
    /// [`Archive::verify`].
    pub fn issues(&self) -> Vec<Issue> {
        let mut kinds = Vec::new();
        collect_issues(self, &mut kinds).unwrap_or_else(|error| {
            kinds.push(IssueKind::Error(error.with_member(self.name())));
        });
        if self.is_duplicate() {
            kinds.push(IssueKind::Duplicate);
        }
        let issue = |kind| Issue {
            member: self.name().to_owned(),
            kind,
        };
        kinds.into_iter().map(issue).collect()
    }
}

fn collect_issues<S: ReadAt>(
    member: &Member<'_, S>,
    found: &mut Vec<IssueKind>,
) -> Result<(), Error> {
    let array = match member.open() {
        Err(error) if matches!(error.kind(), ErrorKind::NotArray) => {
            if member.is_npy() {
                found.push(IssueKind::NotArray);
            }
            return member.verify();
        }
        array => array?,
    };
    let (layout, left) = (array.layout().clone(), array.source().data_size());
    let offset = array.data_offset();
    let reader = array.into_source().into_reader()?;
    if layout.dtype().has_object() {
        found.push(IssueKind::Pickle);
        return reader.finish();
    }
    if let Some(offset) = offset.filter(|at| !at.is_multiple_of(ALIGNMENT)) {
        found.push(IssueKind::Unaligned { offset });
    }
    let expected = layout.nbytes() as u64;
    match left.checked_sub(expected) {
        None => {
            let found = left;
            return Err(
                flatfile::Error::from(flatfile::ErrorKind::Short { expected, found }).into(),
            );
        }
        Some(0) => {}
        Some(bytes) => found.push(IssueKind::Trailing { bytes }),
    }
    reader.finish()
}
