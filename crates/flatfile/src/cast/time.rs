//! Times in other units, and dates from ISO 8601.

use super::Bad;
use crate::show::Moment;
use dtype::{NAT, TimeStep, TimeUnit};

/// Attoseconds of each unit; for years and months, whose lengths vary, those of the mean.
fn attoseconds(unit: TimeUnit) -> i128 {
    const SECOND: i128 = 1_000_000_000_000_000_000;
    const DAY: i128 = 86_400 * SECOND;
    match unit {
        // 146,097 days are 400 years.
        TimeUnit::Year => 146_097 * (DAY / 400),
        TimeUnit::Month => 146_097 * (DAY / 4800),
        TimeUnit::Week => 7 * DAY,
        TimeUnit::Day => DAY,
        TimeUnit::Hour => 3600 * SECOND,
        TimeUnit::Minute => 60 * SECOND,
        TimeUnit::Second => SECOND,
        TimeUnit::Millisecond => SECOND / 1_000,
        TimeUnit::Microsecond => SECOND / 1_000_000,
        TimeUnit::Nanosecond => SECOND / 1_000_000_000,
        TimeUnit::Picosecond => 1_000_000,
        TimeUnit::Femtosecond => 1_000,
        TimeUnit::Attosecond | TimeUnit::Generic => 1,
    }
}

/// From counts of one step to counts of another, rounded down.
#[derive(Clone, Copy, Debug)]
pub(super) enum Steps {
    /// So many steps are so many others.
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
            Steps::Calendar(from, to) => Moment::of(count, from)?.count(to)?,
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

/// Reads a date as NumPy does: `2020`, `2020-01`, `2020-01-02T03:04:05.6`, with `Z` or an offset from
/// UTC, NaT or nothing. The error is what was expected.
///
/// Source: `numpy/_core/src/multiarray/datetime_strings.c`, `NpyDatetime_ParseISO8601Datetime`.
pub(super) fn parse(text: &str, step: TimeStep) -> Result<i64, &'static str> {
    if text.is_empty() || text.eq_ignore_ascii_case("nat") {
        return Ok(NAT);
    }
    let moment = date(text).ok_or("a date in ISO 8601")?;
    if step.unit == TimeUnit::Generic {
        return Err("NaT, or a unit to count in");
    }
    let count = moment.count(step).filter(|count| *count != NAT);
    count.ok_or("a date in the range of the unit")
}

fn date(text: &str) -> Option<Moment> {
    let rest = trim_start(text);
    let (negative, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix('+').unwrap_or(rest)),
    };
    let (year, rest) =
        rest.split_at_checked(rest.bytes().take_while(u8::is_ascii_digit).count())?;
    // NumPy takes a sign and no digits for the year 0 where more follows: nobody writes that.
    // No unit counts up to a year of more than 20 digits.
    let year: i128 = match year.trim_start_matches('0').len() {
        21.. => 1 << 66,
        _ => year.parse().ok()?,
    };
    let year = if negative { -year } else { year };
    let Some(rest) = rest.strip_prefix('-') else {
        return rest.is_empty().then(|| Moment::new(year, 1, 1, 0));
    };
    let (month, rest) = two_digits(rest, 1..=12)?;
    let Some(rest) = rest.strip_prefix('-') else {
        return rest.is_empty().then(|| Moment::new(year, month, 1, 0));
    };
    let (day, rest) = two_digits(rest, 1..=days(year, month))?;
    match rest.strip_prefix('T').or(rest.strip_prefix(' ')) {
        Some(rest) => Some(Moment::new(year, month, day, clock(rest)?)),
        None => rest.is_empty().then(|| Moment::new(year, month, day, 0)),
    }
}

/// The time of day in attoseconds; with an offset from UTC, of the day before or after, too.
fn clock(text: &str) -> Option<i128> {
    let (hours, mut rest) = two_digits(text, 0..=23)?;
    let mut time = hours * attoseconds(TimeUnit::Hour);
    for unit in [TimeUnit::Minute, TimeUnit::Second] {
        let Some(next) = rest.strip_prefix(':') else {
            return Some(time - offset(rest)?);
        };
        let (value, next) = two_digits(next, 0..=59)?;
        time += value * attoseconds(unit);
        rest = next;
    }
    if let Some(fraction) = rest.strip_prefix('.') {
        let (digits, next) = fraction.split_at_checked(
            fraction
                .bytes()
                .take(18)
                .take_while(u8::is_ascii_digit)
                .count(),
        )?;
        let value = format!("{digits:0<18}").parse::<i128>().ok()?;
        time += value;
        rest = next;
    }
    Some(time - offset(rest)?)
}

/// What stands behind the time: how far it is before UTC, in attoseconds.
fn offset(text: &str) -> Option<i128> {
    let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (1, rest),
        (_, Some(rest)) => (-1, rest),
        _ => {
            return trim_start(text.strip_prefix('Z').unwrap_or(text))
                .is_empty()
                .then_some(0);
        }
    };
    let (hours, rest) = two_digits(rest, 0..=23)?;
    let (minutes, rest) = match rest {
        "" => (0, ""),
        rest => two_digits(rest.strip_prefix(':').unwrap_or(rest), 0..=59)?,
    };
    let minutes = sign * (60 * hours + minutes);
    trim_start(rest)
        .is_empty()
        .then_some(minutes * attoseconds(TimeUnit::Minute))
}

fn trim_start(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c'])
}

fn two_digits(text: &str, range: std::ops::RangeInclusive<i128>) -> Option<(i128, &str)> {
    let (digits, rest) = text.split_at_checked(2)?;
    let value = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())??;
    range.contains(&value).then_some((value, rest))
}

fn days(year: i128, month: i128) -> i128 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
