//! An object, and the array in it: [`Remote`].

use crate::address::Address;
use crate::archive::Archive;
use crate::client::Client;
use crate::object::{Object, Opened};
use crate::options::RemoteOptions;
use crate::sink::Sink;
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, pin_mut};
use npio::compressed::{Decoder, is_compressed};
use npio::flatfile::{Error as ArrayError, ErrorKind, raw};
use npio::header::{Error as HeaderError, ErrorKind as HeaderKind, Header, Parse};
use npio::{Array, Error, FileKind, Layout, LoadOptions, RawLayout, Slice};
use object_store::ObjectStore;
use object_store::path::Path;
use std::future::Future;
use std::io;
use std::sync::Arc;

/// An object in a store or on a web server: a `.npy`, a `.npz`, raw items or a text.
///
/// It is only an address: each method begins with a request, which also finds out the object's version. Further requests
/// are for that version, so that an array is never made of two. Every future can be dropped at any time.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use npio_remote::{Remote, object_store::{ObjectStoreExt, memory::InMemory}};
/// let x = npio::Array::from_slice(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// let store = InMemory::new();
/// store.put(&"x.npy".into(), npio::flatfile::npy::to_bytes(&x)?.into()).await.unwrap();
///
/// let remote = Remote::new(store, "x.npy")?;
/// assert_eq!(remote.load_header().await?.layout().shape(), [2, 2]);
/// assert_eq!(remote.load().await?.as_slice::<f64>()?, [1.0, 2.0, 3.0, 4.0]);
/// assert_eq!(remote.load_slice(&"1".parse()?).await?.as_slice::<f64>()?, [3.0, 4.0]);
/// # Ok::<(), npio::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Remote {
    object: Arc<Object>,
    /// The connections that were made for an address.
    client: Option<Client>,
}

impl RemoteOptions {
    /// See [`Remote::from_url`].
    ///
    /// # Errors
    /// As [`Remote::from_url`].
    pub fn from_url(&self, url: &str) -> Result<Remote, Error> {
        self.connect(url, Client::new(None))
    }

    fn connect(&self, url: &str, client: Client) -> Result<Remote, Error> {
        let address = Address::parse(url)?;
        let store = address.connect(self, &client)?;
        let object = Arc::new(Object::at(&address, store, self.clone())?);
        let client = Some(client);
        Ok(Remote { object, client })
    }

    /// See [`Remote::new`].
    ///
    /// # Errors
    /// As [`Remote::new`].
    pub fn store(&self, store: impl ObjectStore, path: &str) -> Result<Remote, Error> {
        let parsed = Path::parse(path);
        let path = parsed.map_err(|error| Error::from(io::Error::other(error)).in_file(path))?;
        let object = Arc::new(Object {
            store: Arc::new(store),
            shown: path.to_string(),
            name: path.filename().unwrap_or_default().to_owned(),
            path,
            secrets: Vec::new(),
            options: self.clone(),
        });
        Ok(Remote::from_object(object))
    }
}

impl Object {
    /// The object at an address, in the store for it.
    pub(crate) fn at(
        address: &Address,
        store: Arc<dyn ObjectStore>,
        options: RemoteOptions,
    ) -> Result<Object, Error> {
        Ok(Object {
            store,
            path: address.path()?,
            shown: address.shown(),
            name: address.name(),
            secrets: address.secrets(),
            options,
        })
    }
}

/// The beginning of an object, understood.
struct Head {
    opened: Opened,
    header: Option<Header>,
    layout: Layout,
    /// Where the items begin.
    begin: u64,
}

impl Remote {
    /// The object at this address: `https://host/x.npy`, `s3://bucket/x.npy`, `gs://…` or `az://…`, each with the feature
    /// of this crate that reads it. Credentials, regions and endpoints of the stores are those of the environment, in the
    /// variables of their own tools (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT`, …).
    ///
    /// A client is made for it, which takes some milliseconds: [`another`](Remote::another) uses it again.
    ///
    /// # Errors
    /// What is not such an address, or one that this build does not read. There is no request.
    pub fn from_url(url: &str) -> Result<Remote, Error> {
        RemoteOptions::new().from_url(url)
    }

    /// The object at another address, with the same options, and by the same connections if this one has an address, too.
    ///
    /// # Errors
    /// As [`from_url`](Remote::from_url).
    pub fn another(&self, url: &str) -> Result<Remote, Error> {
        let client = self.client.clone().unwrap_or_else(|| Client::new(None));
        self.object.options.connect(url, client)
    }

    /// The object at this path of a store.
    ///
    /// # Errors
    /// A path that is not one.
    pub fn new(store: impl ObjectStore, path: &str) -> Result<Remote, Error> {
        RemoteOptions::new().store(store, path)
    }

    pub(crate) fn from_object(object: Arc<Object>) -> Remote {
        let client = None;
        Remote { object, client }
    }

    pub(crate) fn into_object(self) -> Arc<Object> {
        self.object
    }

    /// Loads the array: a `.npy`, or raw items whose layout is in the name (see
    /// [`layout_in_name`](npio::layout_in_name)). A compressed `.npy` is decompressed.
    ///
    /// # Errors
    /// An object that does not exist, cannot be read, is not an array, or is shorter than its header says; one that is
    /// replaced meanwhile. [`Problem`](crate::Problem) has those of the store.
    pub async fn load(&self) -> Result<Array, Error> {
        self.located(self.load_some(None)).await
    }

    /// Loads a slice of the array, and requests little else.
    ///
    /// # Errors
    /// As [`load`](Remote::load); a slice that does not fit the array.
    pub async fn load_slice(&self, slice: &Slice) -> Result<Array, Error> {
        self.located(self.load_some(Some(slice))).await
    }

    async fn load_some(&self, slice: Option<&Slice>) -> Result<Array, Error> {
        self.load_opened(self.object.open().await?, slice).await
    }

    /// The array in the object, whose first answer this is.
    pub(crate) async fn load_opened(
        &self,
        opened: Opened,
        slice: Option<&Slice>,
    ) -> Result<Array, Error> {
        if is_compressed(&opened.known(0), &self.object.name) {
            let bytes = opened.read(0..opened.size()).await?.into_bytes();
            let stream = Decoder::in_file(&*bytes, &self.object.name)?;
            let mut options = LoadOptions::new().npy(opened.options().read.clone());
            if let Some(token) = opened.cancel() {
                options = options.cancel(token.clone());
            }
            let reader = options.open_stream(stream)?;
            return Ok(match slice {
                Some(slice) => reader.slice(slice)?,
                None => reader.read()?,
            });
        }
        let head = self.head(opened).await?;
        Ok(items(&head.opened, &head.layout, head.begin, slice).await?)
    }

    /// Reads only the header of a `.npy`; for raw items whose layout is in the name, the one that a `.npy` of them would
    /// have.
    ///
    /// # Errors
    /// As [`load`](Remote::load).
    pub async fn load_header(&self) -> Result<Header, Error> {
        let head = async {
            let head = self.head(self.object.open().await?).await?;
            Ok(head.header.unwrap_or_else(|| Header::new(head.layout)))
        };
        self.located(head).await
    }

    /// Loads raw items, as NumPy's `fromfile` does.
    ///
    /// # Errors
    /// As [`load`](Remote::load); items that do not fit the object.
    pub async fn fromfile(&self, layout: impl Into<RawLayout>) -> Result<Array, Error> {
        self.raw_items(&layout.into(), None).await
    }

    /// Loads a slice of raw items.
    ///
    /// # Errors
    /// As [`fromfile`](Remote::fromfile); a slice that does not fit them.
    pub async fn fromfile_slice(
        &self,
        layout: impl Into<RawLayout>,
        slice: &Slice,
    ) -> Result<Array, Error> {
        self.raw_items(&layout.into(), Some(slice)).await
    }

    async fn raw_items(&self, layout: &RawLayout, slice: Option<&Slice>) -> Result<Array, Error> {
        self.located(async {
            let opened = self.object.open().await?;
            if layout.begin() == 0 {
                raw::check_first_bytes(&opened.known(0))?;
            }
            let found = layout.layout(opened.size())?;
            Ok(items(&opened, &found, layout.begin(), slice).await?)
        })
        .await
    }

    /// Opens the archive: its directory is read now, and members on request.
    ///
    /// # Errors
    /// As [`load`](Remote::load); an object that is not an archive, or a broken or ambiguous one.
    pub async fn archive(&self) -> Result<Archive, Error> {
        self.located(Archive::open(&self.object)).await
    }

    /// All bytes.
    ///
    /// # Errors
    /// As [`load`](Remote::load).
    pub async fn read(&self) -> Result<Vec<u8>, Error> {
        let all = async {
            let opened = self.object.open().await?;
            Ok(opened.read(0..opened.size()).await?.chunks.concat())
        };
        self.located(all).await
    }

    /// Loads a table of text, as NumPy's `loadtxt` does.
    ///
    /// # Errors
    /// As [`load`](Remote::load); text that does not become items.
    #[cfg(feature = "text")]
    pub async fn loadtxt(
        &self,
        dtype: npio::DType,
        options: &npio::flatfile::text::table::ReadOptions,
    ) -> Result<Array, Error> {
        let text = self.read().await?;
        self.located(async { Ok(options.read(&*text, dtype)?) })
            .await
    }

    /// Loads items of text with this separator between them, as NumPy's `fromfile` does with `sep`.
    ///
    /// # Errors
    /// As [`load`](Remote::load); text that does not become items.
    #[cfg(feature = "text")]
    pub async fn fromfile_sep(&self, dtype: npio::DType, separator: &str) -> Result<Array, Error> {
        use npio::flatfile::text::{ReadOptions, Separator};
        let text = self.read().await?;
        let read = |separator| ReadOptions::new().read(&*text, dtype, &separator);
        self.located(async { Ok(Separator::new(separator).and_then(read)?) })
            .await
    }

    /// The result of `work`; an error gets the address.
    async fn located<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        work.await
            .map_err(|error| error.in_file(&self.object.shown))
    }

    /// Finds out what the object is, and where its items are.
    async fn head(&self, opened: Opened) -> Result<Head, Error> {
        let options = opened.options().read.clone();
        let (mut first, size) = (opened.known(0), opened.size());
        loop {
            match options.parse_header(&first) {
                Ok(Parse::Done {
                    header,
                    data_offset,
                }) => {
                    return Ok(Head {
                        layout: header.layout().clone(),
                        header: Some(header),
                        begin: data_offset as u64,
                        opened,
                    });
                }
                Ok(Parse::Need(n)) if n as u64 > size => {
                    return Err(ArrayError::from(HeaderError::truncated(n, size as usize)).into());
                }
                Ok(Parse::Need(n)) => {
                    let more = opened.fetch(first.len() as u64..n as u64).await?;
                    first = Bytes::from([first, more.into_bytes()].concat());
                }
                Err(error) => {
                    let FileKind::Raw(layout) = self.kind(&error) else {
                        return Err(error.into());
                    };
                    let layout = RawLayout::from(layout).layout(size)?;
                    return Ok(Head {
                        header: None,
                        layout,
                        begin: 0,
                        opened,
                    });
                }
            }
        }
    }

    /// The kind of an object whose header is not one.
    fn kind(&self, error: &ArrayError) -> FileKind {
        match error.kind() {
            ErrorKind::Header(error) => match error.kind() {
                HeaderKind::Magic(first) => FileKind::of(first, &self.object.name),
                _ => FileKind::Unknown,
            },
            _ => FileKind::Unknown,
        }
    }
}

/// The items of an array that begins at byte `begin`, or those of a slice of it.
pub(crate) async fn items(
    opened: &Opened,
    layout: &Layout,
    begin: u64,
    slice: Option<&Slice>,
) -> Result<Array, ArrayError> {
    let (expected, found) = (layout.nbytes() as u64, opened.size().saturating_sub(begin));
    if found < expected {
        return Err(ErrorKind::Short { expected, found }.into());
    }
    let mut sink = Sink::new(layout, slice)?;
    let whole = Slice::default();
    let ranges = slice
        .unwrap_or(&whole)
        .ranges(layout, opened.options().gap)?;
    let ranges = ranges.map(|range| begin + range.start..begin + range.end);
    // A whole array takes its bytes in any order: none have to wait for others, and be copied when they are cold.
    let arrivals = match slice {
        None => opened.arrivals(ranges).left_stream(),
        Some(_) => opened.in_order(ranges).right_stream(),
    };
    pin_mut!(arrivals);
    let object = opened.object();
    while let Some((offset, chunk)) = object.until_cancelled(arrivals.try_next()).await? {
        sink.push(offset - begin, &chunk)?;
    }
    sink.finish(opened.options().read.as_conversion())
}
