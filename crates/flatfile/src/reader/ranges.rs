//! Slices of arrays whose bytes are stored elsewhere, as in an object store: the byte ranges to fetch, and their
//! items.

use super::Reader;
use crate::array::Array;
use crate::conversion::Conversion;
use crate::error::Error;
use crate::read_at::ReadAt;
use crate::slice::Slice;
use crate::strided_layout::StridedLayout;
use dtype::Layout;
use std::io;
use std::iter::FusedIterator;
use std::ops::Range;

impl Slice {
    /// The byte ranges that the slice selects from an array of this layout, counted from its first item. They are
    /// ascending, and ranges with at most `gap` bytes between them are merged.
    ///
    /// ```
    /// use flatfile::{Slice, dtype::{DType, Layout, Order}};
    /// let layout = Layout::new(DType::F64, [100, 10], Order::C)?;
    /// let slice: Slice = "2:4, :3".parse()?;
    /// assert_eq!(slice.ranges(&layout, 0)?.collect::<Vec<_>>(), [160..184, 240..264]);
    /// assert_eq!(slice.ranges(&layout, 4096)?.collect::<Vec<_>>(), [160..264]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Slice`.
    pub fn ranges(&self, layout: &Layout, gap: u64) -> Result<Ranges, Error> {
        let taken = self.of(&StridedLayout::of(layout))?;
        Ok(Ranges::new(&taken, layout.dtype().itemsize(), gap))
    }

    /// The items that the slice selects from an array of this layout, of which these parts are available: each with
    /// its position, counted from the first item, ascending, such as those that [`ranges`](Slice::ranges) returns.
    /// They are converted as by a [`Reader`].
    ///
    /// ```
    /// use flatfile::{Conversion, Slice, dtype::{DType, Layout, Order}};
    /// let layout = Layout::new(DType::U8, [2, 4], Order::C)?;
    /// let slice: Slice = "::-1, 1:3".parse()?;
    /// let parts: [(u64, &[u8]); 2] = [(1, b"bc"), (5, b"fg")];
    /// assert_eq!(slice.gather(&layout, &Conversion::new(), &parts)?.as_bytes(), b"fgbc");
    /// let error = slice.gather(&layout, &Conversion::new(), &parts[..1]).unwrap_err();
    /// assert_eq!(error.to_string(), "bytes 5 to 7 of the items are not there");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Io` if an item is not in the parts; as [`Reader::slice`].
    pub fn gather<B: AsRef<[u8]> + Sync>(
        &self,
        layout: &Layout,
        conversion: &Conversion,
        parts: &[(u64, B)],
    ) -> Result<Array, Error> {
        let parts = Parts {
            length: layout.nbytes() as u64,
            parts,
        };
        for wanted in self.ranges(layout, 0)? {
            if !parts.has(&wanted) {
                let Range { start, end } = wanted;
                let text = format!("bytes {start} to {end} of the items are not there");
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, text).into());
            }
        }
        let reader = Reader::raw(parts, layout.clone(), 0).conversion(conversion.clone());
        reader.slice(self)
    }
}

/// The byte ranges that a slice selects: see [`Slice::ranges`].
#[derive(Clone, Debug)]
pub struct Ranges {
    /// Length and step of the axes to walk, outermost first.
    axes: Vec<(usize, u64)>,
    index: Vec<usize>,
    first: u64,
    /// The number of bytes that are taken together at each index.
    extent: u64,
    gap: u64,
    is_done: bool,
    /// The range that was found while the one before it was searched for.
    next: Option<Range<u64>>,
}

impl Ranges {
    pub(super) fn new(places: &StridedLayout, itemsize: usize, gap: u64) -> Ranges {
        let bounds = places
            .offset_bounds()
            .filter(|_| places.count() > 0 && itemsize > 0);
        let axes = places.shape.iter().zip(&places.strides);
        let mut axes: Vec<(usize, u64)> = axes
            .filter(|(length, _)| **length > 1)
            .map(|(length, stride)| (*length, stride.unsigned_abs() as u64))
            .collect();
        axes.sort_by_key(|(_, stride)| std::cmp::Reverse(*stride));
        let ranges = Ranges {
            index: vec![0; axes.len()],
            axes,
            first: bounds.as_ref().map_or(0, |bounds| bounds.start as u64),
            extent: itemsize as u64,
            gap,
            is_done: bounds.is_none(),
            next: None,
        };
        ranges.merged(gap)
    }

    /// The same ranges, but those with at most `gap` bytes between them are merged; for ranges of which none was taken
    /// yet.
    #[must_use]
    pub fn merged(mut self, gap: u64) -> Ranges {
        self.gap = gap.max(self.gap);
        while let Some((length, stride)) = self.axes.last()
            && stride.saturating_sub(self.extent) <= self.gap
        {
            self.extent += stride * (*length as u64 - 1);
            self.axes.pop();
            self.index.pop();
        }
        self
    }

    /// The ranges in a source in which the items begin at byte `begin`.
    pub(super) fn after(mut self, begin: u64) -> Ranges {
        self.first = self.first.saturating_add(begin);
        self
    }

    /// The single range of these bytes.
    pub fn single(range: Range<u64>) -> Ranges {
        Ranges {
            axes: Vec::new(),
            index: Vec::new(),
            first: range.start,
            extent: range.end.saturating_sub(range.start),
            gap: 0,
            is_done: range.is_empty(),
            next: None,
        }
    }

    /// The bytes at the next index.
    fn step(&mut self) -> Option<Range<u64>> {
        if self.is_done {
            return None;
        }
        let steps = self.index.iter().zip(&self.axes);
        let at = steps.fold(self.first, |at, (i, (_, stride))| at + *i as u64 * stride);
        self.is_done = true;
        for (i, (length, _)) in self.index.iter_mut().zip(&self.axes).rev() {
            *i += 1;
            if *i < *length {
                self.is_done = false;
                break;
            }
            *i = 0;
        }
        Some(at..at.saturating_add(self.extent))
    }
}

impl Iterator for Ranges {
    type Item = Range<u64>;

    fn next(&mut self) -> Option<Range<u64>> {
        let mut range = self.next.take().or_else(|| self.step())?;
        while let Some(next) = self.step() {
            if next.start.saturating_sub(range.end) > self.gap {
                self.next = Some(next);
                break;
            }
            range.end = next.end;
        }
        Some(range)
    }
}

impl FusedIterator for Ranges {}

/// Some of the bytes of an array. Bytes between the parts are not available.
struct Parts<'a, B> {
    length: u64,
    parts: &'a [(u64, B)],
}

impl<B: AsRef<[u8]>> Parts<'_, B> {
    /// The part that holds these bytes or, if there is none, the one that comes next.
    fn at(&self, place: u64) -> Option<(u64, &[u8])> {
        let behind = |(start, bytes): &(u64, B)| start + bytes.as_ref().len() as u64 <= place;
        let (start, bytes) = self.parts.get(self.parts.partition_point(behind))?;
        Some((*start, bytes.as_ref()))
    }

    fn has(&self, range: &Range<u64>) -> bool {
        let mut at = range.start;
        while let Some((start, bytes)) = self.at(at).filter(|(start, _)| *start <= at) {
            at = start + bytes.len() as u64;
            if at >= range.end {
                return true;
            }
        }
        false
    }
}

impl<B: AsRef<[u8]> + Sync> ReadAt for Parts<'_, B> {
    fn len(&self) -> io::Result<u64> {
        Ok(self.length)
    }

    fn read_at(&self, out: &mut [u8], offset: u64) -> io::Result<usize> {
        let left = self.length.saturating_sub(offset).min(out.len() as u64);
        let (start, bytes) = self.at(offset).unwrap_or((self.length, &[]));
        if let Some(gap) = start.checked_sub(offset).filter(|gap| *gap > 0) {
            let count = gap.min(left) as usize;
            out.iter_mut().take(count).for_each(|byte| *byte = 0);
            return Ok(count);
        }
        let mut there = bytes.get((offset - start) as usize..).unwrap_or_default();
        io::Read::read(&mut there, out)
    }
}
