//! Whether two arrays are equal: NumPy's `array_equal`.

use crate::array::Array;
use crate::error::Error;
use crate::scalar::X87;
use crate::strided::Strided;
use dtype::{ByteOrder, Casting, DType, NAT, Number, NumberClass, Order, trim_nuls};
use std::mem;
use std::ops::Range;

/// Arrays of more bytes are compared in halves, so that little memory is needed and a difference ends the work.
const LEAF: usize = 1 << 20;

impl<B: AsRef<[u8]>> Array<B> {
    /// Whether the other array has the same shape and equal items, as NumPy's `array_equal`.
    ///
    /// What is compared are values, not bytes: memory order, byte order, padding and the sizes of types make no
    /// difference. Numbers of two types are compared as NumPy compares them (integers exactly, an integer and a float as
    /// floats). NaN and NaT are equal to nothing, or with `equal_nan` to each other.
    ///
    /// ```
    /// use flatfile::{Array, dtype::Order};
    /// let x = Array::from_slice(&[1.0, f64::NAN, -0.0], [3])?;
    /// let y = Array::from_slice(&[1.0, f64::NAN, 0.0], [3])?;
    /// assert!(x.array_equal(&y, true) && !x.array_equal(&x, false));
    /// let i = Array::from_slice(&[1, 2, 3, 4], [2, 2])?;
    /// let f = Array::from_slice(&[1f32, 2.0, 3.0, 4.0], [2, 2])?;
    /// assert!(i.array_equal(&f.to_order(Order::Fortran)?, false));
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    pub fn array_equal(&self, other: &Array<impl AsRef<[u8]>>, equal_nan: bool) -> bool {
        self.strided().array_equal(&other.strided(), equal_nan)
    }
}

impl Strided<'_> {
    /// See [`Array::array_equal`].
    pub fn array_equal(&self, other: &Strided<'_>, equal_nan: bool) -> bool {
        self.shape() == other.shape() && items_equal(self, other, equal_nan)
    }
}

/// Whether items of the same shape are equal.
fn items_equal(a: &Strided<'_>, b: &Strided<'_>, equal_nan: bool) -> bool {
    if a.count() == 0 {
        return true;
    }
    if let (DType::Record(one), DType::Record(other)) = (a.dtype(), b.dtype()) {
        let (ones, others) = (one.fields().iter(), other.fields().iter());
        return ones
            .clone()
            .map(|field| &field.name)
            .eq(others.map(|field| &field.name))
            && ones.into_iter().all(|field| {
                let fields = a.field(&field.name).ok().zip(b.field(&field.name).ok());
                fields.is_some_and(|(a, b)| a.array_equal(&b, equal_nan))
            });
    }
    let size = a.dtype().itemsize().max(b.dtype().itemsize());
    if size == 0 {
        // However many they are.
        return mem::discriminant(a.dtype()) == mem::discriminant(b.dtype());
    }
    let axes = a.shape().iter().enumerate();
    if let Some((axis, length)) = axes.max_by_key(|(_, length)| **length)
        && *length > 1
        && a.count().saturating_mul(size) > LEAF
    {
        let half = |range: Range<usize>| {
            let halves = a.narrow(axis, range.clone()).zip(b.narrow(axis, range));
            halves.is_some_and(|(a, b)| items_equal(&a, &b, equal_nan))
        };
        return half(0..length / 2) && half(length / 2..*length);
    }
    leaf_equal(a, b, equal_nan).unwrap_or(false)
}

/// The types in which numbers are compared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wide {
    Unsigned,
    Signed,
    Float,
    LongDouble,
    Complex,
    LongComplex,
}

fn wide(dtype: &DType) -> Option<Wide> {
    match dtype {
        DType::Bool => Some(Wide::Unsigned),
        DType::Number(number, _) => Some(match number.info().class {
            NumberClass::Unsigned => Wide::Unsigned,
            NumberClass::Signed => Wide::Signed,
            NumberClass::Float if number.part_size() > 8 => Wide::LongDouble,
            NumberClass::Float => Wide::Float,
            NumberClass::Complex if number.part_size() > 8 => Wide::LongComplex,
            NumberClass::Complex => Wide::Complex,
        }),
        _ => None,
    }
}

/// Whether items without fields are equal, of which there are few. Types that have nothing in common are not; an error
/// is one of the conversion.
fn leaf_equal(a: &Strided<'_>, b: &Strided<'_>, equal_nan: bool) -> Result<bool, Error> {
    if let Some((one, other)) = wide(a.dtype()).zip(wide(b.dtype())) {
        return numbers_equal((a, one), (b, other), equal_nan);
    }
    let native = |dtype: &DType| dtype.with_byte_order(ByteOrder::NATIVE);
    // A number of steps, whatever their unit.
    let steps = |items: &Strided<'_>| match (items.dtype(), wide(items.dtype())) {
        (DType::Timedelta(_, order), None) => {
            let array = items
                .to_array(Order::C)?
                .with_dtype(DType::number(Number::I64, *order))?;
            integers(&array.strided(), Wide::Signed).map(Some)
        }
        (_, Some(wide @ (Wide::Signed | Wide::Unsigned))) => integers(items, wide).map(Some),
        _ => Ok(None),
    };
    Ok(match (a.dtype(), b.dtype()) {
        (DType::Timedelta(..), DType::Bool | DType::Number(..))
        | (DType::Bool | DType::Number(..), DType::Timedelta(..)) => {
            let pairs = steps(a)?.zip(steps(b)?);
            pairs.is_some_and(|(a, b)| a == b && !a.contains(&NAT.into()))
        }
        (DType::Bytes(_), DType::Bytes(_)) => a.items().map(trim_nuls).eq(b.items().map(trim_nuls)),
        (DType::Str(..), DType::Str(..)) => {
            let (one, other) = (cast(a, native(a.dtype()))?, cast(b, native(b.dtype()))?);
            let characters = |item| trim_nuls(<[u8]>::as_chunks::<4>(item).0);
            let (one, other) = (one.strided(), other.strided());
            one.items()
                .map(characters)
                .eq(other.items().map(characters))
        }
        (DType::Void(one), DType::Void(other)) => one == other && a.items().eq(b.items()),
        (DType::Datetime(..), DType::Datetime(..))
        | (DType::Timedelta(..), DType::Timedelta(..)) => {
            // In the finer of the two units, to which the other can be cast.
            let (one, other) = (native(a.dtype()), native(b.dtype()));
            let common = if dtype::can_cast(&one, &other, Casting::Safe) {
                other
            } else {
                one
            };
            let (one, other) = (cast(a, common.clone())?, cast(b, common)?);
            let (one, other) = (
                each(&one, i64::from_ne_bytes),
                each(&other, i64::from_ne_bytes),
            );
            one == other && (equal_nan || !one.contains(&NAT))
        }
        _ => false,
    })
}

fn numbers_equal(
    (a, one): (&Strided<'_>, Wide),
    (b, other): (&Strided<'_>, Wide),
    equal_nan: bool,
) -> Result<bool, Error> {
    let is_long = |wide| matches!(wide, Wide::LongDouble | Wide::LongComplex);
    let common = one.max(other);
    let parts = if common >= Wide::Complex { 2 } else { 1 };
    Ok(if common <= Wide::Signed {
        integers(a, one)? == integers(b, other)?
    } else if is_long(one) || is_long(other) {
        let (a, b) = (long_doubles(a, one, parts)?, long_doubles(b, other, parts)?);
        all_equal(
            &a,
            &b,
            parts,
            equal_nan,
            |a, b| a.equals(*b),
            |a| a.is_nan(),
        )
    } else {
        let number = if parts == 2 {
            Number::C128
        } else {
            Number::F64
        };
        let floats = |items: &Strided<'_>| {
            let array = as_number(items, number)?;
            Ok::<Vec<f64>, Error>(each(&array, f64::from_ne_bytes))
        };
        let (a, b) = (floats(a)?, floats(b)?);
        all_equal(&a, &b, parts, equal_nan, |a, b| a == b, |a| a.is_nan())
    })
}

/// Whether all items are equal, each of this many parts; one with a part that is NaN is NaN.
fn all_equal<T>(
    a: &[T],
    b: &[T],
    parts: usize,
    equal_nan: bool,
    is_same: impl Fn(&T, &T) -> bool,
    is_nan: impl Fn(&T) -> bool,
) -> bool {
    let mut pairs = a.chunks(parts).zip(b.chunks(parts));
    pairs.all(|(a, b)| {
        a.iter().zip(b).all(|(a, b)| is_same(a, b))
            || equal_nan && a.iter().any(&is_nan) && b.iter().any(&is_nan)
    })
}

/// The items in C order as items of this dtype.
fn cast(items: &Strided<'_>, dtype: DType) -> Result<Array, Error> {
    items.to_array(Order::C)?.astype(dtype, Casting::Unsafe)
}

/// The items in C order as numbers of this kind.
fn as_number(items: &Strided<'_>, number: Number) -> Result<Array, Error> {
    cast(items, DType::number(number, ByteOrder::NATIVE))
}

fn each<T, const N: usize>(array: &Array, value: impl Fn([u8; N]) -> T) -> Vec<T> {
    let items = array.as_bytes().as_chunks().0.iter();
    items.map(|item| value(*item)).collect()
}

/// Integers, also those of 64 bits with and without a sign.
fn integers(items: &Strided<'_>, wide: Wide) -> Result<Vec<i128>, Error> {
    Ok(if wide == Wide::Signed {
        let array = as_number(items, Number::I64)?;
        each(&array, |item| i64::from_ne_bytes(item).into())
    } else {
        let array = as_number(items, Number::U64)?;
        each(&array, |item| u64::from_ne_bytes(item).into())
    })
}

/// Long doubles, into which integers of 64 bits fit; of complex items both parts.
fn long_doubles(items: &Strided<'_>, wide: Wide, parts: usize) -> Result<Vec<X87>, Error> {
    if wide <= Wide::Signed {
        let numbers = integers(items, wide)?.into_iter();
        let parts = numbers.flat_map(|number| {
            let imaginary = (parts == 2).then_some(X87::ZERO);
            [X87::from_integer(number)].into_iter().chain(imaginary)
        });
        return Ok(parts.collect());
    }
    let number = if parts == 2 {
        Number::C256
    } else {
        Number::F128
    };
    let array = as_number(items, number)?;
    Ok(each(&array, X87::from_ne_bytes::<16>))
}
