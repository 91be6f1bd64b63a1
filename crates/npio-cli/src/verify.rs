//! `npio verify`: what is wrong with files, and where.

use crate::input::{Input, Name, Source};
use crate::output::{complain, escaped, with_stdout};
use crate::{Outcome, Status};
use anyhow::bail;
use npio::Trust;
use npio::flatfile::npy::verify;
use std::io::Write;

pub(crate) fn run(files: &[Name], repair: Option<Trust>) -> Outcome {
    let mut status = Status::Fine;
    with_stdout(|out| {
        for name in files {
            let checked = check(out, name, repair).unwrap_or_else(|error| {
                complain(&error.to_string());
                Status::Failed
            });
            status = status.max(checked);
            out.flush()?;
        }
        Ok(())
    })?;
    Ok(status)
}

/// Says what is found in a file, and repairs it where that is asked for and there is a need.
fn check(out: &mut dyn Write, name: &Name, repair: Option<Trust>) -> Outcome {
    let status = report(out, name)?;
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
    report(out, name)
}

fn report(out: &mut dyn Write, name: &Name) -> Outcome {
    let input = Input {
        name: name.clone(),
        raw: None,
        text: Default::default(),
    };
    let mut source = Source::open(&input).map_err(|error| name.complaint(error))?;
    if let Source::Raw(..) = source {
        // The name says what it is, and so how long.
        return match source.find() {
            Ok(_) => fine(out, name),
            Err(error) => {
                writeln!(out, "{name}: {}", escaped(&error.to_string()))?;
                Ok(Status::Wrong)
            }
        };
    }
    let findings = source.into_file().and_then(|file| verify(&file));
    let findings = findings.map_err(|error| name.complaint(error))?;
    for finding in &findings {
        let note = if finding.is_wrong() { "" } else { "note: " };
        writeln!(out, "{name}: {note}{}", escaped(&finding.to_string()))?;
    }
    match findings.iter().any(|finding| finding.is_wrong()) {
        true => Ok(Status::Wrong),
        false => fine(out, name),
    }
}

fn fine(out: &mut dyn Write, name: &Name) -> Outcome {
    writeln!(out, "{name}: ok")?;
    Ok(Status::Fine)
}
