//! npio beside NumPy and its peers in Rust: the same files, in the same run, taking turns.
//!
//! `cargo xtask bench` builds and runs this. Every row is timed in paired runs; what both sides got is
//! compared before a time counts. `--quick` takes small files and few runs, to see that all
//! rows still work; its ratios mean nothing. `--rows TEXT` takes those with this in their name, and writes no
//! report.

mod command;
mod limits;
mod numpy;
mod report;
mod rows;
mod worker;

use anyhow::{Context, Result, bail, ensure};
use command::Starter;
use numpy::NumPy;
use report::{Measured, Report};
use rows::{Program, Row, Size};
use std::cell::RefCell;
use std::rc::Rc;

const USAGE: &str = "usage: bench PYTHON WHEEL-PYTHON COMMAND REPORT [--quick] [--rows TEXT]";

/// What measures beside npio.
const VERSIONS: &str = r#"
answer = f"{sys.version.split()[0]}, NumPy {np.__version__}"
if pandas is not None:
    answer += f", pandas {pandas.__version__}"
"#;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let [python, wheel, command, report, options @ ..] = args.as_slice() else {
        bail!("{USAGE}");
    };
    let (size, rows) = match options {
        [] => (Size::FULL, ""),
        ["--quick"] => (Size::QUICK, ""),
        ["--rows", rows] => (Size::FULL, *rows),
        ["--quick", "--rows", rows] => (Size::QUICK, *rows),
        _ => bail!("{USAGE}"),
    };
    let folder = tempfile::tempdir_in(".").context("a folder for the files")?;
    let mut numpy = NumPy::start(python, folder.path())?;
    numpy.run(&rows::setup(size))?;
    let mut measured = Vec::new();
    let starter = Rc::new(RefCell::new(Starter::new(python, folder.path())?));
    let has_pandas = numpy.run("answer = pandas is not None")? == true;
    // A process of its own, which takes turns with NumPy's.
    let wheel = Rc::new(RefCell::new(NumPy::start(wheel, folder.path())?));
    wheel.borrow_mut().run(&rows::wheel::setup())?;
    let wanted = rows::all(folder.path(), size, &starter, command, has_pandas, &wheel);
    for row in wanted.into_iter().filter(|row| row.name.contains(rows)) {
        let name = row.name;
        measured.push(measure(row, &mut numpy, size).context(name)?);
        report::print(measured.last().context("a row")?, size);
    }
    let versions = numpy.run(VERSIONS)?;
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
/// the next one can have huge ones: whoever came after them would pay for it. The limit is run before them, and not
/// between NumPy and npio, for whom everything stays as it was before there were limits.
fn measure(mut row: Row, numpy: &mut NumPy, size: Size) -> Result<Measured> {
    let mut numpys = Vec::new();
    let mut times = vec![Vec::new(); row.programs.len()];
    let (_, expected) = numpy.time(&row.numpy)?;
    let mut peak = None;
    let mut run = |program: &mut Program, times: &mut Vec<_>| {
        let ran = (program.run)()?;
        let found = ran.worth;
        let name = program.name;
        ensure!(
            found.agrees(expected),
            "{name} got {found:?}, NumPy {expected}"
        );
        times.push(ran.took);
        peak = peak.max(ran.peak);
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
    let limits = (0..size.runs).map(|_| (row.limit)());
    let limits = limits.collect::<Result<Vec<_>>>().context("the limit")?;
    for (peer, times) in peers.iter_mut().zip(peer_times) {
        for _ in 0..size.runs {
            run(peer, times)?;
        }
    }
    Ok(Measured {
        name: row.name,
        target: row.target,
        numpy: numpys,
        limits,
        peak,
        programs: row
            .programs
            .iter()
            .map(|program| program.name)
            .zip(times)
            .collect(),
    })
}
