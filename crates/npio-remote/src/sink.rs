//! What becomes of bytes that arrive: a whole array, or the items of a slice.

use npio::flatfile::{ArrayBuilder, Conversion, Error, Ranges};
use npio::{Array, Layout, Slice};
use std::ops::Range;

/// Gaps up to this size are kept with the items, because a range of its own would take more.
const KEPT_GAP: u64 = 64;

/// Takes the bytes of an array's items in ascending order, some of which may be left out.
pub(crate) enum Sink {
    Whole(ArrayBuilder),
    Slice(SliceBuilder),
}

/// Keeps the items of a slice, and nothing else.
pub(crate) struct SliceBuilder {
    slice: Slice,
    layout: Layout,
    /// The ranges of the items that have not come yet.
    ranges: Ranges,
    range: Range<u64>,
    /// The bytes of those that have, without the gaps between them.
    kept: Vec<u8>,
    /// The position of each range, and where its bytes begin.
    index: Vec<(u64, usize)>,
}

impl Sink {
    /// For all items, or those of the slice.
    pub(crate) fn new(layout: &Layout, slice: Option<&Slice>) -> Result<Sink, Error> {
        let Some(slice) = slice else {
            return Ok(Sink::Whole(ArrayBuilder::new(layout.clone())?));
        };
        let mut ranges = slice.ranges(layout, KEPT_GAP)?;
        let range = ranges.next().unwrap_or(0..0);
        Ok(Sink::Slice(SliceBuilder {
            slice: slice.clone(),
            layout: layout.clone(),
            ranges,
            range,
            kept: Vec::new(),
            index: Vec::new(),
        }))
    }

    /// Whether all bytes have come that are needed.
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Sink::Whole(builder) => builder.missing() == 0,
            Sink::Slice(slice) => slice.range.is_empty(),
        }
    }

    /// Takes bytes, of which the first is the byte `at` of the items.
    pub(crate) fn push(&mut self, at: u64, bytes: &[u8]) -> Result<(), Error> {
        match self {
            Sink::Whole(builder) => builder.write(at, bytes),
            Sink::Slice(slice) => {
                slice.push(at, bytes);
                Ok(())
            }
        }
    }

    /// The array.
    pub(crate) fn finish(self, conversion: &Conversion) -> Result<Array, Error> {
        match self {
            Sink::Whole(builder) => conversion.convert(builder.finish()?),
            Sink::Slice(slice) => slice.finish(conversion),
        }
    }
}

impl SliceBuilder {
    fn push(&mut self, at: u64, bytes: &[u8]) {
        let end = at + bytes.len() as u64;
        while !self.range.is_empty() && self.range.start < end {
            let stop = self.range.end.min(end);
            // Both are within `bytes`, whose length fits.
            let (start, count) = (
                (self.range.start - at) as usize,
                (stop - self.range.start) as usize,
            );
            if self.index.last().is_none_or(|(begin, kept)| {
                begin + (self.kept.len() - kept) as u64 != self.range.start
            }) {
                self.index.push((self.range.start, self.kept.len()));
            }
            let found = bytes.get(start..).and_then(|bytes| bytes.get(..count));
            self.kept.extend_from_slice(found.unwrap_or_default());
            self.range.start = stop;
            if self.range.is_empty() {
                self.range = self.ranges.next().unwrap_or(0..0);
            }
        }
    }

    fn finish(self, conversion: &Conversion) -> Result<Array, Error> {
        let ends = self.index.iter().skip(1).map(|(_, kept)| *kept);
        let ends = ends.chain([self.kept.len()]);
        let parts = self.index.iter().zip(ends).map(|((begin, kept), end)| {
            let bytes = self.kept.get(*kept..end).unwrap_or_default();
            (*begin, bytes)
        });
        let parts: Vec<(u64, &[u8])> = parts.collect();
        self.slice.gather(&self.layout, conversion, &parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use npio::{DType, Order};

    #[test]
    fn pieces_of_any_size_become_the_slice() {
        let items: Vec<u16> = (0..1000).collect();
        let array = Array::from_slice(&items, [10, 10, 10]).unwrap();
        let layout = array.layout().clone();
        for slice in [
            "::-2, 3",
            "..., 7",
            "2:5, :, ::3",
            "1, 2, 3",
            "5:5",
            "",
            "...",
            "::9, ::9",
        ] {
            let slice: Slice = slice.parse().unwrap();
            let expected = array.strided().slice(&slice).unwrap();
            for step in [1, 2, 7, 300, 5000] {
                let mut sink = Sink::new(&layout, Some(&slice)).unwrap();
                for (i, piece) in array.as_bytes().chunks(step).enumerate() {
                    sink.push((i * step) as u64, piece).unwrap();
                }
                assert!(sink.is_full());
                let found = sink.finish(&Conversion::new()).unwrap();
                assert_eq!(found.shape(), expected.shape());
                let expected = Conversion::new().apply(&expected).unwrap();
                assert_eq!(found.as_bytes(), expected.as_bytes(), "{slice} by {step}");
            }
        }
    }

    #[test]
    fn what_did_not_come_is_an_error() {
        let layout = Layout::new(DType::U8, [4], Order::C).unwrap();
        let slice: Slice = "1:".parse().unwrap();
        let mut sink = Sink::new(&layout, Some(&slice)).unwrap();
        sink.push(0, &[1, 2]).unwrap();
        assert!(!sink.is_full());
        assert!(sink.finish(&Conversion::new()).is_err());
    }
}
