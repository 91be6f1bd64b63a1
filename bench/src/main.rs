//! npio beside NumPy and its peers in Rust: the same files, in the same run, taking turns.
//!
//! `cargo xtask bench` builds and runs this. Every row is timed in paired runs; what both sides got is
//! compared before a time counts. `--quick` takes small files and few runs, to see that all
//! rows still work; its ratios mean nothing. `--rows TEXT` takes those with this in their name, and writes no
//! report.

mod numpy;
mod report;
mod rows;

use anyhow::{Context, Result, bail, ensure};
use numpy::NumPy;
use report::{Measured, Report};
use rows::{Program, Row, Size};
use std::time::Duration;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (python, report, size, rows) = match args.as_slice() {
        [python, report] => (python, report, Size::FULL, ""),
        [python, report, "--quick"] => (python, report, Size::QUICK, ""),
        [python, report, "--rows", rows] => (python, report, Size::FULL, *rows),
        _ => bail!("usage: bench PYTHON REPORT [--quick | --rows TEXT]"),
    };
    let folder = tempfile::tempdir_in(".").context("a folder for the files")?;
    let mut numpy = NumPy::start(python, folder.path())?;
    numpy.run(&rows::setup(size))?;
    let mut measured = Vec::new();
    let wanted = rows::all(folder.path(), size).into_iter();
    for row in wanted.filter(|row| row.name.contains(rows)) {
        let name = row.name;
        measured.push(measure(row, &mut numpy, size).context(name)?);
        report::print(measured.last().context("a row")?, size);
    }
    let versions = numpy.run("answer = sys.version.split()[0] + ', NumPy ' + np.__version__")?;
    let report_text = Report {
        size,
        versions: versions.as_str().unwrap_or("?"),
        rows: &measured,
    };
    if size == Size::FULL && rows.is_empty() {
        std::fs::write(report, report_text.to_string()).context("the report")?;
    }
    Ok(())
}

/// Times one row: NumPy and npio in turn, each first every other time; then the peers.
///
/// Peers run by themselves because memory in small pages, which they use, has to be compacted before
/// the next one can have huge ones: whoever came after them would pay for it.
fn measure(mut row: Row, numpy: &mut NumPy, size: Size) -> Result<Measured> {
    let mut numpys = Vec::new();
    let mut times = vec![Vec::new(); row.programs.len()];
    let (_, expected) = numpy.time(&row.numpy)?;
    let run = |program: &mut Program, times: &mut Vec<Duration>| {
        let (took, found) = (program.run)()?;
        let name = program.name;
        ensure!(
            found.agrees(expected),
            "{name} got {found:?}, NumPy {expected}"
        );
        times.push(took);
        Ok(())
    };
    let (ours, peers) = row.programs.split_first_mut().context("npio")?;
    let (our_times, peer_times) = times.split_first_mut().context("npio")?;
    for turn in 0..size.runs {
        if turn % 2 == 1 {
            run(ours, our_times)?;
        }
        numpys.push(numpy.time(&row.numpy)?.0);
        if turn % 2 == 0 {
            run(ours, our_times)?;
        }
    }
    for (peer, times) in peers.iter_mut().zip(peer_times) {
        for _ in 0..size.runs {
            run(peer, times)?;
        }
    }
    Ok(Measured {
        name: row.name,
        target: row.target,
        numpy: numpys,
        programs: row
            .programs
            .iter()
            .map(|program| program.name)
            .zip(times)
            .collect(),
    })
}
