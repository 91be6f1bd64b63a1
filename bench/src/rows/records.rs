//! The row that reads structs.

use super::{Row, Target, Worth, program};
use crate::limits;
use crate::numpy::Timed;
use bytemuck::{Pod, Zeroable};
use npio::Element;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

#[derive(Clone, Copy, Element, Zeroable, Pod)]
#[repr(C, packed)]
struct Record {
    id: u32,
    x: f64,
    y: f64,
}

#[derive(npyz::Deserialize)]
struct Parsed {
    id: u32,
    x: f64,
    y: f64,
}

pub(super) fn load(path: PathBuf) -> Row {
    let (ours, npyz) = (path.clone(), path.clone());
    Row {
        name: "load 8 M packed records of 20 bytes → Vec<Record>",
        target: Target::Ratio(1.5),
        numpy: Timed {
            code: "np.load('records.npy')",
            worth: "int(result.view('u4').sum(dtype='u8')) % (1 << 48)",
        },
        limit: limits::read(path),
        programs: vec![
            program(
                "npio",
                move || Ok(npio::load_vec::<Record>(&ours)?.0),
                |records| {
                    let words: &[[u8; 4]] = bytemuck::cast_slice(&records);
                    let words = words.iter().map(|word| u32::from_le_bytes(*word));
                    Ok(worth(words.map(u64::from).sum()))
                },
            ),
            program(
                "npyz",
                move || {
                    let file = BufReader::new(File::open(&npyz)?);
                    let items = npyz::NpyFile::new(file)?.data::<Parsed>();
                    let items = items.map_err(|error| anyhow::anyhow!("{error}"))?;
                    Ok(items.collect::<std::io::Result<Vec<_>>>()?)
                },
                |records| {
                    let halves = |x: f64| (x.to_bits() >> 32) + (x.to_bits() & u64::from(u32::MAX));
                    let sum = |r: &Parsed| u64::from(r.id) + halves(r.x) + halves(r.y);
                    Ok(worth(records.iter().map(sum).sum()))
                },
            ),
        ],
    }
}

fn worth(sum: u64) -> Worth {
    Worth::Exactly((sum % (1 << 48)) as f64)
}
