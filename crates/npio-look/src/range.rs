//! From values to places between 0 and 1: [`Ramp`].

use crate::error::Error;

/// What the distance between two values is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Their difference.
    #[default]
    Linear,
    /// Their ratio: values that are not positive have no place.
    Log,
}

/// How the ends of a range are found, if they are not given.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Limits {
    /// The least and the greatest finite value.
    #[default]
    All,
    /// The percentiles 2 and 98 of what is drawn, so that a few outliers do not hide the rest.
    Robust,
    /// These.
    Given(f64, f64),
}

/// A range of values, from 0 to 1.
///
/// ```
/// use npio_look::{Limits, Ramp, Scale};
/// let ramp = Ramp::new(&[1.0, 10.0, f64::NAN, 100.0], Limits::All, Scale::Log)?;
/// assert_eq!((ramp.low(), ramp.high()), (1.0, 100.0));
/// assert_eq!(ramp.place(10.0), 0.5);
/// assert!(ramp.place(-1.0).is_nan());
/// # Ok::<(), npio_look::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ramp {
    low: f64,
    high: f64,
    scale: Scale,
}

impl Ramp {
    /// The range of these values. A single value is in the middle of a range of its own; without any it is 0 to 1.
    ///
    /// # Errors
    /// Given limits that are not in order, or not positive if the scale is logarithmic.
    pub fn new(values: &[f64], limits: Limits, scale: Scale) -> Result<Ramp, Error> {
        let is_on_scale = |value: f64| value.is_finite() && (scale == Scale::Linear || value > 0.0);
        if let Limits::Given(low, high) = limits {
            if !(low < high && low.is_finite() && high.is_finite()) {
                return Err(Error::unsuitable(format!(
                    "range {low},{high}: expected two finite numbers, the lower one first"
                )));
            }
            if !is_on_scale(low) {
                return Err(Error::unsuitable(format!(
                    "range {low},{high}: a logarithmic scale has only positive numbers"
                )));
            }
            return Ok(Ramp { low, high, scale });
        }
        let mut finite: Vec<f64> = values
            .iter()
            .copied()
            .filter(|value| is_on_scale(*value))
            .collect();
        let ends = match limits {
            Limits::Robust => {
                finite.sort_unstable_by(f64::total_cmp);
                let last = finite.len().saturating_sub(1);
                let at = |percent: usize| finite.get((last * percent + 50) / 100).copied();
                at(2).zip(at(98))
            }
            _ => finite.iter().fold(None, |ends: Option<(f64, f64)>, value| {
                let (low, high) = ends.unwrap_or((*value, *value));
                Some((low.min(*value), high.max(*value)))
            }),
        };
        Ok(Ramp::between(ends, scale))
    }

    /// From one value to another, which is not less; 0 to 1 without them.
    pub fn between(ends: Option<(f64, f64)>, scale: Scale) -> Ramp {
        let (low, high) = match (ends, scale) {
            (Some((low, high)), _) if low < high => (low, high),
            (Some((value, _)), Scale::Linear) => {
                let around = (value.abs() / 10.0).clamp(f64::MIN_POSITIVE, f64::MAX / 4.0);
                let around = if value == 0.0 { 1.0 } else { around };
                (
                    (value - around).max(f64::MIN),
                    (value + around).min(f64::MAX),
                )
            }
            (Some((value, _)), Scale::Log) => (value / 10.0, value * 10.0),
            (None, Scale::Linear) => (0.0, 1.0),
            (None, Scale::Log) => (1.0, 10.0),
        };
        Ramp { low, high, scale }
    }

    /// The same with some room at both ends.
    #[must_use]
    pub fn padded(&self) -> Ramp {
        const PART: f64 = 0.04;
        let (low, high) = match self.scale {
            Scale::Linear => {
                let room = PART * (self.high / 2.0 - self.low / 2.0) * 2.0;
                (
                    (self.low - room).max(f64::MIN),
                    (self.high + room).min(f64::MAX),
                )
            }
            Scale::Log => {
                let factor = (self.high / self.low).powf(PART);
                (
                    (self.low / factor).max(f64::MIN_POSITIVE),
                    (self.high * factor).min(f64::MAX),
                )
            }
        };
        Ramp { low, high, ..*self }
    }

    /// Its lower end.
    pub fn low(&self) -> f64 {
        self.low
    }

    /// Its upper end.
    pub fn high(&self) -> f64 {
        self.high
    }

    /// What the distance between two values is.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// The place of a value: 0 at the lower end, 1 at the upper one, beyond that for values beyond; NaN for what has no
    /// place.
    pub fn place(&self, value: f64) -> f64 {
        match self.scale {
            // Halves, since the difference of two finite numbers may not be finite.
            Scale::Linear => (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0),
            Scale::Log if value > 0.0 => (value / self.low).ln() / (self.high / self.low).ln(),
            Scale::Log => f64::NAN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outliers_are_outside_of_a_robust_range() {
        let mut values: Vec<f64> = (0..100).map(f64::from).collect();
        values.extend([1e300, f64::INFINITY, f64::NAN]);
        let ramp = Ramp::new(&values, Limits::Robust, Scale::Linear).unwrap();
        assert_eq!((ramp.low(), ramp.high()), (2.0, 98.0));
        assert!(ramp.place(1e300) > 1.0);
    }

    #[test]
    fn constants_and_nothing_have_a_range() {
        let ramp = |values: &[f64]| Ramp::new(values, Limits::All, Scale::Linear).unwrap();
        assert_eq!(ramp(&[5.0, 5.0]).place(5.0), 0.5);
        assert_eq!(ramp(&[0.0]).place(0.0), 0.5);
        assert_eq!(ramp(&[f64::MAX]).place(f64::MAX), 1.0);
        assert_eq!((ramp(&[f64::NAN]).low(), ramp(&[]).high()), (0.0, 1.0));
        let wide = ramp(&[f64::MIN, f64::MAX]);
        assert_eq!((wide.place(0.0), wide.place(f64::MAX)), (0.5, 1.0));
    }

    #[test]
    fn given_limits_are_in_order() {
        let error = |low, high, scale| {
            Ramp::new(&[], Limits::Given(low, high), scale)
                .unwrap_err()
                .to_string()
        };
        assert!(error(1.0, 1.0, Scale::Linear).contains("the lower one first"));
        assert!(error(0.0, f64::NAN, Scale::Linear).contains("two finite numbers"));
        assert!(error(0.0, 1.0, Scale::Log).contains("only positive"));
    }
}
