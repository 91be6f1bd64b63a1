//! An object that is read at positions: [`RemoteFile`].

use super::Remote;
use super::session::{Session, Task};
use crate::object::{Opened, Part};
use bytes::Bytes;
use npio::flatfile::Ranges;
use npio::{Array, CancelToken, Error, ReadAt};
use std::collections::VecDeque;
use std::io::{self, Read};
use std::iter::Peekable;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fmt, mem};
use tokio::sync::Semaphore;

/// The number of parts that are kept: threads that share an array read a few parts from each other.
const KEPT_PARTS: usize = 8;

/// The number of announcements that count: one for each thread that reads an array of its own.
const MAX_PLANS: usize = 8;

/// An object that is read at positions, as a file is: wherever npio takes a [`ReadAt`], such as
/// [`npz::Archive::new`](npio::npz::Archive::new).
///
/// Its beginning has been read. Of the rest, parts are requested when they are needed; and several at once if a reader has
/// announced what it will read ([`ReadAt::will_read`]), as those of npio do, or if it reads from one position to the next.
///
/// All reads are of the version that was opened. Several threads may read; one at a time waits.
pub struct RemoteFile {
    remote: Remote,
    size: u64,
    state: Mutex<State>,
}

/// Ranges that are to be read, each by one request.
type Plan = Peekable<Box<dyn Iterator<Item = Range<u64>> + Send>>;

struct State {
    session: Arc<Session>,
    opened: Opened,
    /// The parts that have arrived last, the oldest first.
    kept: VecDeque<Part>,
    /// What was announced, the oldest first.
    plans: VecDeque<Plan>,
    /// What is likely, because reads went from one position to the next.
    likely: Plan,
    /// The requests under way, and their ranges.
    requests: VecDeque<(Range<u64>, Task<io::Result<Part>>)>,
    permits: Arc<Semaphore>,
    /// Where the last unannounced read ended, and how many bytes the next will request if it continues there.
    end: u64,
    window: u64,
}

fn no_plan() -> Plan {
    let nothing: Box<dyn Iterator<Item = Range<u64>> + Send> = Box::new(std::iter::empty());
    nothing.peekable()
}

impl fmt::Debug for RemoteFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RemoteFile");
        shown.field("remote", &self.remote).finish_non_exhaustive()
    }
}

impl RemoteFile {
    pub(super) fn new(remote: Remote, session: Arc<Session>, opened: Opened) -> RemoteFile {
        let window = opened.options().first_read;
        let permits = Arc::new(Semaphore::new(opened.options().concurrency));
        RemoteFile {
            remote,
            size: opened.size(),
            state: Mutex::new(State {
                session,
                end: opened.known(0).len() as u64,
                opened,
                kept: VecDeque::new(),
                plans: VecDeque::new(),
                likely: no_plan(),
                requests: VecDeque::new(),
                permits,
                window,
            }),
        }
    }

    /// Loads the array, as [`Remote::load`] does: faster than by reads, because its bytes are put into their places as they
    /// arrive.
    ///
    /// # Errors
    /// As [`Remote::load`].
    pub fn load(&self) -> Result<Array, Error> {
        let mut state = self.state();
        self.renew(&mut state)?;
        let (session, opened) = (Arc::clone(&state.session), state.opened.clone());
        drop(state);
        let object = Arc::clone(opened.object());
        let loaded = session.wait(async {
            let remote = crate::Remote::from_object(Arc::clone(&object));
            remote.load_opened(opened, None).await
        });
        loaded.map_err(|error| error.in_file(&object.shown))
    }

    /// Reads end once this token is cancelled, instead of the one in the options.
    pub fn cancel_by(&self, token: CancelToken) {
        let mut state = self.state();
        // They end with the other token.
        state.requests.clear();
        let mut object = state.opened.object().as_ref().clone();
        object.options.cancel = Some(token);
        state.opened = state.opened.through(Arc::new(object));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// In a process that has been forked, whatever belongs to the other one is left to it.
    fn renew(&self, state: &mut State) -> io::Result<()> {
        if state.session.is_current() {
            return Ok(());
        }
        let (session, object) = self.remote.connect()?;
        let mut object = object.as_ref().clone();
        object.options.cancel = state.opened.cancel().cloned();
        let opened = state.opened.through(Arc::new(object));
        mem::forget(mem::replace(&mut state.opened, opened));
        mem::forget(mem::replace(&mut state.session, session));
        mem::forget(mem::take(&mut state.requests));
        state.permits = Arc::new(Semaphore::new(state.opened.options().concurrency));
        Ok(())
    }
}

impl ReadAt for RemoteFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.size)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        if offset >= self.size || bytes.is_empty() {
            return Ok(0);
        }
        let mut state = self.state();
        self.renew(&mut state)?;
        let found = state.find(bytes.len(), offset)?;
        found.as_ref().read(bytes)
    }

    fn will_read(&self, ranges: Ranges) {
        let mut state = self.state();
        if self.renew(&mut state).is_ok() {
            let gap = state.opened.options().gap;
            let plan = state.plan(ranges.merged(gap));
            state.plans.push_back(plan);
            if state.plans.len() > MAX_PLANS {
                state.plans.pop_front();
            }
        }
    }
}

impl State {
    /// Bytes from `offset` on, at least one.
    fn find(&mut self, wanted: usize, offset: u64) -> io::Result<Bytes> {
        loop {
            let known = self.opened.known(offset);
            if !known.is_empty() {
                return Ok(known);
            }
            let mut kept = self.kept.iter().rev();
            if let Some(found) = kept.find_map(|part| part.rest(offset)) {
                return Ok(found);
            }
            if self.requested(offset).is_none() {
                self.request_more();
            }
            let i = match self.requested(offset) {
                Some(i) => i,
                None => self.request_now(wanted, offset),
            };
            self.request_more();
            self.receive(i)?;
        }
    }

    /// The requests for these ranges, as far as they are not there from the beginning.
    fn plan(&self, ranges: impl Iterator<Item = Range<u64>> + Send + 'static) -> Plan {
        let known = self.opened.pieces().to_vec();
        let is_known = move |range: &Range<u64>| {
            let mut known = known.iter();
            known.any(|(begin, bytes)| {
                let bytes = *begin..begin + bytes.len() as u64;
                bytes.contains(&range.start)
            })
        };
        let requests = self.opened.split(ranges);
        let requests = requests.filter(move |range| !is_known(range));
        let requests: Box<dyn Iterator<Item = Range<u64>> + Send> = Box::new(requests);
        requests.peekable()
    }

    /// The index of the request for this byte.
    fn requested(&self, offset: u64) -> Option<usize> {
        let mut requests = self.requests.iter();
        requests.position(|(range, _)| range.contains(&offset))
    }

    /// Requests this byte, as it was announced, or else by a request of its own. Returns the index of that.
    fn request_now(&mut self, wanted: usize, offset: u64) -> usize {
        let plans = self.plans.iter_mut().chain([&mut self.likely]);
        let is_next = |plan: &mut Plan| plan.next_if(|range| range.contains(&offset));
        let range = plans.into_iter().find_map(is_next);
        let range = range.unwrap_or_else(|| self.guess(wanted, offset));
        // Those that nobody came for.
        if self.requests.len() >= 2 * self.opened.options().concurrency {
            self.requests.pop_front();
        }
        self.request(range);
        self.requests.len() - 1
    }

    /// The range of a read that was not announced: it may be the first of many, each after the one before.
    fn guess(&mut self, wanted: usize, offset: u64) -> Range<u64> {
        let options = self.opened.options();
        let continues = offset >= self.end && offset - self.end <= options.gap;
        let most = options.part_size.saturating_mul(options.concurrency as u64);
        self.window = if continues {
            self.window.saturating_mul(2).min(most)
        } else {
            options.first_read
        };
        let length = self.window.max((wanted as u64).min(options.part_size));
        self.end = offset.saturating_add(length).min(self.opened.size());
        self.likely = self.plan(std::iter::once(offset..self.end));
        self.likely.next().unwrap_or(offset..self.end)
    }

    /// Begins as many of the planned requests as may be under way.
    fn request_more(&mut self) {
        while self.requests.len() < self.opened.options().concurrency {
            let next = self.plans.iter_mut().find_map(Iterator::next);
            let Some(range) = next.or_else(|| self.likely.next()) else {
                // All are used up.
                self.plans.clear();
                return;
            };
            if !self.is_kept(&range) && self.requested(range.start).is_none() {
                self.request(range);
            }
        }
    }

    fn is_kept(&self, range: &Range<u64>) -> bool {
        let mut kept = self.kept.iter();
        kept.any(|part| part.offset <= range.start && range.end <= part.end())
    }

    fn request(&mut self, range: Range<u64>) {
        let (opened, part) = (self.opened.clone(), range.clone());
        let permits = Arc::clone(&self.permits);
        let task = self.session.spawn(async move {
            // It is never closed.
            let _permit = permits.acquire().await;
            opened.fetch(part).await
        });
        self.requests.push_back((range, task));
    }

    /// Waits for the request with this index.
    fn receive(&mut self, i: usize) -> io::Result<()> {
        let Some((_, mut task)) = self.requests.remove(i) else {
            return Ok(());
        };
        let received = self
            .opened
            .object()
            .until_cancelled(async { task.result().await? });
        let part: Part = self.session.wait(received)?;
        if self.kept.len() >= KEPT_PARTS {
            self.kept.pop_front();
        }
        self.kept.push_back(part);
        Ok(())
    }
}
