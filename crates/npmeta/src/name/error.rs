//! What can be wrong with a name.

use dtype::python::excerpt;
use dtype::{Layout, Order};
use std::fmt;

/// Why a name gives no layout, or a layout has no name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<ErrorKind>);

/// The kinds of [`Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The name does not have the form.
    NoLayout {
        /// The name.
        name: String,
        /// The expected form.
        pattern: String,
    },
    /// The name gives an impossible layout.
    Layout {
        /// The name.
        name: String,
        /// The fault in the layout.
        source: dtype::Error,
    },
    /// The name gives another layout than the array's.
    OtherLayout {
        /// The layout in the name.
        named: Layout,
        /// The array's layout.
        found: Layout,
    },
    /// No name of this form can express the layout.
    NotNamed {
        /// The form.
        pattern: String,
        /// The reason.
        why: &'static str,
    },
    /// The pattern is invalid.
    Pattern {
        /// The pattern.
        pattern: String,
        /// The byte position of the fault.
        offset: usize,
        /// The fault in the pattern.
        why: &'static str,
    },
}

impl Error {
    /// The kind of the error.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// The same error about the name with its suffix.
    pub(super) fn with_name(mut self, file_name: &str) -> Error {
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
                write!(f, "{} says no layout: expected {pattern}", excerpt(name))
            }
            ErrorKind::Layout { name, source } => {
                write!(f, "{} gives an invalid layout: {source}", excerpt(name))
            }
            ErrorKind::OtherLayout { named, found } => {
                let has_orders = named.order() != found.order();
                let shown = |layout: &Layout| {
                    let order = match layout.order() {
                        _ if !has_orders => "",
                        Order::C => " in C order",
                        Order::Fortran => " in Fortran order",
                    };
                    format!(
                        "{} of shape {}{order}",
                        layout.dtype(),
                        layout.shape_tuple()
                    )
                };
                write!(
                    f,
                    "the file's name says {}, the array is {}",
                    shown(named),
                    shown(found)
                )
            }
            ErrorKind::NotNamed { pattern, why } => {
                write!(f, "a name of the form {pattern} cannot express this: {why}")
            }
            ErrorKind::Pattern {
                pattern,
                offset,
                why,
            } => write!(
                f,
                "invalid pattern {}: {why}, at byte {offset}",
                excerpt(pattern)
            ),
        }
    }
}

impl std::error::Error for Error {}
