//! The stages that items go through, step by step, while they are in the cache.

use super::cast_error::CastError;
use super::loops::{self, Loop};
use super::text::{self, FormatText, ParseText};
use super::time::UnitConversion;
use dtype::{ByteOrder, DType};

/// The size of a block of items between two stages, in bytes.
const BLOCK: usize = 8 << 10;

/// One pass over items, or over the parts that they all have.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    /// Parts in one item.
    pub(super) parts: usize,
    /// Bytes of a part before the stage.
    pub(super) from: usize,
    /// Bytes of a part after the stage.
    pub(super) to: usize,
    pub(super) run: StageOp,
}

/// The operation of a stage.
#[derive(Clone, Debug)]
pub(super) enum StageOp {
    Loop(Loop),
    /// Truncates the end, or pads it with zeros.
    Resize,
    /// Writes each part several times.
    Repeat,
    UnitConversion(UnitConversion),
    FormatText(FormatText),
    ParseText(ParseText),
    /// From `S` to `U` of this byte order.
    Decode(ByteOrder),
    /// From `U` of this byte order to `S`.
    Encode(ByteOrder),
    Fields(Vec<FieldCast>),
}

/// A field of the target, and its source.
#[derive(Clone, Debug)]
pub(super) struct FieldCast {
    /// Its offset in the item before the stage, and its length in bytes.
    pub(super) from: (usize, usize),
    /// Its offset in the item after the stage, and its length in bytes.
    pub(super) to: (usize, usize),
    pub(super) name: String,
    pub(super) dtype: DType,
    pub(super) stages: Vec<Stage>,
}

/// Sends `count` items through all stages, of which there is at least one.
pub(super) fn run_stages(
    stages: &[Stage],
    count: usize,
    items: &[u8],
    out: &mut [u8],
) -> Result<(), CastError> {
    // The parts that all stages have in common are items by themselves: a large item is many blocks.
    let parts = stages.iter().map(|stage| stage.parts).fold(0, gcd);
    let (Some((last, inner)), 1..) = (stages.split_last(), parts) else {
        return Ok(());
    };
    let count = count * parts;
    let widest = stages.iter().map(|stage| stage.to * (stage.parts / parts));
    let block = match inner {
        [] => count.max(1),
        _ => (BLOCK / widest.max().unwrap_or(0).max(1)).max(1),
    };
    let size = inner.first().unwrap_or(last).size(parts).0;
    let out_size = last.size(parts).1;
    let (mut input, mut output) = (Vec::new(), Vec::new());
    for start in (0..count).step_by(block) {
        let count = block.min(count - start);
        let mut from = parts_at(items, start, count, size);
        for stage in inner {
            output.resize(count * stage.size(parts).1, 0);
            let done = stage.run(count, parts, from, &mut output);
            done.map_err(|error| error.items_later(start).part_to_item(parts))?;
            std::mem::swap(&mut input, &mut output);
            from = &input;
        }
        let done = last.run(
            count,
            parts,
            from,
            parts_at_mut(out, start, count, out_size),
        );
        done.map_err(|error| error.items_later(start).part_to_item(parts))?;
    }
    Ok(())
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn parts_at(bytes: &[u8], start: usize, count: usize, size: usize) -> &[u8] {
    bytes
        .get(start * size..(start + count) * size)
        .unwrap_or_default()
}

fn parts_at_mut(bytes: &mut [u8], start: usize, count: usize, size: usize) -> &mut [u8] {
    bytes
        .get_mut(start * size..(start + count) * size)
        .unwrap_or_default()
}

impl Stage {
    /// A stage over whole items of these sizes.
    pub(super) fn new(from: usize, to: usize, run: StageOp) -> Stage {
        let parts = 1;
        Stage {
            parts,
            from,
            to,
            run,
        }
    }

    /// Bytes before and after the stage, of an item of which all stages have `shared`.
    fn size(&self, shared: usize) -> (usize, usize) {
        let parts = self.parts / shared;
        (self.from * parts, self.to * parts)
    }

    fn run(
        &self,
        count: usize,
        shared: usize,
        items: &[u8],
        out: &mut [u8],
    ) -> Result<(), CastError> {
        let parts = self.parts / shared;
        let done = self.run_parts(count * parts, items, out);
        done.map_err(|error| error.part_to_item(parts))
    }

    fn run_parts(&self, count: usize, items: &[u8], out: &mut [u8]) -> Result<(), CastError> {
        match &self.run {
            StageOp::Loop(convert) => convert(items, out),
            StageOp::Resize if self.from == self.to => out.copy_from_slice(items),
            StageOp::Resize => match loops::resize(self.from, self.to) {
                Some(resize) => resize(items, out),
                None => self.for_each_part(count, items, out, |item, out| {
                    let (kept, rest) = out.split_at_mut(item.len().min(out.len()));
                    kept.copy_from_slice(item.get(..kept.len()).unwrap_or_default());
                    rest.fill(0);
                    Ok(())
                })?,
            },
            StageOp::Repeat => self.for_each_part(count, items, out, |item, out| {
                let copies = out.chunks_exact_mut(item.len().max(1));
                copies.for_each(|copy| copy.copy_from_slice(item));
                Ok(())
            })?,
            StageOp::UnitConversion(conversion) => {
                self.for_each_part(count, items, out, |item, out| conversion.apply(item, out))?
            }
            StageOp::FormatText(format) => {
                let mut text = String::new();
                self.for_each_part(count, items, out, |item, out| {
                    format.apply(item, out, &mut text)
                })?;
            }
            StageOp::ParseText(parse) => {
                let mut text = String::new();
                self.for_each_part(count, items, out, |item, out| {
                    parse.apply(item, out, &mut text)
                })?;
            }
            StageOp::Decode(order) => {
                self.for_each_part(count, items, out, |item, out| {
                    text::decode(item, *order, out)
                })?;
            }
            StageOp::Encode(order) => {
                self.for_each_part(count, items, out, |item, out| {
                    text::encode(item, *order, out)
                })?;
            }
            StageOp::Fields(fields) => self.cast_fields(fields, count, items, out)?,
        }
        Ok(())
    }

    /// Calls `apply` with every part and its destination.
    fn for_each_part(
        &self,
        count: usize,
        items: &[u8],
        out: &mut [u8],
        mut apply: impl FnMut(&[u8], &mut [u8]) -> Result<(), CastError>,
    ) -> Result<(), CastError> {
        for i in 0..count {
            let (item, out) = (
                parts_at(items, i, 1, self.from),
                parts_at_mut(out, i, 1, self.to),
            );
            apply(item, out).map_err(|error| error.items_later(i))?;
        }
        Ok(())
    }

    /// Casts the fields of a block of items, one after the other.
    fn cast_fields(
        &self,
        fields: &[FieldCast],
        count: usize,
        items: &[u8],
        out: &mut [u8],
    ) -> Result<(), CastError> {
        if fields.iter().map(|field| field.to.1).sum::<usize>() < self.to {
            out.fill(0);
        }
        let block = (BLOCK / self.from.max(self.to).max(1)).max(1);
        let (mut input, mut output) = (Vec::new(), Vec::new());
        for start in (0..count).step_by(block) {
            let count = block.min(count - start);
            let items = parts_at(items, start, count, self.from);
            let out = parts_at_mut(out, start, count, self.to);
            for field in fields {
                let ((at, size), (to, to_size)) = (field.from, field.to);
                input.resize(count * size, 0);
                output.resize(count * to_size, 0);
                copy_field(items, (self.from, at), &mut input, (size, 0), size);
                run_stages(&field.stages, count, &input, &mut output).map_err(|error| {
                    error.items_later(start).in_field(&field.name, &field.dtype)
                })?;
                copy_field(&output, (to_size, 0), out, (self.to, to), to_size);
            }
        }
        Ok(())
    }
}

/// Copies `width` bytes of each item of one size to an item of another size.
fn copy_field(
    items: &[u8],
    (size, at): (usize, usize),
    out: &mut [u8],
    (out_size, to): (usize, usize),
    width: usize,
) {
    fn fixed<const N: usize>(from: &[u8], to: &mut [u8]) {
        if let (Some(from), Some(to)) = (from.first_chunk::<N>(), to.first_chunk_mut::<N>()) {
            *to = *from;
        }
    }
    fn any(from: &[u8], to: &mut [u8], width: usize) {
        if let (Some(from), Some(to)) = (from.get(..width), to.get_mut(..width)) {
            to.copy_from_slice(from);
        }
    }
    let pairs = items
        .chunks_exact(size.max(1))
        .zip(out.chunks_exact_mut(out_size.max(1)));
    let pairs = pairs.filter_map(|(from, to_item)| Some((from.get(at..)?, to_item.get_mut(to..)?)));
    match width {
        1 => pairs.for_each(|(from, to)| fixed::<1>(from, to)),
        2 => pairs.for_each(|(from, to)| fixed::<2>(from, to)),
        4 => pairs.for_each(|(from, to)| fixed::<4>(from, to)),
        8 => pairs.for_each(|(from, to)| fixed::<8>(from, to)),
        width => pairs.for_each(|(from, to)| any(from, to, width)),
    }
}
