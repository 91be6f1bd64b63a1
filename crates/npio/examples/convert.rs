//! The array of one file in another: `convert IN OUT [DTYPE]`. A `.npy` has its layout in its header, a `.csv` is a
//! table of numbers, and a raw file has its layout in its name.

use npio::flatfile::text::table;
use npio::{Array, Casting, DType, LoadOptions, SaveOptions};
use std::error::Error;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<_> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let (from, to, dtype) = match args.as_slice() {
        [from, to] => (from, to, None),
        [from, to, dtype] => (
            from,
            to,
            Some(dtype.display().to_string().parse::<DType>()?),
        ),
        _ => return Err("usage: convert IN OUT [DTYPE]".into()),
    };
    let mut array = if is_csv(from) {
        let csv = table::ReadOptions::new().delimiter(',');
        LoadOptions::new().table(csv).loadtxt(from, DType::F64)?
    } else {
        npio::load(from)?
    };
    if let Some(dtype) = dtype {
        array = array.astype(dtype, Casting::SameKind)?;
    }
    save(to, &array)
}

fn save(path: &Path, array: &Array) -> Result<(), Box<dyn Error>> {
    if is_csv(path) {
        let csv = table::WriteOptions::new().delimiter(",").format("%s");
        SaveOptions::new().table(csv).savetxt(path, array)?;
    } else {
        npio::save(path, array)?
    }
    Ok(())
}

fn is_csv(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "csv")
}
