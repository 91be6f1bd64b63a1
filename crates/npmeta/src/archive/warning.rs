//! What is lost where metadata is written: [`Warning`].

use dtype::python::quoted;
use std::fmt;

/// Something that does not come back from an archive as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The key of it, in the metadata.
    pub key: String,
    /// What becomes of it.
    pub loss: Loss,
}

/// What is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Loss {
    /// NumPy takes the NULs at the end of a text or of bytes for padding.
    TrailingNuls,
    /// No array says this type: it is a pickle, which NumPy reads with `allow_pickle=True` only.
    Pickled(&'static str),
    /// It comes back as an array.
    Array(&'static str),
    /// JSON has no NaN and no infinity; Python's `json` reads them, others do not.
    NotFinite,
    /// It comes back as a list.
    List(&'static str),
    /// It comes back as a text.
    Key(&'static str),
}

/// For a person to read.
impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {}: ", quoted(&self.key))?;
        match self.loss {
            Loss::TrailingNuls => f.write_str("NumPy drops the NULs at its end"),
            Loss::Pickled(what) => {
                write!(
                    f,
                    "a {what} becomes a pickle, which NumPy reads with allow_pickle=True only"
                )
            }
            Loss::Array(what) => write!(f, "a {what} comes back as an array"),
            Loss::NotFinite => {
                f.write_str("JSON has no NaN and no infinity: only Python reads it back")
            }
            Loss::List(what) => write!(f, "a {what} comes back from JSON as a list"),
            Loss::Key(what) => write!(f, "a key that is a {what} comes back from JSON as a text"),
        }
    }
}
