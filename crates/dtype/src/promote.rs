//! The dtype that holds the items of two others: [`promote_types`], NumPy's `np.promote_types`.

use crate::casting::{Casting, can_cast};
use crate::dtype::{DType, Record, Subarray};
use crate::number::ByteOrder;
use crate::time::TimeStep;

/// NumPy's numbers, in such an order that the first one that holds the values of two others is what NumPy takes.
const NUMBERS: [DType; 17] = [
    DType::U8,
    DType::I8,
    DType::U16,
    DType::I16,
    DType::U32,
    DType::I32,
    DType::U64,
    DType::I64,
    DType::F16,
    DType::F32,
    DType::F64,
    DType::F96,
    DType::F128,
    DType::C64,
    DType::C128,
    DType::C192,
    DType::C256,
];

/// The smallest dtype to which items of both are cast safely, as `np.concatenate` needs it; in native byte order, unless
/// both are the same. `None` if there is none.
///
/// Records need the same names, and their fields are promoted one by one; the result has no padding. Other than NumPy,
/// this has no answer for times in different units of which neither is a multiple of the other, and for a date and a
/// duration, of which NumPy makes a date, as their sum is.
///
/// ```
/// use dtype::{DType, promote_types};
/// let promoted = |a: &str, b: &str| {
///     let dtype = promote_types(&a.parse().unwrap(), &b.parse().unwrap());
///     dtype.map(|dtype| dtype.to_string())
/// };
/// assert_eq!(promoted("<i4", "<u4").as_deref(), Some("<i8"));
/// assert_eq!(promoted("<f4", "<i4").as_deref(), Some("<f8"));
/// assert_eq!(promoted("S3", "U2").as_deref(), Some("<U3"));
/// assert_eq!(promoted("<f8", "M8[s]"), None);
/// ```
pub fn promote_types(one: &DType, other: &DType) -> Option<DType> {
    if one == other {
        return Some(one.clone());
    }
    let one = &one.with_byte_order(ByteOrder::NATIVE);
    let other = &other.with_byte_order(ByteOrder::NATIVE);
    let is_common = |to: &&DType| {
        [one, other]
            .iter()
            .all(|from| can_cast(from, to, Casting::Safe))
    };
    match (one, other) {
        _ if one == other => Some(one.clone()),
        (DType::Record(one), DType::Record(other)) => promote_records(one, other),
        (DType::Subarray(one), DType::Subarray(other)) if one.shape() == other.shape() => {
            let base = promote_types(one.base(), other.base())?;
            Subarray::dtype(base, one.shape().to_vec()).ok()
        }
        (DType::Bytes(one), DType::Bytes(other)) => Some(DType::Bytes(*one.max(other))),
        (DType::Str(one, _), DType::Str(other, _) | DType::Bytes(other))
        | (DType::Bytes(one), DType::Str(other, _)) => {
            Some(DType::Str(*one.max(other), ByteOrder::NATIVE))
        }
        (number, DType::Bytes(length)) | (DType::Bytes(length), number) => {
            Some(DType::Bytes(number.text_length()?.max(*length)))
        }
        (number, DType::Str(length, _)) | (DType::Str(length, _), number) => {
            let length = number.text_length()?.max(*length);
            Some(DType::Str(length, ByteOrder::NATIVE))
        }
        (DType::Bool | DType::Number(..), DType::Bool | DType::Number(..)) => {
            let mut numbers = [one, other].into_iter().chain(&NUMBERS);
            numbers.find(is_common).cloned()
        }
        (DType::Datetime(a, order), DType::Datetime(b, _)) if a.unit == b.unit => {
            Some(DType::Datetime(greatest_common_step(*a, *b), *order))
        }
        (DType::Timedelta(a, order), DType::Timedelta(b, _)) if a.unit == b.unit => {
            Some(DType::Timedelta(greatest_common_step(*a, *b), *order))
        }
        (DType::Datetime(..), DType::Datetime(..))
        | (DType::Timedelta(..), DType::Timedelta(..) | DType::Bool | DType::Number(..))
        | (DType::Bool | DType::Number(..), DType::Timedelta(..)) => {
            [one, other].into_iter().find(is_common).cloned()
        }
        _ => None,
    }
}

/// The longest step of which both steps, of one unit, are multiples.
fn greatest_common_step(one: TimeStep, other: TimeStep) -> TimeStep {
    let (mut a, mut b) = (one.count, other.count);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    TimeStep { count: a, ..one }
}

fn promote_records(one: &Record, other: &Record) -> Option<DType> {
    if one.fields().len() != other.fields().len() {
        return None;
    }
    let (mut fields, mut end) = (Vec::new(), 0usize);
    for (one, other) in one.fields().iter().zip(other.fields()) {
        if one.name != other.name || one.title != other.title {
            return None;
        }
        let mut field = one.clone();
        field.dtype = promote_types(&one.dtype, &other.dtype)?;
        field.offset = end;
        end = end.checked_add(field.dtype.itemsize())?;
        fields.push(field);
    }
    Record::new(fields, end).ok().map(DType::from)
}
