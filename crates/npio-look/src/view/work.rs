//! Work that takes longer than a key may: in a thread, with progress, until it is done or cancelled.

use super::catalog::{Opened, Work};
use super::chart::{Chart, Request};
use super::contents::{Contents, Loaded};
use super::model::Direction;
use super::selection::{Part, Selection};
use super::walk::Walk;
use npio::flatfile::npy::WriteOptions;
use npio::flatfile::stats::{Accumulator, Stats};
use npio::flatfile::threads::parallel_for_each;
use npio::flatfile::{ErrorKind, show};
use npio::{Array, DType, Error, Layout, Order, SaveOptions, Strided};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// The number of bytes that are read at a time. Between these the work may be cancelled.
const BLOCK: usize = 4 << 20;

/// The number of threads that gather statistics.
const THREADS: usize = 8;

/// What came of some work.
#[derive(Debug)]
pub(crate) enum Done {
    Opened(Opened),
    /// Names and values.
    Statistics(Vec<(&'static str, String)>),
    /// What was searched for.
    Found(Option<Found>),
    Saved(PathBuf),
    /// What a picture needs, or why it cannot be drawn.
    Chart(Box<Request>, Result<Chart, String>),
}

/// An item that is NaN or infinite.
#[derive(Debug)]
pub(crate) struct Found {
    /// Its index in the selection.
    pub(crate) index: Vec<usize>,
    /// Which field of a record it is.
    pub(crate) field: Option<usize>,
}

/// Work in a thread. If it is dropped, the work is cancelled.
#[derive(Debug)]
pub(crate) struct Running {
    what: &'static str,
    work: Work,
    result: Receiver<Result<Done, String>>,
}

impl Running {
    /// Starts the work. `what` says what it is doing.
    pub(crate) fn start(
        what: &'static str,
        run: impl FnOnce(&Work) -> Result<Done, String> + Send + 'static,
    ) -> Running {
        let work = Work::default();
        let (sender, result) = mpsc::channel();
        let of_thread = work.clone();
        let spawned = thread::Builder::new().spawn(move || {
            // Nobody waits for it if the viewer has ended.
            let _ = sender.send(run(&of_thread));
        });
        // Without a thread, the channel is closed, which is an error below.
        drop(spawned);
        Running { what, work, result }
    }

    pub(crate) fn cancel(&self) {
        self.work.token().cancel();
    }

    /// The result, if it comes within this time.
    pub(crate) fn wait(&self, time: Duration) -> Option<Result<Done, String>> {
        match self.result.recv_timeout(time) {
            // A picture that was cancelled is not begun again.
            Ok(Ok(Done::Chart(request, _))) if self.work.token().is_cancelled() => {
                Some(Ok(Done::Chart(request, Err("cancelled".to_owned()))))
            }
            Ok(_) if self.work.token().is_cancelled() => {
                Some(Err(format!("{}: cancelled", self.what)))
            }
            Ok(result) => Some(result),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Err(format!("{}: it failed", self.what))),
        }
    }

    /// What it is doing, and how far it is.
    pub(crate) fn status(&self) -> String {
        let (done, total) = self.work.progress();
        let progress = match total {
            Some(total) => {
                let percent = u128::from(done) * 100 / u128::from(total);
                format!("{:3}%", percent.min(100))
            }
            None => format!("{done} bytes"),
        };
        format!("{} {progress}  (Esc stops it)", self.what)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// The blocks of a selection's parts that are ranges, and the number of bytes in all of them.
fn walk(contents: &Contents, shape: &[usize], order: Order) -> Walk {
    let itemsize = contents.dtype().itemsize().max(1);
    Walk::new(shape, order, (BLOCK / itemsize).max(1))
}

/// The parts of a selection that a block of its ranges takes.
fn within(parts: &[Part], block: Vec<Part>) -> Vec<Part> {
    let mut block = block.into_iter();
    let part = |part: &Part| match part {
        Part::At(i) => Part::At(*i),
        // A block begins where the range does, which is at 0.
        Part::Range(_) => block.next().unwrap_or(Part::At(0)),
    };
    parts.iter().map(part).collect()
}

/// The lengths of the parts that are ranges.
fn shape_of(parts: &[Part]) -> Vec<usize> {
    let length = |part: &Part| match part {
        Part::At(_) => None,
        Part::Range(range) => Some(range.len()),
    };
    parts.iter().filter_map(length).collect()
}

/// The statistics of these parts of a selection, of one field if the items are records.
pub(crate) fn statistics(
    contents: &Contents,
    (selection, parts): (&Selection, &[Part]),
    field: Option<&str>,
    work: &Work,
) -> Result<Stats, Error> {
    let dtype = match field {
        Some(name) => contents
            .fields()
            .iter()
            .find(|field| field.name == name)
            .map_or(&DType::Object, |field| &field.dtype),
        None => contents.dtype(),
    };
    let dtype = match dtype {
        DType::Subarray(sub) => sub.base(),
        dtype => dtype,
    };
    let empty = Stats::new(dtype)?;
    let walk = walk(contents, &shape_of(parts), contents.order());
    let itemsize = contents.dtype().itemsize() as u64;
    work.expect(walk.item_count() as u64 * itemsize);
    let stats = Mutex::new(empty.empty());
    parallel_for_each(walk, THREADS, |block| {
        work.check()?;
        let Loaded::Items(array) = contents.read(selection, &within(parts, block.parts))? else {
            return Ok(());
        };
        let mut of_block = empty.empty();
        match field {
            Some(name) => of_block.add(&array.field(name)?)?,
            None => of_block.add(&array.strided())?,
        }
        let mut stats = stats.lock().unwrap_or_else(PoisonError::into_inner);
        stats.merge(of_block);
        work.add(block.count as u64 * itemsize);
        Ok::<_, Error>(())
    })?;
    Ok(stats.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// The lines that show statistics.
pub(crate) fn statistics_lines(stats: &Stats) -> Vec<(&'static str, String)> {
    let text = |value: Option<Array>| match value.map(|value| show_scalar(&value)) {
        Some(text) => text,
        None => "-".to_owned(),
    };
    vec![
        ("count", stats.count().to_string()),
        ("nan", stats.nan().to_string()),
        ("inf", stats.inf().to_string()),
        ("zero", stats.zero().to_string()),
        ("min", text(stats.min())),
        ("max", text(stats.max())),
        ("mean", text(stats.mean())),
        ("std", text(stats.std())),
    ]
}

fn show_scalar(value: &Array) -> String {
    match show::array(&value.strided()) {
        Ok(text) => text.to_string(),
        Err(error) => error.to_string(),
    }
}

/// The next item of a selection that is NaN, NaT or infinite, after the one at this index in the order of the memory, or
/// the previous one. With records any of their fields may be.
pub(crate) fn search(
    contents: &Contents,
    selection: &Selection,
    from: &[usize],
    direction: Direction,
    work: &Work,
) -> Result<Option<Found>, Error> {
    let shape = selection.shape();
    if shape.is_empty() || shape.contains(&0) {
        return Ok(None);
    }
    let order = contents.order();
    let all = walk(contents, &shape, order);
    let walk = match direction {
        Direction::Forwards => walk(contents, &shape, order).after(from),
        Direction::Backwards => walk(contents, &shape, order).before(from),
    };
    let itemsize = contents.dtype().itemsize() as u64;
    work.expect(walk.item_count() as u64 * itemsize);
    for block in walk {
        work.check()?;
        let Loaded::Items(array) = contents.read(selection, &block.parts)? else {
            return Ok(None);
        };
        let items = array.strided();
        // The axes in the order in which the items follow each other.
        let items = match order {
            Order::C => items,
            Order::Fortran => items.transposed(),
        };
        if let Some(number) = find_in(&items, direction)? {
            return Ok(Some(Found {
                index: all.index(block.begin + number),
                field: field_in(&item_at(&items, number))?,
            }));
        }
        work.add(block.count as u64 * itemsize);
    }
    Ok(None)
}

/// The number of the first or last item that is not finite.
fn find_in(
    items: &Strided<'_>,
    direction: Direction,
) -> Result<Option<usize>, npio::flatfile::Error> {
    if !has_any(items)? {
        return Ok(None);
    }
    let (mut items, mut number) = (items.clone(), 0);
    while let Some(length) = items.shape().first().copied() {
        // Half of what is left, until it is one.
        let (mut low, mut high) = (0, length);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            let (near, far) = match direction {
                Direction::Forwards => (low..middle, middle..high),
                Direction::Backwards => (middle..high, low..middle),
            };
            let part = items.narrow(0, near.clone());
            let is_near = part.map_or(Ok(false), |part| has_any(&part))?;
            let range = if is_near { near } else { far };
            (low, high) = (range.start, range.end);
        }
        number = number * length + low;
        match items.index_axis(0, low) {
            Some(item) => items = item,
            None => return Ok(None),
        }
    }
    Ok(Some(number))
}

/// The first field of a record that is not finite.
fn field_in(item: &Strided<'_>) -> Result<Option<usize>, npio::flatfile::Error> {
    let fields = item.dtype().as_record().map_or(&[][..], |r| r.fields());
    for (column, field) in fields.iter().enumerate() {
        if has_any(&item.field(&field.name)?)? {
            return Ok(Some(column));
        }
    }
    Ok(None)
}

/// The item with this number, as an array without axes.
fn item_at<'a>(items: &Strided<'a>, mut number: usize) -> Strided<'a> {
    let mut item = items.clone();
    while let Some(length) = item.shape().last().copied() {
        let axis = item.ndim() - 1;
        match item.index_axis(axis, number % length.max(1)) {
            Some(part) => item = part,
            None => break,
        }
        number /= length.max(1);
    }
    item
}

/// Whether any item is not finite, or any of its fields.
fn has_any(items: &Strided<'_>) -> Result<bool, npio::flatfile::Error> {
    if let Some(record) = items.dtype().as_record() {
        for field in record.fields() {
            if has_any(&items.field(&field.name)?)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    // What has no statistics has no NaN.
    let Ok(mut stats) = Stats::new(items.dtype()) else {
        return Ok(false);
    };
    stats.add(items)?;
    Ok(stats.nan() + stats.inf() > 0)
}

/// Saves parts of a selection as a `.npy`, in C order, block by block.
pub(crate) fn save(
    contents: &Contents,
    (selection, parts): (&Selection, &[Part]),
    (path, overwrite): (&Path, bool),
    work: &Work,
) -> Result<(), Error> {
    let shape = shape_of(parts);
    let walk = walk(contents, &shape, Order::C);
    let itemsize = contents.dtype().itemsize() as u64;
    work.expect(walk.item_count() as u64 * itemsize);
    let layout = Layout::new(contents.dtype().clone(), shape, Order::C);
    let layout = layout.map_err(npio::flatfile::Error::from)?;
    let header = WriteOptions::new().header(&layout)?;
    let header = header.encode().map_err(npio::flatfile::Error::from)?;
    let options = SaveOptions::new().cancel(work.token().clone());
    let options = if overwrite {
        options
    } else {
        options.create_new()
    };
    let mut file = options.create(path)?;
    file.write_all(&header)?;
    for block in walk {
        let loaded = contents.read(selection, &within(parts, block.parts))?;
        let Loaded::Items(array) = loaded else {
            return Err(npio::flatfile::Error::from(ErrorKind::Object).into());
        };
        file.write_all(array.to_order(Order::C)?.as_bytes())?;
        work.add(block.count as u64 * itemsize);
    }
    file.finish()
}
