//! `npio hash`: checksums of arrays that do not depend on how they are stored.

use crate::Outcome;
use crate::address::ErrorContext;
use crate::array::{InputArray, npy_header};
use crate::expand::for_each_array;
use crate::output::{escaped, is_terminal, write_json_line, write_stdout};
use crate::progress::Progress;
use crate::source::Input;
use anyhow::ensure;
use npio::Order;
use npio::flatfile::Slice;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// One line of `hash --json`.
#[derive(Serialize)]
struct HashLine<'a> {
    path: &'a str,
    name: Option<&'a str>,
    sha256: &'a str,
}

/// Prints the SHA-256 of the `.npy` that NumPy's `save` would write for each array in C order, as `sha256sum` does.
pub(crate) fn run(inputs: &[Input], slice: Option<&Slice>, json: bool) -> Outcome {
    // The plain items of objects are another array.
    let without_pickles = |input: &Input| Input {
        allow_pickle: false,
        ..input.clone()
    };
    let inputs: Vec<Input> = inputs.iter().map(without_pickles).collect();
    for_each_array(
        &inputs,
        |array, progress| sha256(array, slice, progress),
        |input, sha256| {
            if json {
                write_json_line(&HashLine {
                    path: &input.name.path().to_string_lossy(),
                    name: input.member.as_deref(),
                    sha256: &sha256,
                })
            } else {
                write_stdout(sum_line(&sha256, input).as_bytes())
            }
        },
    )
}

/// A line as `sha256sum` prints it, and reads it with `-c`: it begins with a backslash if the name is escaped.
fn sum_line(sha256: &str, input: &Input) -> String {
    let mut name = input.name.path().to_string_lossy().into_owned();
    if let Some(member) = &input.member {
        name += "::";
        name += member;
    }
    // On Windows a backslash separates folders.
    let is_escaped = name.contains(['\n', '\r']) || cfg!(unix) && name.contains('\\');
    if is_escaped {
        name = name.replace('\\', r"\\").replace('\n', r"\n");
        name = name.replace('\r', r"\r");
    }
    if is_terminal() {
        name = escaped(&name);
    }
    let mark = if is_escaped { "\\" } else { "" };
    format!("{mark}{sha256}  {name}\n")
}

/// The checksum, as hexadecimal digits.
fn sha256(
    array: InputArray<'_>,
    slice: Option<&Slice>,
    progress: &Progress,
) -> anyhow::Result<String> {
    let input = array.input;
    ensure!(
        !array.dtype().has_object(),
        input.error("no checksum of Python objects: equal ones have different pickles")
    );
    let mut blocks = array.items(slice, Some(Order::C), input.copy_conversion())?;
    let header = npy_header(input, blocks.layout()?)?.encode();
    let mut sha256 = Sha256::new_with_prefix(header.map_err(|error| input.escaped_error(error))?);
    progress.expect(blocks.nbytes().unwrap_or(0));
    for block in blocks.blocks {
        let block = block?;
        sha256.update(block.as_bytes());
        progress.add(block.as_bytes().len() as u64);
    }
    let mut digits = String::new();
    for byte in sha256.finalize() {
        write!(digits, "{byte:02x}")?;
    }
    Ok(digits)
}
