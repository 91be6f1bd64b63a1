//! The long doubles in the items of a dtype, and whether they are numbers of the x87: [`LongDoubleCheck`].

use super::evidence::Evidence;
use super::kind::{LongDouble, has_long_double, is_long};
use crate::blocks::{BLOCK, in_blocks};
use crate::error::{Error, ErrorKind};
use crate::scalar::{FormatClue, LongDoubleProblem, bits, format_clue};
use crate::strided::Strided;
use dtype::{ByteOrder, DType, Field, Order};
use std::collections::HashMap;
use std::ops::Range;

/// A check of the long doubles in items of one dtype.
#[derive(Clone, Debug)]
pub(crate) struct LongDoubleCheck {
    size: usize,
    long_doubles: LongDoubles,
    /// Whether items that look like quads are an error.
    looks_for_quads: bool,
}

/// The positions of the long doubles in a part of an item.
#[derive(Clone, Debug)]
enum LongDoubles {
    /// This many contiguous long doubles of this size.
    Parts(usize, usize, ByteOrder),
    /// This many parts of this size, each of which has long doubles.
    Repeat(usize, usize, Box<LongDoubles>),
    Fields(Vec<(Range<usize>, String, LongDoubles)>),
}

/// The combined evidence of the long doubles of some items.
#[derive(Debug, Default)]
struct Findings {
    is_proven: bool,
    suspect: Option<LocatedLongDouble>,
}

/// A long double, and its position.
#[derive(Debug)]
struct LocatedLongDouble {
    bits: u128,
    item: usize,
    field: Option<String>,
}

impl LocatedLongDouble {
    fn in_field(mut self, name: &str) -> LocatedLongDouble {
        self.field = Some(match self.field {
            Some(inner) => format!("{name}.{inner}"),
            None => name.to_owned(),
        });
        self
    }

    fn error(self) -> Error {
        let problem = LongDoubleProblem::of(self.bits);
        let (item, field) = (self.item, self.field);
        ErrorKind::LongDouble {
            item,
            field,
            problem,
        }
        .into()
    }
}

impl LongDoubleCheck {
    /// The check of all long doubles in items of a dtype; `None` if it has none.
    pub(crate) fn of(dtype: &DType) -> Option<LongDoubleCheck> {
        LongDoubleCheck::new(dtype, None, None)
    }

    /// The check of the long doubles that a cast from one dtype to another interprets. Those that it only copies,
    /// possibly with another byte order, are left alone if their format is not `stated`.
    pub(crate) fn of_cast(
        from: &DType,
        to: &DType,
        stated: Option<LongDouble>,
    ) -> Option<LongDoubleCheck> {
        LongDoubleCheck::new(from, Some(to), stated)
    }

    fn new(
        from: &DType,
        to: Option<&DType>,
        stated: Option<LongDouble>,
    ) -> Option<LongDoubleCheck> {
        if !has_long_double(from) {
            return None;
        }
        Some(LongDoubleCheck {
            size: from.itemsize(),
            long_doubles: LongDoubles::new(from, to, stated)?,
            looks_for_quads: !matches!(stated, Some(LongDouble::X87 | LongDouble::Quad)),
        })
    }

    /// Checks contiguous items, which are a part of those that the evidence is about.
    pub(crate) fn check_part(&self, items: &[u8], evidence: &Evidence) -> Result<(), Error> {
        let mut findings = Findings::default();
        self.scan(items, 0, &mut findings)?;
        self.decide(findings, evidence)
    }

    /// Checks all items of a view, in C order.
    pub(crate) fn check_view(&self, view: &Strided<'_>, evidence: &Evidence) -> Result<(), Error> {
        let (mut findings, mut before, mut copy) = (Findings::default(), 0, Vec::new());
        let mut blocks = in_blocks(view, BLOCK);
        blocks.try_for_each(|block| {
            let items = match block.as_contiguous(Order::C) {
                Some(items) => items,
                None => {
                    copy.resize(block.count() * self.size, 0);
                    block.copy_to(Order::C, &mut copy)?;
                    &copy
                }
            };
            self.scan(items, before, &mut findings)?;
            before += block.count();
            Ok::<(), Error>(())
        })?;
        self.decide(findings, evidence)
    }

    fn decide(&self, findings: Findings, evidence: &Evidence) -> Result<(), Error> {
        if findings.is_proven {
            evidence.prove();
        }
        match findings.suspect.filter(|_| self.looks_for_quads) {
            Some(suspect) if evidence.suspect() => Err(suspect.error()),
            _ => Ok(()),
        }
    }

    fn scan(&self, items: &[u8], before: usize, findings: &mut Findings) -> Result<(), Error> {
        if let LongDoubles::Parts(_, 16, order) = self.long_doubles
            && all_x87(items, order)
        {
            findings.is_proven = true;
            return Ok(());
        }
        let items = items.chunks_exact(self.size.max(1));
        for (item, bytes) in items.enumerate() {
            let had_suspect = findings.suspect.is_some();
            let scanned = self.long_doubles.scan(bytes, findings);
            scanned.map_err(|found| {
                LocatedLongDouble {
                    item: before + item,
                    ..found
                }
                .error()
            })?;
            if let Some(suspect) = findings.suspect.as_mut().filter(|_| !had_suspect) {
                suspect.item = before + item;
            }
        }
        Ok(())
    }
}

impl LongDoubles {
    fn new(from: &DType, to: Option<&DType>, stated: Option<LongDouble>) -> Option<LongDoubles> {
        let native = |dtype: &DType| dtype.with_byte_order(ByteOrder::NATIVE);
        match (from, to) {
            (DType::Number(number, order), _) if is_long(*number) => {
                let is_copy =
                    to.is_some_and(|to| matches!(to, DType::Void(_)) || native(to) == native(from));
                let size = number.part_size();
                let is_quad = stated == Some(LongDouble::Quad) && size == 16;
                let is_left = is_quad || (is_copy && stated.is_none());
                (!is_left).then(|| LongDoubles::Parts(number.size() / size, size, *order))
            }
            (DType::Record(record), None) => {
                LongDoubles::fields(record.fields().iter().map(|field| (field, None)), stated)
            }
            (DType::Record(old), Some(DType::Record(new))) => {
                let old = old.fields().iter();
                let named: HashMap<&str, &Field> = old.map(|field| (&*field.name, field)).collect();
                let pairs = new.fields().iter();
                let pairs =
                    pairs.filter_map(|field| Some((*named.get(&*field.name)?, Some(&field.dtype))));
                LongDoubles::fields(pairs, stated)
            }
            (DType::Subarray(old), Some(DType::Subarray(new))) if old.shape() == new.shape() => {
                let count = old.shape().iter().product();
                LongDoubles::new(old.base(), Some(new.base()), stated)?.repeated(count, old.base())
            }
            (DType::Subarray(sub), None) => {
                let count = sub.shape().iter().product();
                LongDoubles::new(sub.base(), None, stated)?.repeated(count, sub.base())
            }
            (DType::Subarray(sub), to) => LongDoubles::new(sub.base(), to, stated),
            (_, Some(DType::Subarray(sub))) => LongDoubles::new(from, Some(sub.base()), stated),
            (DType::Record(record), to) => {
                LongDoubles::fields(record.fields().iter().map(|field| (field, to)), stated)
            }
            (_, Some(DType::Record(record))) => {
                let mut fields = record.fields().iter();
                fields.find_map(|field| LongDoubles::new(from, Some(&field.dtype), stated))
            }
            _ => None,
        }
    }

    fn fields<'a>(
        pairs: impl Iterator<Item = (&'a Field, Option<&'a DType>)>,
        stated: Option<LongDouble>,
    ) -> Option<LongDoubles> {
        let children = pairs.filter_map(|(field, to)| {
            let long_doubles = LongDoubles::new(&field.dtype, to, stated)?;
            let range = field.offset..field.offset.checked_add(field.dtype.itemsize())?;
            Some((range, field.name.clone(), long_doubles))
        });
        let children: Vec<_> = children.collect();
        (!children.is_empty()).then_some(LongDoubles::Fields(children))
    }

    /// The same in a subarray of this many items.
    fn repeated(self, count: usize, base: &DType) -> Option<LongDoubles> {
        let size = base.itemsize();
        match self {
            _ if count == 0 || size == 0 => None,
            LongDoubles::Parts(parts, part, order) if parts.checked_mul(part) == Some(size) => {
                Some(LongDoubles::Parts(parts.checked_mul(count)?, part, order))
            }
            long_doubles => Some(LongDoubles::Repeat(count, size, Box::new(long_doubles))),
        }
    }

    /// Checks the long doubles in these bytes; the error is one that is not an x87 number.
    fn scan(&self, bytes: &[u8], findings: &mut Findings) -> Result<(), LocatedLongDouble> {
        match self {
            LongDoubles::Parts(count, size, order) => {
                let mut parts = bytes.chunks_exact(*size).take(*count);
                parts.try_for_each(|part| findings.add(bits(part, *order), *size == 16))
            }
            LongDoubles::Repeat(count, size, long_doubles) => {
                let mut parts = bytes.chunks_exact(*size).take(*count);
                parts.try_for_each(|part| long_doubles.scan(part, findings))
            }
            LongDoubles::Fields(fields) => {
                fields.iter().try_for_each(|(range, name, long_doubles)| {
                    let had_suspect = findings.suspect.is_some();
                    let part = bytes.get(range.clone()).unwrap_or_default();
                    let scanned = long_doubles.scan(part, findings);
                    scanned.map_err(|found| found.in_field(name))?;
                    if !had_suspect {
                        findings.suspect =
                            findings.suspect.take().map(|found| found.in_field(name));
                    }
                    Ok(())
                })
            }
        }
    }
}

/// Whether 16-byte items all have the right integer bit, and at least one is not a quad. This is nearly always
/// true, and is determined without a branch for each.
fn all_x87(items: &[u8], order: ByteOrder) -> bool {
    let (mut is_wrong, mut is_proven) = (false, false);
    for item in items.as_chunks::<16>().0 {
        let bits = bits(item, order);
        let is_normal = (bits >> 64) as u16 & 0x7fff != 0;
        is_wrong |= is_normal != (bits as u64 >> 63 != 0);
        is_proven |= is_normal;
    }
    is_proven && !is_wrong
}

impl Findings {
    #[inline]
    fn add(&mut self, bits: u128, may_be_quad: bool) -> Result<(), LocatedLongDouble> {
        let found = |bits| LocatedLongDouble {
            bits,
            item: 0,
            field: None,
        };
        match format_clue(bits, may_be_quad) {
            FormatClue::X87 => self.is_proven = true,
            FormatClue::Neither => {}
            FormatClue::LikeQuad if self.suspect.is_some() => {}
            FormatClue::LikeQuad => self.suspect = Some(found(bits)),
            FormatClue::NotX87 => return Err(found(bits)),
        }
        Ok(())
    }
}
