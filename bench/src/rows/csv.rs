//! Rows that read a table as programs exchange them: with names, quotes and missing values.

use super::{Row, Size, Target, Worth, program};
use crate::limits;
use crate::numpy::Timed;
use anyhow::{Result, ensure};
use npio::flatfile::text::table::ReadOptions;
use npio::{Array, LoadOptions};
use std::path::Path;

/// The columns of the table.
const DTYPE: &str = "[('x', '<f8'), ('n', '<i8'), ('town', '<U16'), ('y', '<f8')]";

/// A table in two spellings: `quoted.csv`, and `plain.csv` for NumPy, which knows no quotes and so gets other commas
/// in texts. Floats have six digits after the point, which pandas reads as exactly as the others.
pub(super) fn setup(size: Size) -> String {
    let rows = row_count(size);
    format!(
        r#"
import csv
try:
    import pandas
except ImportError:
    pandas = None
csv_dtype = np.dtype({DTYPE})
def write_csv(path, comma, **dialect):
    towns = ["London", "Oslo, Norway", 'The "Fish", Lima', "Rome, Italy"]
    x, y = texts[:{rows}].round(6).tolist(), texts[{rows}:2 * {rows}].round(6).tolist()
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", **dialect)
        writer.writerow(csv_dtype.names)
        for x, n, y in zip(x, counts[:{rows}].tolist(), y):
            writer.writerow([x, n, towns[n % 4].replace(",", comma), y if n % 10 else None])
write_csv("quoted.csv", ",")
write_csv("plain.csv", ";", quoting=csv.QUOTE_NONE, quotechar=None)
def csv_words(columns):
    table = np.empty(len(columns["x"]), csv_dtype)
    for name in csv_dtype.names:
        table[name] = columns[name]
    table["town"] = np.char.replace(table["town"], ";", ",")
    return float(int(table.view("u4").sum(dtype="u8")) % (1 << 48))
"#
    )
}

fn row_count(size: Size) -> usize {
    size.texts / 20
}

/// Every row, in the order of the table: the one beside pandas only where that is.
pub(super) fn rows(folder: &Path, size: Size, has_pandas: bool) -> Vec<Row> {
    let path = folder.join("quoted.csv");
    let limit = || limits::separators(path.clone(), *b",\n", row_count(size) * 4);
    let row = |name, target, code, limit, work: fn(&Path) -> Result<Array>| {
        let path = path.clone();
        Row {
            name,
            target: Target::Ratio(target),
            numpy: Timed {
                code,
                worth: "csv_words(result)",
            },
            limit,
            programs: vec![program("npio", move || work(&path), |array| words(&array))],
        }
    };
    let mut rows = vec![row(
        "read CSV, 200,000 rows with quotes",
        40.0,
        "np.genfromtxt('plain.csv', csv_dtype, delimiter=',', names=True, comments=None)",
        limit(),
        read,
    )];
    if has_pandas && cfg!(target_os = "linux") {
        let mut limit = limit();
        rows.push(row(
            "read CSV, one thread (NumPy: pandas)",
            1.0,
            "pandas.read_csv('quoted.csv')",
            Box::new(move || on_one_core(&mut limit)),
            |path| on_one_core(|| read(path)),
        ));
    }
    rows
}

fn read(path: &Path) -> Result<Array> {
    let table = ReadOptions::csv().names().missing_values([""]);
    let options = LoadOptions::new().table(table);
    Ok(options.loadtxt(path, DTYPE.parse()?)?)
}

/// Does `work` with no other core to share it with.
#[cfg(target_os = "linux")]
fn on_one_core<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};
    let cores = sched_getaffinity(None)?;
    let mut one = CpuSet::new();
    one.set(sched_getcpu());
    sched_setaffinity(None, &one)?;
    let result = work();
    sched_setaffinity(None, &cores)?;
    result
}

#[cfg(not(target_os = "linux"))]
fn on_one_core<T>(_: impl FnOnce() -> Result<T>) -> Result<T> {
    anyhow::bail!("the row is of Linux")
}

/// The sum of the records' words of four bytes, so many of which a float holds.
fn words(table: &Array) -> Result<Worth> {
    let (words, rest) = table.as_bytes().as_chunks::<4>();
    ensure!(rest.is_empty(), "records of words of four bytes");
    let words = words
        .iter()
        .map(|word| u64::from(u32::from_ne_bytes(*word)));
    Ok(Worth::Exactly((words.sum::<u64>() % (1 << 48)) as f64))
}
