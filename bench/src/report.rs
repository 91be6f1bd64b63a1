//! The table of results, on the screen and in docs/performance.md.

use crate::rows::Size;
use std::fmt;
use std::time::Duration;

/// One row's times: NumPy's, and each program's, npio first.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    /// How many times as fast as NumPy it is to be.
    pub(crate) target: f64,
    pub(crate) numpy: Vec<Duration>,
    pub(crate) programs: Vec<(&'static str, Vec<Duration>)>,
}

impl Measured {
    /// How many times as fast as NumPy npio is: the median over the paired runs.
    fn ratio(&self) -> f64 {
        let npio = self
            .programs
            .first()
            .into_iter()
            .flat_map(|(_, times)| times);
        let pairs = self.numpy.iter().zip(npio);
        median(pairs.map(|(numpy, npio)| numpy.as_secs_f64() / npio.as_secs_f64()))
    }
}

/// Median seconds.
fn seconds(times: &[Duration]) -> f64 {
    median(times.iter().map(Duration::as_secs_f64))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// One line on the screen.
pub(crate) fn print(row: &Measured, size: Size) {
    let (numpy, ratio) = (seconds(&row.numpy), row.ratio());
    print!("{:<32} NumPy {numpy:8.4} s", row.name);
    for (name, times) in &row.programs {
        print!("  {name} {:8.4} s", seconds(times));
    }
    let is_missed = size == Size::FULL && ratio < row.target;
    let verdict = if is_missed { "  MISSED" } else { "" };
    println!("  {ratio:6.2} × (target {}){verdict}", row.target);
}

/// The text of docs/performance.md.
pub(crate) struct Report<'a> {
    pub(crate) size: Size,
    pub(crate) versions: &'a str,
    pub(crate) rows: &'a [Measured],
}

const PROGRAMS: [&str; 3] = ["npio", "ndarray-npy", "npyz"];

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = self.size.items * 8 >> 20;
        writeln!(
            f,
            "# Speed\n\n\
             Written by `cargo xtask bench`: median seconds of {} runs in which NumPy and npio take turns, on the\n\
             same files in the page cache, {megabytes} MiB of f8 unless said; the peers run after them. What each got was compared\n\
             with NumPy's result. *Ratio* is the median over the pairs of NumPy's time to npio's; *target* is what it is to be\n\
             at least.\n\n\
             {}, Python {}, ndarray-npy 0.10, npyz 0.9.\n",
            self.size.runs,
            machine(),
            self.versions
        )?;
        writeln!(
            f,
            "| | NumPy | npio | ndarray-npy | npyz | ratio | target |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|")?;
        for row in self.rows {
            write!(f, "| {} | {:.4} |", row.name, seconds(&row.numpy))?;
            for column in PROGRAMS {
                match row.programs.iter().find(|(name, _)| *name == column) {
                    Some((_, times)) => write!(f, " {:.4} |", seconds(times))?,
                    None => write!(f, " |")?,
                }
            }
            writeln!(f, " {:.2} | {} |", row.ratio(), row.target)?;
        }
        Ok(())
    }
}

/// What the machine says of itself.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = line.map_or("unknown processor", |line| {
        line.trim_start_matches([' ', '\t', ':'])
    });
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} × {model}, {}", std::env::consts::OS)
}
