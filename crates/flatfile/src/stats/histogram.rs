//! How many values are in each of some intervals: [`Histogram`].

use super::item::{Kind, native};
use super::{Accumulator, Stats};
use crate::error::{Error, ErrorKind};
use dtype::DType;

/// The number of values in intervals of equal length, as `np.histogram` of the values as `float64` counts them; values that
/// are not finite are left out.
///
/// ```
/// use flatfile::{Array, stats::{Accumulator, Histogram, Stats}};
/// let array = Array::from_slice(&[0.0f32, 1.0, 1.5, 4.0, f32::INFINITY], [5])?;
/// let mut stats = Stats::new(array.dtype())?;
/// stats.add(&array.strided())?;
/// let mut histogram = Histogram::of(&stats, 4)?;
/// histogram.add(&array.strided())?;
/// assert_eq!(histogram.counts(), [1, 2, 0, 1]);
/// assert_eq!(histogram.edges(), [0.0, 1.0, 2.0, 3.0, 4.0]);
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Histogram {
    dtype: DType,
    kind: Kind,
    first: f64,
    last: f64,
    edges: Vec<f64>,
    counts: Vec<u64>,
}

impl Histogram {
    /// One with so many intervals, at least one, from the least finite value to the greatest; from 0 to 1 if there is none.
    ///
    /// # Errors
    /// `NoStats` for complex numbers and times.
    pub fn of(stats: &Stats, bins: usize) -> Result<Histogram, Error> {
        let kind = stats.kind;
        if let Kind::Complex(_) | Kind::Time = kind {
            return Err(ErrorKind::NoStats(stats.dtype.clone()).into());
        }
        let (mut first, mut last) = stats.finite_range().unwrap_or((0.0, 1.0));
        // An x87 number may be beyond every float64.
        first = first.max(f64::MIN);
        last = last.min(f64::MAX);
        if first == last {
            (first, last) = (first - 0.5, last + 0.5);
        }
        let bins = bins.max(1);
        let length = last - first;
        let edge = |index: usize| {
            if index == bins {
                last
            } else if length.is_finite() {
                index as f64 * (length / bins as f64) + first
            } else {
                let part = index as f64 / bins as f64;
                first * (1.0 - part) + last * part
            }
        };
        Ok(Histogram {
            dtype: native(&stats.dtype),
            kind,
            first,
            last,
            edges: (0..=bins).map(edge).collect(),
            counts: vec![0; bins],
        })
    }

    /// The ends of the intervals, one more than there are intervals. Each interval is without its end, but the last one.
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// The number of values in each interval.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }
}

impl Accumulator for Histogram {
    fn dtype(&self) -> &DType {
        &self.dtype
    }

    fn add_native(&mut self, items: &[u8]) {
        let Histogram {
            kind,
            first,
            last,
            ref edges,
            ref mut counts,
            ..
        } = *self;
        let bins = counts.len();
        let length = last - first;
        kind.for_each_key(items, |key| {
            let value = kind.value(key);
            if !value.is_finite() {
                return;
            }
            let part = if length.is_finite() {
                (value - first) / length
            } else {
                (value / 2.0 - first / 2.0) / (last / 2.0 - first / 2.0)
            };
            let mut index = ((part * bins as f64) as usize).min(bins - 1);
            // What was rounded may be on the wrong side of an edge.
            let edge = |index: usize| edges.get(index).copied().unwrap_or(last);
            if value < edge(index) {
                index = index.saturating_sub(1);
            }
            if index + 1 < bins && value >= edge(index + 1) {
                index += 1;
            }
            if let Some(count) = counts.get_mut(index) {
                *count += 1;
            }
        });
    }

    fn empty(&self) -> Histogram {
        Histogram {
            counts: vec![0; self.counts.len()],
            ..self.clone()
        }
    }

    fn merge(&mut self, other: Histogram) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
    }
}
