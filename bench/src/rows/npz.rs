//! Rows of archives.

use super::{Program, Row, Size, Target, Worth, program, timed, timed_inside};
use crate::limits::{self, Limit};
use crate::numpy::Timed;
use anyhow::{Context, Result, ensure};
use ndarray::{Array1, Ix1};
use ndarray_npy::{NpzReader, NpzWriter};
use npio::{Array, SavezOptions};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// The archives, made by NumPy: of `x`, of eight arrays that compress, and of many small ones.
pub(super) fn setup(size: Size) -> String {
    let Size { items, files, .. } = size;
    let count = items / 16;
    format!(
        r#"
np.savez("x.npz", x=x)
walk = {{}}
walks = np.random.default_rng(7)
for i in range(8):
    walk[f"m{{i}}"] = np.round(np.cumsum(walks.standard_normal({count})), 1).astype("f4")
np.savez_compressed("walk.npz", **walk)
import zipfile
with zipfile.ZipFile("walk.npz") as archive, open("walk.npz", "rb") as file:
    for member in archive.infolist():
        file.seek(member.header_offset + 26)
        name, extra = file.read(2), file.read(2)
        file.seek(int.from_bytes(name, "little") + int.from_bytes(extra, "little"), 1)
        with open(member.filename + ".deflate", "wb") as stream:
            stream.write(file.read(member.compress_size))
one = {{"m": np.concatenate(list(walk.values()))}}
np.savez("walk-stored.npz", **walk)
np.savez("one-stored.npz", **one)
np.savez("many.npz", **{{f"k{{i}}": small for i in range({files})}})
def archive_words(path):
    with np.load(path) as archive:
        return float(sum(words(archive[name]) for name in archive.files) % (1 << 48))
def load_all(path):
    with np.load(path) as archive:
        return [archive[name] for name in archive.files]
def load_one(path, name):
    with np.load(path) as archive:
        return archive[name]
"#
    )
}

/// Every row, in the order of the table.
pub(super) fn rows(folder: &Path, size: Size) -> Vec<Row> {
    let path = |name: &str| folder.join(name);
    vec![
        load_stored(path("x.npz")),
        super::load::map_stored(path("x.npz")),
        save(
            "save npz, stored",
            3.0,
            timed_save("np.savez('np.npz', x=x)"),
            path("x.npz"),
            path("saved.npz"),
            SavezOptions::new(),
            None,
            limits::write(path("np.npz")),
        ),
        load_deflated(
            path("walk.npz"),
            limits::inflate(
                (0..8).map(|i| path(&format!("m{i}.npy.deflate"))).collect(),
                // A header, and items of four bytes.
                128 + size.items / 16 * 4,
            ),
        ),
        save(
            "save npz, deflated: 8 arrays f4",
            7.0,
            timed_save("np.savez_compressed('np.npz', **walk)"),
            path("walk-stored.npz"),
            path("deflated.npz"),
            SavezOptions::new().deflate(6),
            Some(path("np.npz")),
            limits::deflate(path("walk-stored.npz"), 6),
        ),
        save(
            "the same, level 1 (NumPy: 6)",
            7.0,
            timed_save("np.savez_compressed('np.npz', **walk)"),
            path("walk-stored.npz"),
            path("level1.npz"),
            SavezOptions::new().deflate(1),
            None,
            limits::deflate(path("walk-stored.npz"), 1),
        ),
        save(
            "save npz, deflated: one array f4",
            3.0,
            timed_save("np.savez_compressed('np.npz', **one)"),
            path("one-stored.npz"),
            path("one.npz"),
            SavezOptions::new().deflate(6),
            Some(path("np.npz")),
            limits::deflate(path("one-stored.npz"), 6),
        ),
        load_many(path("many.npz"), size),
        load_one(path("many.npz"), size),
    ]
}

fn timed_save(code: &'static str) -> Timed {
    let worth = "archive_words('np.npz')";
    Timed { code, worth }
}

fn load_stored(path: PathBuf) -> Row {
    let (ours, nd, npyz) = (path.clone(), path.clone(), path.clone());
    Row {
        name: "load npz, stored",
        target: Target::Ratio(3.0),
        numpy: Timed {
            code: "load_one('x.npz', 'x')",
            worth: "words(result)",
        },
        limit: limits::read(path),
        programs: vec![
            program(
                "npio",
                move || Ok(npio::load_npz(&ours)?.load("x")?),
                |array| Ok(words([&array])),
            ),
            program(
                "ndarray-npy",
                move || {
                    let mut archive = NpzReader::new(File::open(&nd)?)?;
                    Ok(archive.by_name::<ndarray::OwnedRepr<f64>, Ix1>("x")?)
                },
                |array: Array1<f64>| Ok(super::words(array.as_slice().context("contiguous")?)),
            ),
            program(
                "npyz",
                move || {
                    let mut archive =
                        npyz::npz::NpzArchive::new(BufReader::new(File::open(&npyz)?))?;
                    let array = archive.by_name("x")?.context("no x")?;
                    Ok(array.into_vec::<f64>()?)
                },
                |items| Ok(super::words(&items)),
            ),
        ],
    }
}

fn load_deflated(path: PathBuf, limit: Limit) -> Row {
    let (ours, nd) = (path.clone(), path);
    Row {
        name: "load npz, deflated: 8 arrays f4",
        target: Target::Ratio(2.5),
        numpy: Timed {
            code: "load_all('walk.npz')",
            worth: "all_words(result)",
        },
        limit,
        programs: vec![
            npio_load_all(ours),
            program(
                "ndarray-npy",
                move || {
                    let mut archive = NpzReader::new(File::open(&nd)?)?;
                    let read =
                        |name: String| Ok(archive.by_name::<ndarray::OwnedRepr<f32>, Ix1>(&name)?);
                    (0..8).map(|i| format!("m{i}")).map(read).collect()
                },
                |arrays: Vec<Array1<f32>>| {
                    let arrays: Result<Vec<Array>> = arrays
                        .into_iter()
                        .map(|array| Ok(Array::from_vec(array.to_vec(), [array.len()])?))
                        .collect();
                    Ok(words(&arrays?))
                },
            ),
        ],
    }
}

/// What is saved is loaded from `from` first; the file may not be larger than 102 % of `most`.
fn save(
    name: &'static str,
    target: f64,
    numpy: Timed,
    from: PathBuf,
    to: PathBuf,
    options: SavezOptions,
    most: Option<PathBuf>,
    limit: Limit,
) -> Row {
    let (mut arrays, written) = (None, to.clone());
    let (items, peer) = (from.clone(), to.with_extension("peer"));
    let is_f8 = name.ends_with("stored");
    let mut programs = vec![timed_inside(
        "npio",
        move || {
            let arrays = match &mut arrays {
                Some(arrays) => arrays,
                none => none.insert(load_all(&from)?),
            };
            let named = arrays.iter().map(|(name, array)| (name, array));
            timed(|| Ok(options.savez(&to, named)?))
        },
        move || {
            if let Some(most) = &most {
                let (ours, theirs) = (written.metadata()?.len(), most.metadata()?.len());
                ensure!(
                    ours * 100 <= theirs * 102,
                    "{ours} bytes, and NumPy takes {theirs}"
                );
            }
            Ok(words(load_all(&written)?.iter().map(|(_, array)| array)))
        },
    )];
    if is_f8 {
        programs.push(peer_save(items, peer));
    }
    Row {
        name,
        target: Target::Ratio(target),
        numpy,
        limit,
        programs,
    }
}

fn peer_save(from: PathBuf, to: PathBuf) -> Program {
    let (mut array, written) = (None, to.clone());
    timed_inside(
        "ndarray-npy",
        move || {
            let array = match &mut array {
                Some(array) => array,
                none => {
                    let items = npio::load_npz(&from)?.load_vec::<f64>("x")?.0;
                    none.insert(Array1::from_vec(items))
                }
            };
            timed(|| {
                let mut archive = NpzWriter::new(File::create(&to)?);
                archive.add_array("x", &*array)?;
                archive.finish()?;
                Ok(())
            })
        },
        move || Ok(words(load_all(&written)?.iter().map(|(_, array)| array))),
    )
}

fn load_many(path: PathBuf, size: Size) -> Row {
    Row {
        name: "load all of an npz of 5,000",
        target: Target::Ratio(20.0),
        numpy: Timed {
            code: "load_all('many.npz')",
            worth: "all_words(result)",
        },
        limit: limits::read_members(path.clone(), size.files),
        programs: vec![npio_load_all(path)],
    }
}

fn load_one(path: PathBuf, size: Size) -> Row {
    let name = format!("k{}", size.files - 1);
    Row {
        name: "open it and load one",
        target: Target::Ratio(10.0),
        numpy: Timed {
            code: "load_one('many.npz', f'k{len(paths) - 1}')",
            worth: "words(result)",
        },
        limit: limits::find_member(path.clone(), size.files),
        programs: vec![program(
            "npio",
            move || Ok(npio::load_npz(&path)?.load(&name)?),
            |array| Ok(words([&array])),
        )],
    }
}

fn npio_load_all(path: PathBuf) -> Program {
    program(
        "npio",
        move || load_all(&path),
        |arrays| Ok(words(arrays.iter().map(|(_, array)| array))),
    )
}

fn load_all(path: &Path) -> Result<Vec<(String, Array)>> {
    let archive = npio::load_npz(path)?;
    let arrays = archive.load_all()?;
    let named = arrays
        .into_iter()
        .map(|(name, array)| (name.to_owned(), array));
    Ok(named.collect())
}

/// The sum of the items' bits, eight bytes at a time.
fn words<'a>(arrays: impl IntoIterator<Item = &'a Array>) -> Worth {
    let sum = |array: &Array| {
        let words = array.as_bytes().as_chunks::<8>().0.iter();
        let sum = words.fold(0u64, |sum, word| {
            sum.wrapping_add(u64::from_le_bytes(*word))
        });
        sum % (1 << 48)
    };
    let sum: u64 = arrays.into_iter().map(sum).sum();
    Worth::Exactly((sum % (1 << 48)) as f64)
}
