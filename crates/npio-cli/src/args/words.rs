//! Values that shells complete, although other values are possible.

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command, Error};
use npio::DType;
use npio::dtype::did_you_mean;
use std::error::Error as StdError;
use std::ffi::OsStr;
use std::marker::PhantomData;
use std::str::FromStr;

/// Parses a value of any type with `FromStr`, and lists words for it. Use it with `hide_possible_values`.
#[derive(Clone)]
pub(super) struct Words<T> {
    words: fn() -> Vec<&'static str>,
    result: PhantomData<T>,
}

/// A dtype, or what begins with one.
pub(super) fn dtype<T>() -> Words<T> {
    words(|| DType::names().collect())
}

/// A dtype, or `auto`.
pub(super) fn dtype_or_auto<T>() -> Words<T> {
    words(|| DType::names().chain(["auto"]).collect())
}

/// A rule for casts.
pub(super) fn casting<T>() -> Words<T> {
    words(|| vec!["no", "equiv", "safe", "same_kind", "unsafe"])
}

/// A format of output.
pub(super) fn output_format<T>() -> Words<T> {
    words(|| {
        vec![
            "npy",
            "npz",
            "safetensors",
            "raw",
            "txt",
            "csv",
            "tsv",
            "json",
        ]
    })
}

fn words<T>(words: fn() -> Vec<&'static str>) -> Words<T> {
    let result = PhantomData;
    Words { words, result }
}

impl<T> TypedValueParser for Words<T>
where
    T: FromStr<Err: StdError + Send + Sync + 'static> + Clone + Send + Sync + 'static,
{
    type Value = T;

    fn parse_ref(&self, cmd: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, Error> {
        let words = self.words;
        let parse = move |text: &str| {
            text.parse::<T>().map_err(|error| {
                let error = error.to_string();
                if error.ends_with('?') {
                    return error;
                }
                error + &did_you_mean(text, words())
            })
        };
        TypedValueParser::parse_ref(&parse, cmd, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.words)().into_iter().map(PossibleValue::new)))
    }
}
