use npyz::WriterBuilder;
use std::error::Error;
use std::fs::File;
use std::io::BufReader;

// Every field of the file, in its order.
#[derive(npyz::Deserialize)]
struct Star {
    id: u32,
    magnitude: f64,
    #[allow(dead_code)]
    name: Vec<u8>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let file = npyz::NpyFile::new(BufReader::new(File::open("stars.npy")?))?;
    let mut stars = file.into_vec::<Star>()?;
    stars.retain(|star| star.magnitude < 1.0);
    let shape = [stars.len() as u64];
    let mut npz = npyz::npz::NpzWriter::create("bright.npz")?;
    let member = npz.array("id", Default::default())?;
    let mut ids = member.default_dtype().shape(&shape).begin_nd()?;
    ids.extend(stars.iter().map(|star| star.id))?;
    ids.finish()?;
    let member = npz.array("magnitude", Default::default())?;
    let mut magnitudes = member.default_dtype().shape(&shape).begin_nd()?;
    magnitudes.extend(stars.iter().map(|star| star.magnitude))?;
    magnitudes.finish()?;
    for (key, value) in [("source", "stars.npy"), ("band", "V")] {
        let dtype = npyz::DType::Plain(format!("<U{}", value.chars().count()).parse()?);
        let member = npz.array::<str>(key, Default::default())?;
        let mut item = member.dtype(dtype).shape(&[]).begin_nd()?;
        item.push(value)?;
        item.finish()?;
    }
    Ok(())
}
