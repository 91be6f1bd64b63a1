//! Rows that write.

use super::{Row, Size, Target, file_words, timed, timed_inside, words};
use crate::limits::{self, Limit};
use crate::numpy::Timed;
use anyhow::{Context, Result};
use ndarray::{Array1, ArrayView2, s};
use ndarray_npy::{read_npy, write_npy};
use npio::flatfile::{Array, Slice};
use npio::{LoadOptions, SaveOptions};
use std::path::PathBuf;

pub(super) fn save(
    name: &'static str,
    target: f64,
    from: PathBuf,
    to: PathBuf,
    options: SaveOptions,
) -> Row {
    let mut array: Option<Array> = None;
    let (ours, written, peer) = (to.clone(), to.clone(), to.with_extension("peer"));
    let (items, peer_written) = (from.clone(), peer.clone());
    let mut peers: Option<Array1<f64>> = None;
    Row {
        name,
        target: Target::Ratio(target),
        numpy: Timed {
            code: "np.save('np.npy', x)",
            worth: "file_words('np.npy')",
        },
        limit: limits::write(to.with_file_name("np.npy")),
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

pub(super) fn tofile(from: PathBuf, to: PathBuf) -> Row {
    let (mut array, written) = (None, to.clone());
    Row {
        name: "write raw in place",
        target: Target::Ratio(1.0),
        numpy: Timed {
            code: "x.tofile('np.dat')",
            worth: "words(np.fromfile('np.dat'))",
        },
        limit: limits::write(written.with_file_name("np.dat")),
        programs: vec![timed_inside(
            "npio",
            move || {
                let array = lazily(&mut array, || Ok(npio::load(&from)?))?;
                timed(|| Ok(SaveOptions::new().in_place().tofile(&to, &*array)?))
            },
            move || {
                let items = npio::fromfile(&written, npio::DType::F64)?;
                Ok(words(items.as_slice()?))
            },
        )],
    }
}

pub(super) fn save_strided(from: PathBuf, to: PathBuf, side: usize) -> Row {
    let (ours, written, peer) = (to.clone(), to.clone(), to.with_extension("peer"));
    let peer_written = peer.clone();
    let (mut items, mut peers) = (None, None);
    let again = from.clone();
    Row {
        name: "save a strided view",
        target: Target::Ratio(3.0),
        numpy: Timed {
            code: "np.save('np.npy', square[:, ::2])",
            worth: "file_words('np.npy')",
        },
        limit: limits::write(to.with_file_name("np.npy")),
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

pub(super) fn save_many(
    name: &'static str,
    target: f64,
    folder: PathBuf,
    size: Size,
    options: SaveOptions,
    limit: Limit,
) -> Row {
    let paths: Vec<PathBuf> = (0..size.files)
        .map(|i| folder.join(format!("{i}.npy")))
        .collect();
    let last = paths.last().cloned().unwrap_or_default();
    let items: Vec<f64> = (0..100).map(f64::from).collect();
    Row {
        name,
        target: Target::Ratio(target),
        numpy: Timed {
            code: "save_all()",
            worth: "file_words(outs[-1])",
        },
        limit,
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

/// What `slot` holds, made the first time.
pub(super) fn lazily<T>(slot: &mut Option<T>, make: impl FnOnce() -> Result<T>) -> Result<&mut T> {
    if slot.is_none() {
        *slot = Some(make()?);
    }
    slot.as_mut().context("just made")
}
