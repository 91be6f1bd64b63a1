//! A log that grows row by row and is a whole `.npy` at every moment: `append_rows LOG.npy` adds three rows, and
//! makes the file if there is none.

use npio::{AppendOptions, Array, DType, RecoverFrom, SaveOptions};
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1);
    let path = PathBuf::from(path.ok_or("usage: append_rows LOG.npy")?);
    if !path.exists() {
        // Time and temperature.
        SaveOptions::new().rows(&path, DType::F64, [2])?.finish()?;
    }
    // Rows that an earlier run wrote and did not commit are dropped.
    let mut log = AppendOptions::new()
        .recover(RecoverFrom::Header)
        .open(&path)?;
    for minute in 0..3 {
        let row = [f64::from(minute), 20.0 + f64::from(minute) / 4.0];
        log.push(&Array::from_slice(&row, [1, 2])?)?;
    }
    // From here on every reader sees them.
    log.commit()?;
    drop(log);
    println!("{}", npio::load_header(&path)?.layout());
    Ok(())
}
