//! What can be opened: a file, or the arrays in an archive or a folder.

use super::contents::Contents;
use npio::CancelToken;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A list of arrays, or of other lists. Every text is safe for a terminal: see [`printable`].
///
/// [`printable`]: npio::dtype::python::printable
pub trait Catalog: Send + Sync {
    /// What it is: the name of a file or a folder.
    fn title(&self) -> String;

    /// The number of entries.
    fn len(&self) -> usize;

    /// Whether there are no entries.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name of an entry.
    fn name(&self, entry: usize) -> String;

    /// What is known of an entry before it is opened: only a header is read.
    ///
    /// # Errors
    /// Why it cannot be opened.
    fn details(&self, entry: usize) -> Result<Details, String>;

    /// Opens an entry.
    ///
    /// # Errors
    /// Why it cannot be opened; that the work was cancelled.
    fn open(&self, entry: usize, work: &Work) -> Result<Opened, String>;
}

/// What a list shows of an entry besides its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The dtype, or what else it is.
    pub dtype: String,
    /// The shape, as Python writes it.
    pub shape: String,
    /// The size of its items, or of a file.
    pub nbytes: Option<u64>,
    /// How it is stored: plain, stored, deflated.
    pub storage: String,
}

/// An entry that was opened.
pub enum Opened {
    /// An array.
    Array(Box<Viewed>),
    /// Another list.
    Catalog(Arc<dyn Catalog>),
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Opened::Array(viewed) => viewed.fmt(f),
            Opened::Catalog(catalog) => f.debug_tuple("Catalog").field(&catalog.title()).finish(),
        }
    }
}

/// An array that is looked at.
#[derive(Debug)]
pub struct Viewed {
    /// Its address, safe for a terminal.
    pub title: String,
    /// Its name without that of the file, for the name of a slice that is saved.
    pub stem: String,
    /// How it is stored.
    pub storage: String,
    /// The values.
    pub contents: Contents,
    /// The words of the command that prints them, without a slice: `npio dump`, options, the address.
    pub command: Vec<String>,
}

/// Work in the background: how far it is, and whether it should stop.
#[derive(Clone, Debug, Default)]
pub struct Work {
    token: CancelToken,
    done: Arc<AtomicU64>,
    total: Arc<AtomicU64>,
}

impl Work {
    /// The token that stops it.
    pub fn token(&self) -> &CancelToken {
        &self.token
    }

    /// An error once it should stop.
    ///
    /// # Errors
    /// That it was cancelled.
    pub fn check(&self) -> io::Result<()> {
        self.token.check()
    }

    /// This many bytes are to be done.
    pub fn expect(&self, bytes: u64) {
        self.total.store(bytes, Ordering::Relaxed);
    }

    /// This many more bytes are done.
    pub fn add(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The bytes that are done, and those to be done, if that is known.
    pub(crate) fn progress(&self) -> (u64, Option<u64>) {
        let total = self.total.load(Ordering::Relaxed);
        (
            self.done.load(Ordering::Relaxed),
            (total > 0).then_some(total),
        )
    }
}
