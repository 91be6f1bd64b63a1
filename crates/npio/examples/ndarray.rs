//! Loads an array into the ndarray crate, and saves a view of the result: `ndarray IN.npy OUT.npy`.

use npio::ndarray::ndarray::{ArrayD, Axis};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<_> = std::env::args_os().skip(1).collect();
    let [from, to] = paths.as_slice() else {
        return Err("usage: ndarray IN.npy OUT.npy".into());
    };
    let x: ArrayD<f64> = npio::load_ndarray(from)?;
    let mut centred = match x.mean_axis(Axis(0)) {
        Some(means) => x - means,
        None => x,
    };
    centred.invert_axis(Axis(0));
    npio::save(to, centred.t())?;
    Ok(())
}
