//! A member of an archive that is decompressed while it arrives: [`Decoded`].

use crate::object::{Opened, Part};
use crate::sink::Sink;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use npio::ReadAt;
use npio::header::{Error as HeaderError, Header, Parse};
use npio::npz::{self, CompressionMethod, Member, Reader};
use std::collections::VecDeque;
use std::io::{self, Read};
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

/// The number of bytes that are decompressed at a time.
const BLOCK: usize = 256 << 10;

/// The number of bytes that are decompressed before other futures get a turn.
const TURN: usize = 1 << 20;

/// Bytes of an archive that have arrived. Reading others is `WouldBlock`: they have to arrive first.
///
/// A member's reader goes forward, so that what it has read is dropped.
pub(crate) struct Arrived {
    size: u64,
    /// What was there when the member was opened, and stays.
    first: Vec<(u64, Bytes)>,
    /// What has arrived since, in order.
    next: Mutex<VecDeque<(u64, Bytes)>>,
}

impl Arrived {
    /// These pieces of an archive of this size.
    pub(crate) fn new(size: u64, first: &[(u64, Bytes)]) -> Arrived {
        Arrived {
            size,
            first: first.to_vec(),
            next: Mutex::default(),
        }
    }

    fn add(&self, part: Part) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        next.extend(part.into_chunks());
    }
}

/// The rest of a piece from `offset` on, which it holds.
fn rest((begin, bytes): &(u64, Bytes), offset: u64) -> Option<&[u8]> {
    let start = usize::try_from(offset.checked_sub(*begin)?).ok()?;
    bytes.get(start..).filter(|rest| !rest.is_empty())
}

impl ReadAt for Arrived {
    fn len(&self) -> io::Result<u64> {
        Ok(self.size)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        if let Some(mut found) = self.first.iter().find_map(|piece| rest(piece, offset)) {
            return found.read(bytes);
        }
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((begin, piece)) = next.front()
            && begin + piece.len() as u64 <= offset
        {
            next.pop_front();
        }
        match next.front().and_then(|piece| rest(piece, offset)) {
            Some(mut found) => found.read(bytes),
            None if offset >= self.size => Ok(0),
            None => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

/// The bytes of a member, decompressed in blocks; its CRC-32 is checked with the last.
pub(crate) struct Decoded<'a> {
    reader: Reader<'a, Arrived>,
    arrived: &'a Arrived,
    opened: &'a Opened,
    /// The rest of its data.
    parts: Pin<Box<dyn Stream<Item = io::Result<Part>> + Send + 'a>>,
    block: Vec<u8>,
    /// The bytes in `block` that have not been used yet.
    range: Range<usize>,
    since_turn: usize,
}

impl<'a> Decoded<'a> {
    /// The member whose bytes these are in an opened archive. If its decoder cannot wait within them, all of them are
    /// requested now.
    pub(crate) async fn open(
        opened: &'a Opened,
        data: Range<u64>,
        member: Member<'a, Arrived>,
        arrived: &'a Arrived,
    ) -> Result<Decoded<'a>, npz::Error> {
        let start = data.start + opened.known(data.start).len() as u64;
        let mut decoded = Decoded {
            reader: member.reader()?,
            arrived,
            opened,
            parts: Box::pin(opened.stream(std::iter::once(start..data.end))),
            block: vec![0; BLOCK],
            range: 0..0,
            since_turn: 0,
        };
        let method = member.compression_method();
        if !matches!(
            method,
            CompressionMethod::Stored | CompressionMethod::Deflated
        ) {
            while decoded.arrive().await? {}
        }
        Ok(decoded)
    }

    /// Waits for the next part; whether there is one.
    async fn arrive(&mut self) -> io::Result<bool> {
        match self.parts.next().await {
            Some(part) => {
                self.arrived.add(part?);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Decompresses the next block; whether there is one.
    pub(crate) async fn next_block(&mut self) -> Result<bool, npz::Error> {
        loop {
            let left = self.reader.left();
            let read = self.reader.read(&mut self.block);
            // A read that has to wait for the bytes after the last block has returned that.
            let count = (left - self.reader.left()) as usize;
            self.range = 0..count;
            match read {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if count > 0 {
                        return Ok(true);
                    }
                    if !self.arrive().await? {
                        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
                    }
                }
                Err(error) => return Err(error.into()),
                Ok(_) => {
                    self.take_turn(count).await?;
                    return Ok(count > 0);
                }
            }
        }
    }

    /// Lets other futures run now and then, and stops if the token is cancelled.
    async fn take_turn(&mut self, count: usize) -> io::Result<()> {
        self.since_turn += count;
        if self.since_turn >= TURN {
            self.since_turn = 0;
            self.opened.cancel().map_or(Ok(()), |token| token.check())?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// The bytes of the block that have not been used yet.
    pub(crate) fn block(&self) -> &[u8] {
        self.block.get(self.range.clone()).unwrap_or_default()
    }

    /// The header of the `.npy` with which the member begins, and its length; the items come next.
    pub(crate) async fn header(&mut self) -> Result<(Header, u64), npz::Error> {
        let mut first = Vec::new();
        loop {
            let parsed = self.opened.options().read.parse_header(&first);
            match parsed.map_err(npz::Error::of_header)? {
                Parse::Done {
                    header,
                    data_offset,
                } => {
                    // The rest of the last block is items.
                    let unused = first.len() - data_offset;
                    self.range.start = self.range.end - unused;
                    return Ok((header, data_offset as u64));
                }
                Parse::Need(n) => {
                    if !self.next_block().await? {
                        let error = HeaderError::truncated(n, first.len());
                        return Err(npz::Error::of_header(error.into()));
                    }
                    first.extend_from_slice(self.block());
                }
            }
        }
    }

    /// Passes the next `nbytes` bytes, which are the items, to the sink until that is full.
    pub(crate) async fn items(&mut self, nbytes: u64, sink: &mut Sink) -> Result<(), npz::Error> {
        let mut at = 0;
        while at < nbytes && !sink.is_full() {
            if self.range.is_empty() && !self.next_block().await? {
                break;
            }
            let length = usize::try_from(nbytes - at).unwrap_or(usize::MAX);
            let block = self.block();
            let items = block.get(..length).unwrap_or(block);
            sink.push(at, items)?;
            at += items.len() as u64;
            self.range = 0..0;
        }
        Ok(())
    }
}
