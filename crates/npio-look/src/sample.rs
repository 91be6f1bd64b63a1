//! From arrays of any size to as many values as a picture has pixels: [`Grid`], [`Line`], [`Bins`].
//!
//! What is not larger than the limit (a GiB, if nothing else is asked for) is read once, from its beginning to its end, and
//! nothing of it is left out: a column of a line has the least and the greatest of its values, and a cell of a grid the
//! mean of its own. Of more, and only if it can be read at any place, just the values at equal distances are read.

use crate::error::Error;
use crate::range::{Limits, Ramp, Scale};
use crate::values::{Block, Values};
use std::slice;

/// The size of what is read as a whole, if nothing else is asked for.
pub const WHOLE: u64 = 1 << 30;

/// How many places are read of an array that is sampled: each may be another block of a disk.
const MAX_PLACES: usize = 1 << 16;

/// The most values that are kept in memory to be counted later: 256 MiB of them.
const MAX_KEPT: usize = 1 << 25;

/// The number of values that are read at each place of a sampled line: a block of a disk.
const RUN: usize = 512;

/// What all values are, or those that were read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// The number of values.
    pub count: u64,
    /// How many of them are NaN or NaT.
    pub nan: u64,
    /// How many of them are infinite.
    pub infinite: u64,
    /// The least and the greatest finite value.
    pub range: Option<(f64, f64)>,
    /// The least value that is greater than 0.
    pub least_positive: Option<f64>,
    /// Whether only some values were read.
    pub is_sampled: bool,
}

impl Tally {
    /// What all values are, or those of a sample if there are more.
    ///
    /// # Errors
    /// What the array's reader says.
    pub fn of(values: &Values<'_, '_>, whole: u64) -> Result<Tally, Error> {
        let mut tally = Tally::default();
        if values.nbytes() > whole && values.has_random_access() {
            tally.is_sampled = true;
            tally.add(&sample(values)?);
            return Ok(tally);
        }
        values.for_each_part(|values| {
            tally.add(values);
            Ok(())
        })?;
        Ok(tally)
    }

    /// From the least finite value that has a place on this scale to the greatest.
    pub fn ramp(&self, scale: Scale) -> Ramp {
        let ends = match scale {
            Scale::Linear => self.range,
            Scale::Log => self.least_positive.zip(self.range.map(|range| range.1)),
        };
        Ramp::between(ends, scale)
    }

    /// Adds what is known of other values.
    pub(crate) fn merge(&mut self, other: &Tally) {
        let or = |a: Option<f64>, b: Option<f64>, choose: fn(f64, f64) -> f64| match (a, b) {
            (Some(a), Some(b)) => Some(choose(a, b)),
            (a, b) => a.or(b),
        };
        let low = or(
            self.range.map(|range| range.0),
            other.range.map(|range| range.0),
            f64::min,
        );
        let high = or(
            self.range.map(|range| range.1),
            other.range.map(|range| range.1),
            f64::max,
        );
        *self = Tally {
            count: self.count + other.count,
            nan: self.nan + other.nan,
            infinite: self.infinite + other.infinite,
            range: low.zip(high),
            least_positive: or(self.least_positive, other.least_positive, f64::min),
            is_sampled: self.is_sampled || other.is_sampled,
        };
    }

    /// Adds values.
    pub fn add(&mut self, values: &[f64]) {
        self.count += values.len() as u64;
        let (mut low, mut high) = self.range.unwrap_or((f64::INFINITY, f64::NEG_INFINITY));
        let mut positive = self.least_positive.unwrap_or(f64::INFINITY);
        for &value in values {
            if value.is_finite() {
                low = low.min(value);
                high = high.max(value);
                if value > 0.0 {
                    positive = positive.min(value);
                }
            } else if value.is_nan() {
                self.nan += 1;
            } else {
                self.infinite += 1;
            }
        }
        self.range = (low <= high).then_some((low, high));
        self.least_positive = positive.is_finite().then_some(positive);
    }
}

/// As many cells as a picture has, with one value for each.
#[derive(Clone, Debug)]
pub struct Grid {
    /// The number of cells in a row.
    pub width: usize,
    /// The number of rows.
    pub height: usize,
    /// The number of values of a cell: 1, or that of a third axis, as of colours.
    pub depth: usize,
    /// The values of each cell, row by row; NaN for those of which no value is a number.
    pub values: Vec<f64>,
    /// What the values are that were read.
    pub tally: Tally,
}

impl Grid {
    /// Two axes in at most this many columns and rows; a third axis stays as it is. A cell is the mean of its values that are
    /// numbers, or of an array that is sampled one of them.
    ///
    /// # Errors
    /// Another number of axes than two or three; what the array's reader says.
    pub fn of(
        values: &Values<'_, '_>,
        width: usize,
        height: usize,
        whole: u64,
    ) -> Result<Grid, Error> {
        if !(2..=3).contains(&values.shape().len()) {
            return Err(wrong_axes("a heatmap", "2", values));
        }
        let (rows, columns) = values.rows_and_columns();
        let (width, height) = (width.min(columns), height.min(rows));
        if values.nbytes() > whole && values.has_random_access() {
            return Grid::sampled(values, width, height);
        }
        let depth = values.depth();
        let mut cells = CellSums::new((width, columns), (height, rows), depth);
        let mut tally = Tally::default();
        values.for_each_block(|block| {
            tally.add(block.values);
            cells.add(block);
            Ok(())
        })?;
        let means = cells.sums.iter().map(|(sum, count)| {
            if *count == 0 {
                f64::NAN
            } else {
                sum / *count as f64
            }
        });
        let values = means.collect();
        Ok(Grid {
            width,
            height,
            depth,
            values,
            tally,
        })
    }

    /// The value in the middle of each cell.
    fn sampled(values: &Values<'_, '_>, width: usize, height: usize) -> Result<Grid, Error> {
        let (rows, columns) = values.rows_and_columns();
        let share = ((width * height) as f64 / MAX_PLACES as f64)
            .sqrt()
            .max(1.0);
        let fewer = |length: usize| ((length as f64 / share) as usize).clamp(1, length.max(1));
        let (width, height) = (fewer(width), fewer(height));
        let read = values.read_steps(&[spread(height, rows), spread(width, columns)])?;
        let mut tally = Tally {
            is_sampled: true,
            ..Tally::default()
        };
        tally.add(&read);
        Ok(Grid {
            width,
            height,
            depth: values.depth(),
            values: read,
            tally,
        })
    }
}

/// What is known of each cell so far.
struct CellSums {
    /// The ends of the columns of cells.
    ends: Vec<usize>,
    /// The number of rows of cells, and that of rows.
    height: (usize, usize),
    depth: usize,
    /// The sum of the values that are numbers, and their number.
    sums: Vec<(f64, u64)>,
}

impl CellSums {
    fn new((width, columns): (usize, usize), height: (usize, usize), depth: usize) -> CellSums {
        CellSums {
            ends: (1..=width)
                .map(|cell| start_of(cell, columns, width))
                .collect(),
            height,
            depth,
            sums: vec![(0.0, 0); width * height.0 * depth],
        }
    }

    fn add(&mut self, block: &Block<'_>) {
        let (height, rows) = self.height;
        let (width, depth) = (self.ends.len(), self.depth);
        let read = (block.columns.len() * depth).max(1);
        let first = self.ends.partition_point(|end| *end <= block.columns.start);
        for (row, values) in block.rows.clone().zip(block.values.chunks_exact(read)) {
            let cells = cell_of(row, rows, height) * width + first;
            let sums = self.sums.get_mut(cells * depth..).unwrap_or_default();
            let (mut left, mut column) = (values, block.columns.start);
            let ends = self.ends.iter().skip(first);
            for (sums, end) in sums.chunks_exact_mut(depth.max(1)).zip(ends) {
                let (here, rest) = left.split_at(((end - column) * depth).min(left.len()));
                match sums {
                    [sum] => add_numbers(sum, here),
                    sums => {
                        for values in here.chunks_exact(depth.max(1)) {
                            sums.iter_mut()
                                .zip(values)
                                .for_each(|(sum, value)| add_numbers(sum, slice::from_ref(value)));
                        }
                    }
                }
                (left, column) = (rest, *end);
                if left.is_empty() {
                    break;
                }
            }
        }
    }
}

/// Adds those of the values that are numbers; without branches, so that several are added at once.
fn add_numbers(sum: &mut (f64, u64), values: &[f64]) {
    for value in values {
        sum.0 += if value.is_nan() { 0.0 } else { *value };
        sum.1 += u64::from(!value.is_nan());
    }
}

/// The cell that has this index, if `length` indices are in `cells` cells of equal length.
fn cell_of(index: usize, length: usize, cells: usize) -> usize {
    (index as u128 * cells as u128 / length.max(1) as u128) as usize
}

/// The first index of a cell.
fn start_of(cell: usize, length: usize, cells: usize) -> usize {
    (cell as u128 * length as u128).div_ceil(cells.max(1) as u128) as usize
}

/// The values of some neighbouring indices, which are in one column of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// The first index.
    pub start: usize,
    /// The number of indices.
    pub count: usize,
    /// The first value that is a number, and the last.
    pub ends: (f64, f64),
    /// The least value, and the greatest; NaN if none is a number.
    pub range: (f64, f64),
}

impl Column {
    pub(crate) fn new(start: usize, count: usize) -> Column {
        let (ends, range) = ((f64::NAN, f64::NAN), (f64::NAN, f64::NAN));
        Column {
            start,
            count,
            ends,
            range,
        }
    }

    pub(crate) fn add(&mut self, values: impl Iterator<Item = f64>) {
        for value in values.filter(|value| value.is_finite()) {
            if self.ends.0.is_nan() {
                self.ends.0 = value;
            }
            self.ends.1 = value;
            // What is not NaN is taken.
            self.range = (self.range.0.min(value), self.range.1.max(value));
        }
    }
}

/// One axis in as many columns as a picture has. No spike is lost: each column has its least and its greatest value.
#[derive(Clone, Debug)]
pub struct Line {
    /// Each line as columns of equal length, from the first index to the last.
    pub lines: Vec<Vec<Column>>,
    /// What the values are that were read.
    pub tally: Tally,
}

impl Line {
    /// One axis in at most this many columns; of two axes, each index of the second is a line of its own. Of an array that
    /// is sampled, a column has its first 512 values.
    ///
    /// # Errors
    /// Another number of axes; what the array's reader says.
    pub fn of(values: &Values<'_, '_>, width: usize, whole: u64) -> Result<Line, Error> {
        if !(1..=2).contains(&values.shape().len()) {
            return Err(wrong_axes("a line", "1", values));
        }
        let (length, lines) = match values.shape() {
            [length, lines, ..] => (*length, *lines),
            _ => (values.count(), 1),
        };
        let width = width.min(length);
        let column = |cell: usize| {
            let start = start_of(cell, length, width);
            Column::new(start, start_of(cell + 1, length, width) - start)
        };
        let columns: Vec<Column> = (0..width).map(column).collect();
        let mut lines = vec![columns; lines];
        let mut tally = Tally::default();
        if values.nbytes() > whole && values.has_random_access() {
            tally.is_sampled = true;
            for cell in 0..width {
                let Column { start, count, .. } = column(cell);
                let read = values.read_steps(&[(start, count.min(RUN), 1)])?;
                tally.add(&read);
                let step = lines.len();
                let columns = lines.iter_mut().filter_map(|line| line.get_mut(cell));
                for (line, column) in columns.enumerate() {
                    column.add(read.iter().skip(line).step_by(step).copied());
                }
            }
            return Ok(Line { lines, tally });
        }
        values.for_each_block(|block| {
            tally.add(block.values);
            let is_flat = values.shape().len() == 1;
            let (range, here) = if is_flat {
                (&block.columns, 0..1)
            } else {
                (&block.rows, block.columns.clone())
            };
            let step = here.len();
            let first = cell_of(range.start, length, width);
            for (offset, line) in lines.iter_mut().skip(here.start).take(step).enumerate() {
                for column in line.iter_mut().skip(first) {
                    if column.start >= range.end {
                        break;
                    }
                    let from = column.start.max(range.start) - range.start;
                    let to = (column.start + column.count).min(range.end) - range.start;
                    let values = block.values.get(from * step..to * step).unwrap_or_default();
                    if step == 1 {
                        column.add(values.iter().copied());
                    } else {
                        column.add(values.iter().skip(offset).step_by(step).copied());
                    }
                }
            }
            Ok(())
        })?;
        Ok(Line { lines, tally })
    }
}

/// How many values are in each of some intervals of equal length.
#[derive(Clone, Debug)]
pub struct Bins {
    /// From the lower end of the first interval to the upper end of the last.
    pub ramp: Ramp,
    /// The number of values in each.
    pub counts: Vec<u64>,
    /// What the values are that were read.
    pub tally: Tally,
}

impl Bins {
    /// All values in this many intervals. Without given limits an array is read twice, first for its least and greatest
    /// value; one that can only be read from its beginning is kept in memory.
    ///
    /// # Errors
    /// Wrong limits; what the array's reader says.
    pub fn of(
        values: &Values<'_, '_>,
        bins: usize,
        (limits, scale): (Limits, Scale),
        whole: u64,
    ) -> Result<Bins, Error> {
        let mut tally = Tally::default();
        let is_sampled = values.nbytes() > whole && values.has_random_access();
        let is_read_once = is_sampled || !values.has_random_access();
        let kept = if is_sampled {
            tally.is_sampled = true;
            let sample = sample(values)?;
            tally.add(&sample);
            sample
        } else {
            // Of very many, those at equal distances.
            let apart = values.count().div_ceil(MAX_KEPT).max(1);
            let is_kept = is_read_once || limits == Limits::Robust;
            let (mut kept, mut skipped) = (Vec::new(), 0);
            values.for_each_part(|values| {
                tally.add(values);
                if is_kept {
                    kept.extend(values.iter().skip(skipped).step_by(apart));
                    let next = (values.len() + apart - skipped) % apart;
                    skipped = (apart - next) % apart;
                }
                Ok(())
            })?;
            if is_read_once && apart > 1 {
                tally.is_sampled = true;
                tally.count = kept.len() as u64;
            }
            kept
        };
        let ramp = match limits {
            Limits::All => tally.ramp(scale),
            limits => Ramp::new(&kept, limits, scale)?,
        };
        let mut counts = vec![0; bins.max(1)];
        let mut add = |values: &[f64]| {
            let places = values.iter().map(|value| ramp.place(*value));
            for place in places.filter(|place| (0.0..=1.0).contains(place)) {
                let bin = ((place * bins as f64) as usize).min(bins.saturating_sub(1));
                if let Some(count) = counts.get_mut(bin) {
                    *count += 1;
                }
            }
        };
        if is_read_once {
            add(&kept);
        } else {
            values.for_each_part(|values| {
                add(values);
                Ok(())
            })?;
        }
        Ok(Bins {
            ramp,
            counts,
            tally,
        })
    }
}

/// Values at equal distances along all axes: all indices of short ones, and as many of each long one.
pub(crate) fn sample(values: &Values<'_, '_>) -> Result<Vec<f64>, Error> {
    let mut axes: Vec<(usize, usize)> = values.shape().iter().copied().enumerate().collect();
    axes.sort_by_key(|(_, length)| *length);
    let mut steps = vec![(0, 0, 1); axes.len()];
    let (mut left, mut others) = (MAX_PLACES, axes.len());
    for (axis, length) in axes {
        let share = (left as f64).powf(1.0 / others as f64).round().max(1.0) as usize;
        let step = spread(share.min(length), length);
        left /= step.1.max(1);
        others -= 1;
        if let Some(place) = steps.get_mut(axis) {
            *place = step;
        }
    }
    values.read_steps(&steps)
}

/// The first of so many indices at equal distances, how many they are, and how far apart: those in the middle of cells.
fn spread(count: usize, length: usize) -> (usize, usize, usize) {
    let step = (length / count.max(1)).max(1);
    let rest = length.saturating_sub(step * count.saturating_sub(1));
    (rest.saturating_sub(1) / 2, count, step)
}

fn wrong_axes(what: &str, axes: &str, values: &Values<'_, '_>) -> Error {
    let shape = npio::dtype::shape_tuple(values.shape());
    Error::unsuitable(format!(
        "{what} has {axes} axes, and the shape is {shape}: select some of it with --slice"
    ))
}
