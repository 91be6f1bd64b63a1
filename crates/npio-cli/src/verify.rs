//! `npio verify`: finds faults in files.

use crate::address::ErrorContext;
use crate::archive::total_size;
use crate::args::Repair;
use crate::array::InputArray;
use crate::expand::{members_at, tensors_at};
use crate::interrupt;
use crate::ordered::{for_each_in_order, threads_for_files, threads_within};
use crate::output::{escaped, library_error, report_error, with_stdout};
use crate::output::{write_json_line, write_stdout};
use crate::progress::Progress;
use crate::source::{Input, InputError, InputKind, InputSource, OpenInput};
use crate::table::wrapped;
use crate::target::check_changeable;
use crate::{Outcome, Status};
use anyhow::ensure;
use npio::flatfile::npy;
use npio::flatfile::threads::{available, parallel_map};
use npio::meta::pickle;
use npio::npz::{Archive, Issue, IssueKind, Member, threads_for};
use npio::{LoadOptions, RandomAccessFile};
use serde::Serialize;
use std::convert::Infallible;
use std::fmt;

/// What is printed, and whether files are repaired.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VerifyOptions {
    /// Also notes about the alignment of data.
    pub(crate) verbose: bool,
    /// Only what is wrong.
    pub(crate) quiet: bool,
    pub(crate) json: bool,
    pub(crate) repair: Option<Repair>,
}

/// More files than this are counted at the end.
const MAX_UNCOUNTED: usize = 10;

/// A finding.
#[derive(Serialize)]
struct IssueLine {
    /// The member of an archive that it is about.
    member: Option<String>,
    /// Whether it is a fault, and not a note.
    wrong: bool,
    #[serde(skip)]
    is_alignment: bool,
    text: String,
}

impl IssueLine {
    fn new(wrong: bool, what: impl fmt::Display) -> IssueLine {
        IssueLine {
            member: None,
            wrong,
            is_alignment: false,
            text: what.to_string(),
        }
    }

    fn in_member(name: &str, wrong: bool, what: impl fmt::Display) -> IssueLine {
        IssueLine {
            member: Some(name.to_owned()),
            ..IssueLine::new(wrong, what)
        }
    }

    fn is_shown(&self, options: VerifyOptions) -> bool {
        self.wrong || !options.quiet && (options.verbose || !self.is_alignment)
    }
}

/// What there is to say about a file.
struct Findings {
    issues: Vec<IssueLine>,
    /// Why it could not be read.
    errors: Vec<String>,
}

/// One line of `verify --json`.
#[derive(Serialize)]
struct FindingsLine<'a> {
    path: &'a str,
    ok: bool,
    repaired: bool,
    issues: Vec<&'a IssueLine>,
    errors: &'a [String],
}

impl Findings {
    fn new(input: &Input, threads: usize, progress: &Progress) -> Findings {
        let (issues, error) = match issues(input, threads, progress) {
            Ok(issues) => (issues, None),
            Err(error) => (Vec::new(), Some(error.message)),
        };
        let errors = error.into_iter().collect();
        Findings { issues, errors }
    }

    fn status(&self) -> Status {
        if !self.errors.is_empty() {
            Status::Failure
        } else if self.issues.iter().any(|issue| issue.wrong) {
            Status::Issues
        } else {
            Status::Success
        }
    }

    fn print(&self, input: &Input, repaired: bool, options: VerifyOptions) -> Outcome {
        let (name, status) = (&input.name, self.status());
        let shown = self.issues.iter().filter(|issue| issue.is_shown(options));
        if options.json {
            write_json_line(&FindingsLine {
                path: &name.path().to_string_lossy(),
                ok: status == Status::Success,
                repaired,
                issues: shown.collect(),
                errors: &self.errors,
            })?;
        } else {
            with_stdout(|out| {
                for issue in shown {
                    let prefix = if issue.wrong { "" } else { "note: " };
                    let line = format!("{name}: {prefix}{}", escaped(&issue.text));
                    writeln!(out, "{}", wrapped(line))?;
                }
                if status == Status::Success && !options.quiet {
                    writeln!(out, "{name}: ok")?;
                }
                Ok(())
            })?;
        }
        for error in &self.errors {
            report_error(&name.error(error).to_string());
        }
        Ok(status)
    }
}

/// Checks the files, several at once, and prints the findings in the order of the files.
pub(crate) fn run(files: &[Input], options: VerifyOptions) -> Outcome {
    let (mut ok, mut wrong, mut unreadable) = (0, 0, 0);
    let progress = Progress::growing();
    let threads = threads_for_files(files);
    for_each_in_order(
        files,
        threads,
        |input| {
            (
                input,
                Findings::new(input, threads_within(threads), &progress),
            )
        },
        |(input, findings)| {
            match progress.paused(|| report(input, findings, options))? {
                Status::Success => ok += 1,
                Status::Issues => wrong += 1,
                Status::Failure => unreadable += 1,
            }
            anyhow::Ok(())
        },
    )?;
    let count = files.len();
    if count > MAX_UNCOUNTED && !options.quiet && !options.json {
        let line = format!("{count} files: {ok} ok, {wrong} wrong, {unreadable} unreadable\n");
        write_stdout(line.as_bytes())?;
    }
    Ok(match (wrong, unreadable) {
        (0, 0) => Status::Success,
        (_, 0) => Status::Issues,
        _ => Status::Failure,
    })
}

/// Undoes an update of an archive that was interrupted, or repairs a `.npy`.
fn repair(input: &Input, how: Repair) -> anyhow::Result<()> {
    let name = &input.name;
    ensure!(
        !name.is_stdio(),
        name.error("standard input cannot be repaired")
    );
    check_changeable(name)?;
    let path = name.path();
    if npio::is_interrupted(path) && npio::repair_npz(path).map_err(library_error)? {
        return Ok(());
    }
    let trusted = how.trusted().ok_or_else(|| {
        name.error("no update was interrupted: for a .npy, use --repair header or --repair data")
    })?;
    npio::repair(path, trusted).map_err(library_error)
}

/// Prints the findings in a file, and repairs it if requested and necessary.
fn report(input: &Input, mut findings: Findings, options: VerifyOptions) -> Outcome {
    let (Some(how), Status::Issues) = (options.repair, findings.status()) else {
        return findings.print(input, false, options);
    };
    if !options.json {
        findings.print(input, false, options)?;
    }
    if let Err(error) = repair(input, how) {
        if options.json {
            findings.errors.push(error.to_string());
            return findings.print(input, false, options);
        }
        report_error(&error.to_string());
        return Ok(Status::Failure);
    }
    if !options.json && !options.quiet {
        write_stdout(format!("{}: repaired\n", input.name).as_bytes())?;
    }
    Findings::new(input, available(), &Progress::growing()).print(input, true, options)
}

/// The findings in a readable file.
fn issues(
    input: &Input,
    threads: usize,
    progress: &Progress,
) -> Result<Vec<IssueLine>, InputError> {
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
        InputSource::Archive(archive) => archive_issues(archive, input, threads, progress),
        // The name gives the layout, and so the length; a text is read to its end.
        InputSource::Raw(..) | InputSource::Text(..) | InputSource::Json(_) => {
            let layout = source.array(input).and_then(InputArray::into_layout);
            layout.map(|_| Vec::new()).or_else(broken)
        }
        // Opening it has checked all of its header.
        InputSource::SafeTensors(file) => {
            tensors_at(file, input.member.as_deref()).map(|_| Vec::new())
        }
        InputSource::File(_) | InputSource::Stream(_) => {
            let issues = load_options(input).verify_file(&source.into_file()?)?;
            let issues = issues.iter();
            Ok(issues.map(npy_issue).collect())
        }
    }
}

/// A finding in a file of one array.
fn npy_issue(issue: &npio::Issue) -> IssueLine {
    let is_alignment = match issue {
        npio::Issue::Array(issue) => matches!(issue.kind, npy::IssueKind::Unaligned),
        _ => false,
    };
    IssueLine {
        is_alignment,
        ..IssueLine::new(issue.is_wrong(), issue)
    }
}

/// The findings in the members, in order; several are read at once.
fn archive_issues(
    archive: &Archive<RandomAccessFile>,
    input: &Input,
    threads: usize,
    progress: &Progress,
) -> Result<Vec<IssueLine>, InputError> {
    let members = members_at(archive, input.member.as_deref())?;
    let bytes = total_size(members.iter().copied());
    progress.expect(bytes);
    let threads = threads_for(members.len(), bytes).min(threads);
    let pickles = input.allow_pickle.then(pickle::Options::new);
    let Ok(issues) = parallel_map(members, threads, |member| {
        let issues = member.issues();
        let lines = issues.iter().filter_map(|issue| match issue.kind {
            IssueKind::Pickle => pickle_issue(&member, issue, pickles.as_ref()),
            _ => Some(member_issue(issue)),
        });
        let lines: Vec<_> = lines.collect();
        progress.add(member.size());
        Ok::<_, Infallible>(lines)
    });
    Ok(issues.into_iter().flatten().collect())
}

fn member_issue(issue: &Issue) -> IssueLine {
    IssueLine {
        is_alignment: matches!(issue.kind, IssueKind::Unaligned { .. }),
        ..IssueLine::in_member(&issue.member, issue.is_wrong(), issue)
    }
}

/// What is to be said of a member that is a pickle.
fn pickle_issue(
    member: &Member<'_, RandomAccessFile>,
    issue: &Issue,
    pickles: Option<&pickle::Options>,
) -> Option<IssueLine> {
    let name = member.name();
    match npio::meta::archive::verify_pickle(member, pickles) {
        Err(error) => Some(IssueLine::in_member(name, true, error.with_key(name))),
        Ok(()) if pickles.is_none() => Some(member_issue(issue)),
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
