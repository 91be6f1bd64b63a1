//! Text in other encodings than UTF-8.

use npio::encoding::{Decoder, Encoder, Encoding, Error};
use npio::flatfile::text::table;
use npio::{Array, Cause, DType, ErrorClass, LoadOptions, SaveOptions};
use std::fs;
use std::io::{self, Read, Write};

fn encoding(label: &str) -> Encoding {
    label.parse().unwrap()
}

fn decoded(bytes: &[u8], label: &str) -> Result<String, Error> {
    let mut text = String::new();
    let mut decoder = Decoder::new(bytes, encoding(label)).unwrap();
    match decoder.read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(error) => Err(*error.into_inner().unwrap().downcast().unwrap()),
    }
}

fn encoded(text: &str, label: &str) -> Result<Vec<u8>, Error> {
    let mut encoder = Encoder::new(Vec::new(), encoding(label));
    let write = |encoder: &mut Encoder<_>| {
        // Split within characters, too.
        text.as_bytes()
            .chunks(2)
            .try_for_each(|piece| encoder.write_all(piece))
    };
    let done = write(&mut encoder).and_then(|()| encoder.finish());
    done.map_err(|error: io::Error| *error.into_inner().unwrap().downcast().unwrap())
}

#[test]
fn both_ways() {
    for (label, text, bytes) in [
        ("utf-8", "é€😀", "é€😀".as_bytes()),
        ("utf-8-sig", "é", b"\xef\xbb\xbf\xc3\xa9"),
        ("utf-16", "é😀", b"\xff\xfe\xe9\0\x3d\xd8\0\xde"),
        ("UTF_16_LE", "é😀", b"\xe9\0\x3d\xd8\0\xde"),
        ("utf-16be", "é😀", b"\0\xe9\xd8\x3d\xde\0"),
        ("latin-1", "é\u{80}\u{ff}", b"\xe9\x80\xff"),
        ("ascii", "e", b"e"),
        ("windows-1252", "é€", b"\xe9\x80"),
        ("cp1252", "é€", b"\xe9\x80"),
        ("iso-8859-15", "€", b"\xa4"),
        ("koi8_r", "Я", b"\xf1"),
        ("shift_jis", "あ", b"\x82\xa0"),
        ("cp932", "あ", b"\x82\xa0"),
        ("euc-kr", "가", b"\xb0\xa1"),
        ("gb18030", "中😀", b"\xd6\xd0\x94\x39\xfc\x36"),
        ("iso-2022-jp", "あ", b"\x1b$B$\"\x1b(B"),
        ("mac_roman", "é", b"\x8e"),
    ] {
        assert_eq!(encoded(text, label).unwrap(), bytes, "{label}");
        let found = decoded(bytes, label).unwrap();
        assert_eq!(found.trim_start_matches('\u{feff}'), text, "{label}");
        assert_eq!(encoded("", label).unwrap(), b"", "{label}");
        assert_eq!(decoded(b"", label).unwrap(), "", "{label}");
        // Its own name is a label of it.
        assert_eq!(encoding(&encoding(label).to_string()), encoding(label));
    }
    // Without a mark it is little-endian, on every machine; with one it is what the mark says.
    assert_eq!(decoded(b"1\0", "utf-16").unwrap(), "1");
    assert_eq!(decoded(b"\xfe\xff\x001", "utf-16").unwrap(), "1");
    // Labels of both mean what they mean in Python.
    for label in ["latin1", "iso-8859-1", "ISO_8859_1", "l1"] {
        assert_eq!(encoding(label), Encoding::LATIN_1);
    }
    for label in [
        "utf-7",
        "utf-32",
        "",
        "replacement",
        "iso-2022-kr",
        "x\u{1b}[0m",
    ] {
        let error = label.parse::<Encoding>().unwrap_err();
        assert!(!error.to_string().contains('\u{1b}'), "{error}");
        assert!(
            error.to_string().starts_with("unknown encoding "),
            "{error}"
        );
    }
}

#[test]
fn malformed_bytes_have_a_position() {
    for (label, bytes, expected) in [
        ("utf-8", &b"ab\xff"[..], 2),
        ("utf-8", b"ab\xe2\x82", 2),
        ("utf-8", b"ab\xe2\x82x", 2),
        ("utf-8", b"\xff\xfe1\0", 0),
        ("ascii", b"abc\x80", 3),
        ("utf-16", b"\xff\xfe1\x001", 4),
        ("utf-16", b"1\0\x3d\xd81\0", 2),
        ("utf-16-be", b"\x001\xd8\x3d", 2),
        ("shift_jis", b"a\x82\xff", 1),
        ("euc-kr", b"abc\xff", 3),
    ] {
        let error = decoded(bytes, label).unwrap_err();
        let Error::Malformed { at, encoding } = error else {
            panic!("{label}: {error}")
        };
        assert_eq!(
            (at, encoding),
            (expected, label.parse().unwrap()),
            "{label}"
        );
        // The same far from the beginning, across the pieces that are decoded at a time.
        for before in [(32 << 10) - 1, (32 << 10) - 2, 100_000] {
            let wide = label.starts_with("utf-16");
            let unit: &[u8] = if wide { b"1\0" } else { b"1" };
            let unit = if label == "utf-16-be" { b"\x001" } else { unit };
            // A mark stays the first.
            let mark = if bytes.starts_with(b"\xff\xfe") && wide {
                2
            } else {
                0
            };
            let many = unit.repeat(before / unit.len());
            let all = [&bytes[..mark], &many, &bytes[mark..]].concat();
            let error = decoded(&all, label).unwrap_err();
            let Error::Malformed { at, .. } = error else {
                panic!("{label}: {error}")
            };
            assert_eq!(at, expected + many.len() as u64, "{label}");
        }
    }
}

#[test]
fn long_texts_in_pieces() {
    let text: String = ('\u{a1}'..'\u{ff}').cycle().take(200_000).collect();
    for label in ["latin-1", "utf-16", "utf-8", "windows-1252", "gb18030"] {
        let bytes = encoded(&text, label).unwrap();
        assert!(decoded(&bytes, label).unwrap() == text, "{label}");
        let mut decoder = Decoder::new(&bytes[..], encoding(label)).unwrap();
        let (mut piece, mut again) = ([0; 7], Vec::new());
        loop {
            let read = decoder.read(&mut piece).unwrap();
            if read == 0 {
                break;
            }
            again.extend_from_slice(&piece[..read]);
        }
        assert!(again == text.as_bytes(), "{label}");
    }
}

/// A source that gives one byte at a time.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = out.len().min(1);
        self.0.read(&mut out[..most])
    }
}

/// Any bytes at all are text or an error, wherever they are split.
#[test]
fn any_bytes() {
    let labels = [
        "utf-8",
        "utf-16",
        "utf-16-be",
        "shift_jis",
        "euc-jp",
        "iso-2022-jp",
        "gbk",
        "gb18030",
        "big5",
        "euc-kr",
        "windows-1252",
        "windows-874",
        "koi8-u",
        "x-user-defined",
        "ascii",
        "latin-1",
    ];
    let mut state = 1_u64;
    let mut dice = move |below: u64| {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        (state >> 33) % below
    };
    let (mut good, mut bad) = (0, 0);
    for label in labels {
        for _ in 0..500 {
            // Bytes that begin and continue characters in most of them, and escape sequences.
            let common = b"\x1b$B(J\x81\x82\xa1\xb0\xd8\xdc\xe9\0\xff\xfe09a";
            let bytes: Vec<u8> = (0..dice(12))
                .map(|_| match dice(4) {
                    0 => dice(256) as u8,
                    _ => common[dice(common.len() as u64) as usize],
                })
                .collect();
            let whole = decoded(&bytes, label);
            let mut text = String::new();
            let mut slow = Decoder::new(Slow(&bytes), encoding(label)).unwrap();
            let split = slow.read_to_string(&mut text);
            match &whole {
                Ok(whole) => {
                    split.unwrap();
                    assert_eq!(&text, whole, "{label}, {bytes:02x?}");
                    good += 1;
                }
                Err(error) => {
                    let split = split.unwrap_err().into_inner().unwrap();
                    assert_eq!(split.downcast_ref(), Some(error), "{label}, {bytes:02x?}");
                    let Error::Malformed { at, .. } = error else {
                        panic!("{error}")
                    };
                    // What is before it is text.
                    assert!(*at < bytes.len() as u64, "{label}, {bytes:02x?}: {at}");
                    decoded(&bytes[..*at as usize], label).unwrap();
                    bad += 1;
                }
            }
        }
    }
    assert!(good > 1000 && bad > 1000, "{good} texts, {bad} errors");
}

#[test]
fn characters_that_an_encoding_does_not_have() {
    for (label, text, character, line) in [
        ("latin-1", "a\nb€", '€', 2),
        ("ascii", "é", 'é', 1),
        ("windows-1252", "é\n\n中", '中', 3),
        ("shift_jis", "😀", '😀', 1),
    ] {
        let error = encoded(text, label).unwrap_err();
        let encoding = encoding(label);
        assert_eq!(
            error,
            Error::Unmappable {
                encoding,
                character,
                line
            }
        );
        assert_eq!(error.class(), ErrorClass::Mismatch);
    }
    let mut encoder = Encoder::new(Vec::new(), Encoding::UTF_16);
    let error = encoder.write_all(b"1\n\xff").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 2: expected UTF-8 to be encoded, found other bytes"
    );
    let mut encoder = Encoder::new(Vec::new(), Encoding::UTF_16);
    encoder.write_all(b"1\xc3").unwrap();
    encoder.finish().unwrap_err();
}

fn words() -> Array {
    let word = |text| npio::dtype::Str::<5>::new(text).unwrap();
    Array::from_slice(&["café", "naïve"].map(word), [2]).unwrap()
}

#[test]
fn by_path() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["x.txt", "x.txt.gz"] {
        let path = folder.path().join(name);
        let words = words();
        let format = table::WriteOptions::new().format("%s");
        let save = SaveOptions::new().table(format);
        for label in ["latin-1", "utf-16", "utf-16-be", "cp1252", "utf-8-sig"] {
            let encoding = encoding(label);
            save.clone()
                .encoding(encoding)
                .savetxt(&path, &words)
                .unwrap();
            let load = LoadOptions::new().encoding(encoding);
            let found = load.loadtxt(&path, words.dtype().clone()).unwrap();
            assert_eq!(found.as_bytes(), words.as_bytes(), "{label}");
        }
        // A character that is not there leaves the old file.
        let old = fs::read(&path).unwrap();
        let ascii = save.clone().encoding(encoding("ascii"));
        let error = ascii.savetxt(&path, &words).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Mismatch);
        assert!(matches!(error.cause(), Cause::Encoding(_)));
        assert_eq!(error.path(), Some(path.as_path()));
        assert_eq!(fs::read(&path).unwrap(), old);

        // UTF-16 with a mark needs no option.
        let numbers = Array::from_slice(&[1.5, 2.5], [2]).unwrap();
        let utf_16 = SaveOptions::new().encoding(Encoding::UTF_16);
        utf_16.savetxt(&path, &numbers).unwrap();
        let found = npio::loadtxt(&path, DType::F64).unwrap();
        assert_eq!(found.as_bytes(), numbers.as_bytes());
        utf_16.tofile_sep(&path, &numbers, ",").unwrap();
        let found = npio::fromfile_sep(&path, DType::F64, ",").unwrap();
        assert_eq!(found.as_bytes(), numbers.as_bytes());
        let utf_8 = LoadOptions::new().encoding(Encoding::UTF_8);
        let error = utf_8.fromfile_sep(&path, DType::F64, ",").unwrap_err();
        let what = "byte 0: expected text in the encoding utf-8, found something else";
        assert_eq!(error.to_string(), format!("{}: {what}", path.display()));
        assert_eq!(error.class(), ErrorClass::Format);
    }
}
