//! Explains NumPy's names and descriptors: `cargo run -p dtype --example dtype "i4,(2,3)f4"`.

use dtype::{DType, Error};

fn main() {
    for text in std::env::args().skip(1) {
        match describe(&text) {
            Ok(line) => println!("{line}"),
            Err(error) => eprintln!("{text}: {error}"),
        }
    }
}

fn describe(text: &str) -> Result<String, Error> {
    let dtype: DType = text.parse()?;
    let aligned = dtype.alignment();
    Ok(format!(
        "{dtype}: {} bytes, aligned to {aligned}",
        dtype.itemsize()
    ))
}
