//! How objects are read: [`RemoteOptions`].

use npio::CancelToken;
use npio::flatfile::npy::ReadOptions;
use std::time::Duration;

/// Options for reading remote objects; [`Remote::from_url`](crate::Remote::from_url) and
/// [`Remote::new`](crate::Remote::new) use the defaults.
///
/// ```
/// use npio_remote::{RemoteOptions, object_store::memory::InMemory};
/// let options = RemoteOptions::new().part_size(1 << 20).concurrency(4);
/// let remote = options.store(InMemory::new(), "x.npy")?;
/// # Ok::<(), npio::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RemoteOptions {
    pub(crate) first_read: u64,
    pub(crate) part_size: u64,
    pub(crate) concurrency: usize,
    pub(crate) gap: u64,
    pub(crate) retries: usize,
    pub(crate) retry_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) whole: Option<u64>,
    pub(crate) read: ReadOptions,
    pub(crate) last_of_duplicates: bool,
    pub(crate) cancel: Option<CancelToken>,
}

impl Default for RemoteOptions {
    fn default() -> RemoteOptions {
        RemoteOptions {
            first_read: 64 << 10,
            part_size: 8 << 20,
            concurrency: 16,
            gap: 1 << 20,
            retries: 5,
            retry_timeout: Duration::from_secs(60),
            timeout: Duration::from_secs(60),
            whole: None,
            read: ReadOptions::new(),
            last_of_duplicates: false,
            cancel: None,
        }
    }
}

impl RemoteOptions {
    /// The defaults.
    pub fn new() -> RemoteOptions {
        RemoteOptions::default()
    }

    /// The most bytes that one request asks for: 8 MiB by default, and at least one.
    #[must_use]
    pub fn part_size(mut self, bytes: u64) -> RemoteOptions {
        self.part_size = bytes.max(1);
        self.first_read = self.first_read.min(self.part_size);
        self
    }

    /// The most requests that are under way at once: 16 by default, and at least one.
    #[must_use]
    pub fn concurrency(mut self, requests: usize) -> RemoteOptions {
        self.concurrency = requests.max(1);
        self
    }

    /// Ranges with at most this many bytes between them are requested as one: 1 MiB by default.
    #[must_use]
    pub fn gap(mut self, bytes: u64) -> RemoteOptions {
        self.gap = bytes;
        self
    }

    /// How often a request that failed is repeated: 5 times by default, after waits that double. It is the store that
    /// repeats, so this is for [`from_url`](RemoteOptions::from_url) only.
    #[must_use]
    pub fn retries(mut self, retries: usize) -> RemoteOptions {
        self.retries = retries;
        self
    }

    /// How long a request may take, and how long it is repeated: a minute each by default. For
    /// [`from_url`](RemoteOptions::from_url) only.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> RemoteOptions {
        self.timeout = timeout;
        self.retry_timeout = timeout;
        self
    }

    /// Reads an object of up to this many bytes whole, into memory, if its server does not serve ranges. Without this
    /// option that is an error.
    #[must_use]
    pub fn allow_whole(mut self, bytes: u64) -> RemoteOptions {
        self.whole = Some(bytes);
        self
    }

    /// How arrays are read: the header's limit, and conversions.
    #[must_use]
    pub fn npy(mut self, options: ReadOptions) -> RemoteOptions {
        self.read = options;
        self
    }

    /// Takes the last of several members of an archive that have the same name, as NumPy does.
    #[must_use]
    pub fn last_of_duplicates(mut self) -> RemoteOptions {
        self.last_of_duplicates = true;
        self
    }

    /// Stops reading when this token is cancelled, with an error of the class
    /// [`Cancelled`](npio::ErrorClass::Cancelled). While an answer is waited for, it is looked at every 30 ms by a timer of
    /// tokio, whose runtime has to have them; without one, only between answers.
    #[must_use]
    pub fn cancel(mut self, token: CancelToken) -> RemoteOptions {
        self.cancel = Some(token);
        self
    }
}
