//! The arrays that an address stands for: a file, a member of an archive, all of its members, or those that match a
//! pattern.

use crate::array::{InputArray, member_list, open_array};
use crate::output::{report_error, write_stdout};
use crate::source::{Input, InputError, InputSource};
use crate::{Outcome, Status};
use glob::Pattern;
use npio::RandomAccessFile;
use npio::dtype::python::excerpt;
use npio::npz::{Archive, ErrorKind, Member};
use std::collections::HashSet;
use std::io;

/// What makes the name of a member a pattern, if there is no such member.
const WILDCARDS: [char; 4] = ['*', '?', '[', ']'];

impl Input {
    /// The addresses of the arrays here, in the order of the archive. A name that several members have is listed once;
    /// reading it says so.
    ///
    /// # Errors
    /// A pattern that is none, or that no array matches.
    pub(crate) fn expand(&self, source: &InputSource) -> Result<Vec<Input>, InputError> {
        let InputSource::Archive(archive) = source else {
            return Ok(vec![self.clone()]);
        };
        let matcher = match &self.member {
            None => None,
            Some(name) => match pattern(archive, name)? {
                None => return Ok(vec![self.clone()]),
                some => some,
            },
        };
        let mut seen = HashSet::new();
        let mut arrays = Vec::new();
        for member in archive.members() {
            let matches = matcher.as_ref().is_none_or(|pattern| {
                pattern.matches(member.name()) || pattern.matches(member.file_name())
            });
            if matches && is_array(&member) && seen.insert(member.file_name()) {
                arrays.push(Input {
                    member: Some(unique_name(archive, &member).to_owned()),
                    ..self.clone()
                });
            }
        }
        match &self.member {
            Some(name) if arrays.is_empty() => Err(InputError::new(format!(
                "no array matches {}: the archive has {}",
                excerpt(name),
                member_list(archive)
            ))),
            _ => Ok(arrays),
        }
    }

    /// Whether it stands for the arrays of an archive that match a pattern.
    pub(crate) fn is_pattern(&self, source: &InputSource) -> Result<bool, InputError> {
        match (source, &self.member) {
            (InputSource::Archive(archive), Some(name)) => Ok(pattern(archive, name)?.is_some()),
            _ => Ok(false),
        }
    }
}

/// The pattern in place of a member's name. A member of this name comes first, so digits and brackets can be a name.
fn pattern(archive: &Archive<RandomAccessFile>, name: &str) -> Result<Option<Pattern>, InputError> {
    let is_name = match archive.get(name) {
        Err(error) => !matches!(error.kind(), ErrorKind::NotFound { .. }),
        Ok(_) => true,
    };
    if is_name || !name.contains(WILDCARDS) {
        return Ok(None);
    }
    let invalid = |error| InputError::new(format!("the pattern {}: {error}", excerpt(name)));
    Pattern::new(name).map(Some).map_err(invalid)
}

/// Whether the member is an array, or should be one by its name. One that cannot be read may be one.
fn is_array(member: &Member<'_, RandomAccessFile>) -> bool {
    let is_other = |kind: &ErrorKind| matches!(kind, ErrorKind::NotArray);
    member.is_npy() || !member.open().is_err_and(|error| is_other(error.kind()))
}

/// The name that leads to this member, and not to one that is called so exactly: without `.npy` if possible.
fn unique_name<'a>(
    archive: &Archive<RandomAccessFile>,
    member: &Member<'a, RandomAccessFile>,
) -> &'a str {
    match archive.get(member.name()) {
        Ok(other) if other.file_name() != member.file_name() => member.file_name(),
        _ => member.name(),
    }
}

/// Calls `read` with each array at these addresses, and `print` with what it returns, in order. What cannot be read is
/// reported, and the others are done.
///
/// # Errors
/// Those of standard output, which are bare.
pub(crate) fn for_each_array<T>(
    inputs: &[Input],
    read: impl Fn(InputArray<'_>) -> anyhow::Result<T>,
    mut print: impl FnMut(&Input, T) -> anyhow::Result<()>,
) -> Outcome {
    let mut status = Status::Success;
    for input in inputs {
        let done = input.open().and_then(|mut source| {
            for_each_in(input, &mut source, |source, array| {
                print(array, read(open_array(source, array)?)?)?;
                Ok(Status::Success)
            })
        });
        status = status.max(reported(done)?);
    }
    Ok(status)
}

/// Calls `work` with each array at this address.
fn for_each_in(
    input: &Input,
    source: &mut InputSource,
    mut work: impl FnMut(&mut InputSource, &Input) -> Outcome,
) -> Outcome {
    let arrays = input.expand(source);
    let arrays = arrays.map_err(|error| error.in_file(&input.name))?;
    let mut status = Status::Success;
    for array in &arrays {
        status = status.max(reported(work(source, array))?);
    }
    Ok(status)
}

/// The same outcome, or the failure after an error that is printed here. Errors of standard output are kept.
fn reported(outcome: Outcome) -> Outcome {
    match outcome {
        Err(error) if !error.is::<io::Error>() => {
            report_error(&format!("{error:#}"));
            Ok(Status::Failure)
        }
        outcome => outcome,
    }
}

/// Calls `print` with the array at this address or, if that is a pattern, with each that matches, after a line with
/// its address if these are wanted.
pub(crate) fn print_matching(
    input: &Input,
    has_headings: bool,
    mut print: impl FnMut(&mut InputSource, &Input) -> Outcome,
) -> Outcome {
    let mut source = input.open()?;
    let is_pattern = input.is_pattern(&source);
    if !is_pattern.map_err(|error| error.in_file(&input.name))? {
        return print(&mut source, input);
    }
    for_each_in(input, &mut source, |source, array| {
        if has_headings {
            write_stdout(format!("== {array}\n").as_bytes())?;
        }
        print(source, array)
    })
}
