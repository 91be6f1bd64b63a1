//! An archive of many arrays, written on all cores and read by several threads over one open file. Leaves it in
//! the folder that it is given, or in the current one.

use npio::{Array, SavezOptions};
use std::error::Error;
use std::path::PathBuf;
use std::thread;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).unwrap_or_else(|| ".".into());
    let path = PathBuf::from(folder).join("waves.npz");

    // A member at a time, so that only one of them is in memory.
    let mut archive = SavezOptions::new().deflate(6).create(&path)?;
    for wave in 1..=8 {
        let items = (0..100_000).map(|i| (f64::from(i * wave) / 1000.0).sin().round());
        let array = Array::from_vec(items.collect(), [1000, 100])?;
        archive.array(&format!("wave{wave}"), &array)?;
    }
    archive.finish()?;

    let archive = npio::load_npz(&path)?;
    let names: Vec<&str> = archive.names().collect();
    let sum = |names: &[&str]| {
        let mut sum = 0.0;
        for name in names {
            sum += archive.load_vec::<f64>(name)?.0.iter().sum::<f64>();
        }
        Ok::<f64, npio::Error>(sum)
    };
    let (left, right) = names.split_at(names.len() / 2);
    let (left, right) = thread::scope(|scope| {
        let left = scope.spawn(|| sum(left));
        (left.join(), sum(right))
    });
    let total = left.map_err(|_| "a thread panicked")?? + right?;
    println!("{} arrays, whose sum is {total}", archive.names().len());
    Ok(())
}
