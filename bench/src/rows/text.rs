//! Rows of text: sequences and tables.

use super::save::lazily;
use super::{Row, Target, Worth, program, timed, timed_inside};
use crate::limits;
use crate::numpy::Timed;
use anyhow::{Context, Result};
use npio::flatfile::text::WriteOptions;
use npio::{Array, DType, SaveOptions};
use std::path::{Path, PathBuf};

pub(super) fn read(
    name: &'static str,
    target: f64,
    code: &'static str,
    path: PathBuf,
    items: usize,
) -> Row {
    let is_float = path.ends_with("f8.txt");
    let dtype = if is_float { DType::F64 } else { DType::I64 };
    Row {
        name,
        target: Target::Ratio(target),
        numpy: Timed {
            code,
            worth: "words(result)",
        },
        limit: limits::separators(path.clone(), *b",,", items),
        programs: vec![program(
            "npio",
            move || Ok(npio::fromfile_sep(&path, dtype.clone(), ",")?),
            |array| words(&array),
        )],
    }
}

pub(super) fn write(
    name: &'static str,
    target: f64,
    code: &'static str,
    from: PathBuf,
    format: &'static str,
) -> Row {
    let mut array = None;
    let to = from.with_extension("txt");
    let written = to.clone();
    Row {
        name,
        target: Target::Ratio(target),
        numpy: Timed {
            code,
            worth: "file_bytes('np.txt')",
        },
        limit: limits::write(written.with_file_name("np.txt")),
        programs: vec![timed_inside(
            "npio",
            move || {
                let array: &mut Array = lazily(&mut array, || Ok(npio::load(&from)?))?;
                let mut options = WriteOptions::new();
                if !format.is_empty() {
                    options = options.format(format.parse()?);
                }
                let save = SaveOptions::new().in_place().text(options);
                timed(|| Ok(save.tofile_sep(&to, &*array, ",")?))
            },
            move || file_bytes(&written),
        )],
    }
}

pub(super) fn load_table(
    name: &'static str,
    target: f64,
    code: &'static str,
    path: PathBuf,
    items: usize,
) -> Row {
    Row {
        name,
        target: Target::Ratio(target),
        numpy: Timed {
            code,
            worth: "words(result)",
        },
        limit: limits::separators(path.clone(), *b" \n", items),
        programs: vec![program(
            "npio",
            move || Ok(npio::loadtxt(&path, DType::F64)?),
            |array| words(&array),
        )],
    }
}

pub(super) fn save_table(from: PathBuf) -> Row {
    let mut array = None;
    let to = from.with_extension("table");
    let written = to.clone();
    Row {
        name: "write a text table, 2 M f8, %.18e",
        target: Target::Ratio(10.0),
        numpy: Timed {
            code: "np.savetxt('np.txt', rows)",
            worth: "file_bytes('np.txt')",
        },
        limit: limits::write(written.with_file_name("np.txt")),
        programs: vec![timed_inside(
            "npio",
            move || {
                let array: &mut Array = lazily(&mut array, || Ok(npio::load(&from)?))?;
                timed(|| Ok(SaveOptions::new().in_place().savetxt(&to, &*array)?))
            },
            move || file_bytes(&written),
        )],
    }
}

/// The sum of the items' bits, so many of which a float holds.
pub(super) fn words(array: &Array) -> Result<Worth> {
    let (words, rest) = array.as_bytes().as_chunks::<8>();
    anyhow::ensure!(rest.is_empty(), "items of 8 bytes");
    let words = words.iter().map(|word| u64::from_ne_bytes(*word));
    let sum = words.fold(0, u64::wrapping_add);
    Ok(Worth::Exactly((sum % (1 << 48)) as f64))
}

/// The sum of a file's bytes.
fn file_bytes(path: &Path) -> Result<Worth> {
    let bytes = std::fs::read(path).context("what was written")?;
    let sum: u64 = bytes.into_iter().map(u64::from).sum();
    Ok(Worth::Exactly(sum as f64))
}
