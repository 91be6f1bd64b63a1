//! Which casts are allowed: [`Casting`] and [`can_cast`], NumPy's `np.can_cast`.

use crate::dtype::{DType, Record};
use crate::error::{Error, ErrorKind};
use crate::number::{ByteOrder, FloatFormat, Number, NumberClass, NumberInfo};
use crate::time::{TimeStep, TimeUnit};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// How much a cast may change, NumPy's `casting=`; each level also allows everything that the levels before it
/// allow.
///
/// ```
/// use dtype::{Casting, DType, can_cast};
/// assert!(can_cast(&DType::I32, &DType::F64, Casting::Safe));
/// assert!(!can_cast(&DType::F64, &DType::I32, Casting::SameKind));
/// assert_eq!("same_kind".parse(), Ok(Casting::SameKind));
/// assert_eq!(Casting::SameKind.to_string(), "same_kind");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Casting {
    /// `no`: the same type.
    No,
    /// `equiv`: the same except for byte order and padding.
    Equiv,
    /// `safe`: every value is preserved.
    Safe,
    /// `same_kind`: values may lose precision or range, but not their kind.
    SameKind,
    /// `unsafe`: any conversion; the default of NumPy's `astype`.
    #[default]
    Unsafe,
}

impl Casting {
    const ALL: [Casting; 5] = [
        Casting::No,
        Casting::Equiv,
        Casting::Safe,
        Casting::SameKind,
        Casting::Unsafe,
    ];
}

/// NumPy's name for the level.
impl fmt::Display for Casting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Casting::No => "no",
            Casting::Equiv => "equiv",
            Casting::Safe => "safe",
            Casting::SameKind => "same_kind",
            Casting::Unsafe => "unsafe",
        })
    }
}

impl FromStr for Casting {
    type Err = Error;

    fn from_str(word: &str) -> Result<Casting, Error> {
        let level = Casting::ALL
            .into_iter()
            .find(|level| level.to_string() == word);
        level.ok_or_else(|| ErrorKind::UnknownCasting(word.to_owned()).into())
    }
}

/// Whether NumPy allows the cast at this level: `np.can_cast(from, to, casting)`.
///
/// As in NumPy, `S`, `U` and `V` without a length match any length, and records are compared field by field in
/// their order, whatever the names.
pub fn can_cast(from: &DType, to: &DType, casting: Casting) -> bool {
    let required = match to {
        DType::Bytes(0) | DType::Str(0, _) | DType::Void(0) => required_without_length(from, to),
        _ => required(from, to),
    };
    required.is_some_and(|required| required <= casting)
}

/// The lowest level that allows the cast to items of any length.
fn required_without_length(from: &DType, to: &DType) -> Option<Casting> {
    use Casting::{No, Safe, Unsafe};
    Some(match (from, to) {
        (DType::Bytes(_), DType::Bytes(_)) => No,
        (DType::Str(_, from), DType::Str(..)) => no_or_equiv(*from == ByteOrder::NATIVE),
        (DType::Void(_) | DType::Record(_), DType::Void(_)) => No,
        (DType::Object, _) => Unsafe,
        (_, DType::Void(_)) => Safe,
        (DType::Bool | DType::Number(..) | DType::Bytes(_), _) => Safe,
        _ if from.has_object() => return None,
        _ => return required(from, to),
    })
}

/// The lowest level that allows the cast; `None` if none does.
///
/// Source: `numpy/_core/src/multiarray/convert_datatype.c` and `datetime.c`, the functions named
/// `…_resolve_descriptors`.
fn required(from: &DType, to: &DType) -> Option<Casting> {
    use Casting::{No, Safe, Unsafe};
    Some(match (from, to) {
        (DType::Record(from), DType::Record(to)) => return record_casting(from, to),
        (from, DType::Record(to)) => {
            for field in to.fields() {
                required(from, &field.dtype)?;
            }
            Unsafe
        }
        (DType::Subarray(from), DType::Subarray(to)) => {
            let base = required(from.base(), to.base())?;
            let same = from.shape() == to.shape();
            if same { base } else { Unsafe }
        }
        (_, DType::Object) if from != to => Safe,
        (DType::Record(from), to) => match from.fields() {
            [only] => required(&only.dtype, to).and(Some(Unsafe))?,
            _ => return None,
        },
        (DType::Subarray(from), to) => required(from.base(), to).and(Some(Unsafe))?,
        (DType::Void(_), DType::Subarray(to)) => required(from, to.base()).and(Some(Unsafe))?,
        (DType::Object, DType::Subarray(_)) => Unsafe,
        (from, DType::Subarray(to)) => required(from, to.base())?.max(Safe),
        (DType::Void(from), DType::Void(to)) => length_casting(*from, *to),
        (DType::Object | DType::Void(_), _) if from != to => Unsafe,
        (from, DType::Void(to)) if from.itemsize() <= *to as usize => Safe,
        (DType::Bytes(from), DType::Bytes(to)) => length_casting(*from, *to),
        (DType::Str(from, a), DType::Str(to, b)) => {
            length_casting(*from, *to).max(no_or_equiv(a == b))
        }
        (DType::Bytes(from), DType::Str(to, _)) => length_casting(*from, *to).max(Safe),
        (DType::Bool | DType::Number(..), DType::Bytes(to) | DType::Str(to, _)) => {
            length_casting(from.text_length()?, *to).max(Safe)
        }
        (DType::Datetime(from, a), DType::Datetime(to, b)) => {
            time_step_casting(*from, *to, false).max(no_or_equiv(a == b))
        }
        (DType::Timedelta(from, a), DType::Timedelta(to, b)) => {
            time_step_casting(*from, *to, true).max(no_or_equiv(a == b))
        }
        (DType::Bool, DType::Timedelta(..)) => Safe,
        (DType::Number(from, _), DType::Timedelta(..)) if from.is_integer() => {
            number_casting(*from, Number::I64)
        }
        (DType::Bool, DType::Number(..)) => Safe,
        (DType::Number(from, a), DType::Number(to, b)) if from == to => no_or_equiv(a == b),
        (DType::Number(from, _), DType::Number(to, _)) => number_casting(*from, *to),
        _ if from == to => No,
        _ => Unsafe,
    })
}

/// The level that a change of the byte order needs.
fn no_or_equiv(same: bool) -> Casting {
    if same { Casting::No } else { Casting::Equiv }
}

/// The level that a change of the length needs.
fn length_casting(from: u32, to: u32) -> Casting {
    match from.cmp(&to) {
        Ordering::Equal => Casting::No,
        Ordering::Less => Casting::Safe,
        Ordering::Greater => Casting::SameKind,
    }
}

/// The level that records need, whose fields are compared in their order.
fn record_casting(from: &Record, to: &Record) -> Option<Casting> {
    if from.fields().len() != to.fields().len() {
        return None;
    }
    let mut level = no_or_equiv(from.itemsize() == to.itemsize());
    for (from, to) in from.fields().iter().zip(to.fields()) {
        let same_name = from.name == to.name && from.title == to.title;
        let name = if same_name {
            Casting::No
        } else {
            Casting::Safe
        };
        let place = no_or_equiv(from.offset == to.offset);
        level = level
            .max(required(&from.dtype, &to.dtype)?)
            .max(name)
            .max(place);
    }
    Some(level)
}

/// The level that a cast between different numbers needs.
fn number_casting(from: Number, to: Number) -> Casting {
    let is_safe = match (from.is_extension(), to.is_extension()) {
        // What ml_dtypes registers: its floats are safe as `float32`, bytes as its floats.
        (true, false) if !from.is_integer() => {
            let float = to.info().float;
            float.is_some_and(|to| FloatFormat::F32.fits(to))
        }
        (false, true) => !to.is_integer() && matches!(from, Number::I8 | Number::U8),
        // Between two of ml_dtypes, NumPy says that most lose nothing, or that there is no cast.
        _ => is_exact(from.info(), to.info()),
    };
    let is_same_kind = from.is_extension() && to.is_extension() || kind_rank(from) <= kind_rank(to);
    if is_safe {
        Casting::Safe
    } else if is_same_kind {
        Casting::SameKind
    } else {
        Casting::Unsafe
    }
}

/// Whether every value of one number is also one of the other, or NumPy treats it as such.
fn is_exact(from: &NumberInfo, to: &NumberInfo) -> bool {
    use NumberClass::{Complex, Float, Signed, Unsigned};
    match (from.class, to.class) {
        (Signed, Signed) | (Unsigned, Unsigned) => from.bits <= to.bits,
        (Unsigned, Signed) => from.bits < to.bits,
        (Signed | Unsigned, Float | Complex) => to.float.is_some_and(|to| {
            // The least signed integer is a power of two, the greatest unsigned one is less than the next.
            let is_signed = from.class == Signed;
            let bits = from.bits - u32::from(is_signed);
            let max_exponent = bits as i32 - i32::from(!is_signed);
            let is_held = bits <= to.fraction_bits + 1 && max_exponent <= to.max_exponent();
            // NumPy treats 64-bit integers as fitting into a float64.
            is_held && to.is_signed || FloatFormat::F64.fits(to)
        }),
        (Float, Float | Complex) | (Complex, Complex) => {
            let formats = from.float.zip(to.float);
            let is_no_longer = from.part.size() <= to.part.size();
            is_no_longer && formats.is_some_and(|(from, to)| from.fits(to))
        }
        _ => false,
    }
}

/// The rank of a number among the kinds: NumPy's `dtype_kind_to_ordering`. It also makes casts to types that others
/// register, which have the letter `V`, casts of the same kind.
fn kind_rank(number: Number) -> Option<usize> {
    "uifcV".find(number.kind())
}

/// The level that a cast between times with different steps needs.
fn time_step_casting(from: TimeStep, to: TimeStep, delta: bool) -> Casting {
    use TimeUnit::{Generic, Month, Second};
    let is_date = |step: TimeStep| step.unit <= Month;
    // Steps that NumPy considers the same, although its division is not exact: [2001ms] and [2s].
    let finer = (from.unit as u32).saturating_sub(to.unit as u32);
    let same = to.unit >= Second
        && (1..=3).contains(&finer)
        && from.unit != Generic
        && from.count.checked_div(to.count) == Some(1000u32.pow(finer));
    if from == to || (from.unit == Generic && to.unit == Generic) || same {
        Casting::No
    } else if from.unit == Generic {
        Casting::Safe
    } else if to.unit == Generic || (delta && is_date(from) != is_date(to)) {
        Casting::Unsafe
    } else if from.unit <= to.unit && divides(from, to) {
        Casting::Safe
    } else {
        Casting::SameKind
    }
}

/// Whether `from`, of the coarser unit, is a whole multiple of `to`, within the numbers that NumPy's check can
/// hold.
fn divides(from: TimeStep, to: TimeStep) -> bool {
    const LIMIT: u64 = 1 << 56;
    if from.unit <= TimeUnit::Month && to.unit > TimeUnit::Month {
        return true;
    }
    let between = TimeUnit::ALL
        .iter()
        .filter(|unit| (from.unit..to.unit).contains(unit));
    let factor = between.fold(1u64, |factor, unit| {
        factor.saturating_mul(match unit {
            TimeUnit::Year => 12,
            TimeUnit::Week => 7,
            TimeUnit::Day => 24,
            TimeUnit::Hour | TimeUnit::Minute => 60,
            _ => 1000,
        })
    });
    let steps = factor.saturating_mul(from.count.into());
    factor < LIMIT && steps < LIMIT && steps.checked_rem(to.count.into()) == Some(0)
}

impl DType {
    /// The length that NumPy gives to the text of any number of this type; `None` for other types.
    ///
    /// ```
    /// assert_eq!(dtype::DType::I64.text_length(), Some(21));
    /// ```
    pub fn text_length(&self) -> Option<u32> {
        match self {
            DType::Bool => Some(5),
            DType::Number(number, _) => Some(number.info().text_length),
            _ => None,
        }
    }
}
