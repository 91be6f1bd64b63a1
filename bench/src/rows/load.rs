//! Rows that read.

use super::{Program, Row, Size, Target, Worth, program, words};
use crate::limits;
use crate::numpy::Timed;
use anyhow::{Context, Result};
use ndarray::{Array1, Array2, ArrayView1};
use ndarray_npy::{ViewNpyExt, read_npy};
use npio::{Casting, DType, LoadOptions};
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

pub(super) fn load(name: &'static str, target: f64, code: &'static str, path: PathBuf) -> Row {
    let (ours, nd, npyz) = (path.clone(), path.clone(), path.clone());
    Row {
        name,
        target: Target::Ratio(target),
        numpy: Timed {
            code,
            worth: "words(result)",
        },
        limit: limits::read(path),
        programs: vec![
            npio_load(ours),
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

pub(super) fn load_fortran(path: PathBuf) -> Row {
    let (ours, nd) = (path.clone(), path.clone());
    Row {
        name: "load Fortran → C order",
        target: Target::Ratio(3.0),
        numpy: Timed {
            code: "np.ascontiguousarray(np.load('f.npy'))",
            worth: "words(result)",
        },
        limit: limits::read(path),
        programs: vec![
            npio_load(ours),
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

pub(super) fn fromfile(path: PathBuf) -> Row {
    Row {
        name: "read raw → Vec<f64>",
        target: Target::Ratio(1.3),
        numpy: Timed {
            code: "np.fromfile('x.dat')",
            worth: "words(result)",
        },
        limit: limits::read(path.clone()),
        programs: vec![program(
            "npio",
            move || Ok(npio::fromfile(&path, DType::F64)?.into_vec::<f64>()?),
            |items| Ok(words(&items)),
        )],
    }
}

pub(super) fn load_as(path: PathBuf) -> Row {
    Row {
        name: "load f8 as f4",
        target: Target::Ratio(1.0),
        numpy: Timed {
            code: "np.load('le.npy').astype('f4')",
            worth: "words(result)",
        },
        limit: limits::read_as_floats(path.clone()),
        programs: vec![program(
            "npio",
            move || {
                let options = LoadOptions::new().astype(DType::F32, Casting::SameKind);
                Ok(options.load_vec::<f32>(&path)?.0)
            },
            |items| {
                let (pairs, _) = items.as_chunks::<2>();
                let word =
                    |[a, b]: &[f32; 2]| u64::from(b.to_bits()) << 32 | u64::from(a.to_bits());
                let sum = pairs.iter().map(word).fold(0, u64::wrapping_add);
                Ok(Worth::Exactly((sum % (1 << 48)) as f64))
            },
        )],
    }
}

pub(super) fn map_and_sum(path: PathBuf) -> Row {
    let (ours, nd) = (path.clone(), path.clone());
    Row {
        name: "map .npy and sum",
        target: Target::Ratio(1.0),
        numpy: Timed {
            code: "np.load('le.npy', mmap_mode='r').sum()",
            worth: "result",
        },
        limit: limits::pass(path, sum),
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

pub(super) fn load_many(folder: PathBuf, size: Size) -> Row {
    let paths = || {
        (0..size.files)
            .map(|i| folder.join(format!("{i}.npy")))
            .collect::<Vec<_>>()
    };
    let (ours, nd, npyz) = (paths(), paths(), paths());
    let total = |count: usize, sum: f64| Ok(Worth::Exactly(count as f64 + sum));
    Row {
        name: "load 5,000 small .npy",
        target: Target::Ratio(7.0),
        numpy: Timed {
            code: "[np.load(path) for path in paths]",
            worth: "len(result) + sum(x[-1] for x in result)",
        },
        limit: limits::open_all(folder, size.files),
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

fn npio_load(path: PathBuf) -> Program {
    program(
        "npio",
        move || Ok(npio::load_vec::<f64>(&path)?.0),
        |items| Ok(words(&items)),
    )
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

/// NumPy has to load a member to see one of its items.
pub(super) fn map_stored(path: PathBuf) -> Row {
    Row {
        name: "one item of a mapped member",
        target: Target::Ratio(100.0),
        numpy: Timed {
            code: "load_one('x.npz', 'x')[-1]",
            worth: "result",
        },
        limit: limits::few_reads(path.clone()),
        programs: vec![program(
            "npio",
            move || {
                // SAFETY: nobody changes the file while the bench runs.
                let mapped = unsafe { npio::Mmap::open(&path) }?;
                let archive = npio::npz::Archive::new(mapped)?;
                let view = archive.get("x")?.view()?;
                let bytes = view.as_bytes().last_chunk().context("no item")?;
                Ok(f64::from_le_bytes(*bytes))
            },
            |item| Ok(Worth::Exactly(item)),
        )],
    }
}
