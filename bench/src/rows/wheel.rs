//! Rows of the package for Python, whose limit is npio in Rust.

use super::save::lazily;
use super::{Program, Row, Run, Size, Target, WORTHS, Worth};
use crate::limits::{self, Limit};
use crate::numpy::{NumPy, Timed};
use anyhow::Result;
use npio::{Array, DType, LoadOptions, SaveOptions};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What the package's process has in memory.
pub(crate) fn setup() -> String {
    SETUP.to_owned() + WORTHS
}

const SETUP: &str = r#"
import pynpio
x, texts = np.load("le.npy"), np.load("texts.npy")
paths = sorted(f"small/{name}" for name in os.listdir("small"))
def load_all(path):
    with pynpio.load(path) as archive:
        return list(archive.load_all().values())
def load_each(path):
    with pynpio.load(path) as archive:
        return [archive[name] for name in archive.files]
"#;

/// Every row, in the order of the table.
pub(super) fn rows(folder: &Path, size: Size, python: &Rc<RefCell<NumPy>>) -> Vec<Row> {
    let path = |name: &str| folder.join(name);
    let row = |name, ratio, numpy: [&'static str; 2], ours: [&'static str; 2], limit| {
        let timed = |[code, worth]: [&'static str; 2]| Timed { code, worth };
        Row {
            name,
            target: Target::Ratio(ratio),
            numpy: timed(numpy),
            limit,
            programs: vec![ask(python, timed(ours))],
        }
    };
    let (le, out, f8, rows, npz, many) = (
        path("le.npy"),
        path("rust"),
        path("f8.txt"),
        path("rows.txt"),
        path("x.npz"),
        path("many.npz"),
    );
    let text = path("rust.txt");
    let small: Vec<_> = (0..size.files)
        .map(|i| path("small").join(format!("{i}.npy")))
        .collect();
    let all = many.clone();
    vec![
        row(
            "pynpio: load .npy",
            1.1,
            ["np.load('le.npy')", "words(result)"],
            ["pynpio.load('le.npy')", "words(result)"],
            timed(move || Ok(npio::load(&le)?)),
        ),
        row(
            "pynpio: save .npy in place",
            1.0,
            ["np.save('np.npy', x)", "file_words('np.npy')"],
            [
                "pynpio.save('py.npy', x, atomic=False)",
                "file_words('py.npy')",
            ],
            timed_save(path("le.npy"), move |array| {
                Ok(SaveOptions::new().in_place().save(&out, array)?)
            }),
        ),
        row(
            "pynpio: fromfile of text, 4 M f8",
            16.0,
            ["np.fromfile('f8.txt', sep=',')", "words(result)"],
            ["pynpio.fromfile('f8.txt', sep=',')", "words(result)"],
            timed(move || Ok(npio::fromfile_sep(&f8, DType::F64, ",")?)),
        ),
        row(
            "pynpio: tofile of text, 4 M f8",
            15.0,
            ["texts.tofile('np.txt', ',')", "file_bytes('np.txt')"],
            [
                "pynpio.tofile(texts, 'py.txt', ',', atomic=False)",
                "file_bytes('py.txt')",
            ],
            timed_save(path("texts.npy"), move |array| {
                Ok(SaveOptions::new()
                    .in_place()
                    .tofile_sep(&text, array, ",")?)
            }),
        ),
        row(
            "pynpio: loadtxt, 2 M f8",
            6.9,
            ["np.loadtxt('rows.txt')", "words(result)"],
            ["pynpio.loadtxt('rows.txt')", "words(result)"],
            timed(move || Ok(LoadOptions::new().loadtxt(&rows, DType::F64)?)),
        ),
        row(
            "pynpio: load npz, stored",
            2.7,
            ["load_one('x.npz', 'x')", "words(result)"],
            ["pynpio.load('x.npz')['x']", "words(result)"],
            timed(move || Ok(npio::load_npz(&npz)?.load("x")?)),
        ),
        row(
            "pynpio: one item of a mapped member",
            500.0,
            ["load_one('x.npz', 'x')[12345]", "float(result)"],
            ["pynpio.load('x.npz').mmap('x')[12345]", "float(result)"],
            {
                let path = path("x.npz");
                timed(move || {
                    let archive = npio::load_npz(&path)?;
                    Ok(archive.load_slice("x", &12345.into())?)
                })
            },
        ),
        row(
            "pynpio: load_all of an npz of 5,000",
            18.0,
            ["load_all('many.npz')", "all_words(result)"],
            ["load_all('many.npz')", "all_words(result)"],
            timed(move || {
                let archive = npio::load_npz(&all)?;
                Ok(archive.load_all()?.len())
            }),
        ),
        row(
            "pynpio: each of an npz of 5,000",
            6.0,
            ["load_all('many.npz')", "all_words(result)"],
            ["load_each('many.npz')", "all_words(result)"],
            timed(move || {
                let archive = npio::load_npz(&many)?;
                let names: Vec<String> = archive.names().map(str::to_owned).collect();
                let arrays = names.iter().map(|name| archive.load(name));
                Ok(arrays.collect::<Result<Vec<_>, _>>()?)
            }),
        ),
        row(
            "pynpio: load 5,000 small .npy",
            8.0,
            ["[np.load(path) for path in paths]", "all_words(result)"],
            ["[pynpio.load(path) for path in paths]", "all_words(result)"],
            timed(move || {
                let arrays = small.iter().map(npio::load);
                Ok(arrays.collect::<Result<Vec<_>, _>>()?)
            }),
        ),
    ]
}

/// An expression in the package's process.
fn ask(python: &Rc<RefCell<NumPy>>, timed: Timed) -> Program {
    let python = Rc::clone(python);
    let run = move || {
        let (took, worth) = python.borrow_mut().time(&timed)?;
        Ok(Run {
            took,
            worth: Worth::Exactly(worth),
            peak: None,
        })
    };
    Program {
        name: "npio",
        run: Box::new(run),
    }
}

/// How long it takes in Rust to save an array, which is loaded before.
fn timed_save(from: PathBuf, save: impl Fn(&Array) -> Result<()> + 'static) -> Limit {
    let mut loaded = None;
    Box::new(move || {
        let array = lazily(&mut loaded, || Ok(npio::load(&from)?))?;
        super::timed(|| save(array))
    })
}

/// How long the same takes in Rust.
fn timed<T>(mut work: impl FnMut() -> Result<T> + 'static) -> Limit {
    Box::new(move || limits::timed(&mut work))
}
