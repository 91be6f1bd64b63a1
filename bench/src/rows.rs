//! What is measured.

use crate::numpy::Timed;
use anyhow::{Context, Result};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, s};
use ndarray_npy::{ViewNpyExt, read_npy, write_npy};
use npio::flatfile::{Array, Slice};
use npio::{LoadOptions, SaveOptions};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How large the files are, and how often everything runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    /// Items of the large arrays; a square number of rows of 64.
    pub(crate) items: usize,
    /// How many small files.
    pub(crate) files: usize,
    pub(crate) runs: usize,
}

impl Size {
    pub(crate) const FULL: Size = Size {
        items: 64 << 20,
        files: 5000,
        runs: 7,
    };
    pub(crate) const QUICK: Size = Size {
        items: 1 << 20,
        files: 50,
        runs: 3,
    };

    fn side(self) -> usize {
        self.items.isqrt()
    }
}

/// One line of the table.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// How many times as fast as NumPy npio is to be.
    pub(crate) target: f64,
    pub(crate) numpy: Timed,
    /// npio first, then its peers.
    pub(crate) programs: Vec<Program>,
}

/// Somebody else who does the same.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) run: Box<dyn FnMut() -> Result<(Duration, Worth)>>,
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
        Ok((took, worth(result)?))
    };
    Program {
        name,
        run: Box::new(run),
    }
}

/// The files, made by NumPy.
pub(crate) fn setup(size: Size) -> String {
    let Size { items, files, .. } = size;
    let side = size.side();
    format!(
        r#"
x = np.random.default_rng(7).standard_normal({items})
square = x[:{side} * {side}].reshape({side}, {side})
np.save("le.npy", x)
np.save("be.npy", x.astype(">f8"))
np.save("f.npy", np.asfortranarray(square))
small = np.arange(100.0)
paths = [f"small/{{i}}.npy" for i in range({files})]
os.mkdir("small")
os.mkdir("out")
for path in paths:
    np.save(path, small)
outs = [f"out/{{i}}.npy" for i in range({files})]
def save_all():
    for path in outs:
        np.save(path, small)
def file_words(path):
    return words(np.load(path))
"#
    )
}

/// The sum of the items' bits, of which a float holds 52.
fn words(items: &[f64]) -> Worth {
    let sum = items
        .iter()
        .fold(0u64, |sum, item| sum.wrapping_add(item.to_bits()));
    Worth::Exactly((sum % (1 << 52)) as f64)
}

/// The same of a file's items; headers need not be alike.
fn file_words(path: &Path) -> Result<Worth> {
    Ok(words(&npio::load_vec::<f64>(path)?.0))
}

/// A sum that the compiler can spread over lanes.
fn sum(items: &[f64]) -> f64 {
    let (lanes, rest) = items.as_chunks::<16>();
    let mut sums = [0.0; 16];
    for lane in lanes {
        for (sum, item) in sums.iter_mut().zip(lane) {
            *sum += item;
        }
    }
    sums.iter().chain(rest).sum()
}

/// Every row, in the order of the table.
pub(crate) fn all(folder: &Path, size: Size) -> Vec<Row> {
    let path = |name: &str| folder.join(name);
    vec![
        load(
            "load .npy → Vec<f64>",
            1.3,
            "np.load('le.npy')",
            path("le.npy"),
        ),
        load(
            "load big-endian → native",
            2.0,
            "np.load('be.npy').astype('=f8')",
            path("be.npy"),
        ),
        load_fortran(path("f.npy")),
        map_and_sum(path("le.npy")),
        save(
            "save .npy in place",
            1.0,
            path("le.npy"),
            path("saved.npy"),
            SaveOptions::new().in_place(),
        ),
        save(
            "save .npy (atomic, the default)",
            1.0,
            path("le.npy"),
            path("atomic.npy"),
            SaveOptions::new(),
        ),
        save_strided(path("le.npy"), path("strided.npy"), size.side()),
        load_many(path("small"), size),
        save_many(
            "save 5,000 small .npy in place",
            2.0,
            path("out"),
            size,
            SaveOptions::new().in_place(),
        ),
        save_many(
            "save 5,000 small .npy (atomic)",
            0.5,
            path("atomic"),
            size,
            SaveOptions::new(),
        ),
    ]
}

fn load(name: &'static str, target: f64, code: &'static str, path: PathBuf) -> Row {
    let (ours, nd, npyz) = (path.clone(), path.clone(), path);
    Row {
        name,
        target,
        numpy: Timed {
            code,
            worth: "words(result)",
        },
        programs: vec![
            program(
                "npio",
                move || Ok(npio::load_vec::<f64>(&ours)?.0),
                |items| Ok(words(&items)),
            ),
            program(
                "ndarray-npy",
                move || Ok(read_npy::<_, Array1<f64>>(&nd)?),
                |array| Ok(words(array.as_slice().context("contiguous")?)),
            ),
            program(
                "npyz",
                move || {
                    let file = BufReader::new(File::open(&npyz)?);
                    Ok(npyz::NpyFile::new(file)?.into_vec::<f64>()?)
                },
                |items| Ok(words(&items)),
            ),
        ],
    }
}

fn load_fortran(path: PathBuf) -> Row {
    let (ours, nd) = (path.clone(), path);
    Row {
        name: "load Fortran → C order",
        target: 3.0,
        numpy: Timed {
            code: "np.ascontiguousarray(np.load('f.npy'))",
            worth: "words(result)",
        },
        programs: vec![
            program(
                "npio",
                move || Ok(npio::load_vec::<f64>(&ours)?.0),
                |items| Ok(words(&items)),
            ),
            program(
                "ndarray-npy",
                move || {
                    let array = read_npy::<_, Array2<f64>>(&nd)?;
                    Ok(array.as_standard_layout().into_owned())
                },
                |array| Ok(words(array.as_slice().context("contiguous")?)),
            ),
        ],
    }
}

fn map_and_sum(path: PathBuf) -> Row {
    let (ours, nd) = (path.clone(), path);
    Row {
        name: "map .npy and sum",
        target: 1.0,
        numpy: Timed {
            code: "np.load('le.npy', mmap_mode='r').sum()",
            worth: "result",
        },
        programs: vec![
            program(
                "npio",
                move || {
                    // SAFETY: nobody changes the file meanwhile.
                    let array = unsafe { npio::open_memmap(&ours) }?;
                    Ok(sum(array.as_slice::<f64>()?))
                },
                |sum| Ok(Worth::About(sum)),
            ),
            program(
                "ndarray-npy",
                move || {
                    let file = File::open(&nd)?;
                    // SAFETY: nobody changes the file meanwhile.
                    let map = unsafe { memmap2::Mmap::map(&file) }?;
                    Ok(sum(ArrayView1::<f64>::view_npy(&map)?
                        .as_slice()
                        .context("contiguous")?))
                },
                |sum| Ok(Worth::About(sum)),
            ),
        ],
    }
}

fn save(name: &'static str, target: f64, from: PathBuf, to: PathBuf, options: SaveOptions) -> Row {
    let mut array: Option<Array> = None;
    let (ours, written, peer) = (to.clone(), to.clone(), to.with_extension("peer"));
    let (items, peer_written) = (from.clone(), peer.clone());
    let mut peers: Option<Array1<f64>> = None;
    Row {
        name,
        target,
        numpy: Timed {
            code: "np.save('np.npy', x)",
            worth: "file_words('np.npy')",
        },
        programs: vec![
            timed_inside(
                "npio",
                move || {
                    let array = lazily(&mut array, || Ok(LoadOptions::new().load(&from)?))?;
                    timed(|| Ok(options.save(&ours, &*array)?))
                },
                move || file_words(&written),
            ),
            timed_inside(
                "ndarray-npy",
                move || {
                    let array = lazily(&mut peers, || Ok(read_npy(&items)?))?;
                    timed(|| Ok(write_npy(&peer, &*array)?))
                },
                move || file_words(&peer_written),
            ),
        ],
    }
}

fn save_strided(from: PathBuf, to: PathBuf, side: usize) -> Row {
    let (ours, written, peer) = (to.clone(), to.clone(), to.with_extension("peer"));
    let peer_written = peer.clone();
    let (mut items, mut peers) = (None, None);
    let again = from.clone();
    Row {
        name: "save a strided view",
        target: 3.0,
        numpy: Timed {
            code: "np.save('np.npy', square[:, ::2])",
            worth: "file_words('np.npy')",
        },
        programs: vec![
            timed_inside(
                "npio",
                move || {
                    let items = lazily(&mut items, || Ok(npio::load_vec::<f64>(&from)?.0))?;
                    let square = npio::ArrayView::over(
                        items.get(..side * side).context("square")?,
                        [side, side],
                    )?;
                    let every_other: Slice = ":, ::2".parse()?;
                    let view = square.strided().slice(&every_other)?;
                    timed(|| Ok(SaveOptions::new().in_place().save(&ours, view)?))
                },
                move || file_words(&written),
            ),
            timed_inside(
                "ndarray-npy",
                move || {
                    let items = lazily(&mut peers, || Ok(npio::load_vec::<f64>(&again)?.0))?;
                    let items = items.get(..side * side).context("square")?;
                    let square = ArrayView2::from_shape((side, side), items)?;
                    timed(|| Ok(write_npy(&peer, &square.slice(s![.., ..;2]))?))
                },
                move || file_words(&peer_written),
            ),
        ],
    }
}

fn load_many(folder: PathBuf, size: Size) -> Row {
    let paths = move || {
        (0..size.files)
            .map(|i| folder.join(format!("{i}.npy")))
            .collect::<Vec<_>>()
    };
    let (ours, nd, npyz) = (paths(), paths(), paths());
    let total = |count: usize, sum: f64| Ok(Worth::Exactly(count as f64 + sum));
    Row {
        name: "load 5,000 small .npy",
        target: 7.0,
        numpy: Timed {
            code: "[np.load(path) for path in paths]",
            worth: "len(result) + sum(x[-1] for x in result)",
        },
        programs: vec![
            program(
                "npio",
                move || {
                    ours.iter()
                        .map(|path| Ok(npio::load_vec::<f64>(path)?.0))
                        .collect::<Result<Vec<_>>>()
                },
                move |all| total(all.len(), all.iter().filter_map(|x| x.last()).sum()),
            ),
            program(
                "ndarray-npy",
                move || {
                    nd.iter()
                        .map(|path| Ok(read_npy(path)?))
                        .collect::<Result<Vec<Array1<f64>>>>()
                },
                move |all| total(all.len(), all.iter().filter_map(|x| x.last()).sum()),
            ),
            program(
                "npyz",
                move || {
                    let load = |path| {
                        Ok(npyz::NpyFile::new(BufReader::new(File::open(path)?))?
                            .into_vec::<f64>()?)
                    };
                    npyz.iter().map(load).collect::<Result<Vec<_>>>()
                },
                move |all| total(all.len(), all.iter().filter_map(|x| x.last()).sum()),
            ),
        ],
    }
}

fn save_many(
    name: &'static str,
    target: f64,
    folder: PathBuf,
    size: Size,
    options: SaveOptions,
) -> Row {
    let paths: Vec<PathBuf> = (0..size.files)
        .map(|i| folder.join(format!("{i}.npy")))
        .collect();
    let last = paths.last().cloned().unwrap_or_default();
    let items: Vec<f64> = (0..100).map(f64::from).collect();
    Row {
        name,
        target,
        numpy: Timed {
            code: "save_all()",
            worth: "file_words(outs[-1])",
        },
        programs: vec![timed_inside(
            "npio",
            move || {
                std::fs::create_dir_all(&folder)?;
                let array = Array::from_slice(&items, [items.len()])?;
                timed(|| {
                    for path in &paths {
                        options.save(path, &array)?;
                    }
                    Ok(())
                })
            },
            move || file_words(&last),
        )],
    }
}

/// A program that times itself, after preparing.
fn timed_inside(
    name: &'static str,
    mut work: impl FnMut() -> Result<Duration> + 'static,
    mut worth: impl FnMut() -> Result<Worth> + 'static,
) -> Program {
    let run = move || {
        let took = work()?;
        Ok((took, worth()?))
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

/// What `slot` holds, made the first time.
fn lazily<T>(slot: &mut Option<T>, make: impl FnOnce() -> Result<T>) -> Result<&mut T> {
    if slot.is_none() {
        *slot = Some(make()?);
    }
    slot.as_mut().context("just made")
}
