//! Losses when metadata is written: [`Warning`].

use dtype::python::excerpt;
use std::fmt;

/// A value that does not read back from an archive unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Its key in the metadata; for a value within others all keys and indices: `settings.range[1]`.
    pub key: String,
    /// The loss.
    pub loss: LossKind,
}

/// The kinds of loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LossKind {
    /// NumPy takes trailing NULs of a text or of bytes for padding.
    TrailingNuls,
    /// No array holds this type: it becomes a pickle, which NumPy reads only with `allow_pickle=True`.
    Pickled(&'static str),
    /// It reads back as an array.
    Array(&'static str),
    /// JSON has no NaN and no infinity; Python's `json` reads them, others do not.
    NotFinite,
    /// It reads back as a list.
    List(&'static str),
    /// It reads back as a text.
    Key(&'static str),
}

/// A message for people.
impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {}: ", excerpt(&self.key))?;
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
