//! Quantiles of arrays of any size: [`Quantiles`].

use super::item::{Kind, array, native, native_bytes};
use super::{Accumulator, exact::Dyadic};
use crate::array::Array;
use crate::error::Error;
use crate::scalar::{Float, bits};
use dtype::{ByteOrder, DType, FloatFormat, NAT};
use num_bigint::Sign;
use std::collections::BTreeMap;
use std::mem;

/// The number of items that are kept in memory, 16 bytes each.
const MAX_KEPT: u64 = 1 << 22;

/// Exact quantiles by NumPy's linear method, in memory that does not grow with the array.
///
/// Items are counted by the leading bits of numbers that are ordered as they are (a radix histogram). Then those that
/// share them with an item that is needed are counted by further bits, until so few are left that they can be
/// kept: two passes for most arrays, one for those of up to 4 million items.
///
/// ```
/// use flatfile::{Array, npy, stats::Quantiles};
/// let file = npy::to_bytes(&Array::from_slice(&[7.0, 1.0, 3.0, 2.0], [4])?)?;
/// let reader = npy::open(&file)?;
/// let layout = reader.layout();
/// let mut quantiles = Quantiles::new(layout.dtype(), layout.count(), &[0.0, 0.5, 0.75])?;
/// while !quantiles.is_done() {
///     quantiles = reader.accumulate(quantiles)?;
///     quantiles.end_pass();
/// }
/// assert_eq!(quantiles.values().unwrap().as_slice::<f64>()?, [1.0, 2.5, 4.0]);
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Quantiles {
    dtype: DType,
    kind: Kind,
    fractions: Vec<f64>,
    /// How many leading bits of a key decide its group.
    known_bits: u32,
    /// The groups of keys with an item that is needed, in their order.
    groups: Vec<Group>,
    /// The number of items that are not NaN, after the first pass.
    count: Option<u64>,
    /// The keys of the items that were found, by their index in the sorted array.
    found: BTreeMap<u64, i128>,
}

/// The keys that begin with the same bits.
#[derive(Clone, Debug)]
struct Group {
    /// The leading bits that are known.
    prefix: u128,
    /// The number of smaller keys.
    before: u64,
    /// The indices of the items that are needed.
    ranks: Vec<u64>,
    keys: Keys,
}

/// The keys of a group.
#[derive(Clone, Debug)]
enum Keys {
    Kept(Vec<u128>),
    /// How many have each value of the next bits.
    Counted {
        bits: u32,
        counts: Vec<u64>,
    },
}

impl Keys {
    fn counted(bits: u32) -> Keys {
        let counts = vec![0; 1 << bits];
        Keys::Counted { bits, counts }
    }

    /// Those of a group of which nothing was seen.
    fn empty(&self) -> Keys {
        match self {
            Keys::Kept(_) => Keys::Kept(Vec::new()),
            Keys::Counted { bits, .. } => Keys::counted(*bits),
        }
    }
}

impl Quantiles {
    /// The quantiles at these fractions, from 0 to 1, of so many items.
    ///
    /// # Errors
    /// `NoStats` for complex numbers, and for items that are not truth values, numbers or times.
    pub fn new(dtype: &DType, count: usize, fractions: &[f64]) -> Result<Quantiles, Error> {
        let kind = Kind::of(dtype)?;
        if let Kind::Complex(_) = kind {
            return Err(crate::error::ErrorKind::NoStats(dtype.clone()).into());
        }
        let keys = if count as u64 <= MAX_KEPT {
            Keys::Kept(Vec::new())
        } else {
            Keys::counted(kind.key_bits().min(16))
        };
        let all = Group {
            prefix: 0,
            before: 0,
            ranks: Vec::new(),
            keys,
        };
        Ok(Quantiles {
            dtype: native(dtype),
            kind,
            fractions: fractions.to_vec(),
            known_bits: 0,
            groups: vec![all],
            count: None,
            found: BTreeMap::new(),
        })
    }

    /// Whether no further pass is needed.
    pub fn is_done(&self) -> bool {
        self.groups.is_empty()
    }

    /// All items were added once more.
    pub fn end_pass(&mut self) {
        if self.count.is_none() {
            self.end_first_pass();
        }
        let total_bits = self.kind.key_bits();
        let mut known_bits = self.known_bits;
        let mut next: Vec<(Group, u64)> = Vec::new();
        for group in mem::take(&mut self.groups) {
            match group.keys {
                Keys::Kept(mut keys) => {
                    for rank in group.ranks {
                        let index = (rank - group.before) as usize;
                        if index < keys.len() {
                            let (_, key, _) = keys.select_nth_unstable(index);
                            self.found.insert(rank, self.kind.key_of(*key));
                        }
                    }
                }
                Keys::Counted { bits, counts } => {
                    known_bits = self.known_bits + bits;
                    let mut before = group.before;
                    let mut ranks = group.ranks.into_iter().peekable();
                    for (value, count) in (0u128..).zip(counts) {
                        let prefix = group.prefix << bits | value;
                        let end = before + count;
                        let mut these = Vec::new();
                        while let Some(rank) = ranks.next_if(|rank| *rank < end) {
                            these.push(rank);
                        }
                        if known_bits == total_bits {
                            let key = self.kind.key_of(prefix);
                            self.found.extend(these.iter().map(|rank| (*rank, key)));
                        } else if !these.is_empty() {
                            let group = Group {
                                prefix,
                                before,
                                ranks: these,
                                keys: Keys::Kept(Vec::new()),
                            };
                            next.push((group, count));
                        }
                        before = end;
                    }
                }
            }
        }
        self.known_bits = known_bits;
        let left: u64 = next.iter().map(|(_, count)| *count).sum();
        if left > MAX_KEPT {
            // Fewer bits of more groups, so that all tables together stay small.
            let bits = match next.len() {
                0..=16 => 16,
                17..=256 => 12,
                _ => 8,
            };
            for (group, _) in &mut next {
                group.keys = Keys::counted(bits.min(total_bits - known_bits));
            }
        }
        self.groups = next.into_iter().map(|(group, _)| group).collect();
    }

    /// Now the number of items, and so which of them are needed, is known.
    fn end_first_pass(&mut self) {
        let seen = self.groups.iter().map(|group| match &group.keys {
            Keys::Kept(keys) => keys.len() as u64,
            Keys::Counted { counts, .. } => counts.iter().sum(),
        });
        let count = seen.sum();
        self.count = Some(count);
        let places = self
            .fractions
            .iter()
            .filter_map(|fraction| place(*fraction, count));
        let mut ranks: Vec<u64> = places
            .flat_map(|place| [place.previous, place.next])
            .collect();
        ranks.sort_unstable();
        ranks.dedup();
        if let Some(all) = self.groups.first_mut() {
            all.ranks = ranks;
        }
    }

    /// The quantiles, as a 1-d array: of `float64`, for `longdouble` of that, and of the items' own dtype for times. `None`
    /// if there are no items but NaN, or if another pass is needed.
    pub fn values(&self) -> Option<Array> {
        let count = self.count.filter(|_| self.is_done())?;
        let dtype = match self.kind {
            Kind::X87(_) | Kind::Time => self.dtype.clone(),
            _ => DType::F64,
        };
        let mut bytes = Vec::new();
        for fraction in &self.fractions {
            let place = place(*fraction, count)?;
            let (a, b) = (
                self.found.get(&place.previous)?,
                self.found.get(&place.next)?,
            );
            let bits = self.between(*a, *b, place.weight)?;
            bytes.extend(native_bytes(bits, dtype.itemsize()));
        }
        array(dtype, [self.fractions.len()], &bytes)
    }

    /// The bits of the value between those with two keys.
    fn between(&self, a: i128, b: i128, weight: f64) -> Option<u128> {
        let between = match self.kind {
            Kind::Time => {
                let (a, b) = (a as i64, b as i64);
                let distance = b
                    .checked_sub(a)
                    .map_or(NAT as f64, |distance| distance as f64);
                let between = if weight >= 0.5 {
                    b.checked_sub((distance * (1.0 - weight)) as i64)
                } else {
                    a.checked_add((distance * weight) as i64)
                };
                return Some(between.unwrap_or(NAT) as u128);
            }
            Kind::X87(_) => {
                let [from, to] = [a, b].map(|key| self.kind.item(&self.dtype, key));
                return Some(between_long(from?.as_bytes(), to?.as_bytes(), weight));
            }
            Kind::Bool | Kind::Integer(_) => linear(a as f64, b as f64, (b - a) as f64, weight),
            _ => {
                let (a, b) = (self.kind.value(a), self.kind.value(b));
                linear(a, b, b - a, weight)
            }
        };
        Some(between.to_bits().into())
    }
}

/// NumPy's `_lerp`. Where that has NaN because a number is infinite, or because the distance is too large for a float,
/// this is the value between them.
fn linear(a: f64, b: f64, distance: f64, weight: f64) -> f64 {
    if weight == 0.0 || a == b || a.is_infinite() && b.is_finite() {
        a
    } else if a.is_finite() && b.is_infinite() {
        b
    } else if !distance.is_finite() {
        a * (1.0 - weight) + b * weight
    } else if weight >= 0.5 {
        b - distance * (1.0 - weight)
    } else {
        a + distance * weight
    }
}

/// The long double nearest to the value between two.
fn between_long(a: &[u8], b: &[u8], weight: f64) -> u128 {
    let read = |item| bits(item, ByteOrder::NATIVE) & ((1 << 80) - 1);
    let (a_bits, b_bits) = (read(a), read(b));
    if weight == 0.0 || a_bits == b_bits {
        return a_bits;
    }
    let [from, to] = [a_bits, b_bits].map(|bits| Float::from_bits(FloatFormat::X87, bits));
    match (from.is_finite(), to.is_finite()) {
        (true, true) => {}
        (true, false) => return b_bits,
        (false, true) => return a_bits,
        (false, false) => return 0x7fff << 64 | 3 << 62,
    }
    let distance = dyadic(to).minus(&dyadic(from));
    let value = dyadic(from).plus(&distance.times(&dyadic(weight.into())));
    value.divided(1, FloatFormat::X87).to_bits(FloatFormat::X87)
}

/// The value of a finite float.
fn dyadic(float: Float) -> Dyadic {
    let (magnitude, power) = float.binary();
    let sign = if float.negative {
        Sign::Minus
    } else {
        Sign::Plus
    };
    Dyadic::new(
        num_bigint::BigInt::from_biguint(sign, magnitude.into()),
        power,
    )
}

/// Where a quantile is in the sorted array: between two items.
struct Place {
    previous: u64,
    next: u64,
    /// How far it is from the first of them, from 0 to 1.
    weight: f64,
}

/// The place of the quantile among so many items, of which there must be some.
fn place(fraction: f64, count: u64) -> Option<Place> {
    let last = count.checked_sub(1)?;
    let place = fraction * last as f64;
    let previous = (place.floor() as u64).min(last);
    Some(Place {
        previous,
        next: if place >= last as f64 {
            last
        } else {
            previous + 1
        },
        weight: (place - previous as f64).clamp(0.0, 1.0),
    })
}

impl Kind {
    /// The number without a sign that is ordered as the key is.
    fn unsigned(self, key: i128) -> u128 {
        key.wrapping_sub(self.least_key()) as u128
    }

    fn key_of(self, unsigned: u128) -> i128 {
        (unsigned as i128).wrapping_add(self.least_key())
    }
}

impl Accumulator for Quantiles {
    fn dtype(&self) -> &DType {
        &self.dtype
    }

    fn add_native(&mut self, items: &[u8]) {
        let (kind, groups) = (self.kind, &mut self.groups);
        let unknown_bits = kind.key_bits() - self.known_bits;
        if let [group] = &mut groups[..] {
            let prefix = group.prefix;
            return kind.for_each_key(items, |key| {
                let key = kind.unsigned(key);
                if key >> unknown_bits == prefix {
                    group.add(key, unknown_bits);
                }
            });
        }
        kind.for_each_key(items, |key| {
            let key = kind.unsigned(key);
            let index = groups.binary_search_by_key(&(key >> unknown_bits), |group| group.prefix);
            if let Ok(index) = index
                && let Some(group) = groups.get_mut(index)
            {
                group.add(key, unknown_bits);
            }
        });
    }

    fn empty(&self) -> Quantiles {
        let groups = self.groups.iter().map(|group| Group {
            keys: group.keys.empty(),
            ranks: group.ranks.clone(),
            ..*group
        });
        Quantiles {
            dtype: self.dtype.clone(),
            fractions: self.fractions.clone(),
            groups: groups.collect(),
            found: BTreeMap::new(),
            ..*self
        }
    }

    fn merge(&mut self, other: Quantiles) {
        for (mine, theirs) in self.groups.iter_mut().zip(other.groups) {
            match (&mut mine.keys, theirs.keys) {
                (Keys::Kept(keys), Keys::Kept(more)) if keys.is_empty() => *keys = more,
                (Keys::Kept(keys), Keys::Kept(more)) => keys.extend(more),
                (Keys::Counted { counts, .. }, Keys::Counted { counts: more, .. }) => {
                    for (count, more) in counts.iter_mut().zip(more) {
                        *count += more;
                    }
                }
                _ => {}
            }
        }
    }
}

impl Group {
    /// Adds a key of this group, of which so many bits are not known.
    fn add(&mut self, key: u128, unknown_bits: u32) {
        match &mut self.keys {
            Keys::Kept(keys) => keys.push(key),
            Keys::Counted { bits, counts } => {
                let next = key >> (unknown_bits - *bits) & ((1 << *bits) - 1);
                if let Some(count) = counts.get_mut(next as usize) {
                    *count += 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strided::Strided;
    use dtype::Element;
    use proptest::prelude::*;

    /// The quantiles, found with so many passes that all bits are counted.
    fn counted<T: Element + bytemuck::NoUninit>(items: &[T], fractions: &[f64]) -> Vec<f64> {
        let items = Array::from_slice(items, [items.len()]).unwrap();
        let view: Strided<'_> = items.strided();
        let mut quantiles = Quantiles::new(items.dtype(), usize::MAX, fractions).unwrap();
        let mut passes = 0;
        while !quantiles.is_done() {
            quantiles.add(&view).unwrap();
            quantiles.end_pass();
            passes += 1;
            // Few are left after the first pass, but they are counted nevertheless.
            let unknown_bits = quantiles.kind.key_bits() - quantiles.known_bits;
            for group in &mut quantiles.groups {
                group.keys = Keys::counted(unknown_bits.min(9));
            }
        }
        assert!(passes <= 8, "{passes}");
        quantiles.values().unwrap().to_vec().unwrap()
    }

    fn sorted(mut items: Vec<f64>, fractions: &[f64]) -> Vec<f64> {
        items.sort_by(f64::total_cmp);
        let at = |fraction: &f64| {
            let place = fraction * (items.len() - 1) as f64;
            let (a, b) = (items[place.floor() as usize], items[place.ceil() as usize]);
            linear(a, b, b - a, place - place.floor())
        };
        fractions.iter().map(at).collect()
    }

    proptest! {
        #[test]
        fn counting_bits_is_sorting(
            items in prop::collection::vec(-1000..1000i16, 1..300),
            fractions in prop::collection::vec(0.0..=1.0f64, 1..6),
        ) {
            let floats: Vec<f64> = items.iter().map(|item| f64::from(*item) / 7.0).collect();
            prop_assert_eq!(counted(&floats, &fractions), sorted(floats, &fractions));
            let integers = items.iter().map(|item| f64::from(*item)).collect();
            prop_assert_eq!(counted(&items, &fractions), sorted(integers, &fractions));
        }
    }

    #[test]
    fn infinities_and_what_is_between_them() {
        let inf = f64::INFINITY;
        let items = [-inf, -0.0, 0.0, f64::NAN, 1.0, inf];
        let fractions = [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0];
        let expected = [-inf, -inf, -0.0, 0.0, 1.0, inf, inf];
        assert_eq!(counted(&items, &fractions), expected);
        assert!(counted(&[-inf, inf], &[0.5])[0].is_nan());
        assert_eq!(counted(&[-1.5e308, 1.5e308], &[0.5, 0.75]), [0.0, 7.5e307]);
        assert!(Quantiles::new(&DType::C128, 1, &[0.5]).is_err());
    }
}
