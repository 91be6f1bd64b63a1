//! Metadata in archives, in each of the ways in which people write it.
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

pub use read::{Metadata, member_value};
pub use warning::{LossKind, Warning};
pub use write::Members;

/// The name that the metadata has where it is one member, unless said otherwise.
const KEY: &str = "mdata";

/// How metadata stands in an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MetadataFormat {
    /// Each key a 0-d array: `np.savez(f, **mdata)`.
    Items,
    /// All of it one text, JSON: `np.savez(f, mdata=json.dumps(mdata))`.
    Json,
    /// All of it a member that is JSON: `mdata.json`.
    JsonMember,
    /// All of it a pickle: `np.savez(f, mdata=mdata)`.
    Pickle,
}

/// Where metadata stands, and whether it may be a pickle.
#[derive(Clone, Debug)]
pub struct Options {
    prefix: String,
    key: String,
    allow_pickle: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            prefix: String::new(),
            key: KEY.to_owned(),
            allow_pickle: false,
        }
    }
}

impl Options {
    /// The defaults: no prefix, the key `mdata`, no pickles.
    pub fn new() -> Options {
        Options::default()
    }

    /// What all names of metadata begin with, such as `meta.`: with it items can be arrays of any shape, and
    /// none is taken for metadata that is data.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Options {
        prefix.clone_into(&mut self.prefix);
        self
    }

    /// The name of all metadata together, `mdata` unless said otherwise.
    #[must_use]
    pub fn key(mut self, key: &str) -> Options {
        key.clone_into(&mut self.key);
        self
    }

    /// Reads pickles, too, of plain values; nothing of them is run.
    #[must_use]
    pub fn allow_pickle(mut self) -> Options {
        self.allow_pickle = true;
        self
    }

    /// The name of the member that has all of it.
    fn name(&self) -> String {
        format!("{}{}", self.prefix, self.key)
    }
}
