//! `npio stats`: statistics of the values.

use crate::address::ErrorContext;
use crate::array::open_array;
use crate::output::{self, table};
use crate::source::Input;
use crate::{Outcome, Status};
use anyhow::ensure;
use npio::dtype::{Casting, NumberClass};
use npio::flatfile::Slice;
use npio::{Array, DType};
use std::borrow::Cow;

/// The statistics of the values so far.
#[derive(Clone, Copy, Debug, Default)]
struct Stats {
    count: usize,
    nan: usize,
    mean: f64,
    /// The sum of the squared distances from the mean.
    squared_deviations: f64,
}

/// The least and the greatest value.
#[derive(Clone, Copy, Debug)]
enum Extremes {
    Integer(i128, i128),
    Float(f64, f64),
}

pub(crate) fn run(input: &Input, slice: Option<&Slice>) -> Outcome {
    let mut source = input.open()?;
    let array = open_array(&mut source, input)?;
    let dtype = &array.dtype().clone();
    ensure!(
        is_real(dtype),
        input.error(format!(
            "no statistics of items of {}{}",
            dtype.descr(),
            if dtype.has_object() {
                ": use --allow-pickle"
            } else {
                ""
            }
        ))
    );
    let blocks = array.items(slice, None, input.value_conversion())?;
    let mut stats = Stats::default();
    let mut extremes = None;
    for block in blocks.blocks {
        let block = block?;
        let values = values(&block)?;
        stats = stats.merge(Stats::of(&values));
        extremes = merge_extremes(extremes, Extremes::of(&block, &values)?);
    }
    let mut rows = vec![
        ("count", stats.count.to_string()),
        ("nan", stats.nan.to_string()),
    ];
    if let Some(extremes) = extremes {
        let (min, max) = match extremes {
            Extremes::Integer(min, max) => (min.to_string(), max.to_string()),
            Extremes::Float(min, max) => (format_value(min, dtype)?, format_value(max, dtype)?),
        };
        let std = (stats.squared_deviations / stats.count as f64).sqrt();
        rows.extend([("min", min), ("max", max)]);
        rows.push(("mean", format_value(stats.mean, &DType::F64)?));
        rows.push(("std", format_value(std, &DType::F64)?));
    }
    let rows = rows
        .into_iter()
        .map(|(name, value)| vec![name.to_owned(), value]);
    let rows: Vec<_> = rows.collect();
    output::write_stdout(table(&rows, |column| column == 1).as_bytes())?;
    Ok(Status::Success)
}

fn is_real(dtype: &DType) -> bool {
    match dtype {
        DType::Bool => true,
        DType::Number(number, _) => number.kind() != 'c',
        _ => false,
    }
}

/// The values as floats.
fn values(block: &Array) -> anyhow::Result<Cow<'_, [f64]>> {
    Ok(if *block.dtype() == DType::F64 {
        block.to_cow()?
    } else {
        Cow::Owned(block.astype(DType::F64, Casting::Unsafe)?.into_vec()?)
    })
}

impl Stats {
    fn of(values: &[f64]) -> Stats {
        let numbers = || values.iter().filter(|value| !value.is_nan());
        let count = numbers().count();
        let mean = numbers().sum::<f64>() / count.max(1) as f64;
        // The rounding error of the mean is subtracted from the squares.
        let (sum, squared_deviations) =
            numbers().fold((0.0, 0.0), |(sum, squared_deviations), value| {
                let distance = value - mean;
                (sum + distance, squared_deviations + distance * distance)
            });
        Stats {
            count,
            nan: values.len() - count,
            // Everything is infinitely far from an infinite mean.
            mean: if mean.is_finite() {
                mean + sum / count.max(1) as f64
            } else {
                mean
            },
            squared_deviations: squared_deviations - sum * sum / count.max(1) as f64,
        }
    }

    /// The statistics of both together.
    fn merge(self, other: Stats) -> Stats {
        let count = self.count + other.count;
        let share = other.count as f64 / count.max(1) as f64;
        let distance = other.mean - self.mean;
        Stats {
            count,
            nan: self.nan + other.nan,
            mean: if self.mean.is_finite() && other.mean.is_finite() {
                self.mean + distance * share
            } else {
                self.mean + other.mean
            },
            squared_deviations: self.squared_deviations
                + other.squared_deviations
                + distance * distance * share * self.count as f64,
        }
    }
}

impl Extremes {
    fn of(block: &Array, values: &[f64]) -> anyhow::Result<Option<Extremes>> {
        let is_float = matches!(block.dtype(), DType::Number(number, _) if number.class() == NumberClass::Float);
        if is_float {
            let numbers = values.iter().copied().filter(|value| !value.is_nan());
            let pairs = numbers.map(|value| (value, value));
            let both = pairs.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
            return Ok(both.map(|(min, max)| Extremes::Float(min, max)));
        }
        let is_signed = matches!(block.dtype(), DType::Number(number, _) if number.class() == NumberClass::Signed);
        Ok(if is_signed {
            let items: Vec<i64> = block.astype(DType::I64, Casting::Unsafe)?.into_vec()?;
            Extremes::of_integers(items.iter().min(), items.iter().max())
        } else {
            let items: Vec<u64> = block.astype(DType::U64, Casting::Unsafe)?.into_vec()?;
            Extremes::of_integers(items.iter().min(), items.iter().max())
        })
    }

    fn of_integers<T: Copy + Into<i128>>(min: Option<&T>, max: Option<&T>) -> Option<Extremes> {
        Some(Extremes::Integer((*min?).into(), (*max?).into()))
    }
}

/// The statistics of both parts of one array.
fn merge_extremes(one: Option<Extremes>, other: Option<Extremes>) -> Option<Extremes> {
    match (one, other) {
        (Some(Extremes::Integer(a, b)), Some(Extremes::Integer(c, d))) => {
            Some(Extremes::Integer(a.min(c), b.max(d)))
        }
        (Some(Extremes::Float(a, b)), Some(Extremes::Float(c, d))) => {
            Some(Extremes::Float(a.min(c), b.max(d)))
        }
        (one, other) => one.or(other),
    }
}

/// A number as NumPy prints it for this type.
fn format_value(value: f64, dtype: &DType) -> anyhow::Result<String> {
    let array = Array::from_slice(&[value], [])?;
    Ok(array.astype(dtype.clone(), Casting::Unsafe)?.to_string())
}
