//! The long doubles in the items of a dtype, and whether they are numbers of the x87: [`Check`].

use super::kind::{LongDouble, has_long_double, is_long};
use super::watch::Watch;
use crate::blocks::{BLOCK, in_blocks};
use crate::error::{Error, ErrorKind};
use crate::scalar::{FormatClue, LongDoubleProblem, bits, format_clue};
use crate::strided::Strided;
use dtype::{ByteOrder, DType, Field, Order};
use std::collections::HashMap;
use std::ops::Range;

/// The positions of long doubles in an item.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    size: usize,
    node: Node,
    /// Whether items that look like quads are an error.
    looks_for_quads: bool,
}

/// Long doubles in a part of an item.
#[derive(Clone, Debug)]
enum Node {
    /// This many of this size, contiguous.
    Parts(usize, usize, ByteOrder),
    /// This many parts of this size, each of which has some.
    Repeat(usize, usize, Box<Node>),
    Fields(Vec<(Range<usize>, String, Node)>),
}

/// The combined evidence of the long doubles of some items.
#[derive(Debug, Default)]
struct Seen {
    is_proven: bool,
    suspect: Option<Found>,
}

/// One of them, and its position.
#[derive(Debug)]
struct Found {
    bits: u128,
    item: usize,
    field: Option<String>,
}

impl Found {
    fn in_field(mut self, name: &str) -> Found {
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

impl Check {
    /// The check of all long doubles in items of a dtype; `None` if it has none.
    pub(crate) fn of(dtype: &DType) -> Option<Check> {
        Check::new(dtype, None, None)
    }

    /// The check of the long doubles that a cast from one dtype to another interprets. Those that it only copies,
    /// possibly with another byte order, are left alone if their format is not `stated`.
    pub(crate) fn of_cast(from: &DType, to: &DType, stated: Option<LongDouble>) -> Option<Check> {
        Check::new(from, Some(to), stated)
    }

    fn new(from: &DType, to: Option<&DType>, stated: Option<LongDouble>) -> Option<Check> {
        if !has_long_double(from) {
            return None;
        }
        Some(Check {
            size: from.itemsize(),
            node: Node::new(from, to, stated)?,
            looks_for_quads: !matches!(stated, Some(LongDouble::X87 | LongDouble::Quad)),
        })
    }

    /// Checks contiguous items, which are a part of the watched ones.
    pub(crate) fn part(&self, items: &[u8], watch: &Watch) -> Result<(), Error> {
        let mut seen = Seen::default();
        self.look(items, 0, &mut seen)?;
        self.judge(seen, watch)
    }

    /// Checks all items of a view, in C order.
    pub(crate) fn view(&self, view: &Strided<'_>, watch: &Watch) -> Result<(), Error> {
        let (mut seen, mut before, mut copy) = (Seen::default(), 0, Vec::new());
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
            self.look(items, before, &mut seen)?;
            before += block.count();
            Ok::<(), Error>(())
        })?;
        self.judge(seen, watch)
    }

    fn judge(&self, seen: Seen, watch: &Watch) -> Result<(), Error> {
        if seen.is_proven {
            watch.prove();
        }
        match seen.suspect.filter(|_| self.looks_for_quads) {
            Some(suspect) if watch.suspect() => Err(suspect.error()),
            _ => Ok(()),
        }
    }

    fn look(&self, items: &[u8], before: usize, seen: &mut Seen) -> Result<(), Error> {
        if let Node::Parts(_, 16, order) = self.node
            && are_numbers(items, order)
        {
            seen.is_proven = true;
            return Ok(());
        }
        let items = items.chunks_exact(self.size.max(1));
        for (item, bytes) in items.enumerate() {
            let had = seen.suspect.is_some();
            let looked = self.node.look(bytes, seen);
            looked.map_err(|found| {
                Found {
                    item: before + item,
                    ..found
                }
                .error()
            })?;
            if let Some(suspect) = seen.suspect.as_mut().filter(|_| !had) {
                suspect.item = before + item;
            }
        }
        Ok(())
    }
}

impl Node {
    fn new(from: &DType, to: Option<&DType>, stated: Option<LongDouble>) -> Option<Node> {
        let native = |dtype: &DType| dtype.with_byte_order(ByteOrder::NATIVE);
        match (from, to) {
            (DType::Number(number, order), _) if is_long(*number) => {
                let is_copy =
                    to.is_some_and(|to| matches!(to, DType::Void(_)) || native(to) == native(from));
                let size = number.part_size();
                let is_quad = stated == Some(LongDouble::Quad) && size == 16;
                let is_left = is_quad || (is_copy && stated.is_none());
                (!is_left).then(|| Node::Parts(number.size() / size, size, *order))
            }
            (DType::Record(record), None) => {
                Node::fields(record.fields().iter().map(|field| (field, None)), stated)
            }
            (DType::Record(old), Some(DType::Record(new))) => {
                let old = old.fields().iter();
                let named: HashMap<&str, &Field> = old.map(|field| (&*field.name, field)).collect();
                let pairs = new.fields().iter();
                let pairs =
                    pairs.filter_map(|field| Some((*named.get(&*field.name)?, Some(&field.dtype))));
                Node::fields(pairs, stated)
            }
            (DType::Subarray(old), Some(DType::Subarray(new))) if old.shape() == new.shape() => {
                let count = old.shape().iter().product();
                Node::new(old.base(), Some(new.base()), stated)?.repeated(count, old.base())
            }
            (DType::Subarray(sub), None) => {
                let count = sub.shape().iter().product();
                Node::new(sub.base(), None, stated)?.repeated(count, sub.base())
            }
            (DType::Subarray(sub), to) => Node::new(sub.base(), to, stated),
            (_, Some(DType::Subarray(sub))) => Node::new(from, Some(sub.base()), stated),
            (DType::Record(record), to) => {
                Node::fields(record.fields().iter().map(|field| (field, to)), stated)
            }
            (_, Some(DType::Record(record))) => {
                let mut fields = record.fields().iter();
                fields.find_map(|field| Node::new(from, Some(&field.dtype), stated))
            }
            _ => None,
        }
    }

    fn fields<'a>(
        pairs: impl Iterator<Item = (&'a Field, Option<&'a DType>)>,
        stated: Option<LongDouble>,
    ) -> Option<Node> {
        let nodes = pairs.filter_map(|(field, to)| {
            let node = Node::new(&field.dtype, to, stated)?;
            let range = field.offset..field.offset.checked_add(field.dtype.itemsize())?;
            Some((range, field.name.clone(), node))
        });
        let nodes: Vec<_> = nodes.collect();
        (!nodes.is_empty()).then_some(Node::Fields(nodes))
    }

    /// The same in a subarray of this many items.
    fn repeated(self, count: usize, base: &DType) -> Option<Node> {
        let size = base.itemsize();
        match self {
            _ if count == 0 || size == 0 => None,
            Node::Parts(parts, part, order) if parts.checked_mul(part) == Some(size) => {
                Some(Node::Parts(parts.checked_mul(count)?, part, order))
            }
            node => Some(Node::Repeat(count, size, Box::new(node))),
        }
    }

    /// Checks the long doubles in these bytes; the error is one that is not an x87 number.
    fn look(&self, bytes: &[u8], seen: &mut Seen) -> Result<(), Found> {
        match self {
            Node::Parts(count, size, order) => {
                let mut parts = bytes.chunks_exact(*size).take(*count);
                parts.try_for_each(|part| seen.add(bits(part, *order), *size == 16))
            }
            Node::Repeat(count, size, node) => {
                let mut parts = bytes.chunks_exact(*size).take(*count);
                parts.try_for_each(|part| node.look(part, seen))
            }
            Node::Fields(fields) => fields.iter().try_for_each(|(range, name, node)| {
                let had = seen.suspect.is_some();
                let part = bytes.get(range.clone()).unwrap_or_default();
                let looked = node.look(part, seen);
                looked.map_err(|found| found.in_field(name))?;
                if !had {
                    seen.suspect = seen.suspect.take().map(|found| found.in_field(name));
                }
                Ok(())
            }),
        }
    }
}

/// Whether 16-byte items all have the right integer bit, and at least one is not a quad. This is nearly always
/// true, and is determined without a branch for each.
fn are_numbers(items: &[u8], order: ByteOrder) -> bool {
    let (mut is_wrong, mut is_proven) = (false, false);
    for item in items.as_chunks::<16>().0 {
        let bits = bits(item, order);
        let is_normal = (bits >> 64) as u16 & 0x7fff != 0;
        is_wrong |= is_normal != (bits as u64 >> 63 != 0);
        is_proven |= is_normal;
    }
    is_proven && !is_wrong
}

impl Seen {
    #[inline]
    fn add(&mut self, bits: u128, may_be_quad: bool) -> Result<(), Found> {
        let found = |bits| Found {
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
