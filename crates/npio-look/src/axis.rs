//! Axes with round numbers, or dates: [`Axis`].

use crate::legend::format_value;
use crate::range::{Ramp, Scale};
use crate::values::Meaning;
use npio::dtype::{TimeStep, TimeUnit};
use npio::flatfile::show::CivilTime;

/// What is written along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// Integers, as indices are.
    Integers,
    /// Any numbers.
    Numbers,
    /// Dates and times, in these steps since 1970.
    Times(TimeStep),
}

/// A range of values along an edge of a picture.
#[derive(Clone, Debug)]
pub struct Axis {
    /// From which value to which.
    pub ramp: Ramp,
    /// Whether the least value is at the right, or at the top.
    pub is_reversed: bool,
    /// What is written along it.
    pub labels: Labels,
    /// What the values are, with their unit.
    pub name: String,
}

/// A mark on an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where it is, from 0 to 1.
    pub place: f64,
    /// What is written there.
    pub label: String,
}

impl Axis {
    /// An axis of numbers.
    pub fn new(ramp: Ramp, labels: Labels, name: impl Into<String>) -> Axis {
        let (is_reversed, name) = (false, name.into());
        Axis {
            ramp,
            is_reversed,
            labels,
            name,
        }
    }

    /// Where a value is, from 0 at the left or the bottom to 1; NaN for what has no place.
    pub fn place(&self, value: f64) -> f64 {
        let place = self.ramp.place(value);
        if self.is_reversed { 1.0 - place } else { place }
    }

    /// Its ends as they are written.
    pub(crate) fn ends(&self) -> [String; 2] {
        let meaning = match self.labels {
            Labels::Times(step) => Meaning::Datetime(step),
            _ => Meaning::Float,
        };
        [self.ramp.low(), self.ramp.high()].map(|end| format_value(meaning, end))
    }

    /// About this many marks at most, in order; at least two, if round values allow it.
    pub fn ticks(&self, most: usize) -> Vec<Tick> {
        let most = most.max(2);
        let marks = match (self.labels, self.ramp.scale()) {
            (Labels::Times(step), _) => time_marks(&self.ramp, step, most),
            (_, Scale::Log) => log_marks(&self.ramp, most),
            (labels, Scale::Linear) => number_marks(&self.ramp, most, labels == Labels::Integers),
        };
        let on_axis = |(value, label): (f64, String)| {
            let place = self.place(value);
            (-1e-9..=1.0 + 1e-9)
                .contains(&place)
                .then_some(Tick { place, label })
        };
        let mut ticks: Vec<Tick> = marks.into_iter().filter_map(on_axis).collect();
        ticks.sort_by(|a, b| a.place.total_cmp(&b.place));
        ticks
    }
}

/// The round step (1, 2 or 5 times a power of ten) with which at most this many values are in a range of this length.
fn round_step(length: f64, most: usize) -> f64 {
    let least = length / most as f64;
    let power = 10f64.powi(least.log10().floor().clamp(-307.0, 307.0) as i32);
    let steps = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * power);
    // Not quite the least: it may have been rounded.
    let fits = |step: &f64| *step >= least * 0.999_999;
    steps.into_iter().find(fits).unwrap_or(10.0 * power)
}

fn number_marks(ramp: &Ramp, most: usize, is_integer: bool) -> Vec<(f64, String)> {
    let (low, high) = (ramp.low(), ramp.high());
    // Of the largest numbers, the difference may be infinite.
    let length = (high / 2.0 - low / 2.0).min(f64::MAX / 4.0) * 2.0;
    let mut step = round_step(length, most);
    if is_integer {
        step = step.max(1.0);
    }
    // Quotients that are almost whole are meant to be it.
    let first = (low / step - 1e-9).ceil();
    let count = ((high - low) / step + 1e-9).min(most as f64 + 1.0) as usize;
    let values: Vec<f64> = (0..=count).map(|i| (first + i as f64) * step).collect();
    let largest = low.abs().max(high.abs());
    let values = values
        .into_iter()
        .filter(|value| *value <= high + step * 1e-9);
    values
        .map(|value| (value, number_label(value, step, largest)))
        .collect()
}

/// A number with as many digits as the step needs; of large and small numbers the power of ten is written apart.
fn number_label(value: f64, step: f64, largest: f64) -> String {
    let value = if value.abs() < step / 2.0 { 0.0 } else { value };
    if value == 0.0 {
        return "0".to_owned();
    }
    let decimals = |step: f64| (-(step.log10() + 1e-9).floor()).clamp(0.0, 17.0) as usize;
    if (1e-4..1e6).contains(&largest) {
        return format!("{value:.*}", decimals(step));
    }
    let power = largest.log10().floor() as i32;
    let unit = 10f64.powi(power);
    format!("{:.*}e{power}", decimals(step / unit), value / unit)
}

/// Powers of ten, and between them 2 and 5 times one if there are few.
fn log_marks(ramp: &Ramp, most: usize) -> Vec<(f64, String)> {
    let (first, last) = (
        ramp.low().log10().floor() as i32,
        ramp.high().log10().ceil() as i32,
    );
    let powers = (last - first + 1).max(1) as usize;
    let step = powers.div_ceil(most).max(1);
    let digits: &[f64] = if powers * 3 <= most {
        &[1.0, 2.0, 5.0]
    } else {
        &[1.0]
    };
    let marks = (first..=last).step_by(step).flat_map(|power| {
        digits
            .iter()
            .map(move |digit| (digit * 10f64.powi(power), power))
    });
    let label = |(value, power): (f64, i32)| {
        let is_plain = (-3..6).contains(&power);
        let text = if is_plain {
            format!("{value:.*}", (-power).max(0) as usize)
        } else {
            format!("{value:e}")
        };
        (value, text)
    };
    marks.map(label).collect()
}

/// Lengths that people divide time by, in seconds.
const CLOCK: [f64; 17] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0,
    10_800.0, 21_600.0, 43_200.0,
];
const DAY: f64 = 86_400.0;
const DAYS: [f64; 4] = [1.0, 2.0, 7.0, 14.0];
const MONTHS: [i128; 4] = [1, 2, 3, 6];

/// The seconds in one step of time that are always the same number.
fn seconds(step: TimeStep) -> Option<f64> {
    let unit = match step.unit {
        TimeUnit::Week => 7.0 * DAY,
        TimeUnit::Day => DAY,
        TimeUnit::Hour => 3600.0,
        TimeUnit::Minute => 60.0,
        TimeUnit::Second => 1.0,
        TimeUnit::Millisecond => 1e-3,
        TimeUnit::Microsecond => 1e-6,
        TimeUnit::Nanosecond => 1e-9,
        TimeUnit::Picosecond => 1e-12,
        TimeUnit::Femtosecond => 1e-15,
        TimeUnit::Attosecond => 1e-18,
        TimeUnit::Year | TimeUnit::Month | TimeUnit::Generic => return None,
    };
    Some(unit * f64::from(step.count))
}

fn time_marks(ramp: &Ramp, step: TimeStep, most: usize) -> Vec<(f64, String)> {
    let civil = |value: f64| CivilTime::of(value as i64, step);
    let (Some(first), Some(last)) = (civil(ramp.low()), civil(ramp.high())) else {
        return number_marks(ramp, most, true);
    };
    let month = |time: &CivilTime| {
        let (year, month, _) = time.date();
        12 * year + month - 1
    };
    let length = ramp.high() - ramp.low();
    if let Some(unit) = seconds(step) {
        let least = length * unit / most as f64;
        if least < 1.0 {
            let step_length = round_step(length * unit, most);
            return clock_marks(ramp, unit, step_length, step);
        }
        let days = DAYS.map(|days| days * DAY);
        let lengths = CLOCK.into_iter().chain(days);
        if let Some(step_length) = lengths.into_iter().find(|length| *length >= least) {
            return clock_marks(ramp, unit, step_length, step);
        }
    }
    let months = (month(&last) - month(&first)).max(1);
    let least = (months as f64 / most as f64).ceil();
    let every = MONTHS.into_iter().find(|months| *months as f64 >= least);
    let every =
        every.unwrap_or_else(|| 12 * (round_step(months as f64 / 12.0, most).max(1.0) as i128));
    let start = month(&first).div_euclid(every) * every;
    let marks = (0..=most as i128 + 2).filter_map(|i| {
        let at = start + i * every;
        let (year, month) = (at.div_euclid(12), at.rem_euclid(12) + 1);
        let value = CivilTime::new(year, month, 1, 0).count(step)? as f64;
        let label = if every % 12 == 0 {
            year.to_string()
        } else {
            format!("{year:04}-{month:02}")
        };
        Some((value, label))
    });
    marks.collect()
}

/// Marks at multiples of a length in seconds, of which each step has `unit`.
fn clock_marks(ramp: &Ramp, unit: f64, length: f64, step: TimeStep) -> Vec<(f64, String)> {
    let apart = (length / unit).max(1.0).round();
    let first = (ramp.low() / apart).ceil();
    let count = ((ramp.high() - ramp.low()) / apart).min(1000.0) as usize;
    let is_long = (ramp.high() - ramp.low()) * unit > DAY;
    let label = |value: f64| {
        let time = CivilTime::of(value as i64, step)?;
        let (_, month, day) = time.date();
        let (hour, minute, second) = time.clock();
        Some(if length >= DAY {
            let (year, ..) = time.date();
            format!("{year:04}-{month:02}-{day:02}")
        } else if is_long {
            format!("{month:02}-{day:02} {hour:02}:{minute:02}")
        } else if length >= 60.0 {
            format!("{hour:02}:{minute:02}")
        } else if length >= 1.0 {
            format!("{hour:02}:{minute:02}:{second:02}")
        } else {
            let part = (value * unit).rem_euclid(1.0) + second as f64;
            let decimals = (-length.log10()).ceil().clamp(1.0, 9.0) as usize;
            format!("{minute:02}:{part:0width$.decimals$}", width = decimals + 3)
        })
    };
    let values = (0..=count).map(|i| (first + i as f64) * apart);
    values
        .filter_map(|value| Some((value, label(value)?)))
        .collect()
}

/// The date that the times of an axis have in common, if it is not written along it.
pub(crate) fn common_date(ramp: &Ramp, step: TimeStep) -> Option<String> {
    let unit = seconds(step)?;
    if (ramp.high() - ramp.low()) * unit > 5.0 * DAY {
        return None;
    }
    let (year, month, day) = CivilTime::of(ramp.low() as i64, step)?.date();
    Some(format!("from {year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, scale: Scale, labels: Labels) -> Vec<String> {
        let ramp = Ramp::between(Some((low, high)), scale);
        let ticks = Axis::new(ramp, labels, "").ticks(6);
        ticks.into_iter().map(|tick| tick.label).collect()
    }

    fn numbers(low: f64, high: f64) -> String {
        labels(low, high, Scale::Linear, Labels::Numbers).join(" ")
    }

    #[test]
    fn numbers_are_round() {
        assert_eq!(numbers(0.0, 1.0), "0 0.2 0.4 0.6 0.8 1.0");
        assert_eq!(numbers(-0.03, 0.031), "-0.02 0 0.02");
        assert_eq!(numbers(3.0, 997.0), "200 400 600 800");
        // 0.6 / 0.1 is less than 6.
        assert!(numbers(0.0, 0.6).ends_with("0.6"), "{}", numbers(0.0, 0.6));
        assert_eq!(
            numbers(1e9, 1.000_000_5e9),
            "1.0000000e9 1.0000001e9 1.0000002e9 1.0000003e9 1.0000004e9 1.0000005e9"
        );
        assert_eq!(
            numbers(0.0, 3e-7),
            "0 0.5e-7 1.0e-7 1.5e-7 2.0e-7 2.5e-7 3.0e-7"
        );
        assert_eq!(
            labels(0.0, 2.0, Scale::Linear, Labels::Integers).join(" "),
            "0 1 2"
        );
        assert!(numbers(f64::MIN, f64::MAX).contains('0'));
    }

    #[test]
    fn powers_of_ten() {
        let log = |low, high| labels(low, high, Scale::Log, Labels::Numbers).join(" ");
        assert_eq!(log(1.0, 1000.0), "1 10 100 1000");
        assert_eq!(log(0.01, 1e6), "0.01 1 100 10000 1e6");
        assert_eq!(log(1.0, 10.0), "1 2 5 10");
    }

    #[test]
    fn times_are_round_to_people() {
        let times = |low: i64, high: i64, unit| {
            let step = TimeStep::of(unit);
            labels(low as f64, high as f64, Scale::Linear, Labels::Times(step)).join(" ")
        };
        assert_eq!(
            times(18_262, 18_992, TimeUnit::Day),
            "2020-01 2020-07 2021-01 2021-07"
        );
        assert_eq!(
            times(18_262, 18_272, TimeUnit::Day),
            "2020-01-01 2020-01-03 2020-01-05 2020-01-07 2020-01-09 2020-01-11"
        );
        assert_eq!(
            times(0, 50, TimeUnit::Year),
            "1970 1980 1990 2000 2010 2020"
        );
        assert_eq!(
            times(0, 7200, TimeUnit::Second),
            "00:00 00:30 01:00 01:30 02:00"
        );
        assert_eq!(
            times(0, 3 * 86_400, TimeUnit::Second),
            "01-01 00:00 01-01 12:00 01-02 00:00 01-02 12:00 01-03 00:00 01-03 12:00 01-04 00:00"
        );
        assert_eq!(
            times(0, 5_000_000, TimeUnit::Nanosecond),
            "00:00.000 00:00.001 00:00.002 00:00.003 00:00.004 00:00.005"
        );
        assert_eq!(times(0, 10, TimeUnit::Generic), "0 2 4 6 8 10");
    }
}
