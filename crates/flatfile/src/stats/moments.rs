//! The exact sums behind a mean and a standard deviation: [`Moments`].

use super::exact::{Dyadic, ExactSum};
use dtype::FloatFormat;
use num_bigint::BigInt;

/// The number of values from which it is worth sorting them into bins: those have to be emptied, too.
const MIN_BINNED: usize = 2048;

/// The number of `f32` after which the bins are emptied: the square of each has 48 bits.
const MAX_BINNED_F32: usize = 1 << 16;

/// The number of `f64` after which the bins are emptied: the square of each has 106 bits.
const MAX_BINNED_F64: usize = 1 << 22;

/// The sums of numbers and of their squares, exactly.
#[derive(Clone, Debug, Default)]
pub(super) struct Moments {
    /// Numbers, including the infinite ones.
    count: u64,
    sum: ExactSum,
    squares: ExactSum,
    /// Whether one was `+inf`, and whether one was `-inf`.
    infinities: [bool; 2],
}

/// A result that may not be finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Moment<T> {
    Finite(T),
    Infinite { negative: bool },
    Nan,
}

impl Moments {
    pub(super) fn add(&mut self, negative: bool, magnitude: u64, power: i32) {
        self.count += 1;
        self.sum.add(negative, magnitude.into(), power);
        let magnitude = u128::from(magnitude);
        self.squares.add(false, magnitude * magnitude, 2 * power);
    }

    pub(super) fn add_infinity(&mut self, negative: bool) {
        self.count += 1;
        let [positives, negatives] = &mut self.infinities;
        *(if negative { negatives } else { positives }) = true;
    }

    /// Adds finite floats, in native bits.
    pub(super) fn add_f32(&mut self, values: impl ExactSizeIterator<Item = u32>) {
        if values.len() < MIN_BINNED {
            for bits in values {
                let (magnitude, power) = f32_parts(bits);
                self.add(bits >> 31 == 1, magnitude.into(), power);
            }
            return;
        }
        self.count += values.len() as u64;
        let mut values = values;
        while values.len() > 0 {
            let mut bins = [(0i64, 0u64); 1 << 8];
            for bits in values.by_ref().take(MAX_BINNED_F32) {
                let field = bits >> 23 & 0xff;
                let (magnitude, _) = f32_parts(bits);
                let sign = i64::from(bits as i32 >> 31);
                if let Some((sum, squares)) = bins.get_mut(field as usize) {
                    *sum += (i64::from(magnitude) ^ sign) - sign;
                    *squares += u64::from(magnitude) * u64::from(magnitude);
                }
            }
            for (field, (sum, squares)) in (0..).zip(bins) {
                let (_, power) = f32_parts(field << 23);
                self.sum.add_integer(sum.into(), power);
                self.squares.add(false, squares.into(), 2 * power);
            }
        }
    }

    /// Adds finite floats, in native bits.
    pub(super) fn add_f64(&mut self, values: impl ExactSizeIterator<Item = u64>) {
        if values.len() < MIN_BINNED {
            for bits in values {
                let (magnitude, power) = f64_parts(bits);
                self.add(bits >> 63 == 1, magnitude, power);
            }
            return;
        }
        self.count += values.len() as u64;
        let mut values = values;
        while values.len() > 0 {
            // Too large for the stack of a thread.
            let mut bins = vec![(0i128, 0u128); 1 << 11];
            for bits in values.by_ref().take(MAX_BINNED_F64) {
                let field = bits >> 52 & 0x7ff;
                let (magnitude, _) = f64_parts(bits);
                let sign = bits as i64 >> 63;
                if let Some((sum, squares)) = bins.get_mut(field as usize) {
                    *sum += i128::from((magnitude as i64 ^ sign) - sign);
                    *squares += u128::from(magnitude) * u128::from(magnitude);
                }
            }
            for (field, (sum, squares)) in (0..).zip(bins) {
                let (_, power) = f64_parts(field << 52);
                self.sum.add_integer(sum, power);
                self.squares.add(false, squares, 2 * power);
            }
        }
    }

    /// Adds integers of at most 64 bits, fewer than 2⁶³ of them.
    pub(super) fn add_integers<T: Copy + Into<i128>>(
        &mut self,
        values: impl ExactSizeIterator<Item = T>,
    ) {
        self.count += values.len() as u64;
        let (mut sum, mut squares, mut carries) = (0i128, 0u128, 0u64);
        for value in values {
            let value: i128 = value.into();
            sum += value;
            let magnitude = u128::from(value.unsigned_abs() as u64);
            let (more, is_over) = squares.overflowing_add(magnitude * magnitude);
            squares = more;
            carries += u64::from(is_over);
        }
        self.sum.add_integer(sum, 0);
        self.squares.add_wide((squares, carries), 0);
    }

    pub(super) fn merge(&mut self, other: Moments) {
        self.count += other.count;
        self.sum.merge(other.sum);
        self.squares.merge(other.squares);
        for (mine, theirs) in self.infinities.iter_mut().zip(other.infinities) {
            *mine |= theirs;
        }
    }

    /// Whether one was `+inf`, and whether one was `-inf`.
    pub(super) fn infinities(&self) -> [bool; 2] {
        self.infinities
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The sum divided by the count, by `divide`, if both are finite and there is a number.
    fn of_sum<T>(&self, divide: impl FnOnce(Dyadic) -> T) -> Option<Moment<T>> {
        if self.count == 0 {
            return None;
        }
        Some(match self.infinities {
            [false, false] => Moment::Finite(divide(self.sum.value())),
            [true, true] => Moment::Nan,
            [_, negative] => Moment::Infinite { negative },
        })
    }

    /// The bits of the float that is nearest to the mean.
    pub(super) fn mean(&self, format: FloatFormat) -> Option<Moment<u128>> {
        self.of_sum(|sum| sum.divided(self.count, format).to_bits(format))
    }

    /// The integer part of the mean, rounded down or else towards 0.
    pub(super) fn integer_mean(&self, floor: bool) -> Option<Moment<BigInt>> {
        self.of_sum(|sum| sum.integer_part(self.count, floor))
    }

    /// The number of numbers times the sum of the squared distances from their mean: `n Σx² - (Σx)²`.
    fn scaled_deviations(&self) -> Option<Dyadic> {
        if self.count == 0 || self.infinities != [false, false] {
            return None;
        }
        let sum = self.sum.value();
        let count = Dyadic::new(self.count, 0);
        Some(self.squares.value().times(&count).minus(&sum.times(&sum)))
    }
}

/// The bits of the float that is nearest to the standard deviation of all numbers of these, which are as many; for
/// complex numbers these are their two parts.
pub(super) fn std(parts: &[&Moments], format: FloatFormat) -> Option<Moment<u128>> {
    let root = |count, sum: Dyadic| sum.root_divided(count, format).to_bits(format);
    of_deviations(parts, root)
}

/// The integer part of the standard deviation.
pub(super) fn integer_std(moments: &Moments) -> Option<Moment<BigInt>> {
    of_deviations(&[moments], |count, sum| {
        let count = BigInt::from(count);
        let sum = sum.integer_part(1, true);
        (sum / (&count * &count)).sqrt()
    })
}

fn of_deviations<T>(parts: &[&Moments], root: impl FnOnce(u64, Dyadic) -> T) -> Option<Moment<T>> {
    let count = parts.first()?.count;
    if count == 0 {
        return None;
    }
    let sum = parts.iter().try_fold(Dyadic::default(), |sum, part| {
        Some(sum.plus(&part.scaled_deviations()?))
    });
    Some(sum.map_or(Moment::Nan, |sum| Moment::Finite(root(count, sum))))
}

/// The absolute value of a finite float, as an integer and a power of two.
#[inline]
fn f32_parts(bits: u32) -> (u32, i32) {
    let field = bits >> 23 & 0xff;
    let magnitude = bits & 0x7f_ffff | u32::from(field > 0) << 23;
    let power = FloatFormat::F32.min_exponent() + field.saturating_sub(1) as i32;
    (magnitude, power)
}

/// The absolute value of a finite float, as an integer and a power of two.
#[inline]
fn f64_parts(bits: u64) -> (u64, i32) {
    let field = bits >> 52 & 0x7ff;
    let magnitude = bits & ((1 << 52) - 1) | u64::from(field > 0) << 52;
    let power = FloatFormat::F64.min_exponent() + field.saturating_sub(1) as i32;
    (magnitude, power)
}
