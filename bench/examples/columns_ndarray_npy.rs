use ndarray::{Array0, Array1};
use ndarray_npy::{NpzWriter, ReadDataError, ReadableElement, WritableElement, WriteDataError};
use py_literal::Value;
use std::error::Error;
use std::fs::File;
use std::io::{Read, Write};

struct Star {
    id: u32,
    magnitude: f64,
}

// There are no records: this reads those of one layout.
impl ReadableElement for Star {
    fn read_to_end_exact_vec<R: Read>(
        mut reader: R,
        descr: &Value,
        count: usize,
    ) -> Result<Vec<Star>, ReadDataError> {
        let wanted = "[('id', '<u4'), ('magnitude', '<f8'), ('name', '|S12')]".parse();
        if wanted.ok().as_ref() != Some(descr) {
            return Err(ReadDataError::WrongDescriptor(descr.clone()));
        }
        let mut stars = Vec::new();
        for _ in 0..count {
            let (mut id, mut magnitude, mut name) = ([0; 4], [0; 8], [0; 12]);
            reader.read_exact(&mut id)?;
            reader.read_exact(&mut magnitude)?;
            reader.read_exact(&mut name)?;
            let (id, magnitude) = (u32::from_le_bytes(id), f64::from_le_bytes(magnitude));
            stars.push(Star { id, magnitude });
        }
        match reader.read(&mut [0])? {
            0 => Ok(stars),
            more => Err(ReadDataError::ExtraBytes(more)),
        }
    }
}

// Nor is there text, and an item's type cannot depend on its value: all are of nine characters.
#[derive(Clone)]
struct Text(&'static str);

impl WritableElement for Text {
    fn type_descriptor() -> Value {
        Value::String("<U9".into())
    }

    fn write<W: Write>(&self, mut writer: W) -> Result<(), WriteDataError> {
        for at in 0..9 {
            let c = self.0.chars().nth(at).map_or(0, u32::from);
            writer.write_all(&c.to_le_bytes())?;
        }
        Ok(())
    }

    fn write_slice<W: Write>(items: &[Text], mut writer: W) -> Result<(), WriteDataError> {
        items.iter().try_for_each(|item| item.write(&mut writer))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut stars = ndarray_npy::read_npy::<_, Array1<Star>>("stars.npy")?
        .into_raw_vec_and_offset()
        .0;
    stars.retain(|star| star.magnitude < 1.0);
    let mut npz = NpzWriter::new(File::create("bright.npz")?);
    npz.add_array("id", &Array1::from_iter(stars.iter().map(|star| star.id)))?;
    npz.add_array(
        "magnitude",
        &Array1::from_iter(stars.iter().map(|star| star.magnitude)),
    )?;
    for (key, value) in [("source", "stars.npy"), ("band", "V")] {
        npz.add_array(key, &Array0::from_elem((), Text(value)))?;
    }
    npz.finish()?;
    Ok(())
}
