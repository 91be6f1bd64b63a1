//! NumPy's basic slicing: integers, slices with steps, `...`.

use crate::places::Places;
use crate::{Error, ErrorKind};
use std::fmt;
use std::str::FromStr;

/// What stands between two commas of `x[…]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// `3`, `-1`: one index, and the axis is gone.
    At(isize),
    /// `start:stop:step`; what is left out goes as far as the axis does.
    Range {
        /// Where it begins.
        start: Option<isize>,
        /// Where it ends, itself not included.
        stop: Option<isize>,
        /// From one to the next; negative is backwards, and never 0.
        step: isize,
    },
    /// `...`: as many whole axes as are left.
    Ellipsis,
}

/// A choice of items by their indices, as in `x[0:5, ::2, -1]`. Axes that it does not name are whole.
///
/// ```
/// use flatfile::{Array, Slice};
/// let x = Array::from_slice(&[1u8, 2, 3, 4, 5, 6], [2, 3])?;
/// let slice: Slice = "..., ::-2".parse()?;
/// let part = x.strided().slice(&slice)?;
/// assert_eq!((part.shape(), part.items().flatten().collect::<Vec<_>>()), (&[2, 2][..], vec![&3, &1, &6, &4]));
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slice(Vec<Index>);

impl Slice {
    /// The slice of these parts.
    pub fn new(parts: impl Into<Vec<Index>>) -> Slice {
        Slice(parts.into())
    }

    /// The first `rows` rows, or all where there are fewer.
    pub fn rows(rows: usize) -> Slice {
        let stop = Some(isize::try_from(rows).unwrap_or(isize::MAX));
        let (start, step) = (Some(0), 1);
        Slice(vec![Index::Range { start, stop, step }])
    }

    /// Which of these items it takes.
    pub(crate) fn of(&self, items: &Places) -> Result<Places, Error> {
        let taken = self.axes(&items.shape)?;
        Ok(items.pick(taken.iter().map(|axis| (axis.first, axis.count, axis.step))))
    }

    /// What it takes of each axis of an array of this shape.
    fn axes(&self, shape: &[usize]) -> Result<Vec<Taken>, Error> {
        let wrong = |what: String| Error::from(ErrorKind::Slice(format!("slice {self}: {what}")));
        let named = self
            .0
            .iter()
            .filter(|part| **part != Index::Ellipsis)
            .count();
        let ellipses = self.0.len() - named;
        if named > shape.len() || ellipses > 1 {
            let axes = shape.len();
            return Err(wrong(format!(
                "{named} indices and {ellipses} '...' for {axes} axes"
            )));
        }
        let whole = shape.len() - named;
        let all = Index::Range {
            start: None,
            stop: None,
            step: 1,
        };
        let before = self
            .0
            .iter()
            .take_while(|part| **part != Index::Ellipsis)
            .count();
        let (head, tail) = self.0.split_at(before);
        let tail = tail.get(1..).unwrap_or_default();
        let parts = head
            .iter()
            .copied()
            .chain(std::iter::repeat_n(all, whole))
            .chain(tail.iter().copied());
        parts
            .zip(shape)
            .enumerate()
            .map(|(axis, (part, length))| {
                Taken::of(part, *length).ok_or_else(|| {
                    wrong(format!(
                        "the index of axis {axis} is out of bounds: its length is {length}"
                    ))
                })
            })
            .collect()
    }
}

/// What is taken of one axis.
#[derive(Clone, Copy, Debug)]
struct Taken {
    first: usize,
    /// `None` where the axis is gone.
    count: Option<usize>,
    step: isize,
}

impl Taken {
    fn of(part: Index, length: usize) -> Option<Taken> {
        // No axis is longer: an array's bytes fit into `isize`, and what has no bytes ends here.
        let n = isize::try_from(length).ok()?;
        let Index::Range { start, stop, step } = part else {
            let Index::At(i) = part else { return None };
            let first = usize::try_from(if i < 0 { i + n } else { i }).ok()?;
            let (count, step) = (None, 1);
            return (first < length).then_some(Taken { first, count, step });
        };
        // Python's slice.indices: backwards, the ends are one before the first and the last item.
        let (low, high) = if step < 0 { (-1, n - 1) } else { (0, n) };
        let place = |i: isize| (if i < 0 { i.saturating_add(n) } else { i }).clamp(low, high);
        let start = start.map_or(if step < 0 { high } else { low }, place);
        let stop = stop.map_or(if step < 0 { low } else { high }, place);
        let span = if step < 0 { start - stop } else { stop - start };
        let count = span.max(0).unsigned_abs().div_ceil(step.unsigned_abs());
        let first = if count == 0 { 0 } else { start.unsigned_abs() };
        Some(Taken {
            first,
            count: Some(count),
            step,
        })
    }
}

/// `3`, `1:`, `::-1`, `...`, with commas between them.
impl FromStr for Slice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Slice, Error> {
        if text.trim().is_empty() {
            return Ok(Slice::default());
        }
        let wrong = |part: &str| {
            ErrorKind::Slice(format!(
                "{:?} is no index: expected 3, 1:5, ::2 or ...",
                part
            ))
        };
        let index = |part: &str| {
            let part = part.trim();
            parse_index(part).ok_or_else(|| Error::from(wrong(part)))
        };
        text.split(',')
            .map(index)
            .collect::<Result<_, _>>()
            .map(Slice)
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
        for (i, part) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{part}")?;
        }
        Ok(())
    }
}
