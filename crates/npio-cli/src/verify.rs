//! `npio verify`: finds faults in files.

use crate::address::ErrorContext;
use crate::archive::{selected_members, total_size};
use crate::interrupt;
use crate::output::{escaped, library_error, report_error, with_stdout};
use crate::progress::Progress;
use crate::source::{Input, InputError, InputKind, InputSource, OpenInput};
use crate::{Outcome, Status};
use anyhow::bail;
use npio::flatfile::threads::parallel_map;
use npio::meta::pickle;
use npio::npz::{Archive, Issue, IssueKind, Member, threads_for};
use npio::{LoadOptions, RandomAccessFile, RecoverFrom};
use std::convert::Infallible;
use std::fmt;
use std::io::{self, Write};

/// A finding: whether it is a fault, and its description.
struct IssueLine {
    is_wrong: bool,
    text: String,
}

impl IssueLine {
    fn new(is_wrong: bool, what: impl fmt::Display) -> IssueLine {
        let text = escaped(&what.to_string());
        IssueLine { is_wrong, text }
    }
}

pub(crate) fn run(files: &[Input], repair: Option<RecoverFrom>) -> Outcome {
    let mut status = Status::Success;
    with_stdout(|out| {
        for input in files {
            let checked = match check(out, input, repair) {
                // The reader has closed the pipe.
                Err(error) if error.is::<io::Error>() => return Err(error),
                Err(error) => {
                    report_error(&error.to_string());
                    Status::Failure
                }
                Ok(checked) => checked,
            };
            status = status.max(checked);
            out.flush()?;
        }
        Ok(())
    })?;
    Ok(status)
}

/// Prints the findings in a file, and repairs it if requested and necessary.
fn check(out: &mut dyn Write, input: &Input, repair: Option<RecoverFrom>) -> Outcome {
    let name = &input.name;
    let status = report(out, input)?;
    let (Some(recover_from), Status::Issues) = (repair, status) else {
        return Ok(status);
    };
    if name.is_stdio() {
        bail!(name.error("standard input cannot be repaired"));
    }
    if let Err(error) = npio::repair(name.path(), recover_from) {
        return Err(library_error(error));
    }
    writeln!(out, "{name}: repaired")?;
    report(out, input)
}

fn report(out: &mut dyn Write, input: &Input) -> Outcome {
    let name = &input.name;
    let issues = issues(input).map_err(|error| error.in_file(name))?;
    for IssueLine { is_wrong, text } in &issues {
        let prefix = if *is_wrong { "" } else { "note: " };
        writeln!(out, "{name}: {prefix}{text}")?;
    }
    if issues.iter().any(|issue| issue.is_wrong) {
        return Ok(Status::Issues);
    }
    writeln!(out, "{name}: ok")?;
    Ok(Status::Success)
}

/// The findings in a readable file.
fn issues(input: &Input) -> Result<Vec<IssueLine>, InputError> {
    let opened = OpenInput::new(input)?;
    // A broken file of a known format is faulty.
    let is_known = !matches!(opened.kind, InputKind::Npy | InputKind::Unknown);
    let broken = |error: InputError| {
        if is_known && !error.is_io {
            Ok(vec![IssueLine::new(true, error.message)])
        } else {
            Err(error)
        }
    };
    let mut source = match opened.source() {
        Ok(source) => source,
        Err(error) => return broken(error),
    };
    match &source {
        InputSource::Archive(archive) => archive_issues(archive, input),
        // The name gives the layout, and so the length.
        InputSource::Raw(..) | InputSource::Text(..) | InputSource::Json(_) => {
            source.array(input).map(|_| Vec::new()).or_else(broken)
        }
        // Opening it has checked all of its header.
        InputSource::SafeTensors(_) => Ok(Vec::new()),
        InputSource::File(_) | InputSource::Stream(_) => {
            let issues = load_options(input).verify_file(&source.into_file()?)?;
            let issues = issues.iter();
            Ok(issues
                .map(|issue| IssueLine::new(issue.is_wrong(), issue))
                .collect())
        }
    }
}

/// The findings in the members, in order; several are read at once.
fn archive_issues(
    archive: &Archive<RandomAccessFile>,
    input: &Input,
) -> Result<Vec<IssueLine>, InputError> {
    let members = selected_members(archive, input.member.as_deref())?;
    let bytes = total_size(members.iter().copied());
    let progress = Progress::new(bytes);
    let threads = threads_for(members.len(), bytes);
    let pickles = input.allow_pickle.then(pickle::Options::new);
    let Ok(issues) = parallel_map(members, threads, |member| {
        let mut lines = Vec::new();
        for issue in member.issues() {
            let line = match issue.kind {
                IssueKind::Pickle => pickle_issue(&member, &issue, pickles.as_ref()),
                _ => Some(IssueLine::new(issue.is_wrong(), &issue)),
            };
            lines.extend(line);
        }
        progress.add(member.size());
        Ok::<_, Infallible>(lines)
    });
    Ok(issues.into_iter().flatten().collect())
}

/// What is to be said of a member that is a pickle.
fn pickle_issue(
    member: &Member<'_, RandomAccessFile>,
    issue: &Issue,
    pickles: Option<&pickle::Options>,
) -> Option<IssueLine> {
    match npio::meta::archive::verify_pickle(member, pickles) {
        Err(error) => Some(IssueLine::new(true, error.with_key(member.name()))),
        Ok(()) if pickles.is_none() => Some(IssueLine::new(issue.is_wrong(), issue)),
        Ok(()) => None,
    }
}

fn load_options(input: &Input) -> LoadOptions {
    let load = LoadOptions::new().cancel(interrupt::token());
    if input.allow_pickle {
        return load.allow_pickle();
    }
    load
}
