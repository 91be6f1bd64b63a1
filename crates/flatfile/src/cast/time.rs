//! Times in other units.

use super::bad::Bad;
use crate::scalar::{CivilTime, attoseconds};
use dtype::{NAT, TimeStep, TimeUnit};

/// From counts of one step to counts of another, rounded down.
#[derive(Clone, Copy, Debug)]
pub(super) enum Steps {
    /// This many steps equal this many others.
    Ratio(i128, i128),
    /// Between months and days, by the calendar.
    Calendar(TimeStep, TimeStep),
}

impl Steps {
    /// Between times, or between dates.
    pub(super) fn new(from: TimeStep, to: TimeStep, dates: bool) -> Steps {
        let is_month = |step: TimeStep| step.unit <= TimeUnit::Month;
        if dates && is_month(from) != is_month(to) {
            return Steps::Calendar(from, to);
        }
        let before = attoseconds(from.unit) * i128::from(from.count);
        let behind = attoseconds(to.unit) * i128::from(to.count.max(1));
        let divisor = gcd(before, behind).max(1);
        Steps::Ratio(before / divisor, behind / divisor)
    }

    fn convert(&self, count: i64) -> Option<i64> {
        let count = match *self {
            Steps::Ratio(times, 1) => count.checked_mul(times.try_into().ok()?)?,
            Steps::Ratio(1, parts) => match i64::try_from(parts) {
                Ok(parts) => count.div_euclid(parts),
                Err(_) => count >> 63,
            },
            Steps::Ratio(times, parts) => {
                let product = i128::from(count).checked_mul(times)?;
                product.div_euclid(parts).try_into().ok()?
            }
            Steps::Calendar(from, to) => CivilTime::of(count, from)?.count(to)?,
        };
        Some(count).filter(|count| *count != NAT)
    }

    pub(super) fn one(&self, item: &[u8], out: &mut [u8]) -> Result<(), Bad> {
        let count = item
            .first_chunk()
            .map_or(NAT, |bytes| i64::from_ne_bytes(*bytes));
        let converted = match count {
            NAT => NAT,
            count => self
                .convert(count)
                .ok_or_else(|| Bad::of(&count.to_string(), "a time in the range of the unit"))?,
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
