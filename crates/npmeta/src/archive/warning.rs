//! What is lost where metadata is written: [`Warning`].

use dtype::python::quoted;
use std::fmt;

/// Something that does not come back from an archive as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The key of it, in the metadata.
    pub key: String,
    /// What becomes of it.
    pub loss: LossKind,
}

/// What is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LossKind {
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
            LossKind::TrailingNuls => f.write_str("NumPy drops the NULs at its end"),
            LossKind::Pickled(what) => write!(
                f,
                "{} is written as a pickle, which NumPy reads with allow_pickle=True only",
                with_article(what)
            ),
            LossKind::Array(what) => write!(f, "{} comes back as an array", with_article(what)),
            LossKind::NotFinite => {
                f.write_str("JSON has no NaN and no infinity: only Python reads it back")
            }
            LossKind::List(what) => {
                write!(f, "{} comes back from JSON as a list", with_article(what))
            }
            LossKind::Key(what) => {
                let what = with_article(what);
                write!(f, "a key that is {what} comes back from JSON as a text")
            }
        }
    }
}

/// `a float`, `an int`.
fn with_article(name: &str) -> String {
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {name}")
}
