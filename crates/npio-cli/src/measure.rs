//! How far the numbers of two arrays are apart.

use npio::dtype::{Casting, shape_tuple, unravel_index};
use npio::flatfile::Cast;
use npio::{Array, ByteOrder, DType, Layout, Order};
use serde::Serialize;
use serde::ser::Serializer;
use std::fmt;

/// The number of items that become floats at a time.
const BLOCK: usize = 4096;

/// The differences |A - B| of all pairs of numbers of two arrays. Integers, dates and durations are subtracted exactly;
/// other numbers as float64, and complex ones by the modulus of their difference. Equal numbers have the difference 0,
/// and so have two NaN. An infinity or a NaN beside anything else has none, and is counted instead.
pub(crate) struct Measure {
    dtype: DType,
    widening: Option<Cast>,
    largest: Option<Largest>,
    relative: Option<(f64, usize)>,
    sum: Sum,
    squares: Sum,
    /// Pairs with a difference, among them those that are equal.
    count: usize,
    nonfinite: usize,
}

/// The largest difference so far, and the number of its item.
#[derive(Clone, Copy)]
struct Largest {
    value: Distance,
    item: usize,
}

/// A difference of integers, or of floats.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Distance {
    Integer(u128),
    Float(f64),
}

impl Distance {
    fn as_f64(self) -> f64 {
        match self {
            Distance::Integer(value) => value as f64,
            Distance::Float(value) => value,
        }
    }
}

impl fmt::Display for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Distance::Integer(value) => value.fmt(f),
            Distance::Float(value) => f.write_str(&float_text(*value)),
        }
    }
}

impl Serialize for Distance {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Distance::Integer(value) => serializer.serialize_u128(*value),
            Distance::Float(value) => serializer.serialize_f64(*value),
        }
    }
}

/// A sum that loses little to rounding: Neumaier's.
#[derive(Default)]
struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        self.lost += if self.sum.abs() >= value.abs() {
            (self.sum - sum) + value
        } else {
            (value - sum) + self.sum
        };
        self.sum = sum;
    }

    fn value(&self) -> f64 {
        if self.sum.is_finite() {
            self.sum + self.lost
        } else {
            self.sum
        }
    }
}

impl Measure {
    /// For items of this type, in native byte order; `None` if they are not numbers.
    pub(crate) fn new(dtype: &DType) -> anyhow::Result<Option<Measure>> {
        let widening = match dtype {
            DType::Bool | DType::Datetime(..) | DType::Timedelta(..) => None,
            DType::Number(number, _) if matches!(number.kind(), 'i' | 'u') => None,
            DType::Number(number, _) if number.kind() == 'c' => {
                Some(DType::C128.with_byte_order(ByteOrder::NATIVE))
            }
            DType::Number(..) => Some(DType::F64),
            _ => return Ok(None),
        };
        let widening = widening.map(|widening| Cast::new(dtype, &widening, Casting::Unsafe));
        Ok(Some(Measure {
            dtype: dtype.clone(),
            widening: widening.transpose()?,
            largest: None,
            relative: None,
            sum: Sum::default(),
            squares: Sum::default(),
            count: 0,
            nonfinite: 0,
        }))
    }

    /// Adds the next items of both, of which this many come before.
    pub(crate) fn add(&mut self, one: &[u8], other: &[u8], seen: usize) -> anyhow::Result<()> {
        let size = self.dtype.itemsize().max(1);
        let blocks = one.chunks(BLOCK * size).zip(other.chunks(BLOCK * size));
        for (block, (one, other)) in blocks.enumerate() {
            // Two NaN of the same bytes are equal.
            if one == other {
                self.count += one.len() / size;
                continue;
            }
            let seen = seen + block * BLOCK;
            match &self.widening {
                None => self.add_integers(one, other, seen),
                Some(widening) => {
                    let floats = |items: &[u8]| {
                        let mut bytes = vec![0; items.len() / size * widening.dtype().itemsize()];
                        widening.apply(items, &mut bytes)?;
                        let floats = bytes.as_chunks::<8>().0.iter();
                        anyhow::Ok(floats.map(|float| f64::from_ne_bytes(*float)).collect())
                    };
                    let (one, other): (Vec<f64>, Vec<f64>) = (floats(one)?, floats(other)?);
                    self.add_floats(&one, &other, seen);
                }
            }
        }
        Ok(())
    }

    fn add_integers(&mut self, one: &[u8], other: &[u8], seen: usize) {
        let size = self.dtype.itemsize().max(1);
        let is_time = matches!(self.dtype, DType::Datetime(..) | DType::Timedelta(..));
        let pairs = one.chunks_exact(size).zip(other.chunks_exact(size));
        for (i, (a, b)) in pairs.enumerate() {
            let (a, b) = (integer(&self.dtype, a), integer(&self.dtype, b));
            let nat = i128::from(npio::dtype::NAT);
            if is_time && a != b && (a == nat || b == nat) {
                self.nonfinite += 1;
                continue;
            }
            let difference = a.abs_diff(b);
            let relative = match difference {
                0 => 0.0,
                difference => difference as f64 / b.unsigned_abs() as f64,
            };
            self.add_pair(Distance::Integer(difference), relative, seen + i);
        }
    }

    fn add_floats(&mut self, one: &[f64], other: &[f64], seen: usize) {
        let is_complex = matches!(&self.dtype, DType::Number(number, _) if number.kind() == 'c');
        let parts = if is_complex { 2 } else { 1 };
        let pairs = one.chunks_exact(parts).zip(other.chunks_exact(parts));
        for (i, (a, b)) in pairs.enumerate() {
            let is_same = |(a, b): (&f64, &f64)| a == b || a.is_nan() && b.is_nan();
            if a.iter().zip(b).all(is_same) {
                self.add_pair(Distance::Float(0.0), 0.0, seen + i);
                continue;
            }
            if a.iter().chain(b).any(|part| !part.is_finite()) {
                self.nonfinite += 1;
                continue;
            }
            let modulus = |parts: &mut dyn Iterator<Item = f64>| parts.fold(0.0, f64::hypot);
            let difference = modulus(&mut a.iter().zip(b).map(|(a, b)| a - b));
            let relative = difference / modulus(&mut b.iter().copied());
            self.add_pair(Distance::Float(difference), relative, seen + i);
        }
    }

    fn add_pair(&mut self, value: Distance, relative: f64, item: usize) {
        self.count += 1;
        let float = value.as_f64();
        self.sum.add(float);
        self.squares.add(float * float);
        if float == 0.0 {
            return;
        }
        if self.largest.is_none_or(|largest| value > largest.value) {
            self.largest = Some(Largest { value, item });
        }
        if self.relative.is_none_or(|(largest, _)| relative > largest) {
            self.relative = Some((relative, item));
        }
    }

    /// The result, in an array of this shape.
    pub(crate) fn result(&self, shape: &[usize]) -> Measured {
        let (count, sum, squares) = (self.count as f64, self.sum.value(), self.squares.value());
        let is_known = self.count > 0;
        Measured {
            nonfinite: Some(self.nonfinite),
            max_abs: self.largest.map(|Largest { value, item }| Extreme {
                value,
                index: unravel_index(item, shape),
            }),
            max_rel: self.relative.map(|(value, item)| Extreme {
                value,
                index: unravel_index(item, shape),
            }),
            mean: is_known.then(|| sum / count),
            rmse: is_known.then(|| (squares / count).sqrt()),
        }
    }
}

/// The value of an item that is an integer, a bool or a time.
fn integer(dtype: &DType, item: &[u8]) -> i128 {
    let is_signed = match dtype {
        DType::Number(number, _) => number.kind() == 'i',
        DType::Bool => false,
        _ => true,
    };
    let mut low = [0; 8];
    let length = item.len().min(low.len());
    let bytes = item.iter().take(length);
    let little: Vec<u8> = match ByteOrder::NATIVE {
        ByteOrder::Little => bytes.copied().collect(),
        ByteOrder::Big => bytes.rev().copied().collect(),
    };
    low.iter_mut()
        .zip(&little)
        .for_each(|(to, from)| *to = *from);
    let value = u64::from_le_bytes(low);
    let unused = 64 - 8 * length as u32;
    match is_signed {
        true => i128::from((value.checked_shl(unused).unwrap_or(0) as i64) >> unused.min(63)),
        false => i128::from(value),
    }
}

/// How far two arrays are apart, as JSON has it: what is not finite is null.
#[derive(Default, Serialize)]
pub(crate) struct Measured {
    nonfinite: Option<usize>,
    max_abs: Option<Extreme<Distance>>,
    max_rel: Option<Extreme<f64>>,
    mean: Option<f64>,
    rmse: Option<f64>,
}

/// A largest difference, and where it is.
#[derive(Serialize)]
struct Extreme<T> {
    value: T,
    index: Vec<usize>,
}

impl Measured {
    /// All of it as text; `None` if the items are not numbers.
    pub(crate) fn line(&self) -> Option<String> {
        let nonfinite = self.nonfinite?;
        let mut parts = Vec::new();
        if let Some(Extreme { value, index }) = &self.max_abs {
            parts.push(format!("largest {value} at {}", shape_tuple(index)));
        }
        if let Some(Extreme { value, index }) = &self.max_rel {
            let (value, index) = (float_text(*value), shape_tuple(index));
            parts.push(format!("relative {value} at {index}"));
        }
        parts.extend(self.mean.map(|mean| format!("mean {}", float_text(mean))));
        parts.extend(self.rmse.map(|rmse| format!("RMSE {}", float_text(rmse))));
        if nonfinite > 0 {
            parts.push(format!("{nonfinite} not finite"));
        }
        Some(format!("differences: {}", parts.join(", ")))
    }
}

/// As Python prints it.
fn float_text(value: f64) -> String {
    let layout = Layout::new(DType::F64, [], Order::C);
    let array = layout
        .ok()
        .and_then(|layout| Array::new(layout, value.to_ne_bytes()).ok());
    array.map_or_else(|| value.to_string(), |array| array.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured<T: npio::Element + npio::flatfile::bytemuck::Pod>(
        one: &[T],
        other: &[T],
    ) -> String {
        let mut measure = Measure::new(&T::dtype()).unwrap().unwrap();
        let bytes = npio::flatfile::bytemuck::cast_slice;
        measure.add(bytes(one), bytes(other), 0).unwrap();
        measure.result(&[one.len()]).line().unwrap()
    }

    #[test]
    fn integers_are_exact() {
        assert_eq!(
            measured(&[i64::MIN, 1], &[i64::MAX, 1]),
            "differences: largest 18446744073709551615 at (0,), relative 2.0 at (0,), mean 9.223372036854776e+18, \
             RMSE 1.3043817825332783e+19"
        );
        assert_eq!(
            measured(&[(1u64 << 53) + 1, 5], &[1 << 53, 5]),
            "differences: largest 1 at (0,), relative 1.1102230246251565e-16 at (0,), mean 0.5, RMSE 0.7071067811865476"
        );
        assert_eq!(
            measured(&[-1i8, 3], &[1, 3]),
            "differences: largest 2 at (0,), relative 2.0 at (0,), mean 1.0, RMSE 1.4142135623730951"
        );
    }

    #[test]
    fn what_is_not_finite_is_counted() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        assert_eq!(
            measured(&[nan, inf, nan, inf, 1.5], &[nan, inf, 1.0, -inf, 0.0]),
            "differences: largest 1.5 at (4,), relative inf at (4,), mean 0.5, RMSE 0.8660254037844386, 2 not finite"
        );
        assert_eq!(measured(&[nan], &[1.0]), "differences: 1 not finite");
    }
}
