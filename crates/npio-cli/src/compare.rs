//! The items that differ between two arrays.

use crate::measure::{Measure, Measured};
use npio::dtype::{Casting, shape_tuple, unravel_index};
use npio::flatfile::Cast;
use npio::meta::Objects;
use npio::{Array, ByteOrder, DType, Layout, Order, Value};
use serde::Serialize;
use std::fmt::{self, Write};

/// The tolerance for numbers: `atol + rtol * |b|`, as in NumPy's `isclose`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tolerance {
    pub(crate) rtol: f64,
    pub(crate) atol: f64,
}

/// How two arrays differ, if they do.
#[derive(Default, Serialize)]
pub(crate) struct Comparison {
    /// The dtypes, if they differ, apart from their byte orders.
    dtype: Option<[String; 2]>,
    /// The shapes, if they differ.
    shape: Option<[Vec<usize>; 2]>,
    /// The number of items that differ, of how many.
    count: Option<usize>,
    total: Option<usize>,
    first: Option<FirstDifference>,
    #[serde(flatten)]
    measured: Measured,
    /// What differs otherwise: a member that is only in one archive.
    note: Option<String>,
}

/// The first items that differ, as they are printed.
#[derive(Serialize)]
struct FirstDifference {
    index: Vec<usize>,
    a: String,
    b: String,
}

impl Comparison {
    /// What is not a difference of items.
    pub(crate) fn with_note(note: impl Into<String>) -> Comparison {
        Comparison {
            note: Some(note.into()),
            ..Comparison::default()
        }
    }

    /// The differences between two layouts; those of dtypes may be ignored.
    pub(crate) fn of_layouts(
        dtypes: Option<(&DType, &DType)>,
        (one, other): (&[usize], &[usize]),
    ) -> Comparison {
        let dtypes = dtypes.filter(|(one, other)| {
            let native = |dtype: &DType| dtype.with_byte_order(ByteOrder::NATIVE);
            native(one) != native(other)
        });
        Comparison {
            dtype: dtypes.map(|(one, other)| [one.descr().to_string(), other.descr().to_string()]),
            shape: (one != other).then(|| [one.to_vec(), other.to_vec()]),
            ..Comparison::default()
        }
    }

    pub(crate) fn is_equal(&self) -> bool {
        let is_same_layout = self.dtype.is_none() && self.shape.is_none();
        is_same_layout && self.first.is_none() && self.note.is_none()
    }

    /// A line for each difference.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.note.clone().into_iter().collect();
        if let Some([one, other]) = &self.dtype {
            lines.push(format!("dtype: {one}, {other}"));
        }
        if let Some([one, other]) = &self.shape {
            lines.push(format!(
                "shape: {}, {}",
                shape_tuple(one),
                shape_tuple(other)
            ));
        }
        if let (Some(FirstDifference { index, a, b }), Some(count), Some(total)) =
            (&self.first, self.count, self.total)
        {
            let index = shape_tuple(index);
            lines.push(format!(
                "values: {count} of {total} differ, the first at {index}: {a}, {b}"
            ));
            lines.extend(self.measured.line());
        }
        lines
    }
}

/// The differences found so far in two arrays of the same layout, in C order and native bytes.
pub(crate) struct Differences {
    layout: Layout,
    parts: Vec<ItemPart>,
    tolerance: Tolerance,
    /// The number of items compared.
    seen: usize,
    count: usize,
    /// The first one: the item's index, and both values.
    first: Option<(usize, String, String)>,
    measure: Option<Measure>,
}

/// A part of an item: its offset, its dtype, and how often it is repeated.
struct ItemPart {
    offset: usize,
    dtype: DType,
    count: usize,
    /// Converts it to floats, if it is a number: two for a complex one.
    widening: Option<Cast>,
}

impl Differences {
    pub(crate) fn new(layout: &Layout, tolerance: Tolerance) -> anyhow::Result<Differences> {
        Ok(Differences {
            layout: layout.clone(),
            parts: item_parts(layout.dtype(), 0)?,
            tolerance,
            seen: 0,
            count: 0,
            first: None,
            measure: Measure::new(layout.dtype())?,
        })
    }

    /// Compares the bytes of the next items of both.
    pub(crate) fn add(&mut self, one: &[u8], other: &[u8]) -> anyhow::Result<()> {
        let size = self.layout.dtype().itemsize().max(1);
        let seen = self.seen;
        self.seen += one.len() / size;
        if let Some(measure) = &mut self.measure {
            measure.add(one, other, seen)?;
        }
        // Most items are equal, and then their bytes are, too; but NaN is close to nothing.
        if one == other {
            return Ok(());
        }
        let pairs = one.chunks_exact(size).zip(other.chunks_exact(size));
        for (i, (a, b)) in pairs.enumerate().filter(|(_, (a, b))| a != b) {
            let mut differs = false;
            for part in &self.parts {
                let range = part.offset..part.offset + part.count * part.dtype.itemsize();
                let (a, b) = (a.get(range.clone()), b.get(range));
                let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
                differs |= !is_equal(part, a, b, self.tolerance)?;
            }
            if differs {
                self.count += 1;
                if self.first.is_none() {
                    self.first = Some((seen + i, self.format_item(a)?, self.format_item(b)?));
                }
            }
        }
        Ok(())
    }

    /// Whether any items differ.
    pub(crate) fn has_any(&self) -> bool {
        self.first.is_some()
    }

    /// The result.
    pub(crate) fn into_comparison(self) -> Comparison {
        let shape = self.layout.shape();
        Comparison {
            count: Some(self.count),
            total: Some(self.layout.count()),
            first: self.first.map(|(item, a, b)| FirstDifference {
                index: unravel_index(item, shape),
                a,
                b,
            }),
            measured: self
                .measure
                .map_or_else(Measured::default, |measure| measure.result(shape)),
            ..Comparison::default()
        }
    }

    fn format_item(&self, item: &[u8]) -> anyhow::Result<String> {
        let layout = Layout::new(self.layout.dtype().clone(), [], Order::C)?;
        Ok(Array::new(layout, item)?.to_string())
    }
}

/// The differences between two arrays of Python objects.
pub(crate) fn compare_objects(one: &Objects, other: &Objects) -> Comparison {
    let dtypes = (one.dtype(), other.dtype());
    let mut found = Comparison::of_layouts(Some(dtypes), (one.shape(), other.shape()));
    if !found.is_equal() {
        return found;
    }
    let pairs = one.items().iter().zip(other.items()).enumerate();
    let mut different = pairs.filter(|(_, (a, b))| !is_same(a, b));
    let first = different.next();
    found.total = Some(one.items().len());
    found.count = Some(usize::from(first.is_some()) + different.count());
    found.first = first.map(|(item, (a, b))| FirstDifference {
        index: unravel_index(item, one.shape()),
        a: object_excerpt(a),
        b: object_excerpt(b),
    });
    found
}

/// Equal, or both NaN, as among numbers.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => a == b || (a.is_nan() && b.is_nan()),
        (a, b) => a == b,
    }
}

/// The number of bytes of an object's text that a difference shows.
const MAX_SHOWN: usize = 200;

/// The beginning of the text of an object, which may be of any length.
fn object_excerpt(value: &Value) -> String {
    let mut text = Excerpt(String::new());
    match write!(text, "{value}") {
        Ok(()) => text.0,
        Err(fmt::Error) => text.0 + "...",
    }
}

/// A text that refuses to become longer than is shown.
struct Excerpt(String);

impl Write for Excerpt {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if self.0.len() >= MAX_SHOWN {
                return Err(fmt::Error);
            }
            self.0.push(c);
        }
        Ok(())
    }
}

impl ItemPart {
    fn new(offset: usize, dtype: &DType, count: usize) -> anyhow::Result<ItemPart> {
        let widening = match dtype {
            DType::Number(number, _) if number.kind() == 'c' => {
                Some(DType::C128.with_byte_order(ByteOrder::NATIVE))
            }
            DType::Number(..) => Some(DType::F64),
            _ => None,
        };
        let widening = widening.map(|widening| Cast::new(dtype, &widening, Casting::Unsafe));
        Ok(ItemPart {
            offset,
            dtype: dtype.clone(),
            count,
            widening: widening.transpose()?,
        })
    }
}

/// The parts of an item that have no parts themselves. Bytes between them are padding.
fn item_parts(dtype: &DType, offset: usize) -> anyhow::Result<Vec<ItemPart>> {
    let mut found = Vec::new();
    match dtype {
        // Regardless of their number.
        _ if dtype.itemsize() == 0 => {}
        DType::Record(record) => {
            for field in record.fields() {
                found.extend(item_parts(&field.dtype, offset + field.offset)?);
            }
        }
        DType::Subarray(sub) => {
            let count = sub.shape().iter().product();
            let base = sub.base();
            match base {
                DType::Record(_) | DType::Subarray(_) => {
                    for i in 0..count {
                        found.extend(item_parts(base, offset + i * base.itemsize())?);
                    }
                }
                _ => found.push(ItemPart::new(offset, base, count)?),
            }
        }
        dtype => found.push(ItemPart::new(offset, dtype, 1)?),
    }
    Ok(found)
}

/// Bytes of the x87's float in a `longdouble`.
const X87_BYTES: usize = 10;

/// Whether items of a type without parts are equal, or close enough.
fn is_equal<'a>(
    part: &ItemPart,
    a: &'a [u8],
    b: &'a [u8],
    tolerance: Tolerance,
) -> anyhow::Result<bool> {
    if a == b {
        return Ok(true);
    }
    let (DType::Number(number, _), Some(widening)) = (&part.dtype, &part.widening) else {
        return Ok(false);
    };
    let is_exact = tolerance.rtol == 0.0 && tolerance.atol == 0.0;
    if is_exact && matches!(number.kind(), 'i' | 'u') {
        return Ok(false);
    }
    let floats = |items: &[u8]| -> anyhow::Result<Vec<f64>> {
        let mut bytes = vec![0; part.count * widening.dtype().itemsize()];
        widening.apply(items, &mut bytes)?;
        let pairs = bytes.as_chunks::<8>().0.iter();
        Ok(pairs.map(|bytes| f64::from_ne_bytes(*bytes)).collect())
    };
    // Different numbers of a type wider than f8 may be equal as f8. The bytes after them are padding.
    let is_wider = is_exact && number.part_size() > size_of::<f64>();
    let parts = |items: &'a [u8]| {
        items
            .chunks(number.part_size())
            .map(|part| part.get(..X87_BYTES))
    };
    if is_wider && parts(a).eq(parts(b)) {
        return Ok(true);
    }
    let close = |(a, b): (&f64, &f64)| {
        // A number with an infinite part is infinite: nothing else is close to it.
        let may_be_near = !is_exact && b.is_finite();
        (a == b && !(is_wider && *a != 0.0))
            || (a.is_nan() && b.is_nan())
            || may_be_near && (a - b).abs() <= tolerance.atol + tolerance.rtol * b.abs()
    };
    let (a, b) = (floats(a)?, floats(b)?);
    Ok(a.iter().zip(&b).all(close))
}
