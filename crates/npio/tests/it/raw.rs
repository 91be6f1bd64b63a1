//! Raw files by path: with a description, or with their layout in the name.

use npio::{
    Array, ByteOrder, Casting, DType, ErrorClass, LoadOptions, Order, RawLayout, SaveOptions,
};
use std::fs;

fn array() -> Array {
    Array::from_slice(&[1i32, 2, 3, 4, 5, 6], [2, 3]).unwrap()
}

fn says<T>(result: Result<T, npio::Error>) -> String {
    let text = result.err().unwrap().to_string();
    text.rsplit_once(": ")
        .map_or(text.clone(), |(_, message)| message.to_owned())
}

#[test]
fn names_say_layouts() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for (name, first) in [
        ("x_int32_2_3.dat", [1, 0, 0, 0, 2, 0]),
        ("x_int32_F_2_3.dat", [1, 0, 0, 0, 4, 0]),
        ("x_int32_be_2_3", [0, 0, 0, 1, 0, 0]),
        ("x_int32_be_F_2_3.dat", [0, 0, 0, 1, 0, 0]),
    ] {
        let path = path(name);
        npio::save_raw(&path, array()).unwrap();
        let bytes = fs::read(&path).unwrap();
        assert_eq!((bytes.len(), bytes.get(..6)), (24, Some(&first[..])));
        assert_eq!(
            npio::load(&path).unwrap().to_vec::<i32>().unwrap(),
            [1, 2, 3, 4, 5, 6]
        );
        assert_eq!(
            npio::load_vec::<i32>(&path).unwrap(),
            (vec![1, 2, 3, 4, 5, 6], vec![2, 3])
        );
        let mut items = [0; 6];
        assert_eq!(npio::load_into(&path, &mut items).unwrap(), [2, 3]);
        assert_eq!(items, [1, 2, 3, 4, 5, 6]);
        let blocks = LoadOptions::new().row_blocks(&path, 1).unwrap();
        assert_eq!(blocks.map(Result::unwrap).count(), 2);
    }
    // A .npy is recognized by its first bytes, whatever its name, and is not written elsewhere.
    fs::copy(path("x_int32_2_3.dat"), path("x_int32_2_3.npy")).unwrap();
    assert!(says(npio::load(path("x_int32_2_3.npy"))).contains("found b\"\\x01\\x00"));
    npio::save(path("x_int32_7.npy"), array()).unwrap();
    fs::rename(path("x_int32_7.npy"), path("x_int32_7.dat")).unwrap();
    assert_eq!(npio::load(path("x_int32_7.dat")).unwrap().shape(), [2, 3]);
}

/// `save` writes a .npy, whatever the name.
#[test]
fn save_means_save() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "a_int32_2_3",
        "a_float64_2",
        "results_int_2024.bin",
        "x_int32_be_6.dat",
    ] {
        let path = folder.path().join(name);
        npio::save(&path, array()).unwrap();
        assert_eq!(
            fs::read(&path).unwrap(),
            flatfile::npy::to_bytes(&array()).unwrap()
        );
        assert_eq!(npio::load(&path).unwrap().shape(), [2, 3]);
        assert_eq!(npio::load_header(&path).unwrap().layout().shape(), [2, 3]);
    }
}

#[test]
fn names_that_lie() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("x_int32_2_3.dat"), [0; 23]).unwrap();
    let short = path("x_int32_2_3.dat");
    for message in [
        says(npio::load(&short)),
        says(npio::load_vec::<i32>(&short)),
        says(npio::load_into(&short, &mut [0i32; 6])),
    ] {
        assert_eq!(message, "expected 24 bytes, found 23");
    }
    fs::write(path("x_int32_2_3.dat"), [0; 25]).unwrap();
    assert_eq!(
        says(npio::load(path("x_int32_2_3.dat"))),
        "expected 24 bytes, found 25"
    );
    fs::write(path("x_int32_2_3.dat"), []).unwrap();
    assert_eq!(
        says(npio::load(path("x_int32_2_3.dat"))),
        "expected 24 bytes, found 0"
    );
    fs::write(path("run_2_3.dat"), [0; 24]).unwrap();
    let error = npio::load(path("run_2_3.dat")).unwrap_err();
    assert!(error.to_string().contains("not an .npy file"), "{error}");

    let error = npio::save_raw(path("x_int64_2_3.dat"), array()).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Mismatch);
    let found = format!("the array is {} of shape (2, 3)", array().dtype());
    let message = format!("the file's name says <i8 of shape (2, 3), {found}");
    assert!(error.to_string().ends_with(&message), "{error}");
    for name in ["x.dat", "x_int32_2_3.npy"] {
        let error = npio::save_raw(path(name), array()).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Mismatch);
        assert!(error.to_string().contains("says no layout"), "{error}");
        assert!(!path(name).exists());
    }
    let error = npio::save_raw(path("x_int32_3_2.dat"), array()).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Mismatch);
    let message = format!("the file's name says <i4 of shape (3, 2), {found}");
    assert!(error.to_string().ends_with(&message), "{error}");
    assert!(!path("x_int64_2_3.dat").exists() && !path("x_int32_3_2.dat").exists());
}

#[test]
fn raw_files_as_numpy_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.dat");
    npio::tofile(&path, array().to_order(Order::Fortran).unwrap()).unwrap();
    // The lesson's own example: the same bytes as other numbers.
    assert_eq!(
        npio::fromfile(&path, DType::I32).unwrap().to_string(),
        "[1 2 3 4 5 6]"
    );
    let two = RawLayout::new(DType::U8).shape([8]);
    assert_eq!(
        npio::fromfile(&path, two).unwrap().as_bytes(),
        [1i32.to_ne_bytes(), 2i32.to_ne_bytes()].concat()
    );
    let rows = RawLayout::new(DType::I32).shape([-1, 2]).offset(8);
    assert_eq!(
        npio::fromfile(&path, rows).unwrap().to_string(),
        "[[3 4]\n [5 6]]"
    );
    let message = says(npio::fromfile(&path, RawLayout::new(DType::I64).offset(4)));
    assert_eq!(message, "4 are left over");
    SaveOptions::new()
        .order(Order::Fortran)
        .tofile(&path, array())
        .unwrap();
    assert_eq!(
        npio::fromfile(&path, DType::I32).unwrap().to_string(),
        "[1 4 2 5 3 6]"
    );
}

#[test]
fn files_of_other_formats_are_no_items() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.dat");
    npio::save(&path, array()).unwrap();
    let error = npio::fromfile(&path, DType::U8).unwrap_err();
    let message = "the file is .npy, as its first bytes say: expected raw items or text";
    assert!(error.to_string().ends_with(message), "{error}");
    for (bytes, name) in [
        (&b"PK\x03\x04......"[..], "a zip archive, as .npz files are"),
        (b"\x1f\x8b\x08\x00....", "gzip"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
    ] {
        fs::write(&path, bytes).unwrap();
        let error = npio::fromfile(&path, DType::U8).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
        let error = npio::load(&path).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
    // Not even if the name gives a layout, and the length agrees.
    let named = folder.path().join("x_uint8_10.dat");
    for bytes in [
        &b"PK\x03\x04......"[..],
        b"\x93NUMPY\x01\0\x76\0",
        b"\x1f\x8b\x08.......",
    ] {
        fs::write(&named, bytes).unwrap();
        assert!(npio::load(&named).is_err());
        assert!(npio::load_into(&named, &mut [0u8; 10]).is_err());
    }
    for bytes in [&b"\x80\x04"[..], b"\x1f\x8b", b"PK"] {
        fs::write(&path, bytes).unwrap();
        assert_eq!(npio::fromfile(&path, DType::U8).unwrap().as_bytes(), bytes);
    }
}

/// A name that gives a layout is enough where the items are read; where it is not, the error says what the file is.
#[test]
fn names_at_every_door() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x_int32_2_3.dat");
    npio::save_raw(&path, array()).unwrap();
    let header = npio::load_header(&path).unwrap();
    assert_eq!(
        (header.layout().shape(), header.layout().dtype()),
        (&[2, 3][..], &DType::I32.with_byte_order(ByteOrder::Little))
    );
    assert_eq!(
        npio::load_slice(&path, &1.into()).unwrap().to_string(),
        "[4 5 6]"
    );
    let message = "expected a .npy, found raw items, by the file's name <i4 of shape (2, 3): load them, and save all with \
                save_raw";
    let errors = [
        npio::append(&path, array()),
        npio::repair(&path, npio::RecoverFrom::Data),
    ];
    for error in errors.map(Result::unwrap_err) {
        assert!(error.to_string().ends_with(message), "{error}");
        assert_eq!(error.class(), ErrorClass::Mismatch);
    }
    assert_eq!(fs::metadata(&path).unwrap().len(), 24);
}

/// A name says everything about a raw file, so an option that says otherwise is an error.
#[test]
fn options_that_contradict_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x_int32_2_3.dat");
    let options = SaveOptions::new();
    for (options, found) in [
        (options.clone().order(Order::Fortran), "in Fortran order"),
        (options.clone().byte_order(ByteOrder::Big), ">i4"),
        (options.clone().astype(DType::F32, Casting::Unsafe), "f4"),
    ] {
        let error = options.save_raw(&path, array()).unwrap_err().to_string();
        assert!(error.contains(found), "{error}");
        assert!(!path.exists());
    }
    let agreeing = options.order(Order::C).byte_order(ByteOrder::Little);
    agreeing.save_raw(&path, array()).unwrap();
    assert_eq!(npio::load(&path).unwrap().shape(), [2, 3]);
    // Rows have their own dtype.
    let path = folder.path().join("x.npy");
    let options = SaveOptions::new().astype(DType::F32, Casting::Unsafe);
    assert!(options.rows(&path, DType::F64, []).is_err());
    options
        .rows(&path, DType::F32, [])
        .unwrap()
        .finish()
        .unwrap();
}
