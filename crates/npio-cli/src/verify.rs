//! `npio verify`: finds faults in files.

use crate::archive::{members, size};
use crate::output::{complain, escaped, with_stdout};
use crate::progress::Progress;
use crate::source::{Input, Kind, Opened, Problem, Source};
use crate::{Outcome, Status};
use anyhow::bail;
use npio::RandomAccessFile;
use npio::RecoverFrom;
use npio::flatfile::npy::verify;
use npio::flatfile::threads::parallel_map;
use npio::npz::{Archive, threads_for};
use std::convert::Infallible;
use std::fmt;
use std::io::{self, Write};

/// A finding: whether it is a fault, and its description.
struct Issue {
    is_wrong: bool,
    text: String,
}

impl Issue {
    fn new(is_wrong: bool, what: impl fmt::Display) -> Issue {
        let text = escaped(&what.to_string());
        Issue { is_wrong, text }
    }
}

pub(crate) fn run(files: &[Input], repair: Option<RecoverFrom>) -> Outcome {
    let mut status = Status::Fine;
    with_stdout(|out| {
        for input in files {
            let checked = match check(out, input, repair) {
                // The reader has closed the pipe.
                Err(error) if error.is::<io::Error>() => return Err(error),
                Err(error) => {
                    complain(&error.to_string());
                    Status::Failed
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
    let (Some(trust), Status::Wrong) = (repair, status) else {
        return Ok(status);
    };
    if name.is_stdio() {
        bail!(name.complaint("standard input cannot be repaired"));
    }
    if let Err(error) = npio::repair(name.path(), trust) {
        bail!("{}", escaped(&error.to_string()));
    }
    writeln!(out, "{name}: repaired")?;
    report(out, input)
}

fn report(out: &mut dyn Write, input: &Input) -> Outcome {
    let name = &input.name;
    let issues = issues(input).map_err(|problem| problem.of(name))?;
    for Issue { is_wrong, text } in &issues {
        let note = if *is_wrong { "" } else { "note: " };
        writeln!(out, "{name}: {note}{text}")?;
    }
    if issues.iter().any(|issue| issue.is_wrong) {
        return Ok(Status::Wrong);
    }
    writeln!(out, "{name}: ok")?;
    Ok(Status::Fine)
}

/// The findings in a readable file.
fn issues(input: &Input) -> Result<Vec<Issue>, Problem> {
    let opened = Opened::new(input)?;
    // A broken file of a known format is faulty.
    let is_known = !matches!(opened.kind, Kind::Npy | Kind::Unknown);
    let broken = |problem: Problem| {
        if is_known && !problem.is_io {
            Ok(vec![Issue::new(true, problem.text)])
        } else {
            Err(problem)
        }
    };
    let mut source = match opened.source() {
        Ok(source) => source,
        Err(problem) => return broken(problem),
    };
    match &source {
        Source::Archive(archive) => archive_findings(archive, input),
        // The name gives the layout, and so the length.
        Source::Raw(..) | Source::Text(..) | Source::Json(_) => {
            source.array(input).map(|_| Vec::new()).or_else(broken)
        }
        Source::File(_) | Source::Stream(_) => {
            let issues = verify(&source.into_file()?)?;
            let issues = issues.iter();
            Ok(issues
                .map(|issue| Issue::new(issue.is_wrong(), issue))
                .collect())
        }
    }
}

/// The findings in the members, in order; several are read at once.
fn archive_findings(
    archive: &Archive<RandomAccessFile>,
    input: &Input,
) -> Result<Vec<Issue>, Problem> {
    let members = members(archive, input.member.as_deref())?;
    let bytes = size(members.iter().copied());
    let progress = Progress::of(bytes);
    let threads = threads_for(members.len(), bytes);
    let Ok(issues) = parallel_map(members, threads, |member| {
        let issues = member.issues();
        progress.add(member.size());
        Ok::<_, Infallible>(issues)
    });
    let issues = issues.iter().flatten();
    Ok(issues
        .map(|issue| Issue::new(issue.is_wrong(), issue))
        .collect())
}
