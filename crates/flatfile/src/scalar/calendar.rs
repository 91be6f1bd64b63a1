//! From counts of a unit to dates in the proleptic Gregorian calendar, for any count.

use dtype::{TimeStep, TimeUnit};
use std::fmt;

/// Attoseconds in a second.
const SECOND: i128 = 1_000_000_000_000_000_000;
const DAY: i128 = 86_400 * SECOND;

/// The date and time of a `datetime64`: the beginning of the unit that it counts.
///
/// ```
/// use flatfile::dtype::{TimeStep, TimeUnit};
/// use flatfile::show::CivilTime;
/// let days = TimeStep::of(TimeUnit::Day);
/// let civil = CivilTime::of(18_262, days).unwrap();
/// assert_eq!(civil.date(), (2020, 1, 1));
/// assert_eq!(civil.count(days), Some(18_262));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CivilTime {
    pub(super) unit: TimeUnit,
    pub(crate) year: i128,
    pub(crate) month: i128,
    pub(crate) day: i128,
    /// Attoseconds since the beginning of the day.
    time: i128,
}

impl CivilTime {
    /// `count` steps after the beginning of 1970; `None` if the unit is generic.
    pub fn of(count: i64, step: TimeStep) -> Option<CivilTime> {
        let units = i128::from(count) * i128::from(step.count);
        let unit = step.unit;
        let size = match unit {
            TimeUnit::Generic => return None,
            TimeUnit::Year => return Some(CivilTime::of_month(unit, 12 * units)),
            TimeUnit::Month => return Some(CivilTime::of_month(unit, units)),
            TimeUnit::Week => return Some(CivilTime::of_day(unit, 7 * units, 0)),
            TimeUnit::Day => return Some(CivilTime::of_day(unit, units, 0)),
            unit => attoseconds(unit),
        };
        let units_of_day = DAY / size;
        let day = units.div_euclid(units_of_day);
        let time = (units - day * units_of_day) * size;
        Some(CivilTime::of_day(unit, day, time))
    }

    /// This many attoseconds after the beginning of a day of the calendar, or before it.
    pub fn new(year: i128, month: i128, day: i128, time: i128) -> CivilTime {
        CivilTime {
            unit: TimeUnit::Attosecond,
            year,
            month,
            day,
            time,
        }
    }

    /// The number of steps since the beginning of 1970, rounded down; `None` if it does not fit an `i64`.
    pub fn count(&self, step: TimeStep) -> Option<i64> {
        if !(0..DAY).contains(&self.time) {
            let days = self.days() + self.time.div_euclid(DAY);
            let time = self.time.rem_euclid(DAY);
            return CivilTime::of_day(self.unit, days, time).count(step);
        }
        let units = match step.unit {
            TimeUnit::Generic => return None,
            TimeUnit::Year => self.year - 1970,
            TimeUnit::Month => 12 * (self.year - 1970) + self.month - 1,
            TimeUnit::Week => self.days().div_euclid(7),
            TimeUnit::Day => self.days(),
            unit => {
                let size = attoseconds(unit);
                let time = self.time / size;
                self.days().checked_mul(DAY / size)?.checked_add(time)?
            }
        };
        match step.count {
            1 => units.try_into().ok(),
            count => units.checked_div_euclid(count.into())?.try_into().ok(),
        }
    }

    /// Days since the first of January 1970.
    ///
    /// Source: "chrono-Compatible Low-Level Date Algorithms" by Howard Hinnant, `days_from_civil`.
    fn days(&self) -> i128 {
        let year = self.year - i128::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = (year - 400 * era) as i64;
        let day_of_year = (153 * ((self.month as i64 + 9) % 12) + 2) / 5 + self.day as i64 - 1;
        let day_of_era = 365 * year_of_era + year_of_era / 4 - year_of_era / 100 + day_of_year;
        146_097 * era + i128::from(day_of_era) - 719_468
    }

    fn of_month(unit: TimeUnit, months: i128) -> CivilTime {
        CivilTime {
            unit,
            year: 1970 + months.div_euclid(12),
            month: 1 + months.rem_euclid(12),
            day: 1,
            time: 0,
        }
    }

    /// Source: "chrono-Compatible Low-Level Date Algorithms" by Howard Hinnant, `civil_from_days`.
    fn of_day(unit: TimeUnit, days: i128, time: i128) -> CivilTime {
        // Years are counted from the first of March, so the leap day is their last one.
        let days = days + 719_468;
        let era = days.div_euclid(146_097);
        // Numbers of this size are divided much faster.
        let day_of_era = (days - 146_097 * era) as i64;
        let leap_days = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
        let year_of_era = (day_of_era - leap_days) / 365;
        let first = 365 * year_of_era + year_of_era / 4 - year_of_era / 100;
        let day_of_year = day_of_era - first;
        let months = (5 * day_of_year + 2) / 153;
        let day = i128::from(day_of_year - (153 * months + 2) / 5 + 1);
        let month = i128::from(if months < 10 { months + 3 } else { months - 9 });
        let year = 400 * era + i128::from(year_of_era) + i128::from(month <= 2);
        CivilTime {
            unit,
            year,
            month,
            day,
            time,
        }
    }

    /// Year, month and day; the last two from 1 on.
    pub fn date(&self) -> (i128, i128, i128) {
        (self.year, self.month, self.day)
    }

    /// Hours, minutes and seconds.
    pub fn clock(&self) -> (i128, i128, i128) {
        let seconds = self.time / SECOND;
        (seconds / 3600, seconds / 60 % 60, seconds % 60)
    }

    /// Microseconds within the second.
    pub fn microsecond(&self) -> i128 {
        self.time % SECOND / (SECOND / 1_000_000)
    }
}

/// Attoseconds in each unit; for years and months, whose lengths vary, in the mean one.
pub(crate) const fn attoseconds(unit: TimeUnit) -> i128 {
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

/// The number of days in a month.
pub(super) fn days_of_month(year: i128, month: i128) -> i128 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The number of digits of a second's fraction that distinguish times of this unit.
const fn fraction_digits(unit: TimeUnit) -> u32 {
    match unit {
        TimeUnit::Millisecond => 3,
        TimeUnit::Microsecond => 6,
        TimeUnit::Nanosecond => 9,
        TimeUnit::Picosecond => 12,
        TimeUnit::Femtosecond => 15,
        TimeUnit::Attosecond => 18,
        _ => 0,
    }
}

/// ISO 8601 down to the unit: `1970`, `1970-01-01`, `1970-01-01T00:00:00.000`.
///
/// Source: `numpy/_core/src/multiarray/datetime_strings.c`, `NpyDatetime_MakeISO8601Datetime`.
impl fmt::Display for CivilTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = self.unit;
        write!(f, "{:04}", self.year)?;
        if unit >= TimeUnit::Month {
            write!(f, "-{:02}", self.month)?;
        }
        if unit >= TimeUnit::Week {
            write!(f, "-{:02}", self.day)?;
        }
        let (hour, minute, second) = self.clock();
        if unit >= TimeUnit::Hour {
            write!(f, "T{hour:02}")?;
        }
        if unit >= TimeUnit::Minute {
            write!(f, ":{minute:02}")?;
        }
        if unit >= TimeUnit::Second {
            write!(f, ":{second:02}")?;
        }
        if unit >= TimeUnit::Millisecond {
            let digits = fraction_digits(unit);
            let fraction = self.time % SECOND / 10i128.pow(18 - digits);
            write!(f, ".{fraction:0width$}", width = digits as usize)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_follows_the_one_before() {
        let day = |count| {
            let civil = CivilTime::of(count, TimeStep::of(TimeUnit::Day)).unwrap();
            (civil.year, civil.month, civil.day)
        };
        assert_eq!(day(0), (1970, 1, 1));
        assert_eq!(day(11_016), (2000, 2, 29));
        // From before the year -400 on for more than two whole periods of the calendar.
        let (mut year, mut month, mut date) = day(-900_000);
        assert!(year < -400);
        for count in -899_999..=0 {
            let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let length = match month {
                2 => 28 + i128::from(is_leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            date += 1;
            if date > length {
                (month, date) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
            assert_eq!(day(count), (year, month, date));
            let back = CivilTime::new(year, month, date, 0).count(TimeStep::of(TimeUnit::Day));
            assert_eq!(back, Some(count));
        }
    }

    #[test]
    fn any_count_is_a_date() {
        for unit in TimeUnit::ALL {
            for count in [i64::MIN, -1, 0, 1, i64::MAX] {
                for step in [
                    TimeStep::of(unit),
                    TimeStep {
                        count: u32::MAX,
                        unit,
                    },
                ] {
                    let text = CivilTime::of(count, step).map(|civil| civil.to_string());
                    assert_eq!(text.is_none(), unit == TimeUnit::Generic);
                }
            }
        }
    }
}
