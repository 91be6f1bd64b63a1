//! Every Rust call of the table in docs/numpy.md, as it is there and in its order.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]
#![expect(unsafe_code, reason = "mapping is unsafe; nobody else has these files")]

use bytemuck::{Pod, Zeroable};
use npio::flatfile::text::{self, table};
use npio::flatfile::{show, stats};
use npio::meta::archive::MetadataFormat;
use npio::meta::{self, Dict};
use npio::ndarray::ndarray::ArrayD;
use npio::npz::Update;
use npio::{
    Array, ByteOrder, Casting, DType, Element, FieldIndex, Layout, LoadOptions, Order, RawLayout,
    RecoverFrom, SaveOptions, SavezOptions, Value, can_cast, promote_types,
};
use std::env;
use std::error::Error;
use std::fs::{self, File};

#[derive(Clone, Copy, Element, Zeroable, Pod)]
#[repr(C, packed)]
struct Star {
    id: u32,
    magnitude: f64,
}

#[test]
fn every_call_does_what_it_says() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    env::set_current_dir(&folder)?;
    let x = Array::from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2, 3])?;
    npio::save("x.npy", &x)?;
    assert_eq!(npio::load("x.npy")?.as_bytes(), x.as_bytes());
    assert_eq!(npio::load_vec::<f64>("x.npy")?.1, [2, 3]);
    SaveOptions::new().order(Order::Fortran).save("x.npy", &x)?;
    assert_eq!(npio::load_header("x.npy")?.layout().order(), Order::Fortran);
    let in_c_order = LoadOptions::new().order(Order::C).load("x.npy")?;
    assert_eq!(in_c_order.as_bytes(), x.as_bytes());
    SaveOptions::new()
        .byte_order(ByteOrder::Big)
        .save("x.npy", &x)?;
    assert_eq!(npio::load("x.npy")?.dtype().to_string(), ">f8");
    npio::save("x.npy", &x)?;

    // SAFETY: nobody else has this file.
    let mapped = unsafe { npio::open_memmap("x.npy") }?;
    assert_eq!(mapped.as_bytes(), x.as_bytes());
    mapped.close();
    // SAFETY: nobody else has this file.
    unsafe { npio::OpenMemmapOptions::new().map_copy("x.npy") }?
        .as_mut_slice::<f64>()?
        .fill(9.0);
    // SAFETY: nobody else has this file.
    unsafe { npio::OpenMemmapOptions::new().map_mut("x.npy") }?
        .as_mut_slice::<f64>()?
        .copy_from_slice(x.as_slice()?);
    let layout = Layout::new(DType::F64, [3, 4], Order::C)?;
    // SAFETY: nobody else has this file.
    let zeros = unsafe { npio::OpenMemmapOptions::new().create("x.npy", layout) }?;
    assert_eq!(zeros.to_vec::<f64>()?, [0.0; 12]);
    zeros.close()?;
    npio::save("x.npy", &x)?;

    let mut items = [0.0; 6];
    npio::load_into("x.npy", &mut items)?;
    assert_eq!(items, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let mut rows = 0;
    for block in LoadOptions::new().row_blocks("x.npy", 1000)? {
        rows += block?.layout().count() / 3;
    }
    assert_eq!(rows, 2);
    let part = npio::load_slice("x.npy", &":10, ::2".parse()?)?;
    assert_eq!(part.to_vec::<f64>()?, [1.0, 3.0, 4.0, 6.0]);

    let rows = Array::from_slice(&[7.0, 8.0, 9.0], [1, 3])?;
    npio::append("x.npy", &rows)?;
    assert_eq!(npio::load("x.npy")?.shape(), [3, 3]);
    let mut written = SaveOptions::new().rows("x.npy", DType::F64, [3])?;
    written.push(&rows)?;
    written.finish()?;
    assert_eq!(npio::load("x.npy")?.shape(), [1, 3]);
    assert!(npio::verify("x.npy")?.is_empty());
    let whole = fs::read("x.npy")?;
    fs::write("x.npy", whole.get(..whole.len() - 1).unwrap())?;
    npio::repair("x.npy", RecoverFrom::Data)?;
    assert_eq!(npio::load("x.npy")?.shape(), [0, 3]);
    npio::save("x.npy", &x)?;

    assert_eq!(x.to_order(Order::C)?.as_bytes(), x.as_bytes());
    npio::tofile("x.dat", &x)?;
    assert_eq!(npio::fromfile("x.dat", DType::F64)?.shape(), [6]);
    let one = npio::fromfile("x.dat", RawLayout::new(DType::F64).shape([1]))?;
    assert_eq!(one.to_vec::<f64>()?, [1.0]);
    let column = npio::fromfile("x.dat", RawLayout::new(DType::F64).shape([-1, 1]).offset(8))?;
    assert_eq!(column.shape(), [5, 1]);
    let bytes = fs::read("x.dat")?;
    assert_eq!(RawLayout::new(DType::U8).view(&bytes)?.shape(), [48]);
    let x = x.reshape([2, -1])?;
    npio::save("x.npy", &x)?;
    let transposed = LoadOptions::new()
        .open_array("x.npy")?
        .transposed()?
        .read()?;
    assert_eq!(transposed.shape(), [3, 2]);
    assert_eq!(x.with_dtype(DType::U64)?.dtype().to_string(), "<u8");
    let x = npio::load("x.npy")?;
    npio::save_raw("name_float64_2_3.dat", &x)?;
    assert_eq!(npio::load("name_float64_2_3.dat")?.as_bytes(), x.as_bytes());
    // SAFETY: nobody else has this file.
    let mapped = unsafe { npio::memmap("x.dat", DType::F64) }?;
    assert_eq!(mapped.shape(), [6]);
    mapped.close();
    let path = "name_float64_2_3.dat";
    // SAFETY: nobody else has this file.
    let named = unsafe { npio::memmap(path, npio::format_in_name(path)?) }?;
    assert_eq!(named.shape(), [2, 3]);
    named.close();
    // SAFETY: nobody else has this file.
    unsafe { npio::MemmapOptions::new(DType::F64).map_mut("x.dat") }?.close()?;
    // SAFETY: nobody else has this file.
    unsafe { npio::MemmapOptions::new(DType::F64).map_copy("x.dat") }?.close()?;
    let layout = Layout::new(DType::F64, [3, 4], Order::C)?;
    // SAFETY: nobody else has this file.
    unsafe { npio::MemmapOptions::new(layout).create("new.dat") }?.close()?;

    npio::tofile_sep("x.txt", &x, ",")?;
    assert_eq!(fs::read("x.txt")?, b"1.0,2.0,3.0,4.0,5.0,6.0");
    let read = npio::fromfile_sep("x.txt", DType::F64, ",")?;
    assert_eq!(read.as_bytes(), x.as_bytes());
    SaveOptions::new()
        .text(text::WriteOptions::new().format("%.3f".parse()?))
        .tofile_sep("x.txt", &x, ",")?;
    assert_eq!(fs::read("x.txt")?.get(..12), Some(&b"1.000,2.000,"[..]));
    assert_eq!(npio::fromstring("1 2 3", DType::I64, " ")?.shape(), [3]);
    npio::savetxt("x.txt", &x)?;
    let read = npio::loadtxt("x.txt", DType::F64)?;
    assert_eq!((read.shape(), read.as_bytes()), (x.shape(), x.as_bytes()));
    SaveOptions::new()
        .table(table::WriteOptions::new().format("%g").delimiter(","))
        .savetxt("x.csv", &x)?;
    assert_eq!(fs::read("x.csv")?, b"1,2,3\n4,5,6\n");
    let read = LoadOptions::new()
        .table(table::ReadOptions::new().delimiter(',').usecols([0, 2]))
        .loadtxt("x.csv", DType::F64)?;
    assert_eq!(read.to_vec::<f64>()?, [1.0, 3.0, 4.0, 6.0]);
    let read = LoadOptions::new()
        .table(table::ReadOptions::csv().names())
        .genfromtxt("x.csv", DType::F64)?;
    assert_eq!(read.to_string(), "[(4., 5., 6.)]");
    let read = LoadOptions::new()
        .table(table::ReadOptions::csv().missing_values(["NA"]))
        .genfromtxt("x.csv", None)?;
    assert_eq!(read.to_string(), "[[1 2 3]\n [4 5 6]]");
    npio::savetxt("x.txt.gz", &x)?;
    assert_eq!(fs::read("x.txt.gz")?[..2], [0x1f, 0x8b]);
    let read = npio::loadtxt("x.txt.gz", DType::F64)?;
    assert_eq!(read.as_bytes(), x.as_bytes());
    show::json(&x.strided(), File::create("x.json")?)?;
    let text = &fs::read_to_string("x.json")?;
    assert_eq!(text, "[[1.0,2.0,3.0],[4.0,5.0,6.0]]");
    assert_eq!(meta::json::to_array(text, None)?.as_bytes(), x.as_bytes());

    assert_eq!(x.astype(DType::F32, Casting::Unsafe)?.dtype(), &DType::F32);
    let small = LoadOptions::new()
        .astype(DType::F32, Casting::SameKind)
        .load("x.npy")?;
    assert_eq!(small.dtype(), &DType::F32);
    assert_eq!(promote_types(&DType::I32, &DType::U32), Some(DType::I64));
    assert!(can_cast(&DType::F64, &DType::F32, Casting::SameKind));
    let stars = Array::from_slice(
        &[Star {
            id: 1,
            magnitude: 0.5,
        }],
        [1],
    )?;
    npio::save("stars.npy", &stars)?;
    assert_eq!({ npio::load_vec::<Star>("stars.npy")?.0[0].magnitude }, 0.5);
    let id = LoadOptions::new()
        .fields(FieldIndex::one("id"))
        .load("stars.npy")?;
    assert_eq!(id.to_vec::<u32>()?, [1]);
    let turned = LoadOptions::new()
        .fields("magnitude,id".parse()?)
        .load("stars.npy")?;
    assert_eq!(turned.dtype().itemsize(), 12);
    assert_eq!(stars.field("id")?.to_vec::<u32>()?, [1]);
    let y = x.clone();
    let columns = Array::from_columns([("x", &x), ("y", &y)])?;
    assert_eq!(columns.dtype().to_string(), "[('x', '<f8'), ('y', '<f8')]");
    let a: ArrayD<f64> = npio::load_ndarray("x.npy")?;
    npio::save("x.npy", &a)?;
    assert_eq!((a.shape(), a[[1, 2]]), (&[2, 3][..], 6.0));
    archives(&x)?;
    let mdata = Value::from([("author", "Emma")].into_iter().collect::<Dict>());
    npio::save_metadata("x.npz", &mdata, MetadataFormat::Items)?;
    let found = npio::load_npz("x.npz")?.metadata()?;
    assert_eq!(found.map(|found| found.value), Some(mdata.clone()));
    npio::save_value("x.npy", &mdata)?;
    let loaded = LoadOptions::new().allow_pickle().load_value("x.npy")?;
    assert_eq!(loaded.into_item()?, mdata);
    npio::save("x.npy", &x)?;
    assert_eq!(stats::Stats::new(x.dtype())?.count(), 0);
    let mut along = stats::AxisStats::new(x.layout(), 0)?;
    along.add_rows(&x.strided())?;
    assert_eq!(along.into_stats().count(), 3);
    assert!(!stats::Quantiles::new(x.dtype(), 6, &[0.1, 0.9])?.is_done());
    let shown = show::Options::new().precision(3).suppress();
    let tiny = Array::from_slice(&[2.0 / 3.0, 1e-9], [2])?;
    assert_eq!(shown.array(&tiny.strided())?.to_string(), "[0.667 0.   ]");
    let header = npio::load_header("x.npy")?;
    let layout = header.layout().clone();
    assert_eq!(npio::size::Sizes::of(&layout)?.npy, 176);
    Ok(())
}

fn archives(x: &Array) -> Result<(), Box<dyn Error>> {
    let (x, y) = (x.clone(), Array::from_slice(&[7u8], [1])?);
    npio::savez_compressed("x.npz", [("x", &x), ("y", &y)])?;
    assert!(npio::load_npz("x.npz")?.verify().is_empty());
    npio::savez("x.npz", [("x", &x), ("y", &y)])?;
    npio::update_npz("x.npz", &Update::new().set("y", &x))?;
    drop(SavezOptions::new().in_place().updater("x.npz")?);
    let archive = npio::load_npz("x.npz")?;
    assert_eq!(archive.names().collect::<Vec<_>>(), ["x", "y"]);
    assert_eq!(archive.load("x")?.as_bytes(), x.as_bytes());
    assert_eq!(archive.load_header("x")?.layout(), x.layout());
    assert!(archive.verify().is_empty());
    assert_eq!(archive.load_bytes("x")?.len(), 176);
    // SAFETY: nobody else has this file.
    let mapped = npz::Archive::new(unsafe { npio::Mmap::open("x.npz") }?)?;
    assert_eq!(mapped.get("x")?.view()?.as_slice::<f64>()?.len(), 6);
    Ok(())
}
