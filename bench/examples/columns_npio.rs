use bytemuck::{Pod, Zeroable};
use npio::meta::{Dict, archive::MetadataFormat};
use npio::{Array, Element};
use std::error::Error;

#[derive(Clone, Copy, Element, Zeroable, Pod)]
#[repr(C, packed)]
struct Star {
    id: u32,
    magnitude: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut stars, _) = npio::load_vec::<Star>("stars.npy")?;
    stars.retain(|star| star.magnitude < 1.0);
    let bright = Array::from_slice(&stars, [stars.len()])?;
    let columns = [
        ("id", bright.field("id")?),
        ("magnitude", bright.field("magnitude")?),
    ];
    npio::savez("bright.npz", columns)?;
    let mdata = Dict::from_iter([("source", "stars.npy"), ("band", "V")]);
    npio::save_metadata("bright.npz", &mdata.into(), MetadataFormat::Items)?;
    Ok(())
}
