//! Arrays read and written in memory, without a file system: `cargo run --example in_memory`. It also runs as
//! WebAssembly, where there is none.

use npio::flatfile::{npy, show, text};
use npio::npz::{Archive, Compression, Writer};
use npio::{Array, DType};
use std::io::Cursor;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let x = Array::from_slice(&[1.0, 2.5, -3.0, 4.0, 5.0, 6.0], [2, 3])?;

    // The bytes of a .npy, and the array in them without a copy.
    let bytes = npy::to_bytes(&x)?;
    let (view, length) = npy::parse(&bytes)?;
    assert_eq!(
        (view.as_slice::<f64>()?, length),
        (x.as_slice()?, bytes.len())
    );

    // An archive of two arrays, one of them compressed.
    let mut writer = Writer::new(Cursor::new(Vec::new()));
    writer.array("x", &x)?;
    writer.set_compression(Compression::deflated(6));
    writer.array("y", &Array::from_slice(&[7u16; 10_000], [100, 100])?)?;
    let archive = Archive::new(writer.finish()?.into_inner())?;
    assert_eq!(archive.get("x")?.view()?.to_string(), x.to_string());
    let y = archive.get("y")?.read()?.to_vec::<u16>()?;
    assert_eq!(y, [7; 10_000]);

    // Text, written and read.
    let numbers = text::read(&b"0.1, 2, 3e300"[..], DType::F64, ",")?;
    assert_eq!(numbers.to_vec::<f64>()?, [0.1, 2.0, 3e300]);
    let mut json = Vec::new();
    show::json(&x.strided(), &mut json)?;
    assert_eq!(json, b"[[1.0,2.5,-3.0],[4.0,5.0,6.0]]");

    // Calls that need a file return an error.
    let missing = npio::load("no such file.npy");
    assert!(missing.is_err_and(|error| error.io_error().is_some()));
    println!("{x}");
    Ok(())
}
