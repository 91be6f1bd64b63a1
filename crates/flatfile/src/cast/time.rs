//! Times in other units.

use super::cast_error::CastError;
use crate::scalar::{CivilTime, attoseconds};
use dtype::{NAT, TimeStep, TimeUnit};

/// From counts of one step to counts of another, rounded down.
#[derive(Clone, Copy, Debug)]
pub(super) enum UnitConversion {
    /// This many steps equal this many others.
    Ratio(i128, i128),
    /// Between months and days, by the calendar.
    Calendar(TimeStep, TimeStep),
}

impl UnitConversion {
    /// Between times, or between dates.
    pub(super) fn new(from: TimeStep, to: TimeStep, dates: bool) -> UnitConversion {
        let is_month = |step: TimeStep| step.unit <= TimeUnit::Month;
        if dates && is_month(from) != is_month(to) {
            return UnitConversion::Calendar(from, to);
        }
        let from_size = attoseconds(from.unit) * i128::from(from.count);
        let to_size = attoseconds(to.unit) * i128::from(to.count.max(1));
        let divisor = gcd(from_size, to_size).max(1);
        UnitConversion::Ratio(from_size / divisor, to_size / divisor)
    }

    fn convert(&self, count: i64) -> Option<i64> {
        let count = match *self {
            UnitConversion::Ratio(times, 1) => count.checked_mul(times.try_into().ok()?)?,
            UnitConversion::Ratio(1, parts) => match i64::try_from(parts) {
                Ok(parts) => count.div_euclid(parts),
                Err(_) => count >> 63,
            },
            UnitConversion::Ratio(times, parts) => {
                let product = i128::from(count).checked_mul(times)?;
                product.div_euclid(parts).try_into().ok()?
            }
            UnitConversion::Calendar(from, to) => CivilTime::of(count, from)?.count(to)?,
        };
        Some(count).filter(|count| *count != NAT)
    }

    pub(super) fn apply(&self, item: &[u8], out: &mut [u8]) -> Result<(), CastError> {
        let count = item
            .first_chunk()
            .map_or(NAT, |bytes| i64::from_ne_bytes(*bytes));
        let converted = match count {
            NAT => NAT,
            count => self.convert(count).ok_or_else(|| {
                CastError::of(&count.to_string(), "a time in the range of the unit")
            })?,
        };
        if let Some(out) = out.first_chunk_mut() {
            *out = converted.to_ne_bytes();
        }
        Ok(())
    }
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}
