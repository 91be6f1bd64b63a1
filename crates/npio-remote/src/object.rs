//! One version of an object, and requests for its bytes: [`Opened`].

use crate::options::RemoteOptions;
use crate::problem::Problem;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt, TryFutureExt, TryStreamExt, pin_mut};
use npio::CancelToken;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResult, ObjectMeta, ObjectStore};
use std::future::{self, Future};
use std::io;
use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// How often a token is looked at while an answer is waited for.
const TICK: Duration = Duration::from_millis(30);

/// An object, of which nothing is known yet.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) path: Path,
    /// Its address, for messages.
    pub(crate) shown: String,
    /// The last part of its path.
    pub(crate) name: String,
    /// What messages must not repeat.
    pub(crate) secrets: Vec<String>,
    pub(crate) options: RemoteOptions,
}

/// What the first answer says of an object. Later answers that say something else are errors.
#[derive(Clone, Debug)]
struct Version {
    size: u64,
    etag: Option<String>,
    /// In nanoseconds, where every store's time has a place; 0 if it says nothing.
    modified: i64,
}

impl Version {
    fn of(meta: &ObjectMeta) -> Version {
        Version {
            size: meta.size,
            etag: meta.e_tag.clone(),
            modified: meta.last_modified.timestamp_nanos_opt().unwrap_or(0),
        }
    }

    /// Whether another answer is of this version. The time is only looked at if there are no tags: servers that share an
    /// object may each have their own.
    fn is_same(&self, other: &Version) -> bool {
        let is_same = match (&self.etag, &other.etag) {
            (None, None) => self.modified == other.modified,
            (one, other) => one == other,
        };
        is_same && self.size == other.size
    }

    /// The condition for later requests. A weak tag would never match: then only the answers are compared.
    fn condition(&self) -> Option<String> {
        let etag = self.etag.as_deref()?;
        (!etag.starts_with("W/")).then(|| etag.to_owned())
    }
}

/// Bytes of an object, in the pieces in which they arrived.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) offset: u64,
    pub(crate) chunks: Vec<Bytes>,
}

impl Part {
    /// The chunks with their offsets.
    pub(crate) fn into_chunks(self) -> impl Iterator<Item = (u64, Bytes)> {
        let mut offset = self.offset;
        self.chunks.into_iter().map(move |chunk| {
            let at = offset;
            offset += chunk.len() as u64;
            (at, chunk)
        })
    }

    /// Where it ends.
    pub(crate) fn end(&self) -> u64 {
        let lengths = self.chunks.iter().map(|chunk| chunk.len() as u64);
        self.offset + lengths.sum::<u64>()
    }

    /// The rest of the piece that holds the byte at `offset`, from there on.
    pub(crate) fn rest(&self, offset: u64) -> Option<Bytes> {
        let mut start = usize::try_from(offset.checked_sub(self.offset)?).ok()?;
        for chunk in &self.chunks {
            if start < chunk.len() {
                return Some(chunk.slice(start..));
            }
            start -= chunk.len();
        }
        None
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        let mut chunks = self.chunks;
        if chunks.len() == 1 {
            return chunks.remove(0);
        }
        chunks.concat().into()
    }
}

/// The bytes of an answer, which have to be all of a range.
struct Body {
    object: Arc<Object>,
    range: Range<u64>,
    /// How far they have come.
    at: u64,
    chunks: BoxStream<'static, object_store::Result<Bytes>>,
}

impl Body {
    fn new(
        object: &Arc<Object>,
        range: Range<u64>,
        chunks: BoxStream<'static, object_store::Result<Bytes>>,
    ) -> Body {
        Body {
            object: Arc::clone(object),
            at: range.start,
            range,
            chunks,
        }
    }

    /// The next of them, with their offset.
    async fn next(&mut self) -> io::Result<Option<(u64, Bytes)>> {
        let chunk = self.chunks.try_next().await;
        let chunk = chunk.map_err(|error| Problem::of_store(&error, &self.object.secrets))?;
        let offset = self.at;
        self.at += chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        let is_last = chunk.is_none();
        if self.at > self.range.end || (is_last && self.at < self.range.end) {
            return Err(Problem::Length {
                found: self.at - self.range.start,
                range: self.range.clone(),
            }
            .into());
        }
        Ok(chunk.map(|chunk| (offset, chunk)))
    }

    /// All of them. Memory grows with what arrives.
    async fn collect(mut self) -> io::Result<Part> {
        let (offset, mut chunks) = (self.at, Vec::new());
        while let Some((_, chunk)) = self.next().await? {
            chunks.push(chunk);
        }
        Ok(Part { offset, chunks })
    }

    fn into_stream(self) -> impl Stream<Item = io::Result<(u64, Bytes)>> {
        stream::try_unfold(self, async |mut body| {
            let chunk = body.next().await?;
            Ok(chunk.map(|chunk| (chunk, body)))
        })
    }
}

/// An object whose first answer has arrived: its version is fixed from then on.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    object: Arc<Object>,
    version: Version,
    /// What is there already: its beginning or its end, or all of it.
    known: Vec<(u64, Bytes)>,
}

impl Object {
    /// Reads its beginning.
    pub(crate) async fn open(self: &Arc<Self>) -> io::Result<Opened> {
        let range = GetRange::Bounded(0..self.options.first_read);
        match self.request(range).await {
            Err(error) if may_lack_ranges(&error) => self.open_whole(error).await,
            opened => opened,
        }
    }

    /// Reads its last `length` bytes; if the store has no such requests, its beginning instead.
    pub(crate) async fn open_end(self: &Arc<Self>, length: u64) -> io::Result<Opened> {
        match self.request(GetRange::Suffix(length)).await {
            Err(error) if may_lack_ranges(&error) => self.open().await,
            opened => opened,
        }
    }

    async fn request(self: &Arc<Self>, range: GetRange) -> io::Result<Opened> {
        let options = GetOptions {
            range: Some(range),
            ..GetOptions::default()
        };
        self.until_cancelled(async {
            let result = self.get(options).await?;
            let (version, range) = (Version::of(&result.meta), result.range.clone());
            let part = Body::new(self, range, result.into_stream())
                .collect()
                .await?;
            Ok(Opened {
                object: Arc::clone(self),
                version,
                known: vec![(part.offset, part.into_bytes())],
            })
        })
        .await
    }

    /// After a request for a range has failed with this error: either the object is empty, or its server does not serve
    /// ranges.
    async fn open_whole(self: &Arc<Self>, error: io::Error) -> io::Result<Opened> {
        self.until_cancelled(async {
            // The first error says more.
            let Ok(result) = self.get(GetOptions::default()).await else {
                return Err(error);
            };
            let version = Version::of(&result.meta);
            let size = version.size;
            // Its body has not been read, and is dropped.
            if self.options.whole.is_none_or(|limit| size > limit) && size > 0 {
                return Err(Problem::NoRanges { size }.into());
            }
            let part = Body::new(self, 0..size, result.into_stream())
                .collect()
                .await?;
            Ok(Opened {
                object: Arc::clone(self),
                version,
                known: vec![(0, part.into_bytes())],
            })
        })
        .await
    }

    async fn get(&self, options: GetOptions) -> io::Result<GetResult> {
        let result = self.store.get_opts(&self.path, options).await;
        result.map_err(|error| Problem::of_store(&error, &self.secrets).into())
    }

    /// The result of `work`, or an error once the token is cancelled.
    pub(crate) async fn until_cancelled<T>(
        &self,
        work: impl Future<Output = io::Result<T>>,
    ) -> io::Result<T> {
        let Some(token) = &self.options.cancel else {
            return work.await;
        };
        token.check()?;
        if Handle::try_current().is_err() {
            return work.await;
        }
        let mut work = pin!(work);
        loop {
            match tokio::time::timeout(TICK, work.as_mut()).await {
                Ok(result) => return result,
                Err(_) => token.check()?,
            }
        }
    }
}

/// Whether a request for a range may have failed because of the range.
fn may_lack_ranges(error: &io::Error) -> bool {
    let problem = error.get_ref().and_then(|inner| inner.downcast_ref());
    matches!(problem, Some(Problem::Store(_)))
}

impl Opened {
    /// The length of the object, as the first answer declares it.
    pub(crate) fn size(&self) -> u64 {
        self.version.size
    }

    pub(crate) fn options(&self) -> &RemoteOptions {
        &self.object.options
    }

    pub(crate) fn object(&self) -> &Arc<Object> {
        &self.object
    }

    pub(crate) fn cancel(&self) -> Option<&CancelToken> {
        self.options().cancel.as_ref()
    }

    /// The same version, read by another object's connections.
    pub(crate) fn through(&self, object: Arc<Object>) -> Opened {
        Opened {
            object,
            ..self.clone()
        }
    }

    /// The bytes from `offset` on that are there already; none if the first of them is not.
    pub(crate) fn known(&self, offset: u64) -> Bytes {
        let from_there = |(begin, bytes): &(u64, Bytes)| {
            let start = usize::try_from(offset.checked_sub(*begin)?).ok()?;
            (start < bytes.len()).then(|| bytes.slice(start..))
        };
        self.known.iter().find_map(from_there).unwrap_or_default()
    }

    /// What is there already, each piece with its offset.
    pub(crate) fn pieces(&self) -> &[(u64, Bytes)] {
        &self.known
    }

    /// Keeps bytes that may be asked for again.
    pub(crate) fn keep(&mut self, part: Part) {
        self.known.push((part.offset, part.into_bytes()));
    }

    /// These bytes, by one request, unless they are there already. The range is not empty, and within the object.
    pub(crate) async fn fetch(&self, range: Range<u64>) -> io::Result<Part> {
        let part = async { self.request(range).await?.collect().await };
        self.object.until_cancelled(part).await
    }

    async fn request(&self, range: Range<u64>) -> io::Result<Body> {
        let mut known = self.known(range.start);
        let length = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        if known.len() >= length {
            known.truncate(length);
            let chunks = stream::once(future::ready(Ok(known))).boxed();
            return Ok(Body::new(&self.object, range, chunks));
        }
        let options = GetOptions {
            range: Some(GetRange::Bounded(range.clone())),
            if_match: self.version.condition(),
            ..GetOptions::default()
        };
        let result = self.object.get(options).await?;
        if !self.version.is_same(&Version::of(&result.meta)) {
            return Err(Problem::Changed.into());
        }
        if result.range != range {
            let found = result.range.end.saturating_sub(result.range.start);
            return Err(Problem::Length { range, found }.into());
        }
        Ok(Body::new(&self.object, range, result.into_stream()))
    }

    /// All bytes of this range, however long it is.
    pub(crate) async fn read(&self, range: Range<u64>) -> io::Result<Part> {
        let (offset, mut chunks) = (range.start, Vec::new());
        let parts = self.stream(std::iter::once(range));
        pin_mut!(parts);
        while let Some(part) = parts.next().await {
            chunks.extend(part?.chunks);
        }
        Ok(Part { offset, chunks })
    }

    /// The requests for these ranges: each of at most one part, and none for bytes that are there already.
    pub(crate) fn split<R: Iterator<Item = Range<u64>>>(
        &self,
        ranges: R,
    ) -> impl Iterator<Item = Range<u64>> + use<R> {
        let (mut ranges, mut range) = (ranges, 0..0);
        let (part_size, size) = (self.options().part_size, self.size());
        let known: Vec<Range<u64>> = self
            .known
            .iter()
            .map(|(begin, bytes)| *begin..begin + bytes.len() as u64)
            .collect();
        std::iter::from_fn(move || {
            while range.is_empty() {
                let next = ranges.next()?;
                range = next.start..next.end.min(size);
            }
            let start = range.start;
            let here = known.iter().find(|known| known.contains(&start));
            let end = here.map_or(start.saturating_add(part_size), |known| known.end);
            range.start = end.min(range.end);
            Some(start..range.start)
        })
    }

    /// The bytes of these ranges in order, several requests at a time.
    pub(crate) fn stream(
        &self,
        ranges: impl Iterator<Item = Range<u64>>,
    ) -> impl Stream<Item = io::Result<Part>> {
        let requests = stream::iter(self.split(ranges)).map(|range| self.fetch(range));
        requests.buffered(self.options().concurrency)
    }

    /// The same in the pieces in which they arrived, with their offsets.
    pub(crate) fn in_order(
        &self,
        ranges: impl Iterator<Item = Range<u64>>,
    ) -> impl Stream<Item = io::Result<(u64, Bytes)>> {
        let parts = self.stream(ranges);
        parts
            .map_ok(|part| stream::iter(part.into_chunks().map(Ok)))
            .try_flatten()
    }

    /// The same as they arrive: each request's bytes are in order, but those of several are mixed.
    pub(crate) fn arrivals(
        &self,
        ranges: impl Iterator<Item = Range<u64>>,
    ) -> impl Stream<Item = io::Result<(u64, Bytes)>> {
        let answers = stream::iter(self.split(ranges)).map(|range| {
            let answer = self.request(range).map_ok(Body::into_stream);
            Box::pin(answer.try_flatten_stream())
        });
        answers.flatten_unordered(self.options().concurrency)
    }
}
