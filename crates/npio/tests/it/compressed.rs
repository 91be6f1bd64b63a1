//! Compressed files: what is read is what Python or the formats' own programs wrote, and nothing is short in silence.

use npio::compressed::{Decoder, Encoder, Error, Format, Problem};
use npio::flatfile::npy;
use npio::flatfile::text::table;
use npio::{Array, Cause, DType, ErrorClass, LoadOptions, Opened, RawLayout, SaveOptions};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

const TEXT: &[u8] = b"1 2\n3 4\n";

/// The text as Python's gzip, bz2 and lzma, and the program zstd, compress it.
const FILES: [(Format, &[u8]); 4] = [
    (
        Format::Gzip,
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x033T0\xe22V0\xe1\x02\x00W\x00\xd6a\x08\x00\x00\x00",
    ),
    (
        Format::Bzip2,
        b"BZh91AY&SY\xd0\xb5\x1d=\x00\x00\x02X\x00\x00\x10@\x00<\x00 \x000\xc0\x08i\xb2\x88#'\x8b\xb9\x22\x9c(HhZ\
          \x8e\x9e\x80",
    ),
    (
        Format::Xz,
        b"\xfd7zXZ\x00\x00\x04\xe6\xd6\xb4F\x02\x00!\x01\x16\x00\x00\x00t/\xe5\xa3\x01\x00\x071 2\x0a3 4\x0a\x00\xbe\
          \xcc\x81vT\xc0\xeb\x1f\x00\x01 \x08\xbb\x19\xd9\xbb\x1f\xb6\xf3}\x01\x00\x00\x00\x00\x04YZ",
    ),
    (Format::Zstd, b"(\xb5/\xfd\x04XA\x00\x001 2\x0a3 4\x0a\x8a\x81\x17\xcf"),
];

/// Those that this build reads.
fn files() -> impl Iterator<Item = (Format, &'static [u8])> {
    FILES
        .into_iter()
        .filter(|(format, _)| format.check().is_ok())
}

fn formats() -> impl Iterator<Item = Format> {
    files().map(|(format, _)| format)
}

fn compressed(bytes: &[u8], format: Format) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new(), format).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn decompressed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    Decoder::new(bytes)?.read_to_end(&mut text)?;
    Ok(text)
}

/// The error inside of an I/O error.
fn inner(error: io::Error) -> Error {
    let inner = error.into_inner().unwrap();
    *inner.downcast().unwrap()
}

#[test]
fn every_format_is_recognized() {
    for (format, bytes) in files() {
        let decoder = Decoder::new(bytes).unwrap();
        assert_eq!(decoder.format(), Some(format));
        assert_eq!(decompressed(bytes).unwrap(), TEXT, "{format}");
        assert_eq!(decompressed(&compressed(TEXT, format)).unwrap(), TEXT);
        assert_eq!(decompressed(&compressed(b"", format)).unwrap(), b"");
        let suffix = format.suffix();
        assert_eq!(Format::in_name(format!("x.{suffix}")), Some(format));
    }
    // Anything else is passed on.
    for plain in [&b""[..], b"1", b"BZh is text, and not bzip2", b"\x1f\x8b"] {
        assert_eq!(Decoder::new(plain).unwrap().format(), None);
        assert_eq!(decompressed(plain).unwrap(), plain);
    }
    let long: Vec<u8> = (0..1 << 20).map(|i: u32| (i % 251) as u8).collect();
    assert_eq!(decompressed(&long).unwrap(), long);
}

#[test]
fn pieces_of_any_size() {
    let long: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    for format in formats() {
        let bytes = compressed(&long, format);
        for size in [1, 2, 3, 1000, 1 << 20] {
            let mut decoder = Decoder::new(&bytes[..]).unwrap();
            let (mut piece, mut text) = (vec![0; size], Vec::new());
            loop {
                let read = decoder.read(&mut piece).unwrap();
                text.extend_from_slice(&piece[..read]);
                if read == 0 {
                    break;
                }
            }
            assert!(text == long, "{format}, {size} bytes at a time");
        }
    }
}

/// A source that gives one byte at a time, so that everything is split everywhere.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = out.len().min(1);
        self.0.read(&mut out[..most])
    }
}

#[test]
fn consecutive_streams_are_one_text() {
    for (format, bytes) in files() {
        let twice = [bytes, &compressed(b"", format), bytes].concat();
        let expected = [TEXT, TEXT].concat();
        assert_eq!(decompressed(&twice).unwrap(), expected, "{format}");
        let mut text = Vec::new();
        let mut slow = Decoder::new(Slow(&twice)).unwrap();
        slow.read_to_end(&mut text).unwrap();
        assert_eq!(text, expected, "{format}");
        // Cut off in the second one.
        for cut in bytes.len() + 1..twice.len() {
            if let Ok(text) = decompressed(&twice[..cut]) {
                assert_eq!((text.as_slice(), format), (TEXT, format));
                let at = cut - bytes.len();
                assert_eq!(at, compressed(b"", format).len(), "{format}, cut at {cut}");
            }
        }
    }
}

#[test]
fn nothing_is_short_in_silence() {
    for (format, bytes) in files() {
        for cut in 0..bytes.len() {
            let error = Decoder::in_file(&bytes[..cut], format!("x.{}", format.suffix()))
                .and_then(|mut decoder| decoder.read_to_end(&mut Vec::new()))
                .unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
            let error = inner(error);
            assert_eq!(
                error.problem(),
                &Problem::Truncated,
                "{format}, cut at {cut}"
            );
            assert_eq!(error.position(), cut as u64);
            assert_eq!(
                error.to_string(),
                format!("the {format} data is cut off after {cut} bytes")
            );
        }
        // A changed bit is an error, or it is in a field that means nothing: the time in gzip's header.
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.to_vec();
                changed[at] ^= 1 << bit;
                let Ok(mut decoder) = Decoder::new(&changed[..]) else {
                    continue;
                };
                if decoder.format().is_none() {
                    continue;
                }
                let mut text = Vec::new();
                match decoder.read_to_end(&mut text) {
                    Ok(_) => assert_eq!(text, TEXT, "{format}, bit {bit} of byte {at}"),
                    Err(error) => {
                        // And it stays one.
                        assert_eq!(decoder.read(&mut [0]).unwrap_err().kind(), error.kind());
                        assert_eq!(inner(error).format(), format);
                    }
                }
            }
        }
    }
}

#[test]
fn reading_no_more_than_expected_finds_a_wrong_checksum() {
    let (_, bytes) = FILES[0];
    let mut changed = bytes.to_vec();
    let crc = bytes.len() - 8;
    changed[crc] ^= 1;
    let mut decoder = Decoder::new(&changed[..]).unwrap();
    let error = decoder.read_exact(&mut [0; TEXT.len()]).unwrap_err();
    let error = inner(error);
    assert!(matches!(error.problem(), Problem::Invalid(_)), "{error}");
    assert_eq!(error.class(), ErrorClass::Format);
}

#[test]
fn whatever_follows() {
    for (format, bytes) in files() {
        let error = decompressed(&[bytes, b"garbage"].concat()).unwrap_err();
        let error = inner(error);
        assert_eq!(error.class(), ErrorClass::Format, "{error}");
        if format != Format::Xz {
            assert_eq!(error.problem(), &Problem::Trailing, "{format}");
            assert_eq!(error.position(), bytes.len() as u64, "{format}");
        }
        // Tapes are padded: as Python's gzip does, and as the format of xz says.
        let padded = decompressed(&[bytes, &[0; 512]].concat());
        let takes_zeros = matches!(format, Format::Gzip | Format::Xz);
        assert_eq!(padded.is_ok(), takes_zeros, "{format}");
        if let Ok(text) = padded {
            assert_eq!(text, TEXT);
        }
    }
    let (_, gzip) = FILES[0];
    let later = [gzip, &[0; 100_000], gzip].concat();
    assert_eq!(decompressed(&later).unwrap(), [TEXT, TEXT].concat());
}

#[test]
fn an_error_of_the_source_is_its_own() {
    struct Broken<'a>(&'a [u8]);
    impl Read for Broken<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            match self.0.read(out)? {
                0 => Err(io::Error::other("the disk is on fire")),
                read => Ok(read),
            }
        }
    }
    for (format, bytes) in files() {
        let mut decoder = Decoder::new(Broken(&bytes[..bytes.len() - 3])).unwrap();
        let error = decoder.read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(error.to_string(), "the disk is on fire", "{format}");
    }
}

#[test]
fn an_encoder_that_is_dropped_writes_no_end() {
    let long: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    for format in formats() {
        let mut target = Vec::new();
        let mut encoder = Encoder::new(&mut target, format).unwrap();
        encoder.write_all(&long).unwrap();
        encoder.flush().unwrap();
        drop(encoder);
        if !target.is_empty() {
            decompressed(&target).unwrap_err();
        }
    }
}

#[test]
fn formats_that_are_not_built_name_their_feature() {
    for (format, bytes) in FILES {
        let Err(error) = format.check() else { continue };
        let problem = error.problem().clone();
        assert!(matches!(problem, Problem::NotBuilt { .. }), "{error}");
        assert_eq!(error.class(), ErrorClass::Unsupported);
        assert_eq!(inner(Decoder::new(bytes).unwrap_err()), error);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("x.npy.{}", format.suffix()));
        fs::write(&path, "old").unwrap();
        let saved = SaveOptions::new().in_place().save(&path, &[1u8][..]);
        assert_eq!(saved.unwrap_err().class(), ErrorClass::Unsupported);
        assert_eq!(fs::read(&path).unwrap(), b"old");
    }
}

fn assert_same(found: &Array, expected: &Array) {
    assert_eq!(found.layout(), expected.layout());
    assert_eq!(found.as_bytes(), expected.as_bytes());
}

fn array() -> Array {
    Array::from_slice(&[1.5, -2.0, 3.25, 4.0, 5.0, 1e300], [3, 2]).unwrap()
}

#[test]
fn arrays_by_path() {
    let folder = tempfile::tempdir().unwrap();
    for format in formats() {
        let here = |name: &str| folder.path().join(format!("{name}.{}", format.suffix()));
        let path = here("x.npy");
        npio::save(&path, array()).unwrap();
        let bytes = fs::read(&path).unwrap();
        assert_eq!(Format::of(&bytes), Some(format));
        let npy = npy::to_bytes(&array()).unwrap();
        assert_eq!(decompressed(&bytes).unwrap(), npy);

        assert_same(&npio::load(&path).unwrap(), &array());
        assert_eq!(npio::load_vec::<f64>(&path).unwrap().1, [3, 2]);
        assert_eq!(npio::load_header(&path).unwrap().layout().shape(), [3, 2]);
        let Opened::Array(open) = npio::open(&path).unwrap() else {
            panic!("an archive")
        };
        let rows = open.row_blocks(1).unwrap().max_bytes(16);
        assert_eq!(rows.count(), 3);
        let last = npio::load_slice(&path, &"1:, 1".parse().unwrap()).unwrap();
        assert_eq!(last.to_vec::<f64>().unwrap(), [4.0, 1e300]);

        let raw = here("x.dat");
        npio::tofile(&raw, array()).unwrap();
        let x = npio::fromfile(&raw, DType::F64).unwrap();
        assert_eq!(x.as_bytes(), array().as_bytes());
        let shaped = RawLayout::new(DType::F64).shape([2, 2]).offset(16);
        assert_eq!(npio::fromfile(&raw, &shaped).unwrap().shape(), [2, 2]);
        let few = RawLayout::new(DType::F64).shape([5]);
        assert_eq!(npio::fromfile(&raw, &few).unwrap().shape(), [5]);
        let exact = npio::fromfile(&raw, few.exact()).unwrap_err();
        assert_eq!(exact.class(), ErrorClass::Format, "{exact}");

        let named = here("x_float64_3_2.dat");
        npio::save_raw(&named, array()).unwrap();
        assert_same(&npio::load(&named).unwrap(), &array());
        // Too short and too long for their names.
        for (name, what) in [
            ("x_float64_4_2.dat", "expected 64 bytes, found 48"),
            ("x_float64_2_2.dat", "expected 32 bytes, as the file's name"),
        ] {
            fs::copy(&named, here(name)).unwrap();
            let error = npio::load(here(name)).unwrap_err();
            assert!(error.to_string().contains(what), "{error}");
        }
        // An archive cannot be read forward.
        let archive = folder.path().join("x.npz");
        npio::savez(&archive, [("x", array())]).unwrap();
        let npz = here("x.npz");
        fs::write(&npz, compressed(&fs::read(&archive).unwrap(), format)).unwrap();
        let error = npio::open(&npz).unwrap_err();
        let expected = format!("a .npz compressed with {format}, which cannot be read forward");
        assert!(error.to_string().contains(&expected), "{error}");
        assert!(matches!(error.cause(), Cause::Compressed(_)));
        // It has the name of a compressed file, but is plain.
        fs::copy(&archive, &npz).unwrap();
        assert!(matches!(npio::open(&npz).unwrap(), Opened::Archive(_)));
    }
}

#[test]
fn files_that_are_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    for format in formats() {
        let path = |name: &str| folder.path().join(format!("{name}.{}", format.suffix()));
        let (npy, raw) = (path("x.npy"), path("x_float64_3_2.dat"));
        npio::save(&npy, array()).unwrap();
        npio::save_raw(&raw, array()).unwrap();
        let all = |path: &Path, load: &dyn Fn(&Path) -> Result<Array, npio::Error>| {
            assert_same(&load(path).unwrap(), &array());
            let bytes = fs::read(path).unwrap();
            for cut in 0..bytes.len() {
                fs::write(path, &bytes[..cut]).unwrap();
                let error = load(path).unwrap_err();
                assert_eq!(error.class(), ErrorClass::Format, "cut at {cut}: {error}");
                assert_eq!(error.path(), Some(path));
            }
            fs::write(path, bytes).unwrap();
        };
        all(&npy, &|path| npio::load(path));
        all(&raw, &|path| npio::load(path));
        all(&raw, &|path| {
            npio::fromfile(path, DType::F64)?
                .reshape([3, 2])
                .map_err(Into::into)
        });
        #[cfg(feature = "text")]
        {
            let text = path("x.txt");
            npio::savetxt(&text, array()).unwrap();
            all(&text, &|path| npio::loadtxt(path, DType::F64));
        }
    }
}

#[cfg(feature = "text")]
#[test]
fn text_by_path() {
    let folder = tempfile::tempdir().unwrap();
    for (format, bytes) in files() {
        let path = folder.path().join(format!("x.txt.{}", format.suffix()));
        fs::write(&path, bytes).unwrap();
        let table = npio::loadtxt(&path, DType::I32).unwrap();
        assert_eq!(table.to_vec::<i32>().unwrap(), [1, 2, 3, 4]);
        // Whatever the name.
        let other = folder.path().join("x.txt");
        fs::write(&other, bytes).unwrap();
        assert_same(&npio::loadtxt(&other, DType::I32).unwrap(), &table);
        let flat = npio::fromfile_sep(&other, DType::I32, " ").unwrap();
        assert_eq!(flat.shape(), [4]);

        npio::savetxt(&path, array()).unwrap();
        let plain = folder.path().join("plain.txt");
        npio::savetxt(&plain, array()).unwrap();
        let written = decompressed(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(written, fs::read(&plain).unwrap());
        assert_same(&npio::loadtxt(&path, DType::F64).unwrap(), &array());
        npio::tofile_sep(&path, array(), ",").unwrap();
        let flat = npio::fromfile_sep(&path, DType::F64, ",").unwrap();
        assert_eq!(flat.as_bytes(), array().as_bytes());

        // Another format within is found, too.
        for inside in [&npy::to_bytes(&array()).unwrap(), bytes] {
            fs::write(&path, compressed(inside, format)).unwrap();
            let error = npio::loadtxt(&path, DType::F64).unwrap_err();
            assert!(
                error.to_string().contains("expected raw items or text"),
                "{error}"
            );
        }
    }
}

#[cfg(feature = "text")]
#[test]
fn a_failed_save_leaves_the_old_file() {
    use npio::flatfile::text::table;
    let folder = tempfile::tempdir().unwrap();
    for format in formats() {
        let path = folder.path().join(format!("x.txt.{}", format.suffix()));
        fs::write(&path, "old").unwrap();
        let rows = table::WriteOptions::new().format("%d");
        let nan = Array::from_slice(&[1.0, f64::NAN], [2]).unwrap();
        let save = SaveOptions::new().table(rows);
        save.savetxt(&path, &nan).unwrap_err();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        // In place the old bytes are gone, but the new ones do not pass for all.
        save.in_place().savetxt(&path, &nan).unwrap_err();
        npio::loadtxt(&path, DType::F64).unwrap_err();
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_cancelled_load() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy.gz");
    npio::save(&path, array()).unwrap();
    let token = npio::CancelToken::new();
    let load = LoadOptions::new().cancel(token.clone());
    assert_same(&load.load(&path).unwrap(), &array());
    token.cancel();
    assert_eq!(load.load(&path).unwrap_err().class(), ErrorClass::Cancelled);
}

/// A row of zeros takes few bytes of a file, and any number of bytes in memory.
#[test]
fn a_row_without_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv.gz");
    let mut encoder = Encoder::new(File::create(&path).unwrap(), Format::Gzip).unwrap();
    encoder.write_all(b"1,2\n").unwrap();
    encoder.write_all("0,".repeat(20 << 20).as_bytes()).unwrap();
    encoder.finish().unwrap();
    let csv = table::ReadOptions::csv().missing_values([""; 0]);
    let load = |csv| LoadOptions::new().table(csv).loadtxt(&path, DType::U8);
    let error = load(csv.clone()).unwrap_err().to_string();
    assert!(
        error.ends_with("line 2, column 1 (byte 4), row 1, field 0: expected a row of at most 16777216 bytes, found a longer one"),
        "{error}"
    );
    let error = load(csv.max_row_bytes(1 << 30)).unwrap_err().to_string();
    assert!(error.contains("another number of fields"), "{error}");
}

/// Items in a compressed file have no position there, which a map would take.
#[test]
fn no_offset_of_what_is_compressed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy.gz");
    let array = Array::from_vec((0..600).collect::<Vec<i32>>(), [20, 30]).unwrap();
    npio::save(&path, &array).unwrap();
    let reader = LoadOptions::new().open_array(&path).unwrap();
    assert_eq!(reader.data_offset(), None);
    assert_eq!(
        reader.slice(&"3:5, ::2".parse().unwrap()).unwrap().shape(),
        [2, 15]
    );
    let reader = LoadOptions::new().open_array(&path).unwrap();
    let rows: Vec<_> = reader
        .row_blocks(7)
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(rows.len(), 3);
}
