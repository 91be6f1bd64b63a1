//! The lesson on NumPy's files, cell by cell: how large a file becomes, what dtype and layout have to do with it, and
//! where the facts about the data are kept. Leaves its files in the folder that it is given, or in the current one.

use npio::flatfile::text;
use npio::meta::archive::MetadataFormat;
use npio::meta::name::FileName;
use npio::size::Sizes;
use npio::{Array, Casting, DType, Layout, LoadOptions, Order, RawLayout, SaveOptions, Value};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// The notebook's metadata.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
struct Mdata {
    author: String,
    age: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).unwrap_or_else(|| ".".into());
    let folder = PathBuf::from(folder);
    as_text(&folder)?;
    binary(&folder)?;
    dimensions(&folder)?;
    mapped(&folder)?;
    self_describing(&folder)?;
    name_as_metadata(&folder)?;
    metadata(&folder)?;
    table(&folder)
}

/// Text of variable length: `x.tofile(f, sep=",", format="%2d")`.
fn as_text(folder: &Path) -> Result<(), Box<dyn Error>> {
    let x = Array::from_vec((0..10).collect::<Vec<i32>>(), [10])?;
    let path = folder.join("data.txt");
    let format = text::WriteOptions::new().format("%2d".parse()?);
    SaveOptions::new().text(format).tofile_sep(&path, &x, ",")?;
    let written = fs::read_to_string(&path)?;
    println!("text of {} bytes: {written}", written.len());
    let read = npio::fromfile_sep(&path, DType::I32, ",")?;
    assert_eq!(read.as_bytes(), x.as_bytes());
    println!("read again: {read}");
    Ok(())
}

/// Binary files, which do not describe their contents.
fn binary(folder: &Path) -> Result<(), Box<dyn Error>> {
    let path = folder.join("data.bin");
    let x = Array::from_vec(vec![0i32, 1], [2])?;
    println!("x.tobytes(): {:?}", x.as_bytes());
    npio::tofile(&path, &x)?;
    println!("as int32: {}", npio::fromfile(&path, DType::I32)?);
    println!("as uint8: {}", npio::fromfile(&path, DType::U8)?);
    // A shape that does not fit is an error here, not an array with a warning.
    match npio::fromfile(folder.join("data.txt"), DType::F64) {
        Ok(other) => println!("text as float64: {other}"),
        Err(error) => println!("{error}"),
    }
    // Nor is another file read as a text of one item.
    match npio::fromfile_sep(&path, DType::I32, ",") {
        Ok(other) => println!("binary as text: {other}"),
        Err(error) => println!("{error}"),
    }
    Ok(())
}

/// Several dimensions: the shape has to be kept elsewhere.
fn dimensions(folder: &Path) -> Result<(), Box<dyn Error>> {
    let path = folder.join("matrix.bin");
    let x = Array::from_vec((0..12i32).collect(), [3, 4])?;
    npio::tofile(&path, &x)?;
    println!(
        "{}",
        npio::fromfile(&path, RawLayout::new(DType::I32).shape([3, 4]))?
    );
    let small = x.astype(DType::I8, Casting::Unsafe)?;
    let (bytes, wide) = (small.as_bytes().len(), x.as_bytes().len());
    println!("as int8: {bytes} bytes instead of {wide}");
    // A file that `tofile` wrote is not a .npy, whatever its name.
    fs::copy(&path, folder.join("no.npy"))?;
    println!(
        "{}",
        npio::load(folder.join("no.npy")).expect_err("no .npy")
    );
    fs::remove_file(folder.join("no.npy"))?;
    Ok(())
}

/// A file as memory, closed when it is dropped, not when a garbage collector runs. It is `unsafe` because another
/// program may change the file.
#[expect(unsafe_code, reason = "nobody else changes the file meanwhile")]
fn mapped(folder: &Path) -> Result<(), Box<dyn Error>> {
    let path = folder.join("mapped.npy");
    let layout = Layout::new(DType::I32, [3, 4], Order::C)?;
    // SAFETY: the file was just made here, and no other program uses it.
    let mut y = unsafe { npio::OpenMemmapOptions::new().create(&path, layout) }?;
    y.as_mut_slice::<i32>()?.copy_from_slice(&[7; 12]);
    drop(y);
    println!("{}", npio::load(&path)?);
    Ok(())
}

/// Files that describe themselves: `.npy` for one array, `.npz` for many.
fn self_describing(folder: &Path) -> Result<(), Box<dyn Error>> {
    let x = Array::from_vec((0..10i32).collect(), [10])?;
    let y = Array::from_vec(vec![0.5, 1.5], [2])?;
    npio::save(folder.join("x.npy"), &x)?;
    println!("{}", npio::load(folder.join("x.npy"))?);
    npio::savez(folder.join("xy.npz"), [("x", &x), ("y", &y)])?;
    for (name, array) in npio::load_npz(folder.join("xy.npz"))?.load_all()? {
        println!("{name}: {array}");
    }
    Ok(())
}

/// The file's name as metadata.
fn name_as_metadata(folder: &Path) -> Result<(), Box<dyn Error>> {
    let x = Array::from_vec((0..20i32).collect(), [4, 5])?;
    let path = folder.join("name_int32_4_5.dat");
    npio::save_raw(&path, &x)?;
    let named = FileName::parse("name_int32_4_5.dat")?;
    println!("{}: {}", named.name, named.layout);
    assert_eq!(npio::load(&path)?.shape(), [4, 5]);
    Ok(())
}

/// Metadata in NumPy's files: as a pickle, as items, and as JSON.
fn metadata(folder: &Path) -> Result<(), Box<dyn Error>> {
    let (author, age) = ("Emma".to_owned(), 1.5);
    let mdata = Mdata { author, age };
    let value = npio::to_value(&mdata)?;
    let x = Array::from_vec((0..10i32).collect(), [10])?;
    for (name, format) in [
        ("mdata_pickle.npz", MetadataFormat::Pickle),
        ("mdata_items.npz", MetadataFormat::Items),
        ("mdata_json.npz", MetadataFormat::Json),
    ] {
        let path = folder.join(name);
        npio::savez(&path, [("x", &x)])?;
        // Beside the array, which stays as it is.
        npio::save_metadata(&path, &value, format)?;
        let archive = LoadOptions::new().allow_pickle().load_npz(&path)?;
        let found = archive.metadata()?.ok_or("no metadata")?;
        println!("{name}: {} as {:?}", found.value, found.format);
        assert_eq!(npio::from_value::<Mdata>(found.value)?, mdata);
        assert_eq!(archive.load("x")?.as_bytes(), x.as_bytes());
    }
    // A pickle is refused unless allowed, although nothing in it would be run.
    let refused = npio::load_npz(folder.join("mdata_pickle.npz"))?.metadata();
    println!("{}", refused.expect_err("a pickle"));
    npio::save_value(folder.join("mdata.npy"), &value)?;
    let loaded = LoadOptions::new()
        .allow_pickle()
        .load_value(folder.join("mdata.npy"))?;
    let item = loaded.into_item()?;
    let author = item.as_dict().and_then(|dict| dict.get("author"));
    assert_eq!(author.and_then(Value::as_str), Some("Emma"));
    Ok(())
}

/// The sizes in memory and in every format.
fn table(folder: &Path) -> Result<(), Box<dyn Error>> {
    println!("\ndtype  in memory   text    raw    npy    npz  compressed");
    let numbers = Array::from_vec((0..100i64).collect(), [100])?;
    for dtype in [
        DType::I8,
        DType::I32,
        DType::I64,
        DType::F32,
        DType::F64,
        DType::C128,
    ] {
        let x = numbers.astype(dtype.clone(), Casting::Unsafe)?;
        let stem = dtype.to_string().replace(['<', '>', '|'], "");
        let path = |suffix: &str| folder.join(format!("size_{stem}.{suffix}"));
        npio::tofile_sep(path("txt"), &x, ",")?;
        npio::tofile(path("bin"), &x)?;
        npio::save(path("npy"), &x)?;
        npio::savez(path("npz"), [("x", &x)])?;
        npio::savez_compressed(path("z.npz"), [("x", &x)])?;
        let bytes = |suffix: &str| fs::metadata(path(suffix)).map(|metadata| metadata.len());
        assert_eq!(bytes("npy")?, Sizes::of(x.layout())?.npy);
        println!(
            "{stem:5} {:>10} {:>6} {:>6} {:>6} {:>6} {:>11}",
            x.as_bytes().len(),
            bytes("txt")?,
            bytes("bin")?,
            bytes("npy")?,
            bytes("npz")?,
            bytes("z.npz")?
        );
    }
    Ok(())
}
