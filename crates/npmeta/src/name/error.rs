//! What can be wrong with a name.

use dtype::Layout;
use dtype::python::quoted;
use std::fmt;

/// Why a name says no layout, or a layout has no name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<ErrorKind>);

/// The kinds of [`Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The name is not of the form.
    NoLayout {
        /// The name.
        name: String,
        /// What it should have been like.
        pattern: String,
    },
    /// The name says a layout that cannot be.
    Layout {
        /// The name.
        name: String,
        /// What is wrong.
        source: dtype::Error,
    },
    /// The name says another layout than the array has.
    OtherLayout {
        /// What the name says.
        named: Layout,
        /// What the array has.
        found: Layout,
    },
    /// No name of this form says the layout.
    NotNamed {
        /// What it should have been like.
        pattern: String,
        /// Why not.
        why: &'static str,
    },
    /// The pattern is none.
    Pattern {
        /// The pattern.
        pattern: String,
        /// The byte at which it goes wrong.
        offset: usize,
        /// What is wrong.
        why: &'static str,
    },
}

impl Error {
    /// What is wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// The same of the name with its suffix.
    pub(super) fn of(mut self, file_name: &str) -> Error {
        if let ErrorKind::NoLayout { name, .. } | ErrorKind::Layout { name, .. } = &mut *self.0 {
            file_name.clone_into(name);
        }
        self
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Error {
        Error(Box::new(kind))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            ErrorKind::NoLayout { name, pattern } => {
                write!(f, "{} says no layout: expected {pattern}", quoted(name))
            }
            ErrorKind::Layout { name, source } => {
                write!(f, "{} says a layout that cannot be: {source}", quoted(name))
            }
            ErrorKind::OtherLayout { named, found } => write!(
                f,
                "the file's name says {} of shape {}, the array is {} of shape {}",
                named.dtype(),
                named.shape_tuple(),
                found.dtype(),
                found.shape_tuple()
            ),
            ErrorKind::NotNamed { pattern, why } => {
                write!(f, "no name of the form {pattern} says this: {why}")
            }
            ErrorKind::Pattern {
                pattern,
                offset,
                why,
            } => write!(
                f,
                "{} is no pattern: {why}, at byte {offset}",
                quoted(pattern)
            ),
        }
    }
}

impl std::error::Error for Error {}
