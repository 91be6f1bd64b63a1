//! Facts beside arrays, in each of the three formats that NumPy's users have: leaves its files in the folder
//! that it is given, or in the current one.

use npio::meta::archive::MetadataFormat;
use npio::{Array, LoadOptions};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::path::PathBuf;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Recording {
    author: String,
    rate: f64,
    channels: u32,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).unwrap_or_else(|| ".".into());
    let folder = PathBuf::from(folder);
    let facts = Recording {
        author: "Emma".into(),
        rate: 44_100.0,
        channels: 2,
    };
    let x = Array::from_slice(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
    for (name, format) in [
        ("items.npz", MetadataFormat::Items),
        ("json.npz", MetadataFormat::Json),
        ("pickle.npz", MetadataFormat::Pickle),
    ] {
        let path = folder.join(name);
        npio::savez(&path, [("x", &x)])?;
        // The existing arrays are copied unchanged.
        npio::save_metadata(&path, &npio::to_value(&facts)?, format)?;

        // Reading a pickle runs nothing, but it still has to be allowed, as in NumPy.
        let archive = LoadOptions::new().allow_pickle().load_npz(&path)?;
        let found = archive.metadata()?.ok_or("there is no metadata")?;
        println!("{name}: {:?}", found.format);
        assert_eq!(npio::from_value::<Recording>(found.value)?, facts);
    }
    Ok(())
}
