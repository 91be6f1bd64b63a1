//! The runtime and the connections of the blocking functions: [`Session`].

use crate::address::Address;
use crate::client::{Client, InThread};
use crate::options::RemoteOptions;
use npio::Error;
use object_store::ObjectStore;
use std::future::Future;
use std::io;
use std::mem;
use std::process;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

/// What this process has: one runtime without threads of its own, and connections that all calls share.
///
/// It runs only while a call waits for something. Names are looked up in the thread that waits, too. So no thread outlives
/// a call, and a process may fork between two: the child finds the session of another process, and makes its own.
#[derive(Debug)]
pub(super) struct Session {
    process: u32,
    runtime: Runtime,
    client: Client,
    /// The stores for a bucket, which keep its credentials.
    #[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
    stores: Mutex<std::collections::HashMap<String, Arc<dyn ObjectStore>>>,
}

static SESSION: Mutex<Option<Arc<Session>>> = Mutex::new(None);

impl Session {
    /// That of this process.
    pub(super) fn current() -> io::Result<Arc<Session>> {
        let mut current = SESSION.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = current.as_ref().filter(|session| session.is_current()) {
            return Ok(Arc::clone(session));
        }
        let session = Arc::new(Session::new()?);
        if let Some(parents) = current.replace(Arc::clone(&session)) {
            // Closing what the parent process still uses would disturb it.
            mem::forget(parents);
        }
        Ok(session)
    }

    fn new() -> io::Result<Session> {
        Ok(Session {
            process: process::id(),
            runtime: Builder::new_current_thread().enable_all().build()?,
            client: Client::new(Some(Arc::new(InThread))),
            #[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
            stores: Mutex::default(),
        })
    }

    /// Whether it belongs to this process, rather than to one that has forked.
    pub(super) fn is_current(&self) -> bool {
        self.process == process::id()
    }

    /// Waits for the result of `work`.
    ///
    /// # Errors
    /// In a thread of an async runtime, which would stand still; also in one that it has for blocking work.
    pub(super) fn wait<T, E: From<io::Error>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        if Handle::try_current().is_ok() {
            let text = "a blocking function was called in a thread of an async runtime: use the async one of the same name, or \
                a thread of your own";
            return Err(io::Error::other(text).into());
        }
        self.runtime.block_on(work)
    }

    /// Begins work that goes on while anything is waited for.
    pub(super) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Task<T> {
        Task(self.runtime.spawn(work))
    }

    /// The store for an address.
    pub(super) fn store(
        &self,
        address: &Address,
        options: &RemoteOptions,
    ) -> Result<Arc<dyn ObjectStore>, Error> {
        #[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
        if let Some(key) = address.store_key(options) {
            let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(store) = stores.get(&key) {
                return Ok(Arc::clone(store));
            }
            let store = address.connect(options, &self.client)?;
            stores.insert(key, Arc::clone(&store));
            return Ok(store);
        }
        address.connect(options, &self.client)
    }
}

/// Work that was begun. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Task<T>(JoinHandle<T>);

impl<T> Task<T> {
    /// Its result; an error if it panicked.
    pub(super) async fn result(&mut self) -> io::Result<T> {
        (&mut self.0).await.map_err(io::Error::other)
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
