//! Metadata in archives, in each of the common formats.
//!
//! ```
//! use npmeta::archive::{Options, MetadataFormat};
//! use npmeta::{Dict, Value};
//! use flatfile::Array;
//!
//! let mdata: Dict = [("author", Value::from("Emma")), ("age", Value::from(1.5))].into_iter().collect();
//! let members = Options::new().members(&mdata.clone().into(), MetadataFormat::Items)?;
//! assert!(members.warnings().is_empty());
//! let mut writer = npz::Writer::new(std::io::Cursor::new(Vec::new()));
//! writer.array("x", &Array::from_slice(&[1.0, 2.0], [2])?)?;
//! members.write(&mut writer)?;
//!
//! let archive = npz::Archive::new(writer.finish()?.into_inner())?;
//! let found = Options::new().read(&archive)?.unwrap();
//! assert_eq!((found.format, found.value), (MetadataFormat::Items, mdata.into()));
//! # Ok::<(), npmeta::Error>(())
//! ```

mod items;
mod read;
mod warning;
mod write;

use crate::pickle;

pub use read::{Metadata, member_value, verify_pickle};
pub use warning::{LossKind, Warning};
pub use write::Members;

/// The default name of the metadata if it is one member.
const DEFAULT_KEY: &str = "mdata";

/// How metadata is stored in an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MetadataFormat {
    /// Each key a 0-d array: `np.savez(f, **mdata)`.
    Items,
    /// All of it as one JSON text: `np.savez(f, mdata=json.dumps(mdata))`.
    Json,
    /// All of it as a JSON member: `mdata.json`.
    JsonMember,
    /// All of it as a pickle: `np.savez(f, mdata=mdata)`.
    Pickle,
}

/// The names of metadata, and whether it may be a pickle.
#[derive(Clone, Debug)]
pub struct Options {
    prefix: String,
    key: String,
    /// How pickles are read, if they are.
    pickles: Option<pickle::Options>,
    is_partial: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            prefix: String::new(),
            key: DEFAULT_KEY.to_owned(),
            pickles: None,
            is_partial: false,
        }
    }
}

impl Options {
    /// The defaults: no prefix, the key `mdata`, no pickles.
    pub fn new() -> Options {
        Options::default()
    }

    /// The prefix of all names of metadata, such as `meta.`: with it items can be arrays of any shape, and
    /// data is not taken for metadata.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Options {
        prefix.clone_into(&mut self.prefix);
        self
    }

    /// The name of the member that holds all metadata, `mdata` by default.
    #[must_use]
    pub fn key(mut self, key: &str) -> Options {
        key.clone_into(&mut self.key);
        self
    }

    /// Also reads pickles; nothing in them is run.
    #[must_use]
    pub fn allow_pickle(self) -> Options {
        self.pickles(pickle::Options::new())
    }

    /// Also reads pickles, with these options.
    #[must_use]
    pub fn pickles(mut self, options: pickle::Options) -> Options {
        self.pickles = Some(options);
        self
    }

    /// Leaves out items that cannot be read, and keeps their [`errors`](Metadata::errors).
    #[must_use]
    pub fn partial(mut self) -> Options {
        self.is_partial = true;
        self
    }

    /// The name of the member that holds all of it.
    fn name(&self) -> String {
        format!("{}{}", self.prefix, self.key)
    }
}
