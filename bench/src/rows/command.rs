//! Rows of the command, from the start of its process to the end.

use super::{Program, Row, Run, Size, Target, Worth, file_words};
use crate::command::Starter;
use crate::limits::{self, Limit};
use crate::numpy::Timed;
use anyhow::{Context, Result};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Arrays of three columns that are almost all hole, with items at the corners; and what a text is worth.
pub(super) fn setup(size: Size) -> String {
    let (rows, floats) = (size.sparse, 2 * size.items);
    format!(
        r#"
def sparse(path, fortran):
    with open(path, "wb") as file:
        header = {{"descr": "<f4", "fortran_order": fortran, "shape": ({rows}, 3)}}
        np.lib.format.write_array_header_1_0(file, header)
        file.truncate(file.tell() + {rows} * 3 * 4)
    map = np.load(path, mmap_mode="r+")
    map[0, 0], map[0, -1], map[-1, 0], map[-1, -1] = 1.5, -2.25, 1e-3, 12345
    map.flush()
np.save("floats.npy", np.random.default_rng(8).standard_normal({floats}, dtype="f4"))
def five_statistics(path):
    x = np.load(path)
    return x.min(), x.max(), x.mean(), x.std(), np.isnan(x).sum()
sparse("sparse-c.npy", False)
sparse("sparse-f.npy", True)
def text_worth(text):
    return float(sum((i + 1) * byte for i, byte in enumerate(text.encode() + b"\n")) % (1 << 48))
def import_numpy():
    child = os.posix_spawn(sys.executable, [sys.executable, "-c", "import numpy"], os.environ)
    return os.waitpid(child, 0)[1]
"#
    )
}

/// Every row, in the order of the table. Other systems than Unix do not start processes in this way.
pub(super) fn rows(folder: &Path, starter: &Rc<RefCell<Starter>>, command: &str) -> Vec<Row> {
    if !cfg!(unix) {
        return Vec::new();
    }
    let line = folder.join("line.npy");
    let text_row = |name, code, args: &[&str]| Row {
        name,
        target: Target::Process {
            milliseconds: 10.0,
            megabytes: 16.0,
        },
        numpy: Timed {
            code,
            worth: "text_worth(result)",
        },
        limit: start(starter),
        programs: vec![npio(starter, command, args, |text| Ok(text_worth(text)))],
    };
    vec![
        text_row(
            "npio dump, sparse 100 GB, C order",
            "str(np.load('sparse-c.npy', mmap_mode='r'))",
            &["dump", "sparse-c.npy"],
        ),
        text_row(
            "npio dump, sparse 100 GB, Fortran order",
            "str(np.load('sparse-f.npy', mmap_mode='r'))",
            &["dump", "sparse-f.npy"],
        ),
        text_row(
            "npio head -n 1, sparse 100 GB, C order",
            "str(np.load('sparse-c.npy', mmap_mode='r')[:1])",
            &["head", "-n", "1", "sparse-c.npy"],
        ),
        text_row(
            "npio head -n 1, sparse 100 GB, Fortran order",
            "str(np.load('sparse-f.npy', mmap_mode='r')[:1])",
            &["head", "-n", "1", "sparse-f.npy"],
        ),
        Row {
            name: "npio convert, a table of one line, 2 M f8",
            // Of memory, three times what the array takes.
            target: Target::RatioInMemory {
                ratio: 1.0,
                megabytes: 48.0,
            },
            numpy: Timed {
                code: "np.save('line-np.npy', np.loadtxt('line.txt'))",
                worth: "file_words('line-np.npy')",
            },
            limit: start(starter),
            programs: vec![npio(
                starter,
                command,
                &["convert", "--force", "line.txt", "line.npy"],
                move |_| file_words(&line),
            )],
        },
        stats(
            "npio stats, 128 M f4: min, max, mean, std, NaN",
            1.5,
            "five_statistics('floats.npy')",
            folder.join("floats.npy"),
            // In the form that NumPy has: the nearest f4.
            npio(starter, command, &["stats", "floats.npy"], |text| {
                let [min, max] = extremes(text)?.map(|value| f64::from(value as f32));
                Ok(Worth::About(min * max))
            }),
        ),
        stats(
            "npio stats, f8",
            1.0,
            "five_statistics('le.npy')",
            folder.join("le.npy"),
            npio(starter, command, &["stats", "le.npy"], |text| {
                let [min, max] = extremes(text)?;
                Ok(Worth::About(min * max))
            }),
        ),
        Row {
            name: "npio info x.npy (NumPy: import numpy)",
            target: Target::Ratio(50.0),
            numpy: Timed {
                code: "import_numpy()",
                worth: "result",
            },
            limit: start(starter),
            // NumPy's side says nothing: both are to end well.
            programs: vec![npio(starter, command, &["info", "small/0.npy"], |_| {
                Ok(Worth::Exactly(0.0))
            })],
        },
    ]
}

fn stats(name: &'static str, ratio: f64, code: &'static str, file: PathBuf, npio: Program) -> Row {
    Row {
        name,
        target: Target::Ratio(ratio),
        numpy: Timed {
            code,
            worth: "float(result[0]) * float(result[1])",
        },
        limit: limits::read(file),
        programs: vec![npio],
    }
}

/// The least and the greatest value in what `npio stats` printed.
fn extremes(text: &[u8]) -> Result<[f64; 2]> {
    let text = str::from_utf8(text)?;
    let value = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once('\t'));
        let (_, value) = lines.find(|(key, _)| *key == name).context("a line")?;
        Ok::<f64, anyhow::Error>(value.parse()?)
    };
    Ok([value("min")?, value("max")?])
}

/// The start of a program that does nothing.
fn start(starter: &Rc<RefCell<Starter>>) -> Limit {
    let starter = Rc::clone(starter);
    Box::new(move || Ok(starter.borrow_mut().run(&["true"])?.took))
}

fn npio(
    starter: &Rc<RefCell<Starter>>,
    command: &str,
    args: &[&str],
    worth: impl Fn(&[u8]) -> Result<Worth> + 'static,
) -> Program {
    let starter = Rc::clone(starter);
    let args: Vec<String> = [&[command], args]
        .concat()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let run = move || -> Result<Run> {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let ran = starter.borrow_mut().run(&args)?;
        Ok(Run {
            took: ran.took,
            worth: worth(&ran.text)?,
            peak: Some(ran.peak),
        })
    };
    Program {
        name: "npio",
        run: Box::new(run),
    }
}

/// The sum of the bytes, each times its place, so that their order counts.
fn text_worth(text: &[u8]) -> Worth {
    let sum: u64 = (1..)
        .zip(text)
        .map(|(place, byte)| place * u64::from(*byte))
        .sum();
    Worth::Exactly((sum % (1 << 48)) as f64)
}
