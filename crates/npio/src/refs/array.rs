//! The chunks of one array: [`ArrayRefs`].

use super::chunk_shape::{ChunkLimits, chunk_shape};
use super::dtype::ZarrDType;
use super::error::ErrorKind;
use super::{Entries, Part, ZarrFormat};
use flatfile::dtype::{Layout, Order};
use std::io::{self, Write};
use std::ops::Range;

/// The smallest share of the size that was asked for that chunks may have, if there are many.
const MIN_SHARE: u64 = 16;

/// The number of chunks that are never too many.
const FEW_CHUNKS: u64 = 10_000;

/// An array, and where its chunks are.
#[derive(Clone, Debug)]
pub struct ArrayRefs {
    name: String,
    layout: Layout,
    dtype: ZarrDType,
    chunk_shape: Vec<usize>,
    parts: Vec<PlacedPart>,
}

/// A part of an array, and which of its chunks it is.
#[derive(Clone, Debug)]
struct PlacedPart {
    url: String,
    offset: u64,
    /// Its number of chunks along each axis.
    grid: Vec<usize>,
    /// The index of its first chunk along the first axis.
    first: usize,
}

/// One chunk: its index in the grid of chunks, and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkRef<'a> {
    /// Its index along each axis, in chunks.
    pub index: Vec<usize>,
    /// The address of the file.
    pub url: &'a str,
    /// Where its bytes are in the file.
    pub bytes: Range<u64>,
}

impl ArrayRefs {
    pub(super) fn new(
        name: &str,
        parts: Vec<Part>,
        chunk_size: u64,
        format: ZarrFormat,
    ) -> Result<ArrayRefs, ErrorKind> {
        let layout = concatenated(&parts)?;
        let dtype = ZarrDType::new(layout.dtype(), format).map_err(ErrorKind::Unsupported)?;
        if parts.iter().any(|part| end(part).is_none()) {
            return Err(ErrorKind::TooLarge);
        }
        let lengths = parts.iter().filter_map(|part| part.layout.shape().first());
        let lengths: Vec<usize> = lengths.copied().filter(|length| *length > 0).collect();
        let limits = ChunkLimits {
            common: lengths.iter().copied().fold(0, gcd),
            is_uneven: lengths.iter().any(|length| Some(length) != lengths.first()),
            size: chunk_size.max(1),
        };
        let chunk_shape = chunk_shape(&layout, &limits);
        let mut first = 0;
        let place = |part: Part| {
            let shape = part.layout.shape().iter().zip(&chunk_shape);
            let grid: Vec<usize> = shape.map(|(length, chunk)| length / chunk).collect();
            let begin = first;
            first += grid.first().unwrap_or(&0);
            PlacedPart {
                url: part.url,
                offset: part.offset,
                grid,
                first: begin,
            }
        };
        let parts = parts.into_iter().map(place).collect();
        let array = ArrayRefs {
            name: name.to_owned(),
            layout,
            dtype,
            chunk_shape,
            parts,
        };
        let (count, nbytes) = (array.chunk_count(), array.chunk_nbytes());
        if limits.is_uneven && count > FEW_CHUNKS && nbytes < limits.size / MIN_SHARE {
            let common = limits.common;
            return Err(ErrorKind::Lengths {
                common,
                count,
                nbytes,
            });
        }
        Ok(array)
    }

    /// Its name, with those of its groups.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Dtype, shape and memory order of the whole array.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The shape of each chunk. Axes without items have a chunk of one.
    pub fn chunk_shape(&self) -> &[usize] {
        &self.chunk_shape
    }

    /// The size of each chunk in bytes.
    pub fn chunk_nbytes(&self) -> u64 {
        let itemsize = self.layout.dtype().itemsize() as u64;
        let lengths = self.chunk_shape.iter().map(|length| *length as u64);
        lengths.fold(itemsize, u64::saturating_mul)
    }

    /// The number of chunks.
    pub fn chunk_count(&self) -> u64 {
        self.parts.iter().map(|part| part.count() as u64).sum()
    }

    /// The chunks: part by part, each in the order of its bytes.
    pub fn chunks(&self) -> impl Iterator<Item = ChunkRef<'_>> {
        self.parts.iter().flat_map(|part| self.chunks_in(part))
    }

    pub(super) fn dtype(&self) -> &ZarrDType {
        &self.dtype
    }

    fn chunks_in<'a>(&'a self, part: &'a PlacedPart) -> impl Iterator<Item = ChunkRef<'a>> {
        let nbytes = self.chunk_nbytes();
        (0..part.count()).map(move |number| {
            let begin = part.offset + number as u64 * nbytes;
            ChunkRef {
                index: part.index(number, self.layout.order()),
                url: &part.url,
                bytes: begin..begin + nbytes,
            }
        })
    }

    /// Writes an entry for each chunk.
    pub(super) fn write_chunks(
        &self,
        format: ZarrFormat,
        entries: &mut Entries<impl Write>,
    ) -> io::Result<()> {
        let name = serde_json::to_string(&self.name)?;
        // Without the quote at its end.
        let prefix = name.get(..name.len() - 1).unwrap_or_default();
        for part in &self.parts {
            let url = serde_json::to_string(&part.url)?;
            for chunk in self.chunks_in(part) {
                entries.entry(|out| {
                    write!(out, "{prefix}/")?;
                    write_key(&chunk.index, format, out)?;
                    let length = chunk.bytes.end - chunk.bytes.start;
                    write!(out, "\":[{url},{},{length}]", chunk.bytes.start)
                })?;
            }
        }
        Ok(())
    }
}

impl PlacedPart {
    fn count(&self) -> usize {
        self.grid.iter().product()
    }

    /// The index of the chunk that has this many before it in the part: the chunks are stored in the order of the items.
    fn index(&self, number: usize, order: Order) -> Vec<usize> {
        let mut left = number;
        let mut index = vec![0; self.grid.len()];
        let mut axis = |(index, length): (&mut usize, &usize)| {
            *index = left % length;
            left /= length;
        };
        let pairs = index.iter_mut().zip(&self.grid);
        match order {
            Order::C => pairs.rev().for_each(&mut axis),
            Order::Fortran => pairs.for_each(&mut axis),
        }
        if let Some(index) = index.first_mut() {
            *index += self.first;
        }
        index
    }
}

/// The name of a chunk: `0.1`, or in version 3 `c/0/1`. Of an array without axes it is `0`, or `c`.
fn write_key(index: &[usize], format: ZarrFormat, out: &mut impl Write) -> io::Result<()> {
    let (begin, separator) = match (format, index) {
        (ZarrFormat::V2, []) => return out.write_all(b"0"),
        (ZarrFormat::V2, _) => ("", "."),
        (ZarrFormat::V3, _) => ("c", "/"),
    };
    out.write_all(begin.as_bytes())?;
    for (axis, number) in index.iter().enumerate() {
        let separator = if axis == 0 && begin.is_empty() {
            ""
        } else {
            separator
        };
        write!(out, "{separator}{number}")?;
    }
    Ok(())
}

/// The layout of all parts together.
fn concatenated(parts: &[Part]) -> Result<Layout, ErrorKind> {
    let Some((first, rest)) = parts.split_first() else {
        return Err(ErrorKind::NoParts);
    };
    let layout = &first.layout;
    let order = if parts.iter().all(|part| part.layout.is_c_contiguous()) {
        Order::C
    } else if parts.iter().all(|part| is_fortran_contiguous(&part.layout)) {
        Order::Fortran
    } else {
        return Err(ErrorKind::Orders);
    };
    let rows = |layout: &Layout| {
        layout
            .shape()
            .split_first()
            .map(|(rows, row)| (*rows, row.to_vec()))
    };
    let Some((mut length, row)) = rows(layout) else {
        return match rest {
            [] => Ok(layout.clone()),
            _ => Err(ErrorKind::NoAxis),
        };
    };
    for part in rest {
        let is_like_first = part.layout.dtype() == layout.dtype()
            && rows(&part.layout).is_some_and(|(_, other)| other == row);
        if !is_like_first {
            return Err(ErrorKind::Mismatch {
                url: part.url.clone(),
                expected: Box::new(layout.clone()),
                found: Box::new(part.layout.clone()),
            });
        }
        let added = rows(&part.layout).map_or(0, |(rows, _)| rows);
        length = length.checked_add(added).ok_or(ErrorKind::TooLarge)?;
    }
    let shape: Vec<usize> = std::iter::once(length).chain(row).collect();
    Layout::new(layout.dtype().clone(), shape, order).map_err(|_| ErrorKind::TooLarge)
}

/// Whether the items are in Fortran order, as those of an array with one axis always are.
fn is_fortran_contiguous(layout: &Layout) -> bool {
    layout.order() == Order::Fortran
        || layout.nbytes() == 0
        || layout.shape().iter().filter(|length| **length > 1).count() <= 1
}

/// Where a part ends in its file.
fn end(part: &Part) -> Option<u64> {
    part.offset.checked_add(part.layout.nbytes() as u64)
}

/// The greatest common divisor.
fn gcd(a: usize, b: usize) -> usize {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
