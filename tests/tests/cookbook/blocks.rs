//! The blocks of docs/cookbook.md. Nothing is in scope but what they name.

#![expect(unsafe_code, reason = "mapping is unsafe; nobody else has these files")]
#![expect(
    unused_qualifications,
    reason = "whoever copies them has other crates at hand"
)]

use super::Outcome;

pub(super) fn load_an_array_when_you_know_its_type() -> Outcome {
    let (items, shape) = npio::load_vec::<f64>("x.npy")?; // C order and native bytes, whatever the file has
    assert_eq!((shape, items.len()), (vec![2, 3], 6));
    Ok(())
}

pub(super) fn load_an_array_when_you_do_not() -> Outcome {
    use npio::DType;
    let x = npio::load("x.npy")?;
    let sum: f64 = match x.dtype() {
        DType::Number(number, _) if number.kind() != 'c' => {
            let x = x.astype(&DType::F64, npio::Casting::Unsafe)?;
            x.as_slice::<f64>()?.iter().sum()
        }
        other => panic!("no numbers: {other}"),
    };
    assert_eq!(sum, 21.0);
    Ok(())
}

pub(super) fn see_what_a_file_is_without_reading_its_data() -> Outcome {
    let header = npio::load_header("x.npy")?;
    assert_eq!(header.layout().shape(), [2, 3]);
    assert_eq!(header.layout().dtype().to_string(), "<f8");
    Ok(())
}

pub(super) fn read_some_rows_of_a_large_file() -> Outcome {
    use npio::flatfile::npy::ReadOptions;
    let file = std::fs::File::open("x.npy")?;
    let last = ReadOptions::new().read_slice_at(&file, 0, &"-1, ::2".parse()?)?;
    assert_eq!(last.to_vec::<f64>()?, [4.0, 6.0]);
    Ok(())
}

pub(super) fn go_through_an_array_that_is_larger_than_memory() -> Outcome {
    let mut sum = 0.0;
    for rows in npio::LoadOptions::new().row_blocks("x.npy", 1000)? {
        sum += rows?.as_slice::<f64>()?.iter().sum::<f64>();
    }
    assert_eq!(sum, 21.0);
    Ok(())
}

pub(super) fn map_a_file_instead_of_loading_it() -> Outcome {
    // SAFETY: this program made the file, and nobody else writes to it.
    let x = unsafe { npio::open_memmap("x.npy") }?;
    assert_eq!(x.as_slice::<f64>()?[5], 6.0);
    Ok(())
}

pub(super) fn change_some_items_of_a_file_in_place() -> Outcome {
    // SAFETY: as above.
    let mut x = unsafe { npio::open_memmap_mut("x.npy") }?;
    x.as_mut_slice::<f64>()?[0] = -1.0;
    x.close()?; // what was written is in the file
    assert_eq!(npio::load_vec::<f64>("x.npy")?.0[0], -1.0);
    Ok(())
}

pub(super) fn let_a_file_grow_row_by_row() -> Outcome {
    use npio::Array;
    let row = Array::from_slice(&[7.0, 8.0, 9.0], [1, 3])?;
    npio::append("x.npy", &row)?; // the old array or the new one at any time, even if the program is killed
    assert_eq!(npio::load("x.npy")?.shape(), [3, 3]);

    let mut log = npio::AppendOptions::new().open("x.npy")?; // many rows: the header is written once
    log.push(&row)?;
    log.push(&row)?;
    log.commit()?;
    assert_eq!(npio::load("x.npy")?.shape(), [5, 3]);
    Ok(())
}

pub(super) fn write_an_array_whose_number_of_rows_is_not_known_yet() -> Outcome {
    use npio::{Array, DType, SaveOptions};
    let mut rows = SaveOptions::new().rows("new.npy", DType::I32, [2])?;
    for i in 0..10i32 {
        rows.push(&Array::from_slice(&[i, i * i], [1, 2])?)?;
    }
    rows.finish()?; // only now the file has its name
    assert_eq!(npio::load("new.npy")?.shape(), [10, 2]);
    Ok(())
}

pub(super) fn read_what_came_over_the_network_and_write_what_goes_there() -> Outcome {
    use npio::flatfile::npy;
    let x = npio::Array::from_slice(&[1u8, 2, 3], [3])?;
    let body: Vec<u8> = npy::to_bytes(&x)?;

    let (view, _) = npy::parse(&body)?; // a view of these bytes
    assert_eq!(view.as_slice::<u8>()?, [1, 2, 3]);
    let stream: &[u8] = &body; // or anything else that is `Read`: a socket, a decompressor
    assert_eq!(npy::read(stream)?.shape(), [3]);
    Ok(())
}

pub(super) fn convert_while_loading_another_type_order_byte_order() -> Outcome {
    use npio::{Casting, DType, LoadOptions, Order};
    let x = LoadOptions::new()
        .astype(DType::F32, Casting::SameKind)
        .order(Order::Fortran)
        .load("x.npy")?;
    assert_eq!(x.dtype(), &DType::F32);
    Ok(())
}

pub(super) fn read_a_raw_binary_file_that_has_a_header_of_its_own() -> Outcome {
    use npio::{ByteOrder, DType, RawFormat};
    std::fs::write("sensor.bin", b"HEADER..\x00\x01\x00\x02\x00\x03")?;
    let counts = DType::I16.with_byte_order(ByteOrder::Big);
    let x = npio::fromfile("sensor.bin", RawFormat::new(counts).offset(8))?;
    assert_eq!(x.to_vec::<i16>()?, [1, 2, 3]);
    Ok(())
}

pub(super) fn put_the_layout_into_the_name_of_a_raw_file() -> Outcome {
    let x = npio::Array::from_vec((0..20i32).collect(), [4, 5])?;
    npio::save("fish_int32_4_5.dat", &x)?; // raw; the name has to be right
    assert_eq!(npio::load("fish_int32_4_5.dat")?.shape(), [4, 5]);
    Ok(())
}

pub(super) fn read_a_csv_file_with_names_and_different_types() -> Outcome {
    use npio::flatfile::text::table;
    use npio::{DType, LoadOptions};
    std::fs::write("fish.csv", "name,length\ncod,90.5\neel,120\n")?;
    let dtype: DType = "[('name', 'U8'), ('length', 'f8')]".parse()?;
    let csv = table::ReadOptions::new().delimiter(',').quote(b'"').names();
    let fish = LoadOptions::new().table(csv).loadtxt("fish.csv", &dtype)?;
    assert_eq!(fish.field("length")?.to_vec::<f64>()?, [90.5, 120.0]);
    Ok(())
}

pub(super) fn write_text_that_other_programs_read() -> Outcome {
    use npio::SaveOptions;
    use npio::flatfile::text;
    let x = npio::load("x.npy")?;
    npio::savetxt("x.txt", &x)?; // as NumPy: %.18e, a row a line
    let short = text::WriteOptions::new().format("%.3f".parse()?);
    SaveOptions::new()
        .text(short)
        .tofile_sep("flat.txt", &x, ";")?;
    assert!(std::fs::read_to_string("flat.txt")?.starts_with("1.000;2.000;"));
    Ok(())
}

pub(super) fn keep_several_arrays_in_one_file_and_get_one_of_them_back() -> Outcome {
    let x = npio::load("x.npy")?;
    npio::savez_compressed("new.npz", [("x", &x), ("same", &x)])?; // on all cores
    let archive = npio::load_npz("new.npz")?;
    assert_eq!(archive.names().collect::<Vec<_>>(), ["x", "same"]);
    assert_eq!(archive.load("x")?.shape(), [2, 3]); // the other one is not read
    Ok(())
}

pub(super) fn load_the_arrays_of_an_archive_in_parallel() -> Outcome {
    use std::thread;
    let archive = npio::load_npz("x.npz")?;
    let sums: Vec<f64> = thread::scope(|scope| {
        let sum = |name| {
            archive
                .load_vec::<f64>(name)
                .map(|(items, _)| items.iter().sum::<f64>())
        };
        let threads: Vec<_> = archive
            .names()
            .map(|name| scope.spawn(move || sum(name)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect::<Result<_, _>>()
    })?;
    assert_eq!(sums, [21.0, 210.0]);
    assert_eq!(archive.load_all()?.len(), 2); // or all at once, on all cores
    Ok(())
}

pub(super) fn use_an_array_of_an_archive_without_copying_it() -> Outcome {
    // SAFETY: nobody changes the file.
    let mapping = unsafe { npio::Mmap::open("x.npz") }?;
    let archive = npio::npz::Archive::over(mapping)?;
    let x = archive.get("x")?.view()?; // a stored member, where it lies in the file
    assert_eq!(x.to_cow::<f64>()?[5], 6.0);
    Ok(())
}

pub(super) fn replace_rename_or_remove_one_array_of_a_large_archive() -> Outcome {
    use npio::npz::Update;
    let y = npio::Array::from_slice(&[1i64, 2], [2])?;
    npio::update_npz(
        "x.npz",
        &Update::new()
            .set("y", &y)
            .rename("x", "old")
            .remove("other"),
    )?;
    let archive = npio::load_npz("x.npz")?;
    assert_eq!(archive.names().collect::<Vec<_>>(), ["old", "y"]);
    Ok(())
}

pub(super) fn keep_facts_beside_the_data() -> Outcome {
    use npio::meta::archive::Spelling;
    use serde::{Deserialize, Serialize};
    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Facts {
        author: String,
        hertz: f64,
    }
    let facts = Facts {
        author: "Emma".into(),
        hertz: 50.0,
    };
    npio::save_metadata("x.npz", &npio::to_value(&facts)?, Spelling::Json)?;
    let found = npio::load_npz("x.npz")?.metadata()?.unwrap();
    assert_eq!(npio::from_value::<Facts>(found.value)?, facts);
    Ok(())
}

pub(super) fn read_a_pickled_dict_without_running_anything() -> Outcome {
    use npio::{LoadOptions, Value};
    let mdata = LoadOptions::new().allow_pickle().load_value("mdata.npy")?;
    let mdata = mdata.into_item()?; // as `.item()` in NumPy
    assert_eq!(
        mdata.as_dict().unwrap().get("author"),
        Some(&Value::from("Emma"))
    );
    Ok(())
}

pub(super) fn read_the_same_bytes_as_another_type() -> Outcome {
    use npio::DType;
    let x = npio::load("x.npy")?;
    let bits = x.with_dtype(DType::U64)?;
    assert_eq!(bits.as_slice::<u64>()?[0], 1.0f64.to_bits());
    Ok(())
}

pub(super) fn know_how_large_a_file_becomes_before_it_is_written() -> Outcome {
    use npio::{DType, Layout, Order, size::Sizes};
    let layout = Layout::new(DType::F64, [1000, 1000], Order::C)?;
    let sizes = Sizes::of(&layout)?;
    assert_eq!((sizes.memory, sizes.npy), (8_000_000, 8_000_128));
    Ok(())
}

pub(super) fn find_out_whether_files_are_whole_and_whether_two_are_the_same() -> Outcome {
    assert!(npio::verify("x.npy")?.is_empty());
    assert!(npio::load_npz("x.npz")?.verify().is_empty());
    Ok(())
}
