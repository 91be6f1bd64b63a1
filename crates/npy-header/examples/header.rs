//! Prints the header of an .npy on stdin: `cargo run -p npy-header --example header < x.npy`.

use npy_header::{Error, Header, Parse};
use std::io::{self, Read};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut bytes = Vec::new();
    let (header, data_offset) = loop {
        match Header::parse(&bytes)? {
            Parse::Done {
                header,
                data_offset,
            } => break (header, data_offset),
            // The parser does no I/O: it returns how far to read, and is called again.
            Parse::Need(n) => {
                let missing = (n - bytes.len()) as u64;
                io::stdin().take(missing).read_to_end(&mut bytes)?;
                if bytes.len() < n {
                    return Err(Error::truncated(n, bytes.len()).into());
                }
            }
        }
    };
    println!("{}, version {}", header.layout(), header.version());
    println!(
        "{} bytes from byte {data_offset} on",
        header.layout().nbytes()
    );
    Ok(())
}
