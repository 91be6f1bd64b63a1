//! All items of an array, block by block, in several threads.

use super::request::Request;
use super::{Reader, Source};
use crate::conversion::Plan;
use crate::error::{Error, ErrorKind};
use crate::pipeline::pull;
use crate::stats::{Accumulator, check_dtype};
use crate::strided_layout::StridedLayout;
use crate::threads::{available, parallel_for_each};
use dtype::{ByteOrder, Order};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// The number of bytes that a thread reads and adds at a time: few enough to stay in its cache.
const PART: usize = 256 << 10;

impl<S: Source + Sync> Reader<S> {
    /// Adds all items to an accumulator, in as many threads as there are processors: in the order in which they are
    /// stored, and converted as the reader's conversion says. Memory does not grow with the array.
    ///
    /// ```
    /// use flatfile::{Array, npy, stats::Stats};
    /// let file = npy::to_bytes(&Array::from_slice(&[1u8, 2, 6], [3])?)?;
    /// let reader = npy::open(&file)?;
    /// let stats = reader.accumulate(Stats::new(reader.layout().dtype())?)?;
    /// assert_eq!(stats.mean().unwrap().as_slice::<f64>()?, [3.0]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Mismatch` if the accumulator is for items of another dtype; as [`read`](Reader::read).
    pub fn accumulate<A: Accumulator>(&self, accumulator: A) -> Result<A, Error> {
        self.located(|| self.try_accumulate(accumulator))
    }

    fn try_accumulate<A: Accumulator>(&self, mut accumulator: A) -> Result<A, Error> {
        let stored = self.items().dtype();
        let conversion = self.conversion.clone().byte_order(ByteOrder::NATIVE);
        let conversion = conversion.order(Order::C).checked(stored);
        let plan = self.plan_of(&conversion, None)?;
        check_dtype(accumulator.dtype(), plan.dtype())?;
        let places = self.places().flattened();
        if let Some(bytes) = self.in_head() {
            let items = self.request(&plan, places).pick_all((0, bytes))?;
            accumulator.add_native(items.as_bytes());
            return Ok(accumulator);
        }
        let rows = places.shape.first().copied().unwrap_or(1);
        let inner = places.count().checked_div(rows).unwrap_or(0).max(1);
        let size = stored.itemsize().max(plan.dtype().itemsize()) * inner;
        let is_at_positions = self.source.is_read_at_positions();
        let items = Items {
            reader: self,
            step: (PART / size.max(1)).max(1),
            by_rows: !is_at_positions,
            rows,
            inner,
            places,
            plan,
        };
        // Among long doubles, those before others are evidence of what they are.
        if is_at_positions && !conversion.checks_long_doubles(stored) {
            items.in_any_order(accumulator)
        } else {
            items.in_sequence(accumulator)
        }
    }
}

/// The items of an array along few axes, as they are stored.
struct Items<'a, S> {
    reader: &'a Reader<S>,
    places: StridedLayout,
    plan: Plan,
    /// The length of the first axis, and the number of items at each of its indices.
    rows: usize,
    inner: usize,
    /// How many rows are read at a time.
    step: usize,
    by_rows: bool,
}

impl<S: Source + Sync> Items<'_, S> {
    /// Reads some of the rows.
    fn read(&self, range: Range<usize>, bytes: &mut Vec<u8>) -> Result<(), Error> {
        let size = self.inner * self.plan.dtype().itemsize();
        bytes.resize(range.len() * size, 0);
        let places = self.places.narrow(0, range).ok_or(ErrorKind::Strides)?;
        let request = Request {
            by_rows: self.by_rows,
            ..self.reader.request(&self.plan, places)
        };
        self.reader.source.fill(&request, bytes)
    }

    /// Each thread reads its own parts.
    fn in_any_order<A: Accumulator>(&self, accumulator: A) -> Result<A, Error> {
        let threads = self.rows.div_ceil(self.step).min(available());
        let empty = Mutex::new(accumulator.empty());
        // One for each thread, with its buffer.
        let idle = Mutex::new(vec![(accumulator, Vec::new())]);
        let take = || idle.lock().unwrap_or_else(PoisonError::into_inner);
        let starts = (0..self.rows.max(1)).step_by(self.step);
        parallel_for_each(starts, threads, |start| {
            let found = take().pop();
            let (mut accumulator, mut bytes) = found.unwrap_or_else(|| {
                let empty = empty.lock().unwrap_or_else(PoisonError::into_inner);
                (empty.empty(), Vec::new())
            });
            let end = (start + self.step).min(self.rows);
            self.read(start..end, &mut bytes)?;
            accumulator.add_native(&bytes);
            take().push((accumulator, bytes));
            Ok::<_, Error>(())
        })?;
        let idle = idle.into_inner().unwrap_or_else(PoisonError::into_inner);
        let empty = empty.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(idle.into_iter().fold(empty, |mut all, (part, _)| {
            all.merge(part);
            all
        }))
    }

    /// This thread reads, and all of them add.
    fn in_sequence<A: Accumulator>(&self, mut accumulator: A) -> Result<A, Error> {
        let mut parts: Vec<Part<A>> = Vec::new();
        let mut start = Some(0);
        let last = pull(
            &mut parts,
            |part: &mut Part<A>| {
                let Some(first) = start else {
                    return Ok::<_, Error>(false);
                };
                let end = (first + self.step).min(self.rows);
                self.read(first..end, &mut part.bytes)?;
                part.accumulator.get_or_insert_with(|| accumulator.empty());
                start = Some(end).filter(|end| *end < self.rows);
                Ok(true)
            },
            |part| {
                if let Some(accumulator) = &mut part.accumulator {
                    accumulator.add_native(&part.bytes);
                }
            },
            |next| {
                let mut part = Part::default();
                while next(&mut part)? {}
                Ok::<_, Error>(part)
            },
        )?;
        let parts = parts.into_iter().chain([last]);
        for part in parts.filter_map(|part| part.accumulator) {
            accumulator.merge(part);
        }
        Ok(accumulator)
    }
}

/// Some items, and what is known of those before that were in the same memory.
struct Part<A> {
    bytes: Vec<u8>,
    accumulator: Option<A>,
}

impl<A> Default for Part<A> {
    fn default() -> Part<A> {
        Part {
            bytes: Vec::new(),
            accumulator: None,
        }
    }
}
