//! What is written beside a picture.

use crate::sample::Tally;
use crate::values::{Meaning, Values};
use npio::DType;
use npio::flatfile::show::CivilTime;

/// Dtype, shape, range, and what is no number.
pub(crate) fn notes(values: &Values<'_, '_>, tally: &Tally) -> Vec<String> {
    let (dtype, shape) = (
        dtype_name(values.dtype()),
        npio::dtype::shape_tuple(values.shape()),
    );
    let mut notes = vec![format!("{dtype} {shape}")];
    if let Some((low, high)) = tally.range {
        let [low, high] = [low, high].map(|value| format_value(values.meaning(), value));
        notes.push(format!("{low} to {high}"));
    }
    let is_time = matches!(
        values.meaning(),
        Meaning::Datetime(_) | Meaning::Timedelta(_)
    );
    let nan = if is_time { "NaT" } else { "NaN" };
    for (count, what) in [(tally.nan, nan), (tally.infinite, "inf")] {
        if count > 0 {
            notes.push(format!("{} {what}", grouped(count)));
        }
    }
    if tally.is_sampled {
        let (read, all) = (grouped(tally.count), grouped(values.count() as u64));
        notes.push(format!("sampled: {read} of {all}"));
    }
    notes
}

/// The name of a dtype: `float64`, `datetime64[ns]`, or its descriptor if it has none.
pub fn dtype_name(dtype: &DType) -> String {
    match dtype {
        DType::Datetime(step, _) => format!("datetime64{step}"),
        DType::Timedelta(step, _) => format!("timedelta64{step}"),
        dtype => dtype.name().unwrap_or_else(|| dtype.to_string()),
    }
}

/// A value of an array, to six digits; integers and times as they are.
pub fn format_value(meaning: Meaning, value: f64) -> String {
    match meaning {
        Meaning::Datetime(step) => match CivilTime::of(value as i64, step) {
            Some(time) => {
                let (year, month, day) = time.date();
                let (hour, minute, second) = time.clock();
                let date = format!("{year:04}-{month:02}-{day:02}");
                if (hour, minute, second) == (0, 0, 0) {
                    date
                } else {
                    format!("{date}T{hour:02}:{minute:02}:{second:02}")
                }
            }
            None => value.to_string(),
        },
        Meaning::Timedelta(step) => {
            format!("{value} {}", step.to_string().trim_matches(['[', ']']))
        }
        Meaning::Bool | Meaning::Byte | Meaning::Integer => value.to_string(),
        Meaning::Float => number(value),
    }
}

/// A number to six digits.
pub(crate) fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let power = value.abs().log10().floor() as i32;
    let text = if (-4..6).contains(&power) {
        format!("{value:.*}", (5 - power).max(0) as usize)
    } else {
        format!("{value:.5e}")
    };
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, ""));
    let digits = if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    };
    if exponent.is_empty() {
        digits.to_owned()
    } else {
        format!("{digits}e{exponent}")
    }
}

/// A count with commas between thousands.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let first = digits.len() % 3;
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && i % 3 == first {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_six_digits() {
        let texts = [0.0, -1.5, 1.0 / 3.0, 123_456.7, 1e7, 2.5e-9, 1e-4].map(number);
        assert_eq!(
            texts,
            ["0", "-1.5", "0.333333", "123457", "1e7", "2.5e-9", "0.0001"]
        );
        assert_eq!(
            [0, 999, 1000, 12_345_678].map(grouped),
            ["0", "999", "1,000", "12,345,678"]
        );
    }
}
