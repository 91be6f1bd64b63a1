//! NumPy's basic slicing: integers, slices with steps, `...`.

use crate::error::{Error, ErrorKind};
use crate::strided_layout::StridedLayout;
use dtype::python::excerpt;
use std::fmt;
use std::ops::{Range, RangeFrom, RangeFull, RangeTo};
use std::str::FromStr;

/// The part between two commas of `x[…]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// `3`, `-1`: one index, which removes the axis.
    At(isize),
    /// `start:stop:step`; a bound that is left out is the end of the axis.
    Range {
        /// The first index.
        start: Option<isize>,
        /// The end, exclusive.
        stop: Option<isize>,
        /// The step; negative goes backwards, and it is never 0.
        step: isize,
    },
    /// `...`: whole axes for all that remain.
    Ellipsis,
}

impl Index {
    /// A whole axis.
    const ALL: Index = Index::between(None, None);

    const fn between(start: Option<isize>, stop: Option<isize>) -> Index {
        let step = 1;
        Index::Range { start, stop, step }
    }

    /// The same range with this step, as `x[1:9:2]`; an index stays as it is.
    ///
    /// ```
    /// use flatfile::{Index, Slice};
    /// let slice = Slice::from((Index::from(1..9).step(2), Index::from(..).step(-1)));
    /// assert_eq!(slice.to_string(), "1:9:2, ::-1");
    /// ```
    #[must_use]
    pub fn step(self, step: isize) -> Index {
        match self {
            Index::Range { start, stop, .. } => Index::Range { start, stop, step },
            index => index,
        }
    }
}

/// `3` and `-1` are one index; `1..5`, `..-1`, `2..` and `..` are ranges of them, with Python's meaning of negative
/// bounds.
macro_rules! index_from {
    ($($integer:ty)*) => { $(
        impl From<$integer> for Index {
            fn from(i: $integer) -> Index {
                Index::At(bound(i))
            }
        }

        impl From<Range<$integer>> for Index {
            fn from(range: Range<$integer>) -> Index {
                Index::between(Some(bound(range.start)), Some(bound(range.end)))
            }
        }

        impl From<RangeFrom<$integer>> for Index {
            fn from(range: RangeFrom<$integer>) -> Index {
                Index::between(Some(bound(range.start)), None)
            }
        }

        impl From<RangeTo<$integer>> for Index {
            fn from(range: RangeTo<$integer>) -> Index {
                Index::between(None, Some(bound(range.end)))
            }
        }
    )* };
}

index_from! { i32 i64 isize u32 u64 usize }

impl From<RangeFull> for Index {
    fn from(_: RangeFull) -> Index {
        Index::ALL
    }
}

/// What is too large for `isize` becomes `isize::MAX`, which is after the end of every array.
fn bound(i: impl TryInto<isize>) -> isize {
    i.try_into().unwrap_or(isize::MAX)
}

/// A selection of items by their indices, as in `x[0:5, ::2, -1]`. Axes that it does not mention are whole.
///
/// It is parsed from NumPy's text, or made of integers and ranges: one, or a tuple of up to six. A range with a step
/// is `Index::from(1..9).step(2)`.
///
/// ```
/// use flatfile::{Array, Slice};
/// let x = Array::from_slice(&[1u8, 2, 3, 4, 5, 6], [2, 3])?;
/// let slice: Slice = "..., ::-2".parse()?;
/// let part = x.strided().slice(&slice)?;
/// assert_eq!((part.shape(), part.items().flatten().collect::<Vec<_>>()), (&[2, 2][..], vec![&3, &1, &6, &4]));
///
/// assert_eq!(Slice::from((1.., ..-1)), "1:, :-1".parse()?);
/// assert_eq!(x.strided().slice(&0.into())?.items().flatten().collect::<Vec<_>>(), [&1, &2, &3]);
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slice {
    parts: Vec<Index>,
    rows: Option<Rows>,
}

/// How many rows of a selection are taken, and from which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rows {
    First(usize),
    Last(usize),
}

impl Slice {
    /// The slice with these parts.
    pub fn new(parts: impl Into<Vec<Index>>) -> Slice {
        let (parts, rows) = (parts.into(), None);
        Slice { parts, rows }
    }

    /// At most the first `rows` rows of the selection; a 0-d result stays as it is.
    #[must_use]
    pub fn max_rows(mut self, rows: usize) -> Slice {
        self.rows = Some(Rows::First(rows));
        self
    }

    /// At most the last `rows` rows of the selection; a 0-d result stays as it is.
    ///
    /// ```
    /// use flatfile::{Array, Slice};
    /// let x = Array::from_slice(&[1u8, 2, 3, 4, 5, 6], [3, 2])?;
    /// let part = x.strided().slice(&Slice::default().last_rows(2))?;
    /// assert_eq!(part.items().flatten().collect::<Vec<_>>(), [&3, &4, &5, &6]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn last_rows(mut self, rows: usize) -> Slice {
        self.rows = Some(Rows::Last(rows));
        self
    }

    /// Whether it says how many rows there are at most.
    pub(crate) fn has_max_rows(&self) -> bool {
        self.rows.is_some()
    }

    /// The selected ones of these items.
    pub(crate) fn of(&self, items: &StridedLayout) -> Result<StridedLayout, Error> {
        let taken = self.axes(&items.shape)?;
        let axes = taken.iter().map(|axis| (axis.first, axis.count, axis.step));
        Ok(items.select(axes))
    }

    /// The selection along each axis of an array of this shape.
    ///
    /// ```
    /// use flatfile::Slice;
    /// let axes = "3, ::-2".parse::<Slice>()?.axes(&[9, 5, 7])?;
    /// let axes: Vec<_> = axes.iter().map(|axis| (axis.first, axis.count, axis.step)).collect();
    /// assert_eq!(axes, [(3, None, 1), (4, Some(3), -2), (0, Some(7), 1)]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Slice` if an index is not there, or there are too many.
    pub fn axes(&self, shape: &[usize]) -> Result<Vec<AxisSlice>, Error> {
        let mut axes = self.all_rows(shape)?;
        let rows = axes
            .iter_mut()
            .find_map(|axis| Some((&mut axis.first, axis.count.as_mut()?, axis.step)));
        if let (Some((first, count, step)), Some(rows)) = (rows, self.rows) {
            let skipped = match rows {
                Rows::First(_) => 0,
                Rows::Last(rows) => count.saturating_sub(rows),
            };
            let (Rows::First(most) | Rows::Last(most)) = rows;
            *count = most.min(*count);
            *first = first.wrapping_add_signed(step.wrapping_mul(skipped as isize));
        }
        Ok(axes)
    }

    /// The same, whatever the number of rows.
    fn all_rows(&self, shape: &[usize]) -> Result<Vec<AxisSlice>, Error> {
        let wrong = |what: String| Error::from(ErrorKind::Slice(format!("slice {self}: {what}")));
        let mut groups = self.parts.split(|part| *part == Index::Ellipsis);
        let (head, tail) = (groups.next().unwrap_or(&[]), groups.next().unwrap_or(&[]));
        let (named, axes) = (head.len() + tail.len(), shape.len());
        if groups.next().is_some() {
            return Err(wrong("more than one '...'".into()));
        }
        let Some(whole) = axes.checked_sub(named) else {
            return Err(wrong(format!("{named} indices for {axes} axes")));
        };
        let whole = std::iter::repeat_n(&Index::ALL, whole);
        let parts = head.iter().chain(whole).chain(tail).zip(shape).enumerate();
        parts
            .map(|(axis, (part, length))| match part {
                Index::Range { step: 0, .. } => Err(wrong(format!("the step of axis {axis} is 0"))),
                part => AxisSlice::of(*part, *length).ok_or_else(|| {
                    wrong(format!(
                        "axis {axis} has length {length}: there is no index {part}"
                    ))
                }),
            })
            .collect()
    }
}

/// The selection along one axis of an array: see [`Slice::axes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AxisSlice {
    /// The first selected index; 0 if none is.
    pub first: usize,
    /// The number of selected indices; `None` if the axis is removed.
    pub count: Option<usize>,
    /// From one of them to the next; negative goes backwards.
    pub step: isize,
}

impl AxisSlice {
    fn of(part: Index, length: usize) -> Option<AxisSlice> {
        // Wide enough for every length and step, and for all their sums.
        let n = length as i128;
        let from_end = |i: isize| if i < 0 { i as i128 + n } else { i as i128 };
        let Index::Range { start, stop, step } = part else {
            let Index::At(i) = part else { return None };
            let first = usize::try_from(from_end(i)).ok()?;
            let (count, step) = (None, 1);
            return (first < length).then_some(AxisSlice { first, count, step });
        };
        // Python's slice.indices: backwards, the bounds are one before the first and the last item.
        let (low, high) = if step < 0 { (-1, n - 1) } else { (0, n) };
        let place = |i: isize| from_end(i).clamp(low, high);
        let start = start.map_or(if step < 0 { high } else { low }, place);
        let stop = stop.map_or(if step < 0 { low } else { high }, place);
        let span = if step < 0 { start - stop } else { stop - start };
        let count = (span.max(0) as usize).div_ceil(step.unsigned_abs());
        let first = if count == 0 { 0 } else { start as usize };
        let count = Some(count);
        Some(AxisSlice { first, count, step })
    }
}

/// One index for the first axis.
impl<I: Into<Index>> From<I> for Slice {
    fn from(index: I) -> Slice {
        Slice::new([index.into()])
    }
}

macro_rules! slice_from_tuple {
    ($(($($index:ident)+))*) => { $(
        /// One index for each of the first axes.
        impl<$($index: Into<Index>),+> From<($($index,)+)> for Slice {
            #[expect(non_snake_case, reason = "the variables have the names of their types")]
            fn from(($($index,)+): ($($index,)+)) -> Slice {
                Slice::new([$($index.into()),+])
            }
        }
    )* };
}

slice_from_tuple! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) }

/// `3`, `1:`, `::-1`, `...`, separated by commas.
impl FromStr for Slice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Slice, Error> {
        if text.trim().is_empty() {
            return Ok(Slice::default());
        }
        let index = |part: &str| {
            let part = part.trim();
            parse_index(part).ok_or_else(|| {
                let why = match part.split(':').collect::<Vec<_>>()[..] {
                    [_, _, step] if step.trim().parse() == Ok(0) => "the step is 0",
                    _ => "expected 3, 1:5, ::2 or ...",
                };
                let why = format!("invalid slice {}: {why}", excerpt(part));
                Error::from(ErrorKind::Slice(why))
            })
        };
        // As in Python, a comma may follow the last one.
        let text = text.trim();
        let text = text.strip_suffix(',').unwrap_or(text);
        text.split(',')
            .map(index)
            .collect::<Result<_, _>>()
            .map(|parts: Vec<_>| Slice::new(parts))
    }
}

fn parse_index(text: &str) -> Option<Index> {
    if text == "..." {
        return Some(Index::Ellipsis);
    }
    let number = |text: &str| -> Option<Option<isize>> {
        match text.trim() {
            "" => Some(None),
            digits => digits.parse().ok().map(Some),
        }
    };
    let mut parts = text.split(':');
    let (start, stop) = (parts.next()?, parts.next());
    let Some(stop) = stop else {
        return number(start)?.map(Index::At);
    };
    let step = number(parts.next().unwrap_or(""))?.unwrap_or(1);
    let (start, stop) = (number(start)?, number(stop)?);
    let is_whole = parts.next().is_none() && step != 0;
    is_whole.then_some(Index::Range { start, stop, step })
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |n: &Option<isize>| n.map_or(String::new(), |n| n.to_string());
        match self {
            Index::At(i) => write!(f, "{i}"),
            Index::Range {
                start,
                stop,
                step: 1,
            } => write!(f, "{}:{}", number(start), number(stop)),
            Index::Range { start, stop, step } => {
                write!(f, "{}:{}:{step}", number(start), number(stop))
            }
            Index::Ellipsis => f.write_str("..."),
        }
    }
}

/// As Python writes it between the brackets.
impl fmt::Display for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, part) in self.parts.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{part}")?;
        }
        Ok(())
    }
}
