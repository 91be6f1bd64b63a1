//! The arrays that an address stands for: a file, a member of an archive, all of its members, or those that match a
//! pattern. A file of safetensors is an archive as well.

use crate::array::{InputArray, member_list, open_array, open_member};
use crate::ordered::{for_each_in_order, threads_for_files, threads_within};
use crate::output::{report_error, write_stdout};
use crate::progress::Progress;
use crate::source::{Input, InputError, InputSource};
use crate::{Outcome, Status};
use glob::Pattern;
use npio::dtype::python::excerpt;
use npio::flatfile::threads::parallel_map;
use npio::npz::{Archive, ErrorKind, Member, threads_for};
use npio::safetensors::{SafeTensors, Tensor};
use npio::{RandomAccessFile, ReadAt};
use std::collections::HashSet;
use std::convert::Infallible;
use std::io;

/// What makes the name of a member a pattern, if there is no such member.
const WILDCARDS: [char; 4] = ['*', '?', '[', ']'];

/// What this member is called in an address: without `.npy`, if that does not lead to one that is called so exactly.
pub(crate) fn name_of<'n>(
    archive: &Archive<RandomAccessFile>,
    member: &Member<'n, RandomAccessFile>,
) -> &'n str {
    match archive.get(member.name()) {
        Ok(other) if other.file_name() != member.file_name() => member.file_name(),
        _ => member.name(),
    }
}

impl Input {
    /// The addresses of the arrays here, in the order of the archive. A name that several members have is listed once;
    /// reading it says so.
    ///
    /// # Errors
    /// A pattern that is none, or that no array matches.
    pub(crate) fn expand(&self, source: &InputSource) -> Result<Vec<Input>, InputError> {
        let archive = match source {
            InputSource::Archive(archive) => archive,
            InputSource::SafeTensors(file) => {
                let tensors = tensors_at(file, self.member.as_deref())?;
                return Ok(tensors
                    .iter()
                    .map(|tensor| self.with_member(tensor.name()))
                    .collect());
            }
            _ => return Ok(vec![self.clone()]),
        };
        if let Some(name) = &self.member
            && member_pattern(archive, name)?.is_none()
        {
            return Ok(vec![self.clone()]);
        }
        let mut members = members_at(archive, self.member.as_deref())?;
        let mut seen = HashSet::new();
        members.retain(|member| is_array(member) && seen.insert(member.file_name()));
        match &self.member {
            Some(name) if members.is_empty() => Err(no_match(archive.names(), name)),
            _ => Ok(members
                .iter()
                .map(|member| self.at(archive, member))
                .collect()),
        }
    }

    /// The address of this member.
    pub(crate) fn at(
        &self,
        archive: &Archive<RandomAccessFile>,
        member: &Member<'_, RandomAccessFile>,
    ) -> Input {
        self.with_member(name_of(archive, member))
    }

    /// The address of the member of this name.
    pub(crate) fn with_member(&self, name: &str) -> Input {
        Input {
            member: Some(name.to_owned()),
            ..self.clone()
        }
    }

    /// Whether it stands for all arrays of an archive, or those that match a pattern.
    pub(crate) fn is_several(&self, source: &InputSource) -> Result<bool, InputError> {
        let is_archive = matches!(
            source,
            InputSource::Archive(_) | InputSource::SafeTensors(_)
        );
        Ok(is_archive && (self.member.is_none() || self.is_pattern(source)?))
    }

    /// Whether it stands for the arrays of an archive that match a pattern.
    pub(crate) fn is_pattern(&self, source: &InputSource) -> Result<bool, InputError> {
        match (source, &self.member) {
            (InputSource::Archive(archive), Some(name)) => {
                Ok(member_pattern(archive, name)?.is_some())
            }
            (InputSource::SafeTensors(file), Some(name)) => {
                Ok(tensor_pattern(file, name)?.is_some())
            }
            _ => Ok(false),
        }
    }
}

/// The pattern in place of a member's name. A member of this name comes first, so digits and brackets can be a name.
fn member_pattern(
    archive: &Archive<RandomAccessFile>,
    name: &str,
) -> Result<Option<Pattern>, InputError> {
    let is_name = match archive.get(name) {
        Err(error) => !matches!(error.kind(), ErrorKind::NotFound { .. }),
        Ok(_) => true,
    };
    pattern(is_name, name)
}

/// The same in a file of safetensors.
fn tensor_pattern(
    file: &SafeTensors<RandomAccessFile>,
    name: &str,
) -> Result<Option<Pattern>, InputError> {
    pattern(file.get(name).is_ok(), name)
}

fn pattern(is_name: bool, name: &str) -> Result<Option<Pattern>, InputError> {
    if is_name || !name.contains(WILDCARDS) {
        return Ok(None);
    }
    let invalid = |error| InputError::new(format!("the pattern {}: {error}", excerpt(name)));
    Pattern::new(name).map(Some).map_err(invalid)
}

/// The members at an address: the one of this name, those that match a pattern, or all.
pub(crate) fn members_at<'a>(
    archive: &'a Archive<RandomAccessFile>,
    name: Option<&str>,
) -> Result<Vec<Member<'a, RandomAccessFile>>, InputError> {
    let Some(name) = name else {
        return Ok(archive.members().collect());
    };
    let Some(pattern) = member_pattern(archive, name)? else {
        return Ok(vec![archive.get(name)?]);
    };
    let matches = |member: &Member<'_, _>| {
        pattern.matches(member.name()) || pattern.matches(member.file_name())
    };
    let members: Vec<_> = archive.members().filter(matches).collect();
    if members.is_empty() {
        return Err(no_match(archive.names(), name));
    }
    Ok(members)
}

/// As [`members_at`], in a file of safetensors.
pub(crate) fn tensors_at<'a>(
    file: &'a SafeTensors<RandomAccessFile>,
    name: Option<&str>,
) -> Result<Vec<Tensor<'a, RandomAccessFile>>, InputError> {
    let Some(name) = name else {
        return Ok(file.tensors().collect());
    };
    let Some(pattern) = tensor_pattern(file, name)? else {
        return Ok(vec![file.get(name)?]);
    };
    let tensors = file.tensors();
    let tensors: Vec<_> = tensors
        .filter(|tensor| pattern.matches(tensor.name()))
        .collect();
    if tensors.is_empty() {
        return Err(no_match(file.tensors().map(|tensor| tensor.name()), name));
    }
    Ok(tensors)
}

fn no_match<'n>(names: impl Iterator<Item = &'n str>, pattern: &str) -> InputError {
    let listed = match member_list(names) {
        listed if listed.is_empty() => "no members".to_owned(),
        listed => listed,
    };
    let pattern = excerpt(pattern);
    InputError::new(format!(
        "no array matches {pattern}: the archive has {listed}"
    ))
}

/// Whether the member is an array, or should be one by its name. One that cannot be read may be one.
pub(crate) fn is_array(member: &Member<'_, RandomAccessFile>) -> bool {
    let is_other = |kind: &ErrorKind| matches!(kind, ErrorKind::NotArray);
    member.is_npy() || !member.open().is_err_and(|error| is_other(error.kind()))
}

/// Calls `read` with each array at these addresses, on several threads, and `print` with what it returns, in order.
/// What cannot be read is reported, and the others are done.
///
/// # Errors
/// Those of `print`.
pub(crate) fn for_each_array<T: Send>(
    inputs: &[Input],
    read: impl Fn(InputArray<'_>, &Progress) -> anyhow::Result<T> + Sync,
    mut print: impl FnMut(&Input, T) -> anyhow::Result<()>,
) -> Outcome {
    let progress = Progress::growing();
    let threads = threads_for_files(inputs);
    let mut status = Status::Success;
    for_each_in_order(
        inputs,
        threads,
        |input| {
            read_arrays(input, threads_within(threads), |array| {
                read(array, &progress)
            })
        },
        |arrays| {
            progress.paused(|| {
                for (input, result) in arrays {
                    let printed = result.and_then(|result| print(&input, result));
                    status = status.max(reported(printed.map(|()| Status::Success))?);
                }
                anyhow::Ok(())
            })
        },
    )?;
    Ok(status)
}

/// The results of `read` for each array at this address, or the error of the file.
fn read_arrays<T: Send>(
    input: &Input,
    threads: usize,
    read: impl Fn(InputArray<'_>) -> anyhow::Result<T> + Sync,
) -> Vec<(Input, anyhow::Result<T>)> {
    let all = || {
        let mut source = input.open()?;
        let arrays = input.expand(&source);
        let arrays = arrays.map_err(|error| error.in_file(&input.name))?;
        let archive = match &source {
            InputSource::Archive(archive) => SharedArchive::Npz(archive),
            InputSource::SafeTensors(file) => SharedArchive::SafeTensors(file),
            _ => {
                let result = open_array(&mut source, input).and_then(&read);
                return Ok(vec![(input.clone(), result)]);
            }
        };
        let threads = threads_for(arrays.len(), archive.size()).min(threads);
        let Ok(results) = parallel_map(arrays, threads, |array| {
            let result = archive.open(&array).and_then(&read);
            Ok::<_, Infallible>((array, result))
        });
        Ok(results)
    };
    all().unwrap_or_else(|error| vec![(input.clone(), Err(error))])
}

/// An archive whose arrays are read by several threads.
enum SharedArchive<'s> {
    Npz(&'s Archive<RandomAccessFile>),
    SafeTensors(&'s SafeTensors<RandomAccessFile>),
}

impl SharedArchive<'_> {
    /// The size of the file in bytes.
    fn size(&self) -> u64 {
        match self {
            SharedArchive::Npz(archive) => archive.source().len().unwrap_or(0),
            SharedArchive::SafeTensors(file) => file.source().len().unwrap_or(0),
        }
    }

    /// The array that this address names.
    fn open<'a>(&'a self, input: &'a Input) -> anyhow::Result<InputArray<'a>> {
        let in_file = |error: InputError| error.in_file(&input.name);
        match self {
            SharedArchive::Npz(archive) => {
                let name = input.member.as_deref().unwrap_or_default();
                let member = archive.get(name).map_err(|error| in_file(error.into()))?;
                open_member(member, input)
            }
            SharedArchive::SafeTensors(file) => {
                InputArray::from_tensor(input, file).map_err(in_file)
            }
        }
    }
}

/// Calls `work` with each array at this address.
pub(crate) fn for_each_in(
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
pub(crate) fn reported(outcome: Outcome) -> Outcome {
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
