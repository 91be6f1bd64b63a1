//! Dates and times from texts in ISO 8601.

use super::calendar::{CivilTime, attoseconds, days_of_month};
use super::parse_python::parse_count;
use dtype::{DType, NAT, TimeStep, TimeUnit};

/// The count for the date or time in a text, or what was expected.
pub(crate) fn parse_time(text: &str, dtype: &DType) -> Result<i64, &'static str> {
    match dtype {
        DType::Datetime(step, _) => parse_date(text, *step),
        _ => parse_count(text).ok_or("an integer or NaT"),
    }
}

/// Reads a date as NumPy does: `2020`, `2020-01`, `2020-01-02T03:04:05.6`, with `Z` or an offset from UTC, NaT or
/// an empty text. The error is what was expected.
///
/// Source: `numpy/_core/src/multiarray/datetime_strings.c`, `NpyDatetime_ParseISO8601Datetime`.
pub(crate) fn parse_date(text: &str, step: TimeStep) -> Result<i64, &'static str> {
    if text.is_empty() || text.eq_ignore_ascii_case("nat") {
        return Ok(NAT);
    }
    let civil = parse_civil(text).ok_or("a date in ISO 8601")?;
    if step.unit == TimeUnit::Generic {
        return Err("NaT, or a unit to count in");
    }
    let count = civil.count(step).filter(|count| *count != NAT);
    count.ok_or("a date in the range of the unit")
}

fn parse_civil(text: &str) -> Option<CivilTime> {
    let rest = trim_start(text);
    let (negative, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix('+').unwrap_or(rest)),
    };
    let (year, rest) =
        rest.split_at_checked(rest.bytes().take_while(u8::is_ascii_digit).count())?;
    // NumPy treats a sign without digits as the year 0 if more follows; this is not written in practice. No unit
    // counts up to a year of more than 20 digits.
    let year: i128 = match year.trim_start_matches('0').len() {
        21.. => 1 << 66,
        _ => year.parse().ok()?,
    };
    let year = if negative { -year } else { year };
    let Some(rest) = rest.strip_prefix('-') else {
        return rest.is_empty().then(|| CivilTime::new(year, 1, 1, 0));
    };
    let (month, rest) = two_digits(rest, 1..=12)?;
    let Some(rest) = rest.strip_prefix('-') else {
        return rest.is_empty().then(|| CivilTime::new(year, month, 1, 0));
    };
    let (day, rest) = two_digits(rest, 1..=days_of_month(year, month))?;
    match rest.strip_prefix('T').or(rest.strip_prefix(' ')) {
        Some(rest) => Some(CivilTime::new(year, month, day, parse_clock(rest)?)),
        None => rest.is_empty().then(|| CivilTime::new(year, month, day, 0)),
    }
}

/// The time of day in attoseconds; with an offset from UTC, possibly of the day before or after.
fn parse_clock(text: &str) -> Option<i128> {
    let (hours, mut rest) = two_digits(text, 0..=23)?;
    let mut time = hours * attoseconds(TimeUnit::Hour);
    for unit in [TimeUnit::Minute, TimeUnit::Second] {
        let Some(next) = rest.strip_prefix(':') else {
            return Some(time - parse_utc_offset(rest)?);
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
    Some(time - parse_utc_offset(rest)?)
}

/// The part after the time: its offset before UTC, in attoseconds.
fn parse_utc_offset(text: &str) -> Option<i128> {
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
