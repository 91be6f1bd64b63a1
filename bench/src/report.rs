//! The table of results, on the screen and in docs/performance.md.

use crate::rows::{Size, Target};
use std::fmt;
use std::time::Duration;

/// One row's times: NumPy's, and each program's, npio first.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    pub(crate) target: Target,
    pub(crate) numpy: Vec<Duration>,
    /// The plainest program's.
    pub(crate) limits: Vec<Duration>,
    /// The most bytes that npio had in memory, where it was a process.
    pub(crate) peak: Option<u64>,
    pub(crate) programs: Vec<(&'static str, Vec<Duration>)>,
}

impl Measured {
    /// How many times as fast as NumPy npio is: the median over the paired runs.
    fn ratio(&self) -> f64 {
        let pairs = self.numpy.iter().zip(self.npio());
        median(pairs.map(|(numpy, npio)| numpy.as_secs_f64() / npio.as_secs_f64()))
    }

    fn npio(&self) -> &[Duration] {
        self.programs.first().map_or(&[], |(_, times)| times)
    }

    /// Which part of this machine's limit npio reaches.
    fn of_limit(&self) -> f64 {
        seconds(&self.limits) / seconds(self.npio())
    }

    fn is_missed(&self) -> bool {
        let peak = self.peak.unwrap_or_default() as f64;
        match self.target {
            Target::Ratio(least) => self.ratio() < least,
            Target::RatioInMemory { ratio, megabytes } => {
                self.ratio() < ratio || peak > megabytes * 1e6
            }
            Target::Process {
                milliseconds,
                megabytes,
            } => seconds(self.npio()) > milliseconds / 1e3 || peak > megabytes * 1e6,
        }
    }

    /// What npio had in memory, after its seconds.
    fn memory(&self) -> String {
        let megabytes = |bytes: u64| format!(", {:.1} MB", bytes as f64 / 1e6);
        let is_asked = !matches!(self.target, Target::Ratio(_));
        let peak = self.peak.filter(|_| is_asked);
        peak.map(megabytes).unwrap_or_default()
    }
}

/// Median seconds.
fn seconds(times: &[Duration]) -> f64 {
    median(times.iter().map(Duration::as_secs_f64))
}

/// The number that the ratio has to reach, and what a process may take at most.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Ratio(least) => least.fmt(f),
            Target::RatioInMemory { ratio, megabytes } => write!(f, "{ratio}, ≤ {megabytes} MB"),
            Target::Process {
                milliseconds,
                megabytes,
            } => write!(f, "≤ {milliseconds} ms, {megabytes} MB"),
        }
    }
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
    let (memory, limit) = (row.memory(), seconds(&row.limits));
    let is_missed = size == Size::FULL && row.is_missed();
    let verdict = if is_missed { "  MISSED" } else { "" };
    print!("{memory}  {ratio:6.2} × (target {}){verdict}", row.target);
    println!("  limit {limit:8.4} s: {:.2} of it", row.of_limit());
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
             at least, or what a process may take. *Limit* is the part that npio reaches of what this machine can do: the time of\n\
             the plainest program that must do the same work, in the same run, to npio's. It reads the same bytes by\n\
             all cores into fresh huge pages, writes them into reserved blocks, only inflates or deflates, only finds the separators of a text and copies, or\n\
             opens, reads and closes as many files: `bench/src/limits.rs`. The limit of `pynpio`, the package for Python, is npio in Rust.\n\n\
             A virtual machine may give free memory back to its host, and wait for it when it is needed again: there an array that is\n\
             made after a run of some seconds, as NumPy's are, takes more than twice the time.\n\n\
             {}, Python {}, ndarray-npy 0.10, npyz 0.9.\n",
            self.size.runs,
            machine(),
            self.versions
        )?;
        writeln!(
            f,
            "| | NumPy | npio | ndarray-npy | npyz | ratio | target | limit |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|")?;
        for row in self.rows {
            write!(f, "| {} | {:.4} |", row.name, seconds(&row.numpy))?;
            for column in PROGRAMS {
                match row.programs.iter().find(|(name, _)| *name == column) {
                    Some((_, times)) if column == "npio" => {
                        write!(f, " {:.4}{} |", seconds(times), row.memory())?;
                    }
                    Some((_, times)) => write!(f, " {:.4} |", seconds(times))?,
                    None => write!(f, " |")?,
                }
            }
            let (ratio, limit) = (row.ratio(), row.of_limit());
            writeln!(f, " {ratio:.2} | {} | {limit:.2} |", row.target)?;
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
