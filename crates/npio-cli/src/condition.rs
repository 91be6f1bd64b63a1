//! Conditions on the values of items: `nan`, `gt:100`.

use crate::keys::{BYTE_ORDER, Decoder, KeyRange};
use npio::DType;
use npio::dtype::python::excerpt;
use npio::dtype::{NumberClass, did_you_mean, trim_nuls};
use std::fmt;
use std::str::FromStr;

/// What an item has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// NaN or NaT.
    Nan,
    Inf,
    /// NaN, NaT or infinite.
    NonFinite,
    Zero,
    /// In this relation to a value, whose meaning depends on the array.
    Compare(Relation, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Gt,
    Ge,
    Lt,
    Le,
    Eq,
    Ne,
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Condition, String> {
        match text {
            "nan" => return Ok(Condition::Nan),
            "inf" => return Ok(Condition::Inf),
            "nonfinite" => return Ok(Condition::NonFinite),
            "zero" => return Ok(Condition::Zero),
            _ => {}
        }
        let (relation, value) = text.split_once(':').unwrap_or((text, ""));
        let relation = match relation {
            "gt" => Relation::Gt,
            "ge" => Relation::Ge,
            "lt" => Relation::Lt,
            "le" => Relation::Le,
            "eq" => Relation::Eq,
            "ne" => Relation::Ne,
            word => {
                let words = ["nan", "inf", "nonfinite", "zero"];
                return Err(format!(
                    "expected nan, inf, nonfinite, zero, or gt, ge, lt, le, eq or ne with a value, as in gt:100; \
                     found {}{}",
                    excerpt(text),
                    did_you_mean(word, words)
                ));
            }
        };
        if !text.contains(':') {
            return Err(format!("expected a value, as in {text}:100"));
        }
        Ok(Condition::Compare(relation, value.to_owned()))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (relation, value) = match self {
            Condition::Nan => return f.write_str("nan"),
            Condition::Inf => return f.write_str("inf"),
            Condition::NonFinite => return f.write_str("nonfinite"),
            Condition::Zero => return f.write_str("zero"),
            Condition::Compare(relation, value) => (relation, value),
        };
        let relation = match relation {
            Relation::Gt => "gt",
            Relation::Ge => "ge",
            Relation::Lt => "lt",
            Relation::Le => "le",
            Relation::Eq => "eq",
            Relation::Ne => "ne",
        };
        write!(f, "{relation}:{}", excerpt(value))
    }
}

/// Finds the items of one dtype that meet a condition.
pub(crate) struct Matcher {
    itemsize: usize,
    /// An item meets the condition if any of its parts does. Only a record has several, or none.
    parts: Vec<Part>,
}

/// A number, time or text in an item: all of it, or a field, which subarrays may repeat.
struct Part {
    /// The offset of the first element in an item, in bytes.
    offset: usize,
    /// How often it is repeated, and at which distance in bytes, by each subarray around it; the outermost first.
    repeats: Vec<Repeat>,
    /// The size of one element in bytes.
    size: usize,
    test: Test,
}

#[derive(Clone, Copy)]
struct Repeat {
    count: usize,
    stride: usize,
}

enum Test {
    /// The keys of a number: a complex one has two.
    Keys {
        decoder: Decoder,
        keys: Vec<KeyRange>,
        /// Whether all of them have to be in their ranges, or any of them.
        needs_all: bool,
    },
    /// The bytes of a text, without NULs at its end, which are no part of it.
    Text { bytes: Vec<u8>, is_equal: bool },
}

/// The number of items that are converted at a time.
const CHUNK: usize = 4096;

impl Matcher {
    /// The matcher for items of this dtype, which will come in [`BYTE_ORDER`].
    ///
    /// # Errors
    /// Why the condition has no meaning for them.
    pub(crate) fn new(dtype: &DType, condition: &Condition) -> Result<Matcher, String> {
        // A file of no size can have any number of them.
        if dtype.itemsize() == 0 {
            return Err("no conditions for items that have no bytes".to_owned());
        }
        let dtype = &dtype.with_byte_order(BYTE_ORDER);
        let mut parts = Vec::new();
        let is_comparison = matches!(condition, Condition::Zero | Condition::Compare(..));
        match dtype {
            DType::Record(_) if is_comparison => {
                return Err(format!("{condition} has no meaning for records"));
            }
            DType::Record(_) => find_parts(dtype, 0, &mut Vec::new(), condition, &mut parts)?,
            dtype => parts.push(Part::new(0, &[], dtype, condition)?),
        }
        let itemsize = dtype.itemsize();
        Ok(Matcher { itemsize, parts })
    }

    /// Calls `found` with the index and the bytes of each of `count` items that meets the condition, until it returns
    /// false.
    pub(crate) fn find(
        &self,
        items: &[u8],
        count: usize,
        mut found: impl FnMut(usize, &[u8]) -> anyhow::Result<bool>,
    ) -> anyhow::Result<()> {
        let mut hits = Vec::new();
        let item = |index: usize| {
            let begin = index * self.itemsize;
            items.get(begin..begin + self.itemsize).unwrap_or_default()
        };
        for begin in (0..count).step_by(CHUNK) {
            let end = count.min(begin + CHUNK);
            let chunk = items.get(begin * self.itemsize..end * self.itemsize);
            hits.clear();
            hits.resize(end - begin, false);
            for part in &self.parts {
                part.mark(chunk.unwrap_or_default(), self.itemsize, &mut hits)?;
            }
            for index in (begin..end)
                .zip(&hits)
                .filter(|(_, hit)| **hit)
                .map(|(index, _)| index)
            {
                if !found(index, item(index))? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// The parts of a record that can be NaN or infinite.
fn find_parts(
    dtype: &DType,
    offset: usize,
    repeats: &mut Vec<Repeat>,
    condition: &Condition,
    parts: &mut Vec<Part>,
) -> Result<(), String> {
    match dtype {
        _ if dtype.itemsize() == 0 => {}
        DType::Record(record) => {
            for field in record.fields() {
                let offset = offset + field.offset;
                find_parts(&field.dtype, offset, repeats, condition, parts)?;
            }
        }
        DType::Subarray(sub) => {
            let (count, stride) = (sub.shape().iter().product(), sub.base().itemsize());
            repeats.push(Repeat { count, stride });
            find_parts(sub.base(), offset, repeats, condition, parts)?;
            repeats.pop();
        }
        dtype if is_number_or_time(dtype) => {
            parts.push(Part::new(offset, repeats, dtype, condition)?);
        }
        _ => {}
    }
    Ok(())
}

fn is_number_or_time(dtype: &DType) -> bool {
    matches!(
        dtype,
        DType::Bool | DType::Number(..) | DType::Datetime(..) | DType::Timedelta(..)
    )
}

impl Part {
    fn new(
        offset: usize,
        repeats: &[Repeat],
        dtype: &DType,
        condition: &Condition,
    ) -> Result<Part, String> {
        Ok(Part {
            offset,
            repeats: repeats.to_vec(),
            size: dtype.itemsize(),
            test: Test::new(dtype, condition)?,
        })
    }

    /// Marks the items of this size whose part meets the condition.
    fn mark(&self, items: &[u8], itemsize: usize, hits: &mut [bool]) -> anyhow::Result<()> {
        if self.size == itemsize {
            return self.test.mark(items, self.size, 1, hits);
        }
        let count = self.repeats.iter().map(|repeat| repeat.count).product();
        let mut elements = Vec::new();
        for item in items.chunks_exact(itemsize) {
            for number in 0..count {
                let begin = self.element_offset(number);
                elements.extend(item.get(begin..begin + self.size).unwrap_or_default());
            }
        }
        self.test.mark(&elements, self.size, count, hits)
    }

    /// The offset of this element in an item, in C order.
    fn element_offset(&self, number: usize) -> usize {
        let (mut left, mut offset) = (number, self.offset);
        for Repeat { count, stride } in self.repeats.iter().rev() {
            offset += left % count * stride;
            left /= count;
        }
        offset
    }
}

impl Test {
    fn new(dtype: &DType, condition: &Condition) -> Result<Test, String> {
        let refused = || {
            let hint = if dtype.has_object() {
                ": use --allow-pickle"
            } else {
                ""
            };
            Err(format!(
                "{condition} has no meaning for items of {}{hint}",
                dtype.descr()
            ))
        };
        if let DType::Bytes(_) | DType::Str(..) = dtype {
            return match condition {
                Condition::Compare(relation @ (Relation::Eq | Relation::Ne), value) => {
                    Ok(Test::text(dtype, value, *relation == Relation::Eq))
                }
                _ => refused(),
            };
        }
        let Some(decoder) = Decoder::new(dtype) else {
            return refused();
        };
        let parts = match dtype {
            DType::Number(number, _) if number.info().class == NumberClass::Complex => 2,
            _ => 1,
        };
        let or_nan = matches!(condition, Condition::Nan | Condition::NonFinite);
        let nan = KeyRange::NOTHING.with_nan(or_nan);
        let mut needs_all = false;
        let keys = match condition {
            Condition::Nan => vec![nan; parts],
            Condition::Inf | Condition::NonFinite => {
                let infinite = |least| {
                    KeyRange::new(1 - least, least - 1)
                        .inverted()
                        .with_nan(or_nan)
                };
                vec![decoder.infinity().map_or(nan, infinite); parts]
            }
            Condition::Zero => {
                needs_all = true;
                vec![KeyRange::new(0, 0); parts]
            }
            Condition::Compare(relation, value) => {
                needs_all = *relation == Relation::Eq;
                if parts > 1 && !needs_all && *relation != Relation::Ne {
                    return refused();
                }
                let bounds = decoder.bounds(dtype, value)?;
                let ranges = bounds.into_iter();
                ranges.map(|bound| KeyRange::of(*relation, bound)).collect()
            }
        };
        Ok(Test::Keys {
            decoder,
            keys,
            needs_all,
        })
    }

    /// Whether a text is this one, or another.
    fn text(dtype: &DType, value: &str, is_equal: bool) -> Test {
        let bytes: Vec<u8> = match dtype {
            DType::Str(..) => {
                let points = value.chars().map(u32::from);
                points.flat_map(u32::to_le_bytes).collect()
            }
            _ => value.into(),
        };
        Test::Text {
            bytes: trim_nuls(&bytes).to_vec(),
            is_equal,
        }
    }

    /// Marks the items that have an element that meets the condition, of `count` elements of this size.
    fn mark(
        &self,
        elements: &[u8],
        size: usize,
        count: usize,
        hits: &mut [bool],
    ) -> anyhow::Result<()> {
        match self {
            Test::Text { bytes, is_equal } => {
                for (index, hit) in hits.iter_mut().enumerate() {
                    let text = elements.get(index * size..(index + 1) * size);
                    *hit |= (trim_nuls(text.unwrap_or_default()) == bytes) == *is_equal;
                }
            }
            Test::Keys {
                decoder,
                keys,
                needs_all,
            } => {
                let mut ranges = keys.iter().cycle();
                let mut is_in_range = Vec::new();
                decoder.for_each(elements, |key| {
                    is_in_range.push(ranges.next().is_some_and(|range| range.contains(key)));
                })?;
                let elements = is_in_range.chunks_exact(keys.len().max(1));
                let met: Vec<bool> = elements
                    .map(|parts| {
                        if *needs_all {
                            parts.iter().all(|part| *part)
                        } else {
                            parts.iter().any(|part| *part)
                        }
                    })
                    .collect();
                for (hit, elements) in hits.iter_mut().zip(met.chunks_exact(count.max(1))) {
                    *hit |= elements.iter().any(|met| *met);
                }
            }
        }
        Ok(())
    }
}
