//! Units of `datetime64` and `timedelta64`.

use std::fmt;

/// A unit of time, as in `datetime64[unit]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeUnit {
    /// `Y`
    Year,
    /// `M`
    Month,
    /// `W`
    Week,
    /// `D`
    Day,
    /// `h`
    Hour,
    /// `m`
    Minute,
    /// `s`
    Second,
    /// `ms`
    Millisecond,
    /// `us`
    Microsecond,
    /// `ns`
    Nanosecond,
    /// `ps`
    Picosecond,
    /// `fs`
    Femtosecond,
    /// `as`
    Attosecond,
    /// No unit: `datetime64` alone
    Generic,
}

impl TimeUnit {
    /// Every unit, coarsest first, `Generic` last.
    pub const ALL: [TimeUnit; 14] = [
        TimeUnit::Year,
        TimeUnit::Month,
        TimeUnit::Week,
        TimeUnit::Day,
        TimeUnit::Hour,
        TimeUnit::Minute,
        TimeUnit::Second,
        TimeUnit::Millisecond,
        TimeUnit::Microsecond,
        TimeUnit::Nanosecond,
        TimeUnit::Picosecond,
        TimeUnit::Femtosecond,
        TimeUnit::Attosecond,
        TimeUnit::Generic,
    ];

    /// NumPy's symbol: `Y`, `D`, `ns`, `generic`, …
    pub const fn symbol(self) -> &'static str {
        match self {
            TimeUnit::Year => "Y",
            TimeUnit::Month => "M",
            TimeUnit::Week => "W",
            TimeUnit::Day => "D",
            TimeUnit::Hour => "h",
            TimeUnit::Minute => "m",
            TimeUnit::Second => "s",
            TimeUnit::Millisecond => "ms",
            TimeUnit::Microsecond => "us",
            TimeUnit::Nanosecond => "ns",
            TimeUnit::Picosecond => "ps",
            TimeUnit::Femtosecond => "fs",
            TimeUnit::Attosecond => "as",
            TimeUnit::Generic => "generic",
        }
    }

    pub(crate) fn from_symbol(symbol: &str) -> Option<TimeUnit> {
        if symbol == "μs" {
            return Some(TimeUnit::Microsecond);
        }
        TimeUnit::ALL.into_iter().find(|u| u.symbol() == symbol)
    }
}

/// The meaning of the integer 1 in a `datetime64` or `timedelta64`: `count` units, so `[25s]` is 25 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeStep {
    /// The number of units; 1 in nearly every file.
    pub count: u32,
    /// The unit.
    pub unit: TimeUnit,
}

impl TimeStep {
    /// One unit.
    pub const fn of(unit: TimeUnit) -> TimeStep {
        TimeStep { count: 1, unit }
    }

    /// This step divided by `divisor`, expressed in a finer unit as NumPy does for `M8[D/2]` (12 hours).
    pub(crate) fn divided(self, divisor: u32) -> Option<TimeStep> {
        if divisor == 0 {
            return None;
        }
        if divisor == 1 {
            return Some(self);
        }
        use TimeUnit::*;
        let finer: &[(u32, TimeUnit)] = match self.unit {
            Year => &[(12, Month), (52, Week), (365, Day)],
            Month => &[(4, Week), (30, Day), (720, Hour)],
            Week => &[(7, Day), (168, Hour), (10_080, Minute)],
            Day => &[(24, Hour), (1_440, Minute), (86_400, Second)],
            Hour => &[(60, Minute), (3_600, Second)],
            Minute => &[(60, Second), (60_000, Millisecond)],
            Second => &[(1_000, Millisecond), (1_000_000, Microsecond)],
            Millisecond => &[(1_000, Microsecond), (1_000_000, Nanosecond)],
            Microsecond => &[(1_000, Nanosecond), (1_000_000, Picosecond)],
            Nanosecond => &[(1_000, Picosecond), (1_000_000, Femtosecond)],
            Picosecond => &[(1_000, Femtosecond), (1_000_000, Attosecond)],
            Femtosecond => &[(1_000, Attosecond)],
            Attosecond | Generic => &[],
        };
        let (parts, unit) = finer.iter().find(|(parts, _)| parts % divisor == 0)?;
        let count = self.count.checked_mul(parts / divisor)?;
        Some(TimeStep { count, unit: *unit })
    }
}

/// `[ns]`, `[25s]`, or nothing for the generic unit.
impl fmt::Display for TimeStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.count, self.unit) {
            (_, TimeUnit::Generic) => Ok(()),
            (1, unit) => write!(f, "[{}]", unit.symbol()),
            (count, unit) => write!(f, "[{count}{}]", unit.symbol()),
        }
    }
}

/// The integer that both time types use for NaT, "not a time".
pub const NAT: i64 = i64::MIN;
