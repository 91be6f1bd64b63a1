//! Real numbers and times as integers in the same order, their *keys*, so that every comparison is whether a key is in
//! a range. That is exact, also where no float is.

use crate::condition::Relation;
use npio::dtype::python::excerpt;
use npio::dtype::{Casting, FloatFormat, NAT, Number, NumberClass, TimeStep, TimeUnit};
use npio::flatfile::Cast;
use npio::flatfile::parse::put_text;
use npio::{ByteOrder, DType};

/// The byte order of the items. Any would do that is the same on all machines.
pub(crate) const BYTE_ORDER: ByteOrder = ByteOrder::Little;

/// The keys from one to another, or all except these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyRange {
    first: i128,
    last: i128,
    is_inverted: bool,
    /// Whether NaN and NaT, which have no keys, count as well.
    or_nan: bool,
}

impl KeyRange {
    pub(crate) const NOTHING: KeyRange = KeyRange::new(1, 0);

    pub(crate) const fn new(first: i128, last: i128) -> KeyRange {
        KeyRange {
            first,
            last,
            is_inverted: false,
            or_nan: false,
        }
    }

    pub(crate) const fn inverted(self) -> KeyRange {
        KeyRange {
            is_inverted: !self.is_inverted,
            or_nan: !self.or_nan,
            ..self
        }
    }

    pub(crate) const fn with_nan(self, or_nan: bool) -> KeyRange {
        KeyRange { or_nan, ..self }
    }

    /// The keys in this relation to a value. Only `ne` is true of NaN, as in NumPy.
    pub(crate) fn of(relation: Relation, bound: Option<Bound>) -> KeyRange {
        let Some(Bound { floor, is_exact }) = bound else {
            return match relation {
                Relation::Ne => KeyRange::NOTHING.inverted(),
                _ => KeyRange::NOTHING,
            };
        };
        let ceil = floor.saturating_add(i128::from(!is_exact));
        match relation {
            Relation::Gt => KeyRange::new(floor.saturating_add(1), i128::MAX),
            Relation::Ge => KeyRange::new(ceil, i128::MAX),
            Relation::Lt => KeyRange::new(i128::MIN, ceil.saturating_sub(1)),
            Relation::Le => KeyRange::new(i128::MIN, floor),
            Relation::Eq if is_exact => KeyRange::new(floor, floor),
            Relation::Eq => KeyRange::NOTHING,
            Relation::Ne => KeyRange::of(Relation::Eq, bound).inverted(),
        }
    }

    #[inline]
    pub(crate) fn contains(&self, key: Option<i128>) -> bool {
        match key {
            Some(key) => (self.first <= key && key <= self.last) != self.is_inverted,
            None => self.or_nan,
        }
    }
}

/// A value among the keys: one of them, or between this one and the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    floor: i128,
    is_exact: bool,
}

/// Makes keys of the numbers or times of one dtype.
pub(crate) enum Decoder {
    Bool,
    /// With the cast to 64 bits.
    Signed(Cast),
    Unsigned(Cast),
    /// With the cast to one or two `f8`.
    Float(Cast),
    /// With the size in bytes, of which ten are the number.
    LongDouble(usize),
    Time,
}

/// Cuts bytes into numbers of eight bytes, and calls `each` with them.
fn for_each_eight(bytes: &[u8], each: impl FnMut([u8; 8])) {
    bytes.as_chunks().0.iter().copied().for_each(each);
}

impl Decoder {
    /// The decoder for items of this dtype in [`BYTE_ORDER`], if they are numbers or times.
    pub(crate) fn new(dtype: &DType) -> Option<Decoder> {
        let cast = |number| {
            let to = DType::number(number, BYTE_ORDER);
            Cast::new(dtype, &to, Casting::Unsafe).ok()
        };
        Some(match dtype {
            DType::Bool => Decoder::Bool,
            DType::Datetime(..) | DType::Timedelta(..) => Decoder::Time,
            DType::Number(number, _) => {
                let info = number.info();
                match (info.class, info.float) {
                    (NumberClass::Signed, _) => Decoder::Signed(cast(Number::I64)?),
                    (NumberClass::Unsigned, _) => Decoder::Unsigned(cast(Number::U64)?),
                    (_, Some(FloatFormat::X87)) => Decoder::LongDouble(number.part_size()),
                    (NumberClass::Float, _) => Decoder::Float(cast(Number::F64)?),
                    (NumberClass::Complex, _) => Decoder::Float(cast(Number::C128)?),
                }
            }
            _ => return None,
        })
    }

    /// The key of infinity, if there is one.
    pub(crate) fn infinity(&self) -> Option<i128> {
        match self {
            Decoder::Float(_) => float_key(f64::INFINITY),
            Decoder::LongDouble(_) => Some(LONG_INFINITY),
            _ => None,
        }
    }

    /// Calls `each` with the key of each number; NaN and NaT have none.
    pub(crate) fn for_each(
        &self,
        items: &[u8],
        mut each: impl FnMut(Option<i128>),
    ) -> anyhow::Result<()> {
        match self {
            Decoder::Bool => items
                .iter()
                .for_each(|item| each(Some((*item != 0).into()))),
            Decoder::Time => for_each_eight(items, |bytes| {
                let count = i64::from_le_bytes(bytes);
                each((count != NAT).then_some(count.into()));
            }),
            Decoder::Signed(cast) => for_each_eight(&applied(cast, items)?, |bytes| {
                each(Some(i64::from_le_bytes(bytes).into()));
            }),
            Decoder::Unsigned(cast) => for_each_eight(&applied(cast, items)?, |bytes| {
                each(Some(u64::from_le_bytes(bytes).into()));
            }),
            Decoder::Float(cast) => for_each_eight(&applied(cast, items)?, |bytes| {
                each(float_key(f64::from_le_bytes(bytes)));
            }),
            Decoder::LongDouble(size) => items.chunks_exact(*size).for_each(|item| {
                each(item.first_chunk().and_then(long_double_key));
            }),
        }
        Ok(())
    }

    /// The value of a text for this dtype, for each part of a number; none for NaN and NaT. Texts are rounded to floats
    /// of the array, as by NumPy; to `f8` for floats of ml_dtypes, which NumPy compares as these.
    ///
    /// # Errors
    /// What was expected instead of the text.
    pub(crate) fn bounds(&self, dtype: &DType, text: &str) -> Result<Vec<Option<Bound>>, String> {
        let expected = |what: &str| format!("expected {what}, found {}", excerpt(text));
        let integer = || integer_bound(text).ok_or_else(|| expected("a number"));
        Ok(match (self, text) {
            (Decoder::Bool, "True" | "true") => vec![Some(Bound::exactly(1))],
            (Decoder::Bool, "False" | "false") => vec![Some(Bound::exactly(0))],
            (Decoder::Bool | Decoder::Signed(_) | Decoder::Unsigned(_), _) => vec![integer()?],
            (Decoder::Time, _) => vec![time_bound(dtype, text).map_err(expected)?],
            (Decoder::Float(_), _) if is_extension(dtype) => {
                let mut item = [0; 8];
                let wide = DType::number(Number::F64, BYTE_ORDER);
                put_text(text, &wide, &mut item).map_err(expected)?;
                let is_infinite = text.contains(['i', 'I']);
                let key = float_key(f64::from_le_bytes(item));
                vec![key.map(|key| self.float_bound(key, is_infinite))]
            }
            (Decoder::Float(_) | Decoder::LongDouble(_), _) => {
                let item = float_item(dtype, text).map_err(expected)?;
                let mut bounds = Vec::new();
                let is_infinite = text.contains(['i', 'I']);
                let read = self.for_each(&item, |key| {
                    bounds.push(key.map(|key| self.float_bound(key, is_infinite)));
                });
                read.map_err(|error| error.to_string())?;
                bounds
            }
        })
    }

    /// The value of this key. What only became infinite because it is too great for the array is less.
    fn float_bound(&self, key: i128, may_be_infinite: bool) -> Bound {
        match self.infinity() {
            Some(infinity) if !may_be_infinite && key == infinity => Bound::after(key - 1),
            Some(infinity) if !may_be_infinite && key == -infinity => Bound::after(key),
            _ => Bound::exactly(key),
        }
    }
}

impl Bound {
    fn exactly(floor: i128) -> Bound {
        Bound {
            floor,
            is_exact: true,
        }
    }

    /// Between this key and the next.
    fn after(floor: i128) -> Bound {
        Bound {
            floor,
            is_exact: false,
        }
    }
}

fn applied(cast: &Cast, items: &[u8]) -> anyhow::Result<Vec<u8>> {
    let count = items.len() / cast.from().itemsize().max(1);
    let mut bytes = vec![0; count * cast.dtype().itemsize()];
    cast.apply(items, &mut bytes)?;
    Ok(bytes)
}

/// Zero is one key. Without their signs, floats have the order of their bits.
fn float_key(value: f64) -> Option<i128> {
    let magnitude = i128::from(value.abs().to_bits());
    (!value.is_nan()).then_some(if value.is_sign_negative() {
        -magnitude
    } else {
        magnitude
    })
}

/// The bit before the fraction of an x87 number, which is stored.
const INTEGER_BIT: i128 = 1 << 63;

const LONG_INFINITY: i128 = 0x7fff << 64 | INTEGER_BIT;

fn long_double_key(bytes: &[u8; 10]) -> Option<i128> {
    let mut wide = [0; 16];
    wide.iter_mut()
        .zip(bytes)
        .for_each(|(wide, byte)| *wide = *byte);
    let bits = i128::from_le_bytes(wide);
    let magnitude = bits & !(1 << 79);
    let is_negative = bits != magnitude;
    (magnitude <= LONG_INFINITY).then_some(if is_negative { -magnitude } else { magnitude })
}

/// Whether NumPy knows it only through ml_dtypes.
fn is_extension(dtype: &DType) -> bool {
    matches!(dtype, DType::Number(number, _) if number.is_extension())
}

/// The item of a float or a complex number with the value of a text.
fn float_item(dtype: &DType, text: &str) -> Result<Vec<u8>, &'static str> {
    let mut item = vec![0; dtype.itemsize()];
    let is_complex =
        matches!(dtype, DType::Number(number, _) if number.info().class == NumberClass::Complex);
    if !is_complex {
        put_text(text, dtype, &mut item)?;
        return Ok(item);
    }
    let points: Vec<u8> = text
        .chars()
        .flat_map(|c| u32::from(c).to_le_bytes())
        .collect();
    let length = u32::try_from(points.len() / 4).map_err(|_| "a short text")?;
    let from = DType::Str(length, BYTE_ORDER);
    let cast = Cast::new(&from, dtype, Casting::Unsafe);
    let parsed = cast.and_then(|cast| cast.apply(&points, &mut item));
    parsed.map_err(|_| "a complex number")?;
    Ok(item)
}

/// The integer of a text, or the one below it.
fn integer_bound(text: &str) -> Option<Option<Bound>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    let is_decimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits.is_empty()
        && is_decimal(digits)
        && is_decimal(fraction)
        && let Ok(whole) = whole.parse::<i128>()
    {
        let is_exact = fraction.bytes().all(|digit| digit == b'0');
        let is_negative = text.starts_with('-');
        let floor = whole.saturating_sub(i128::from(is_negative && !is_exact));
        return Some(Some(Bound { floor, is_exact }));
    }
    let value: f64 = text.parse().ok()?;
    // An infinite one is greater or less than all integers.
    let bound = Bound {
        floor: value.floor() as i128,
        is_exact: value.fract() == 0.0,
    };
    Some((!value.is_nan()).then_some(bound))
}

/// The time of a text, which may be between those that the array can have.
fn time_bound(dtype: &DType, text: &str) -> Result<Option<Bound>, &'static str> {
    let count = |dtype: &DType| {
        let mut item = [0; 8];
        put_text(text, dtype, &mut item)?;
        Ok::<_, &str>(i64::from_le_bytes(item))
    };
    let floor: i64 = count(dtype)?;
    if floor == NAT {
        return Ok(None);
    }
    let DType::Datetime(..) = dtype else {
        return Ok(Some(Bound::exactly(floor.into())));
    };
    // Whether a finer unit says the same of both, if it reaches that far.
    let finer = [TimeUnit::Nanosecond, TimeUnit::Second].into_iter();
    let agrees = |unit| {
        let finer = DType::Datetime(TimeStep::of(unit), BYTE_ORDER);
        let exact = count(&finer).ok()?;
        let mut item = [0; 8];
        let cast = Cast::new(dtype, &finer, Casting::Unsafe).ok()?;
        cast.apply(&floor.to_le_bytes(), &mut item).ok()?;
        Some(i64::from_le_bytes(item) == exact)
    };
    let is_exact = finer.filter_map(agrees).next().unwrap_or(true);
    let floor = floor.into();
    Ok(Some(Bound { floor, is_exact }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_near_a_value() {
        let bound = |text: &str| {
            integer_bound(text)
                .unwrap()
                .map(|bound| (bound.floor, bound.is_exact))
        };
        for (text, expected) in [
            ("7", Some((7, true))),
            ("-7", Some((-7, true))),
            ("+7.00", Some((7, true))),
            ("-2.5", Some((-3, false))),
            ("-0.5", Some((-1, false))),
            ("2.5", Some((2, false))),
            ("18446744073709551615.5", Some((u64::MAX.into(), false))),
            ("1e3", Some((1000, true))),
            ("-25e-1", Some((-3, false))),
            ("inf", Some((i128::MAX, false))),
            ("-inf", Some((i128::MIN, false))),
            ("nan", None),
        ] {
            assert_eq!(bound(text), expected, "{text}");
        }
        for text in ["", "-", ".", "1,5", "x", "0x10", "1_0"] {
            assert_eq!(integer_bound(text), None, "{text}");
        }
    }

    #[test]
    fn keys_have_the_order_of_floats() {
        let floats = [
            f64::NEG_INFINITY,
            -1.5,
            -1.0,
            -5e-324,
            0.0,
            5e-324,
            1.0,
            f64::MAX,
            f64::INFINITY,
        ];
        assert!(floats.map(float_key).is_sorted_by(|a, b| a < b));
        assert_eq!(float_key(-0.0), float_key(0.0));
        assert_eq!(float_key(-f64::NAN), None);
    }
}
