//! What is measured.

mod command;
mod csv;
mod json;
mod load;
mod npz;
mod records;
mod save;
mod text;
pub(crate) mod wheel;

use crate::command::Starter;
use crate::limits::{self, Limit};
use crate::numpy::{NumPy, Timed};
use anyhow::Result;
use npio::SaveOptions;
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How large the files are, and how often everything runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    /// Items of the large arrays; a square number of rows of 64.
    pub(crate) items: usize,
    /// Items of the texts.
    pub(crate) texts: usize,
    /// How many small files.
    pub(crate) files: usize,
    /// Rows of the arrays that are almost all hole, of 12 bytes each.
    pub(crate) sparse: u64,
    pub(crate) runs: usize,
}

impl Size {
    pub(crate) const FULL: Size = Size {
        items: 64 << 20,
        texts: 4_000_000,
        files: 5000,
        sparse: 8_333_333_333,
        runs: 7,
    };
    pub(crate) const QUICK: Size = Size {
        items: 1 << 20,
        texts: 40_000,
        files: 50,
        sparse: 100_000,
        runs: 3,
    };

    fn side(self) -> usize {
        self.items.isqrt()
    }
}

/// One line of the table.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) target: Target,
    pub(crate) numpy: Timed,
    /// What this machine can do.
    pub(crate) limit: Limit,
    /// npio first, then its peers.
    pub(crate) programs: Vec<Program>,
}

/// What npio is to reach.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// At least this many times as fast as NumPy.
    Ratio(f64),
    /// The same, in a process that may have so much memory.
    RatioInMemory { ratio: f64, megabytes: f64 },
    /// What a process may take, from its start to its end.
    Process { milliseconds: f64, megabytes: f64 },
}

/// Somebody else who does the same.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) run: Box<dyn FnMut() -> Result<Run>>,
}

/// What a program took, and came to.
pub(crate) struct Run {
    pub(crate) took: Duration,
    pub(crate) worth: Worth,
    /// The most bytes that it had in memory, where it was a process.
    pub(crate) peak: Option<u64>,
}

/// What a result is worth, to be compared with NumPy's.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Worth {
    /// The same number.
    Exactly(f64),
    /// A sum, in another order.
    About(f64),
}

impl Worth {
    pub(crate) fn agrees(self, numpy: f64) -> bool {
        match self {
            Worth::Exactly(ours) => ours == numpy,
            Worth::About(ours) => (ours - numpy).abs() <= 1e-9 * numpy.abs().max(1.0),
        }
    }
}

/// Times `work`, and only then asks what its result is worth.
fn program<T>(
    name: &'static str,
    mut work: impl FnMut() -> Result<T> + 'static,
    mut worth: impl FnMut(T) -> Result<Worth> + 'static,
) -> Program {
    let run = move || {
        let started = Instant::now();
        let result = work()?;
        let took = started.elapsed();
        Ok(Run {
            took,
            worth: worth(result)?,
            peak: None,
        })
    };
    Program {
        name,
        run: Box::new(run),
    }
}

/// What results are worth, in Python.
pub(crate) const WORTHS: &str = r#"
def file_bytes(path):
    return float(np.fromfile(path, "u1").sum(dtype="u8"))
def file_words(path):
    return words(np.load(path))
def all_words(arrays):
    return float(sum(words(array) for array in arrays) % (1 << 48))
"#;

/// The files, made by NumPy.
pub(crate) fn setup(size: Size) -> String {
    let Size {
        items,
        files,
        texts,
        ..
    } = size;
    let (side, records) = (size.side(), items / 8);
    format!(
        r#"
x = np.random.default_rng(7).standard_normal({items})
square = x[:{side} * {side}].reshape({side}, {side})
np.save("le.npy", x)
np.save("be.npy", x.astype(">f8"))
records = np.zeros({records}, [("id", "<u4"), ("x", "<f8"), ("y", "<f8")])
records["id"], records["x"], records["y"] = np.arange({records}), x[:{records}], x[-{records}:]
np.save("records.npy", records)
x.tofile("x.dat")
np.save("f.npy", np.asfortranarray(square))
small = np.arange(100.0)
paths = [f"small/{{i}}.npy" for i in range({files})]
texts = np.random.default_rng(7).standard_normal({texts})
counts = np.random.default_rng(7).integers(-10**9, 10**9, {texts} * 5 // 2)
rows = texts[:{texts} // 2].reshape(-1, 10)
texts.tofile("f8.txt", ",")
counts.tofile("i8.txt", ",")
np.savetxt("rows.txt", rows)
np.savetxt("line.txt", counts[:{texts} // 2].reshape(1, -1) % 10, "%d")
np.save("texts.npy", texts)
np.save("counts.npy", counts)
np.save("rows.npy", rows)
os.mkdir("small")
os.mkdir("out")
for path in paths:
    np.save(path, small)
outs = [f"out/{{i}}.npy" for i in range({files})]
def save_all():
    for path in outs:
        np.save(path, small)
"#
    ) + WORTHS
        + &csv::setup(size)
        + &json::setup(size)
        + &npz::setup(size)
        + &command::setup(size)
}

/// The sum of the items' bits, so many of which a float and JSON hold exactly.
fn words(items: &[f64]) -> Worth {
    let sum = items
        .iter()
        .fold(0u64, |sum, item| sum.wrapping_add(item.to_bits()));
    Worth::Exactly((sum % (1 << 48)) as f64)
}

/// The same of a file's items; headers need not be alike.
fn file_words(path: &Path) -> Result<Worth> {
    Ok(words(&npio::load_vec::<f64>(path)?.0))
}

/// Every row, in the order of the table.
pub(crate) fn all(
    folder: &Path,
    size: Size,
    starter: &Rc<RefCell<Starter>>,
    command: &str,
    has_pandas: bool,
    wheel: &Rc<RefCell<NumPy>>,
) -> Vec<Row> {
    let path = |name: &str| folder.join(name);
    let mut rows = vec![
        load::load(
            "load .npy → Vec<f64>",
            1.3,
            "np.load('le.npy')",
            path("le.npy"),
        ),
        load::load(
            "load big-endian → native",
            2.0,
            "np.load('be.npy').astype('=f8')",
            path("be.npy"),
        ),
        load::load_fortran(path("f.npy")),
        load::load_as(path("le.npy")),
        records::load(path("records.npy")),
        load::map_and_sum(path("le.npy")),
        save::save(
            "save .npy in place",
            1.0,
            path("le.npy"),
            path("saved.npy"),
            SaveOptions::new().in_place(),
        ),
        save::save(
            "save .npy (atomic, the default)",
            1.0,
            path("le.npy"),
            path("atomic.npy"),
            SaveOptions::new(),
        ),
        save::save_strided(path("le.npy"), path("strided.npy"), size.side()),
        load::fromfile(path("x.dat")),
        save::tofile(path("le.npy"), path("saved.dat")),
        text::read(
            "read text, 4 M f8",
            20.0,
            "np.fromfile('f8.txt', sep=',')",
            path("f8.txt"),
            size.texts,
        ),
        text::read(
            "read text, 10 M i8",
            15.0,
            "np.fromfile('i8.txt', 'i8', sep=',')",
            path("i8.txt"),
            size.texts * 5 / 2,
        ),
        text::write(
            "write text, 4 M f8",
            15.0,
            "texts.tofile('np.txt', ',')",
            path("texts.npy"),
            "",
        ),
        text::write(
            "write text, 10 M i8",
            8.0,
            "counts.tofile('np.txt', ',')",
            path("counts.npy"),
            "",
        ),
        text::write(
            "write text, 4 M f8, %.6e",
            8.0,
            "texts.tofile('np.txt', ',', '%.6e')",
            path("texts.npy"),
            "%.6e",
        ),
        text::load_table(
            "read a text table, 2 M f8",
            10.0,
            "np.loadtxt('rows.txt')",
            path("rows.txt"),
            size.texts / 2,
        ),
        text::load_table(
            // Rows are what is divided among cores; this one is to take little memory, which the command's row measures.
            "read a text table of one line, 2 M f8",
            1.0,
            "np.loadtxt('line.txt')",
            path("line.txt"),
            size.texts / 2,
        ),
        text::save_table(path("rows.npy")),
        load::load_many(path("small"), size),
        save::save_many(
            "save 5,000 small .npy in place",
            2.0,
            path("out"),
            size,
            SaveOptions::new().in_place(),
            limits::create_all(path("created"), size.files, false),
        ),
        save::save_many(
            "save 5,000 small .npy (atomic)",
            0.5,
            path("atomic"),
            size,
            SaveOptions::new(),
            limits::create_all(path("renamed"), size.files, true),
        ),
    ];
    rows.extend(csv::rows(folder, size, has_pandas));
    rows.extend(json::rows(folder, size));
    rows.extend(npz::rows(folder, size));
    rows.extend(command::rows(folder, starter, command));
    rows.extend(wheel::rows(folder, size, wheel));
    rows
}

/// A program that times itself, after preparing.
fn timed_inside(
    name: &'static str,
    mut work: impl FnMut() -> Result<Duration> + 'static,
    mut worth: impl FnMut() -> Result<Worth> + 'static,
) -> Program {
    let run = move || {
        let took = work()?;
        Ok(Run {
            took,
            worth: worth()?,
            peak: None,
        })
    };
    Program {
        name,
        run: Box::new(run),
    }
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed())
}
