//! Statistics of arrays of any size: exact sums, quantiles and histograms.
//!
//! ```
//! use flatfile::{Array, npy, stats::Stats};
//! let items = [1e16, 1.0, -1e16, f64::NAN];
//! let file = npy::to_bytes(&Array::from_slice(&items, [2, 2])?)?;
//! let reader = npy::open(&file)?;
//! let stats = reader.accumulate(Stats::new(reader.layout().dtype())?)?;
//! assert_eq!((stats.count(), stats.nan()), (3, 1));
//! assert_eq!(stats.mean().unwrap().as_slice::<f64>()?, [1.0 / 3.0]);
//! # Ok::<(), flatfile::Error>(())
//! ```
//!
//! What goes over the items once is an [`Accumulator`]: [`Stats`] of all of them, [`AxisStats`] along one axis,
//! [`Quantiles`] in one or more passes, and a [`Histogram`] between limits that are known. Each takes items in any
//! number of blocks, and has a result that depends neither on these nor on the order of the items or the number of
//! threads: everything that is added up is added up exactly, and rounded once.
//!
//! NaN and NaT are counted, and otherwise left out.

mod accumulate;
mod axis;
mod exact;
mod histogram;
mod item;
mod moments;
mod quantiles;

pub use accumulate::Accumulator;
pub(crate) use accumulate::check_dtype;
pub use axis::AxisStats;
pub use histogram::Histogram;
pub use quantiles::Quantiles;

use crate::array::Array;
use crate::error::Error;
use crate::scalar::Float;
use dtype::{ByteOrder, DType, FloatFormat, NAT, Number};
use item::{
    Kind, array, floats, integers, key_f32, key_f64, key_x87, native, native_bytes, scalar,
    small_floats, words,
};
use moments::{Moment, Moments, integer_std, std};
use num_bigint::BigInt;
use std::iter;

/// The statistics of numbers, or of dates and durations; those of no items are counts of 0, and no values.
///
/// The mean and the standard deviation (with `ddof=0`) are the exact ones, rounded once: to `float64`, or for
/// `longdouble` to that. Those of complex numbers are NumPy's: the mean of each part, and the square root of the mean of
/// the squared distances. For `datetime64` and `timedelta64` both are whole counts of the unit: the mean of dates is
/// rounded down, everything else towards 0.
///
/// ```
/// use flatfile::{Array, stats::{Accumulator, Stats}};
/// let array = Array::from_slice(&[2u8, 4, 4, 4, 5, 5, 7, 9], [8])?;
/// let mut stats = Stats::new(array.dtype())?;
/// stats.add(&array.strided())?;
/// let text = |value: Option<Array>| value.map(|value| value.to_string());
/// assert_eq!(text(stats.mean()).as_deref(), Some("5.0"));
/// assert_eq!(text(stats.std()).as_deref(), Some("2.0"));
/// assert_eq!(text(stats.max()).as_deref(), Some("9"));
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stats {
    dtype: DType,
    kind: Kind,
    parts: Parts,
}

/// What is known of the items so far.
#[derive(Clone, Debug, Default)]
struct Parts {
    nan: u64,
    inf: u64,
    zero: u64,
    /// The keys of the least and the greatest finite value.
    extremes: Option<(i128, i128)>,
    /// The least and the greatest absolute value of complex numbers.
    magnitudes: Option<(f64, f64)>,
    real: Moments,
    /// Of complex numbers.
    imaginary: Option<Box<Moments>>,
}

impl Stats {
    /// The statistics of no items of this dtype.
    ///
    /// # Errors
    /// `NoStats` for items that are not truth values, numbers or times.
    pub fn new(dtype: &DType) -> Result<Stats, Error> {
        Ok(Stats {
            dtype: native(dtype),
            kind: Kind::of(dtype)?,
            parts: Parts::default(),
        })
    }

    /// The number of items that are not NaN or NaT.
    pub fn count(&self) -> u64 {
        self.parts.real.count()
    }

    /// The number of NaN or NaT; of complex numbers, of those with such a part.
    pub fn nan(&self) -> u64 {
        self.parts.nan
    }

    /// The number of infinities of either sign; of complex numbers, of those with such a part and no NaN.
    pub fn inf(&self) -> u64 {
        self.parts.inf
    }

    /// The number of zeros of either sign.
    pub fn zero(&self) -> u64 {
        self.parts.zero
    }

    /// The least value, as a 0-d array of the items' dtype (`uint8` for truth values); complex numbers have none.
    pub fn min(&self) -> Option<Array> {
        self.extreme(true)
    }

    /// The greatest value, in the same form as [`min`](Stats::min).
    pub fn max(&self) -> Option<Array> {
        self.extreme(false)
    }

    /// The outermost value on this side.
    fn extreme(&self, negative: bool) -> Option<Array> {
        let [positives, negatives] = self.parts.real.infinities();
        let (outermost, other) = if negative {
            (negatives, positives)
        } else {
            (positives, negatives)
        };
        if matches!(self.kind, Kind::Complex(_)) {
            return None;
        }
        match self.parts.extremes {
            Some((min, max)) if !outermost => {
                let key = if negative { min } else { max };
                self.kind.item(&self.dtype, key)
            }
            _ if outermost => self.infinity(negative),
            _ if other => self.infinity(!negative),
            _ => None,
        }
    }

    fn infinity(&self, negative: bool) -> Option<Array> {
        let number = match self.kind {
            Kind::X87(number) => number,
            _ => {
                let bits = infinity(FloatFormat::F64, negative);
                let value = scalar(DType::F64, bits)?;
                return value
                    .astype(self.dtype.clone(), dtype::Casting::Unsafe)
                    .ok();
            }
        };
        scalar(
            DType::number(number, ByteOrder::NATIVE),
            infinity(FloatFormat::X87, negative),
        )
    }

    /// The least and the greatest finite value, rounded to the nearest `f64`: the limits of a [`Histogram`]. `None`
    /// if there is no finite value, and for complex numbers and times.
    pub fn finite_range(&self) -> Option<(f64, f64)> {
        if let Kind::Complex(_) | Kind::Time = self.kind {
            return None;
        }
        let (min, max) = self.parts.extremes?;
        Some((self.kind.value(min), self.kind.value(max)))
    }

    /// The least absolute value of complex numbers, as a 0-d array of `float64`; `None` for others.
    pub fn min_abs(&self) -> Option<Array> {
        let (min, _) = self.parts.magnitudes?;
        scalar(DType::F64, min.to_bits().into())
    }

    /// The greatest absolute value of complex numbers, in the same form.
    pub fn max_abs(&self) -> Option<Array> {
        let (_, max) = self.parts.magnitudes?;
        scalar(DType::F64, max.to_bits().into())
    }

    /// The mean, as a 0-d array: of `float64`, of `longdouble` or a complex dtype, or of the items' own for times.
    pub fn mean(&self) -> Option<Array> {
        let Stats { dtype, parts, .. } = self;
        let format = self.kind.mean_format();
        match self.kind {
            Kind::Time => {
                let floor = matches!(dtype, DType::Datetime(..));
                let mean = parts.real.integer_mean(floor)?;
                scalar(dtype.clone(), time_bits(mean))
            }
            Kind::Complex(part) => {
                let imaginary = parts.imaginary.as_ref()?.mean(format)?;
                let parts = [parts.real.mean(format)?, imaginary];
                let (dtype, size) = match part {
                    Number::F32 | Number::F64 => (DType::C128, 8),
                    _ => (dtype.clone(), part.size()),
                };
                let bytes = parts.map(|part| native_bytes(bits_of(part, format), size));
                array(dtype, [], &bytes.concat())
            }
            _ => self.float(parts.real.mean(format)?),
        }
    }

    /// The standard deviation, as a 0-d array: of `float64` or `longdouble`, or of the `timedelta64` of times. It is NaN if
    /// there are infinities.
    pub fn std(&self) -> Option<Array> {
        let Parts {
            real, imaginary, ..
        } = &self.parts;
        if self.kind == Kind::Time {
            let (DType::Datetime(step, order) | DType::Timedelta(step, order)) = self.dtype else {
                return None;
            };
            return scalar(DType::Timedelta(step, order), time_bits(integer_std(real)?));
        }
        let parts: Vec<&Moments> = iter::once(real).chain(imaginary.as_deref()).collect();
        self.float(std(&parts, self.kind.mean_format())?)
    }

    /// A result that is a real number.
    fn float(&self, moment: Moment<u128>) -> Option<Array> {
        let dtype = match self.kind {
            Kind::X87(number) => DType::number(number, ByteOrder::NATIVE),
            Kind::Complex(number) if self.kind.mean_format() == FloatFormat::X87 => {
                DType::number(number, ByteOrder::NATIVE)
            }
            _ => DType::F64,
        };
        scalar(dtype, bits_of(moment, self.kind.mean_format()))
    }
}

impl Accumulator for Stats {
    fn dtype(&self) -> &DType {
        &self.dtype
    }

    fn add_native(&mut self, items: &[u8]) {
        self.parts.add(self.kind, items);
    }

    fn empty(&self) -> Stats {
        Stats {
            dtype: self.dtype.clone(),
            kind: self.kind,
            parts: Parts::default(),
        }
    }

    fn merge(&mut self, other: Stats) {
        self.parts.merge(other.parts);
    }
}

impl Parts {
    /// Adds native items.
    fn add(&mut self, kind: Kind, items: &[u8]) {
        match kind {
            Kind::Bool => self.add_integers(items.iter().map(|byte| i8::from(*byte != 0))),
            Kind::Integer(number) => match number {
                Number::I8 => self.add_integers(words(items, i8::from_ne_bytes)),
                Number::I16 => self.add_integers(words(items, i16::from_ne_bytes)),
                Number::I32 => self.add_integers(words(items, i32::from_ne_bytes)),
                Number::I64 => self.add_integers(words(items, i64::from_ne_bytes)),
                Number::U8 => self.add_integers(words(items, u8::from_ne_bytes)),
                Number::U16 => self.add_integers(words(items, u16::from_ne_bytes)),
                Number::U32 => self.add_integers(words(items, u32::from_ne_bytes)),
                Number::U64 => self.add_integers(words(items, u64::from_ne_bytes)),
                _ => self.add_integers(integers(number, items)),
            },
            Kind::F32 => self.add_f32(words(items, u32::from_ne_bytes)),
            Kind::F64 => self.add_f64(words(items, u64::from_ne_bytes)),
            Kind::Small(number) => {
                self.add_f64(small_floats(number, items).map(f64::to_bits));
            }
            Kind::X87(number) => {
                for (item, float) in items.chunks_exact(number.size()).zip(floats(number, items)) {
                    self.add_float(float, key_x87(item));
                }
            }
            Kind::Complex(part) => self.add_complex(part, items),
            Kind::Time => {
                let counts = words(items, i64::from_ne_bytes);
                let known: Vec<i64> = counts.filter(|count| *count != NAT).collect();
                self.nan += (items.len() / size_of::<i64>() - known.len()) as u64;
                self.add_integers(known.into_iter());
            }
        }
    }

    fn add_integers<T: Copy + Ord + Default + Into<i128>>(
        &mut self,
        values: impl ExactSizeIterator<Item = T> + Clone,
    ) {
        let Some(first) = values.clone().next() else {
            return;
        };
        let (mut min, mut max, mut zeros) = (first, first, 0u64);
        for value in values.clone() {
            min = min.min(value);
            max = max.max(value);
            zeros += u64::from(value == T::default());
        }
        self.zero += zeros;
        self.extend_extremes(min.into(), max.into());
        self.real.add_integers(values);
    }

    fn add_f32(&mut self, values: impl ExactSizeIterator<Item = u32> + Clone) {
        const INFINITE: u32 = f32::INFINITY.to_bits() << 1;
        let (mut min, mut max) = (i32::MAX, i32::MIN);
        let (mut zeros, mut others) = (0u32, 0u32);
        for bits in values.clone() {
            zeros += u32::from(bits << 1 == 0);
            others += u32::from(bits << 1 >= INFINITE);
            min = min.min(key_f32(bits));
            max = max.max(key_f32(bits));
        }
        self.zero += u64::from(zeros);
        if others == 0 {
            if values.len() > 0 {
                self.extend_extremes(min.into(), max.into());
                self.real.add_f32(values);
            }
            return;
        }
        for bits in values.clone().filter(|bits| bits << 1 >= INFINITE) {
            self.add_not_finite(bits << 1 == INFINITE, bits >> 31 == 1);
        }
        let finite: Vec<u32> = values.filter(|bits| bits << 1 < INFINITE).collect();
        let keys = || finite.iter().map(|bits| key_f32(*bits));
        if let (Some(min), Some(max)) = (keys().min(), keys().max()) {
            self.extend_extremes(min.into(), max.into());
            self.real.add_f32(finite.into_iter());
        }
    }

    fn add_f64(&mut self, values: impl ExactSizeIterator<Item = u64> + Clone) {
        const INFINITE: u64 = f64::INFINITY.to_bits() << 1;
        let (mut min, mut max) = (i64::MAX, i64::MIN);
        let (mut zeros, mut others) = (0u64, 0u64);
        for bits in values.clone() {
            zeros += u64::from(bits << 1 == 0);
            others += u64::from(bits << 1 >= INFINITE);
            min = min.min(key_f64(bits));
            max = max.max(key_f64(bits));
        }
        self.zero += zeros;
        if others == 0 {
            if values.len() > 0 {
                self.extend_extremes(min.into(), max.into());
                self.real.add_f64(values);
            }
            return;
        }
        for bits in values.clone().filter(|bits| bits << 1 >= INFINITE) {
            self.add_not_finite(bits << 1 == INFINITE, bits >> 63 == 1);
        }
        let finite: Vec<u64> = values.filter(|bits| bits << 1 < INFINITE).collect();
        let keys = || finite.iter().map(|bits| key_f64(*bits));
        if let (Some(min), Some(max)) = (keys().min(), keys().max()) {
            self.extend_extremes(min.into(), max.into());
            self.real.add_f64(finite.into_iter());
        }
    }

    /// Adds a float of any format, with the key that orders it.
    fn add_float(&mut self, float: Float, key: i128) {
        if !float.is_finite() || float.is_nan() {
            return self.add_not_finite(!float.is_nan(), float.negative);
        }
        let (magnitude, power) = float.binary();
        self.zero += u64::from(float.is_zero());
        self.extend_extremes(key, key);
        self.real.add(float.negative, magnitude, power);
    }

    fn add_not_finite(&mut self, is_infinite: bool, negative: bool) {
        if is_infinite {
            self.inf += 1;
            self.real.add_infinity(negative);
        } else {
            self.nan += 1;
        }
    }

    /// Adds complex numbers whose parts are of this kind.
    fn add_complex(&mut self, part: Number, items: &[u8]) {
        let imaginary = self.imaginary.get_or_insert_default();
        let mut reals = Vec::new();
        let mut imaginaries = Vec::new();
        for item in items.chunks_exact(2 * part.size().max(1)) {
            let (re_bytes, im_bytes) = item.split_at(part.size());
            let values = [re_bytes, im_bytes]
                .map(|bytes| crate::scalar::read_f64(part, ByteOrder::NATIVE, bytes));
            let [re, im] = values;
            let is_long = part != Number::F32 && part != Number::F64;
            let floats = [re_bytes, im_bytes].map(|bytes| {
                // Values that f64 has not are not infinite.
                floats(part, bytes).next().unwrap_or(Float::from(f64::NAN))
            });
            if floats.iter().any(|float| float.is_nan()) {
                self.nan += 1;
                continue;
            }
            self.inf += u64::from(floats.iter().any(|float| !float.is_finite()));
            self.zero += u64::from(floats.iter().all(|float| float.is_zero()));
            let magnitude = re.hypot(im);
            let (min, max) = self.magnitudes.get_or_insert((magnitude, magnitude));
            *min = magnitude.min(*min);
            *max = magnitude.max(*max);
            let [re_float, im_float] = floats;
            for (float, value, moments, finite) in [
                (re_float, re, &mut self.real, &mut reals),
                (im_float, im, &mut **imaginary, &mut imaginaries),
            ] {
                if !float.is_finite() {
                    moments.add_infinity(float.negative);
                } else if is_long {
                    let (magnitude, power) = float.binary();
                    moments.add(float.negative, magnitude, power);
                } else {
                    finite.push(value.to_bits());
                }
            }
        }
        self.real.add_f64(reals.into_iter());
        imaginary.add_f64(imaginaries.into_iter());
    }

    fn extend_extremes(&mut self, min: i128, max: i128) {
        let (least, greatest) = self.extremes.get_or_insert((min, max));
        *least = min.min(*least);
        *greatest = max.max(*greatest);
    }

    fn merge(&mut self, other: Parts) {
        self.nan += other.nan;
        self.inf += other.inf;
        self.zero += other.zero;
        if let Some((min, max)) = other.extremes {
            self.extend_extremes(min, max);
        }
        if let Some((min, max)) = other.magnitudes {
            let (least, greatest) = self.magnitudes.get_or_insert((min, max));
            *least = min.min(*least);
            *greatest = max.max(*greatest);
        }
        self.real.merge(other.real);
        if let Some(imaginary) = other.imaginary {
            self.imaginary.get_or_insert_default().merge(*imaginary);
        }
    }
}

/// The bits of a float of this format.
fn bits_of(moment: Moment<u128>, format: FloatFormat) -> u128 {
    match moment {
        Moment::Finite(bits) => bits,
        Moment::Infinite { negative } => infinity(format, negative),
        Moment::Nan => infinity(format, false) | 1 << (format.fraction_bits - 1),
    }
}

fn infinity(format: FloatFormat, negative: bool) -> u128 {
    let integer_bit = u32::from(format.has_integer_bit);
    let ones = (1u128 << (format.exponent_bits + integer_bit)) - 1;
    let width = format.fraction_bits + integer_bit + format.exponent_bits;
    u128::from(negative) << width | ones << format.fraction_bits
}

/// The count of a time, which is between others.
fn time_bits(moment: Moment<BigInt>) -> u128 {
    match moment {
        Moment::Finite(count) => i64::try_from(count).unwrap_or(NAT) as u128,
        Moment::Infinite { .. } | Moment::Nan => NAT as u128,
    }
}
