//! A table of records: written, read into structs by the names of its fields, filtered, and two columns
//! saved. Leaves its files in the folder that it is given, or in the current one.

use bytemuck::{AnyBitPattern, Pod, Zeroable};
use npio::dtype::{Be, Bytes};
use npio::{Array, Element};
use std::error::Error;
use std::path::PathBuf;

/// As a C program lays it out: there are 3 bytes of padding after `kind`, and 4 at the end.
#[derive(Clone, Copy, Debug, Element, AnyBitPattern)]
#[repr(C)]
struct Star {
    id: u32,
    kind: u8,
    #[element(rename = "magnitude")]
    brightness: f64,
    name: Bytes<12>,
}

/// The part that another program needs: fewer fields, in another order and byte order, without padding.
#[derive(Clone, Copy, Debug, Element, Zeroable, Pod)]
#[repr(C, packed)]
struct Brief {
    magnitude: Be<f64>,
    id: u32,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).unwrap_or_else(|| ".".into());
    let folder = PathBuf::from(folder);
    let path = folder.join("stars.npy");

    let star = |id, kind, brightness, name: &str| {
        let name = Bytes::new(name.as_bytes()).ok_or("a name of more than 12 bytes")?;
        Ok::<Star, Box<dyn Error>>(Star {
            id,
            kind,
            brightness,
            name,
        })
    };
    let stars = [
        star(1, b'A', -1.46, "Sirius")?,
        star(2, b'F', -0.74, "Canopus")?,
        star(3, b'M', 0.42, "Betelgeuse")?,
    ];
    npio::save(&path, &Array::from_records(&stars, [stars.len()])?)?;
    println!("{}", npio::load_header(&path)?.layout().dtype());

    let (stars, _) = npio::load_vec::<Star>(&path)?;
    for star in stars.iter().filter(|star| star.brightness < 0.0) {
        println!("{} {:?} {}", star.id, star.name, char::from(star.kind));
    }

    let (brief, _) = npio::load_vec::<Brief>(&path)?;
    let brightest = brief.iter().map(|star| { star.magnitude }.get());
    println!("brightest: {:?}", brightest.reduce(f64::min));

    let table = npio::load(&path)?;
    let columns = [
        ("id", table.field("id")?),
        ("magnitude", table.field("magnitude")?),
    ];
    npio::savez(folder.join("columns.npz"), columns.clone())?;
    println!("{}", Array::from_columns(columns)?);

    #[derive(Clone, Copy, Debug, Element, Zeroable, Pod)]
    #[repr(C)]
    struct Other {
        magnitude: f32,
    }
    if let Err(error) = table.to_vec::<Other>() {
        println!("{error}");
    }
    Ok(())
}
