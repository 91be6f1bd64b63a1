//! The length or unit that NumPy gives to a type without one.

use dtype::{DType, TimeUnit};

/// `to` with its length or unit, for items of type `from`.
pub(super) fn resolve_target(from: &DType, to: &DType) -> DType {
    use TimeUnit::Generic;
    match (from, to) {
        // Items that already have this kind stay as they are, including their byte order.
        (DType::Str(1.., _), DType::Str(0, _)) => from.clone(),
        (DType::Void(_) | DType::Record(_), DType::Void(0)) => from.clone(),
        (DType::Datetime(..), DType::Datetime(step, _)) if step.unit == Generic => from.clone(),
        (DType::Timedelta(..), DType::Timedelta(step, _)) if step.unit == Generic => from.clone(),
        (_, DType::Bytes(0)) => DType::Bytes(text_length(from)),
        (_, DType::Str(0, order)) => DType::Str(text_length(from), *order),
        (_, DType::Void(0)) => DType::Void(u32::try_from(from.itemsize()).unwrap_or(u32::MAX)),
        (DType::Timedelta(step, _), DType::Datetime(to, order)) if to.unit == Generic => {
            DType::Datetime(*step, *order)
        }
        (DType::Datetime(step, _), DType::Timedelta(to, order)) if to.unit == Generic => {
            DType::Timedelta(*step, *order)
        }
        _ => to.clone(),
    }
}

/// A number of characters that is always enough.
///
/// Source: `numpy/_core/src/multiarray/datetime_strings.c`, `get_datetime_iso_8601_strlen`.
fn text_length(from: &DType) -> u32 {
    use TimeUnit::*;
    match from {
        DType::Bytes(length) | DType::Str(length, _) => (*length).max(1),
        DType::Datetime(step, _) => match step.unit {
            Generic => 4,
            Year => 22,
            Month => 25,
            Week | Day => 28,
            Hour => 32,
            Minute => 35,
            Second => 38,
            Millisecond => 42,
            Microsecond => 45,
            Nanosecond => 48,
            Picosecond => 51,
            Femtosecond => 54,
            Attosecond => 57,
        },
        DType::Timedelta(..) => 21,
        DType::Subarray(sub) => text_length(sub.base()),
        DType::Record(record) => record
            .fields()
            .first()
            .map_or(1, |field| text_length(&field.dtype)),
        number => number.text_length().unwrap_or(1),
    }
}
