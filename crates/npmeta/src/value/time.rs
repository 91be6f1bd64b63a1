//! Python's dates and times.

use flatfile::dtype::{TimeStep, TimeUnit};
use flatfile::show::CivilTime;
use std::fmt;

const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;

/// A `datetime.date`: a day of the years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// This day; `None` if the calendar does not have it.
    ///
    /// ```
    /// assert_eq!(npmeta::Date::new(2020, 2, 29).unwrap().to_string(), "2020-02-29");
    /// assert_eq!(npmeta::Date::new(2021, 2, 29), None);
    /// ```
    pub fn new(year: u16, month: u8, day: u8) -> Option<Date> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let date = Date { year, month, day };
        (Date::from_days(date.days()) == Some(date)).then_some(date)
    }

    /// Year, month and day; the last two count from 1.
    pub fn ymd(&self) -> (u16, u8, u8) {
        (self.year, self.month, self.day)
    }

    /// Days since 1970-01-01.
    pub(crate) fn days(&self) -> i64 {
        let (year, month, day) = self.ymd();
        let civil = CivilTime::new(year.into(), month.into(), day.into(), 0);
        civil.count(TimeStep::of(TimeUnit::Day)).unwrap_or(0)
    }

    pub(crate) fn from_days(days: i64) -> Option<Date> {
        Date::from_civil(&CivilTime::of(days, TimeStep::of(TimeUnit::Day))?)
    }

    /// The day of a moment, if Python supports its year.
    pub(crate) fn from_civil(civil: &CivilTime) -> Option<Date> {
        let (year, month, day) = civil.date();
        let year = u16::try_from(year)
            .ok()
            .filter(|year| (1..=9999).contains(year))?;
        let (month, day) = (month.try_into().ok()?, day.try_into().ok()?);
        Some(Date { year, month, day })
    }
}

/// ISO 8601.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// A `datetime.timedelta`: a number of microseconds, at most 999,999,999 days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Delta {
    /// From -999,999,999 to 999,999,999.
    days: i32,
    /// Less than a day.
    seconds: i32,
    /// Less than a second.
    microseconds: i32,
}

impl Delta {
    /// This many microseconds; `None` if Python cannot count them.
    pub fn from_microseconds(microseconds: i128) -> Option<Delta> {
        let days = i32::try_from(microseconds.div_euclid(MICROSECONDS_PER_DAY.into())).ok()?;
        let rest = microseconds.rem_euclid(MICROSECONDS_PER_DAY.into()) as i64;
        (-999_999_999..=999_999_999)
            .contains(&days)
            .then_some(Delta {
                days,
                seconds: (rest / 1_000_000) as i32,
                microseconds: (rest % 1_000_000) as i32,
            })
    }

    /// The number of microseconds.
    pub fn microseconds(&self) -> i128 {
        let (days, seconds, rest) = self.parts();
        i128::from(days) * i128::from(MICROSECONDS_PER_DAY)
            + i128::from(seconds) * 1_000_000
            + i128::from(rest)
    }

    /// Days, seconds and microseconds as Python keeps them: only days can be negative.
    pub fn parts(&self) -> (i32, i32, i32) {
        (self.days, self.seconds, self.microseconds)
    }
}

/// A `datetime.time`: a time of day, with the offset of its zone if it has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Time {
    /// Since the beginning of the day.
    seconds: u32,
    /// Less than a second.
    microsecond: u32,
    /// Whether it is the second of two equal times when a clock is set back.
    pub fold: bool,
    /// The offset of the zone from UTC.
    pub offset: Option<Delta>,
}

impl Time {
    /// This time of day, without a zone; `None` if it does not exist.
    pub fn new(hour: u8, minute: u8, second: u8, microsecond: u32) -> Option<Time> {
        if hour > 23 || minute > 59 || second > 59 || microsecond > 999_999 {
            return None;
        }
        let seconds = (u32::from(hour) * 60 + u32::from(minute)) * 60 + u32::from(second);
        Some(Time {
            seconds,
            microsecond,
            ..Time::default()
        })
    }

    /// Hour, minute, second and microsecond.
    pub fn hmsu(&self) -> (u8, u8, u8, u32) {
        let seconds = self.seconds;
        let [hour, minute, second] =
            [seconds / 3600, seconds / 60 % 60, seconds % 60].map(|n| n as u8);
        (hour, minute, second, self.microsecond)
    }
}

/// ISO 8601.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second, microsecond) = self.hmsu();
        write!(f, "{hour:02}:{minute:02}:{second:02}")?;
        if microsecond > 0 {
            write!(f, ".{microsecond:06}")?;
        }
        let Some(offset) = self.offset else {
            return Ok(());
        };
        let offset = offset.microseconds();
        f.write_str(if offset < 0 { "-" } else { "+" })?;
        let (seconds, rest) = (offset.abs() / 1_000_000, offset.abs() % 1_000_000);
        write!(f, "{:02}:{:02}", seconds / 3600, seconds / 60 % 60)?;
        if seconds % 60 > 0 || rest > 0 {
            write!(f, ":{:02}", seconds % 60)?;
        }
        if rest > 0 {
            write!(f, ".{rest:06}")?;
        }
        Ok(())
    }
}

/// A `datetime.datetime`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateTime {
    /// The day.
    pub date: Date,
    /// The time of day, and its zone.
    pub time: Time,
}

impl DateTime {
    /// Microseconds since 1970, by the clock of its zone.
    pub(crate) fn microseconds(&self) -> i64 {
        self.date.days() * MICROSECONDS_PER_DAY
            + i64::from(self.time.seconds) * 1_000_000
            + i64::from(self.time.microsecond)
    }

    /// The moment, if Python supports its year.
    pub(crate) fn from_civil(civil: &CivilTime) -> Option<DateTime> {
        let (hour, minute, second) = civil.clock();
        let [hour, minute, second] = [hour, minute, second].map(|n| n as u8);
        Some(DateTime {
            date: Date::from_civil(civil)?,
            time: Time::new(hour, minute, second, civil.microsecond() as u32)?,
        })
    }
}

/// ISO 8601.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{}", self.date, self.time)
    }
}

/// Microseconds of this many steps, if they are whole.
pub(crate) fn microseconds(count: i64, step: TimeStep) -> Option<i128> {
    let unit = match step.unit {
        TimeUnit::Week => 7 * i128::from(MICROSECONDS_PER_DAY),
        TimeUnit::Day => MICROSECONDS_PER_DAY.into(),
        TimeUnit::Hour => 3_600_000_000,
        TimeUnit::Minute => 60_000_000,
        TimeUnit::Second => 1_000_000,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1,
        _ => return None,
    };
    Some(i128::from(count) * i128::from(step.count) * unit)
}
