//! The same without an async runtime: each function waits.
//!
//! ```no_run
//! use npio_remote::blocking::{self, Remote};
//! let x = blocking::load("https://example.org/x.npy")?;
//! let remote = Remote::from_url("s3://bucket/x.npz")?;
//! let archive = remote.archive()?;
//! let y = archive.load("y")?;
//! // Everything that reads at positions reads an object, too.
//! let issues = npio::npz::Archive::new(remote.open()?)?.verify();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! There is one runtime in a process, and it has no threads: it runs while a call waits. Connections are kept from one call
//! to the next, also between threads. A process that forks loses nothing: its child makes connections of its own.

mod file;
mod session;

pub use file::RemoteFile;

use crate::address::Address;
use crate::object::Object;
use crate::options::RemoteOptions;
use npio::header::Header;
use npio::npz::Directory;
use npio::{Array, Error, RawLayout, Slice};
use object_store::ObjectStore;
use session::Session;
use std::future::Future;
use std::sync::Arc;

/// Loads the array at this address: see [`Remote::from_url`](crate::Remote::from_url) and
/// [`Remote::load`](crate::Remote::load).
///
/// # Errors
/// Those of both.
pub fn load(url: &str) -> Result<Array, Error> {
    Remote::from_url(url)?.load()
}

/// Loads a slice of the array at this address.
///
/// # Errors
/// As [`load`]; a slice that does not fit this array.
pub fn load_slice(url: &str, slice: &Slice) -> Result<Array, Error> {
    Remote::from_url(url)?.load_slice(slice)
}

/// Reads only the header of the array at this address.
///
/// # Errors
/// As [`load`].
pub fn load_header(url: &str) -> Result<Header, Error> {
    Remote::from_url(url)?.load_header()
}

/// An object in a store or on a web server: [`crate::Remote`], whose functions wait.
#[derive(Clone, Debug)]
pub struct Remote {
    place: Place,
    options: RemoteOptions,
}

/// Where an object is.
#[derive(Clone, Debug)]
enum Place {
    Address(Arc<Address>),
    /// In a store that the caller has made. Its connections are not ours to make again in a forked process.
    Store(Arc<Object>),
}

impl RemoteOptions {
    /// See [`blocking::Remote::from_url`](Remote::from_url).
    ///
    /// # Errors
    /// As [`blocking::Remote::from_url`](Remote::from_url).
    pub fn blocking_from_url(&self, url: &str) -> Result<Remote, Error> {
        let address = Address::parse(url)?;
        let remote = Remote {
            place: Place::Address(Arc::new(address)),
            options: self.clone(),
        };
        // What is wrong with the address is known now.
        remote.connect()?;
        Ok(remote)
    }

    /// See [`blocking::Remote::new`](Remote::new).
    ///
    /// # Errors
    /// As [`blocking::Remote::new`](Remote::new).
    pub fn blocking_store(&self, store: impl ObjectStore, path: &str) -> Result<Remote, Error> {
        let object = self.store(store, path)?.into_object();
        Ok(Remote {
            place: Place::Store(object),
            options: self.clone(),
        })
    }
}

impl Remote {
    /// See [`crate::Remote::from_url`].
    ///
    /// # Errors
    /// As [`crate::Remote::from_url`].
    pub fn from_url(url: &str) -> Result<Remote, Error> {
        RemoteOptions::new().blocking_from_url(url)
    }

    /// See [`crate::Remote::new`].
    ///
    /// # Errors
    /// As [`crate::Remote::new`].
    pub fn new(store: impl ObjectStore, path: &str) -> Result<Remote, Error> {
        RemoteOptions::new().blocking_store(store, path)
    }

    /// The object, with the connections of this process.
    fn connect(&self) -> Result<(Arc<Session>, Arc<Object>), Error> {
        let session = Session::current()?;
        let object = match &self.place {
            Place::Address(address) => {
                let store = session.store(address, &self.options)?;
                Arc::new(Object::at(address, store, self.options.clone())?)
            }
            Place::Store(object) => Arc::clone(object),
        };
        Ok((session, object))
    }

    /// Waits for what the object's async function returns.
    fn wait<T, F: Future<Output = Result<T, Error>>>(
        &self,
        work: impl FnOnce(crate::Remote) -> F,
    ) -> Result<T, Error> {
        let (session, object) = self.connect()?;
        session.wait(work(crate::Remote::from_object(object)))
    }

    /// See [`crate::Remote::load`].
    ///
    /// # Errors
    /// As [`crate::Remote::load`].
    pub fn load(&self) -> Result<Array, Error> {
        self.wait(|remote| async move { remote.load().await })
    }

    /// See [`crate::Remote::load_slice`].
    ///
    /// # Errors
    /// As [`crate::Remote::load_slice`].
    pub fn load_slice(&self, slice: &Slice) -> Result<Array, Error> {
        self.wait(|remote| async move { remote.load_slice(slice).await })
    }

    /// See [`crate::Remote::load_header`].
    ///
    /// # Errors
    /// As [`crate::Remote::load_header`].
    pub fn load_header(&self) -> Result<Header, Error> {
        self.wait(|remote| async move { remote.load_header().await })
    }

    /// See [`crate::Remote::fromfile`].
    ///
    /// # Errors
    /// As [`crate::Remote::fromfile`].
    pub fn fromfile(&self, layout: impl Into<RawLayout>) -> Result<Array, Error> {
        self.wait(|remote| async move { remote.fromfile(layout).await })
    }

    /// See [`crate::Remote::fromfile_slice`].
    ///
    /// # Errors
    /// As [`crate::Remote::fromfile_slice`].
    pub fn fromfile_slice(
        &self,
        layout: impl Into<RawLayout>,
        slice: &Slice,
    ) -> Result<Array, Error> {
        self.wait(|remote| async move { remote.fromfile_slice(layout, slice).await })
    }

    /// See [`crate::Remote::read`].
    ///
    /// # Errors
    /// As [`crate::Remote::read`].
    pub fn read(&self) -> Result<Vec<u8>, Error> {
        self.wait(|remote| async move { remote.read().await })
    }

    /// See [`crate::Remote::archive`].
    ///
    /// # Errors
    /// As [`crate::Remote::archive`].
    pub fn archive(&self) -> Result<Archive, Error> {
        let archive = self.wait(|remote| async move { remote.archive().await })?;
        let remote = self.clone();
        Ok(Archive { remote, archive })
    }

    /// Opens the object to read it at positions: for everything else that npio does with a file.
    ///
    /// # Errors
    /// As [`crate::Remote::read`].
    pub fn open(&self) -> Result<RemoteFile, Error> {
        let (session, object) = self.connect()?;
        let opened = session.wait(object.open());
        let opened = opened.map_err(|error| Error::from(error).in_file(&object.shown))?;
        Ok(RemoteFile::new(self.clone(), session, opened))
    }
}

/// An archive in a store: [`crate::Archive`], whose functions wait.
#[derive(Clone, Debug)]
pub struct Archive {
    remote: Remote,
    archive: crate::Archive,
}

impl Archive {
    /// See [`crate::Archive::names`].
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.archive.names()
    }

    /// See [`crate::Archive::directory`].
    pub fn directory(&self) -> &Directory {
        self.archive.directory()
    }

    /// Waits for what the archive's async function returns, with the connections of this process.
    fn wait<T, F: Future<Output = Result<T, Error>>>(
        &self,
        work: impl FnOnce(crate::Archive) -> F,
    ) -> Result<T, Error> {
        let (session, object) = self.remote.connect()?;
        session.wait(work(self.archive.through(object)))
    }

    /// See [`crate::Archive::load`].
    ///
    /// # Errors
    /// As [`crate::Archive::load`].
    pub fn load(&self, name: &str) -> Result<Array, Error> {
        self.wait(|archive| async move { archive.load(name).await })
    }

    /// See [`crate::Archive::load_slice`].
    ///
    /// # Errors
    /// As [`crate::Archive::load_slice`].
    pub fn load_slice(&self, name: &str, slice: &Slice) -> Result<Array, Error> {
        self.wait(|archive| async move { archive.load_slice(name, slice).await })
    }

    /// See [`crate::Archive::load_header`].
    ///
    /// # Errors
    /// As [`crate::Archive::load_header`].
    pub fn load_header(&self, name: &str) -> Result<Header, Error> {
        self.wait(|archive| async move { archive.load_header(name).await })
    }

    /// See [`crate::Archive::load_bytes`].
    ///
    /// # Errors
    /// As [`crate::Archive::load_bytes`].
    pub fn load_bytes(&self, name: &str) -> Result<Vec<u8>, Error> {
        self.wait(|archive| async move { archive.load_bytes(name).await })
    }
}
