//! Goes through a mapped table of records without reading it into memory: `scan TABLE.npy LIMIT` counts the stars
//! brighter than that, and finds the brightest.

#![expect(unsafe_code, reason = "mapping is unsafe")]

use bytemuck::{Pod, Zeroable};
use npio::Element;
use npio::dtype::Bytes;
use std::error::Error;

/// As in the file: other fields, or another order of them, are an error.
#[derive(Clone, Copy, Debug, Element, Zeroable, Pod)]
#[repr(C, packed)]
struct Star {
    id: u32,
    magnitude: f64,
    name: Bytes<12>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [path, limit] = args.as_slice() else {
        return Err("usage: scan TABLE.npy LIMIT".into());
    };
    let limit: f64 = limit.parse()?;
    // SAFETY: no other program changes or shortens the file meanwhile.
    let table = unsafe { npio::open_memmap(path) }?;
    let stars = table.as_slice::<Star>()?;
    let bright = stars.iter().filter(|star| star.magnitude < limit);
    println!(
        "{} of {} are brighter than {limit}",
        bright.count(),
        stars.len()
    );
    let brightest = stars
        .iter()
        .min_by(|a, b| { a.magnitude }.total_cmp(&{ b.magnitude }));
    if let Some(Star {
        id,
        magnitude,
        name,
    }) = brightest.copied()
    {
        println!("{id} {name:?} {magnitude}");
    }
    Ok(())
}
