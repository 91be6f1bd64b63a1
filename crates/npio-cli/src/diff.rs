//! `npio diff`: whether two arrays are the same, and where they first are not.

use crate::input::{Input, blocks};
use crate::output::{escaped, with_stdout};
use crate::{Outcome, Status};
use npio::dtype::{Casting, shape_tuple};
use npio::flatfile::raw::ReadOptions;
use npio::flatfile::{Cast, Slice};
use npio::{Array, ByteOrder, DType, Layout, Order};

/// How far numbers may be apart: `atol + rtol * |b|`, as NumPy's `isclose` has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tolerance {
    pub(crate) rtol: f64,
    pub(crate) atol: f64,
}

/// What was found different so far.
#[derive(Debug, Default)]
struct Found {
    count: usize,
    /// The first one: the item's index, and what both have there.
    first: Option<(usize, String, String)>,
}

/// Says what is different in two arrays. Memory order and byte order are not.
pub(crate) fn run(a: &Input, b: &Input, slice: Option<&Slice>, tolerance: Tolerance) -> Outcome {
    let options = ReadOptions::new()
        .order(Order::C)
        .byte_order(ByteOrder::NATIVE);
    let (old, ones) = blocks(a, slice, &options)?;
    let (new, others) = blocks(b, slice, &options)?;
    let native = |layout: &Layout| layout.dtype().with_byte_order(ByteOrder::NATIVE);
    let mut lines = Vec::new();
    if native(&old) != native(&new) {
        let (old, new) = (old.dtype().descr(), new.dtype().descr());
        lines.push(format!("dtype: {old}, {new}"));
    }
    if old.shape() != new.shape() {
        lines.push(format!(
            "shape: {}, {}",
            old.shape_tuple(),
            new.shape_tuple()
        ));
    }
    if lines.is_empty() {
        let mut found = Found::default();
        let parts = parts(&native(&old), 0);
        let mut before = 0;
        // The same shape and size of items make the same blocks.
        for (one, other) in ones.zip(others) {
            let (one, other) = (one?, other?);
            compare(&one, &other, &parts, tolerance, before, &mut found)?;
            before += one.layout().count();
        }
        if let Some((item, one, other)) = found.first {
            let (count, total) = (found.count, old.count());
            let index = index_of(&old, item);
            let index = shape_tuple(&index);
            lines.push(format!(
                "values: {count} of {total} differ, the first at {index}: {one}, {other}"
            ));
        }
    }
    with_stdout(|out| {
        Ok(lines
            .iter()
            .try_for_each(|line| writeln!(out, "{}", escaped(line)))?)
    })?;
    Ok(match lines.is_empty() {
        true => Status::Fine,
        false => Status::Wrong,
    })
}

/// A part of an item: where it begins, what it is, and how often it stands there.
struct Part {
    offset: usize,
    dtype: DType,
    count: usize,
}

/// The parts of an item that are not made of others. What is between them is padding.
fn parts(dtype: &DType, offset: usize) -> Vec<Part> {
    match dtype {
        // However many there are.
        _ if dtype.itemsize() == 0 => Vec::new(),
        DType::Record(record) => {
            let fields = record.fields().iter();
            fields
                .flat_map(|field| parts(&field.dtype, offset + field.offset))
                .collect()
        }
        DType::Subarray(sub) => {
            let count = sub.shape().iter().product();
            let base = sub.base();
            match base {
                DType::Record(_) | DType::Subarray(_) => (0..count)
                    .flat_map(|i| parts(base, offset + i * base.itemsize()))
                    .collect(),
                _ => vec![Part {
                    offset,
                    dtype: base.clone(),
                    count,
                }],
            }
        }
        dtype => vec![Part {
            offset,
            dtype: dtype.clone(),
            count: 1,
        }],
    }
}

/// Finds the items of two blocks that differ, which are in C order and native.
fn compare(
    one: &Array,
    other: &Array,
    parts: &[Part],
    tolerance: Tolerance,
    before: usize,
    found: &mut Found,
) -> anyhow::Result<()> {
    // Most of what is compared is the same, and then so are the bytes; but NaN is close to nothing.
    if one.as_bytes() == other.as_bytes() {
        return Ok(());
    }
    let size = one.dtype().itemsize().max(1);
    let pairs = one
        .as_bytes()
        .chunks_exact(size)
        .zip(other.as_bytes().chunks_exact(size));
    for (i, (a, b)) in pairs.enumerate().filter(|(_, (a, b))| a != b) {
        let mut differs = false;
        for part in parts {
            let range = part.offset..part.offset + part.count * part.dtype.itemsize();
            let (a, b) = (a.get(range.clone()), b.get(range));
            differs |= !same(
                &part.dtype,
                a.unwrap_or_default(),
                b.unwrap_or_default(),
                tolerance,
            )?;
        }
        if differs {
            found.count += 1;
            if found.first.is_none() {
                let shown = |bytes: &[u8]| -> anyhow::Result<String> {
                    let layout = Layout::new(one.dtype().clone(), [], Order::C)?;
                    Ok(Array::new(layout, bytes)?.to_string())
                };
                found.first = Some((before + i, shown(a)?, shown(b)?));
            }
        }
    }
    Ok(())
}

/// Bytes of the x87's float in a `longdouble`.
const X87: usize = 10;

/// Whether items of a type that is not made of others are the same, or close enough.
fn same<'a>(dtype: &DType, a: &'a [u8], b: &'a [u8], tolerance: Tolerance) -> anyhow::Result<bool> {
    if a == b {
        return Ok(true);
    }
    let DType::Number(number, _) = dtype else {
        return Ok(false);
    };
    let is_exact = tolerance.rtol == 0.0 && tolerance.atol == 0.0;
    let complex = DType::C128.with_byte_order(ByteOrder::NATIVE);
    let wide = match number.kind() {
        'i' | 'u' if is_exact => return Ok(false),
        'c' => complex,
        _ => DType::F64,
    };
    let cast = Cast::new(dtype, &wide, Casting::Unsafe)?;
    let floats = |items: &[u8]| -> anyhow::Result<Vec<f64>> {
        let count = items.len() / dtype.itemsize();
        let layout = Layout::new(wide.clone(), [count], Order::C)?;
        let mut bytes = vec![0; layout.nbytes()];
        cast.apply(items, &mut bytes)?;
        let pairs = bytes.as_chunks::<8>().0.iter();
        Ok(pairs.map(|bytes| f64::from_ne_bytes(*bytes)).collect())
    };
    // What is wider than f8 may be other numbers that are the same ones there. Behind its bytes is padding.
    let is_wider = is_exact && number.part_size() > size_of::<f64>();
    let parts = |items: &'a [u8]| items.chunks(number.part_size()).map(|part| part.get(..X87));
    if is_wider && parts(a).eq(parts(b)) {
        return Ok(true);
    }
    let close = |(a, b): (&f64, &f64)| {
        // A part of what is infinite is infinite, too: nothing else is close to it.
        let may_be_near = !is_exact && b.is_finite();
        (a == b && !(is_wider && *a != 0.0))
            || (a.is_nan() && b.is_nan())
            || may_be_near && (a - b).abs() <= tolerance.atol + tolerance.rtol * b.abs()
    };
    let (a, b) = (floats(a)?, floats(b)?);
    Ok(a.iter().zip(&b).all(close))
}

/// The index of the item of this number in C order.
fn index_of(layout: &Layout, item: usize) -> Vec<usize> {
    let mut left = item;
    let mut index: Vec<usize> = layout
        .shape()
        .iter()
        .rev()
        .map(|length| {
            let i = left % length.max(&1);
            left /= length.max(&1);
            i
        })
        .collect();
    index.reverse();
    index
}
