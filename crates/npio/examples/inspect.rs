//! Prints what files contain without reading their data: `inspect FILE…`, each a `.npy`, a `.npz`, or a raw
//! file whose name gives its layout.

use npio::dtype::Layout;
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args_os().skip(1).map(PathBuf::from) {
        let name = path.display();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("npy") => say(&name.to_string(), npio::load_header(&path)?.layout()),
            Some("npz") => {
                let archive = npio::load_npz(&path)?;
                for member in archive.names() {
                    let header = archive.load_header(member)?;
                    say(&format!("{name}::{member}"), header.layout());
                }
            }
            _ => {
                let layout = npio::layout_in_name(&path).ok_or("no layout in the name")?;
                say(&name.to_string(), &layout);
            }
        }
    }
    Ok(())
}

fn say(name: &str, layout: &Layout) {
    println!("{name}: {layout}, {} bytes", layout.nbytes());
}
