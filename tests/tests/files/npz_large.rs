//! Archives with very many members, and with members whose length exceeds 32 bits.
//!
//! Data of more than 4 GiB is in sparse files; `NPIO_LARGE=1` has Python read and write it, too, which
//! takes a minute.

use conformance::NumPy;
use flatfile::npy::ReadOptions;
use flatfile::{Array, Strided};
use npz::{Archive, Compression, Stream, WriteOptions, Writer};
use serde_json::json;
use std::env;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek, SeekFrom, Write};

const MANY: usize = 100_000;

#[test]
fn a_hundred_thousand_members_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    let names: Vec<String> = (0..MANY).map(|i| format!("n{i}")).collect();
    let arrays: Vec<Array> = (0..100u32)
        .map(|i| Array::from_slice(&[i], [1]).unwrap())
        .collect();
    for (is_stream, many) in [(false, MANY), (true, 66_000)] {
        let members = names.iter().enumerate().take(many);
        let members = members.map(|(i, name)| (name, Strided::from(&arrays[i % 100])));
        let file = BufWriter::new(File::create(&path).unwrap());
        let options = WriteOptions::new();
        if is_stream {
            let mut writer = options.stream(file);
            writer.arrays(members).unwrap();
            writer.finish().unwrap();
        } else {
            let mut writer = options.create(file).unwrap();
            writer.arrays(members).unwrap();
            writer.finish().unwrap();
        }
        let archive = Archive::open(File::open(&path).unwrap()).unwrap();
        assert_eq!(archive.len(), many);
        for i in [0, 1, 65_534, 65_535, many - 1] {
            let array = archive.get(&names[i]).unwrap().read().unwrap();
            assert_eq!(array.as_bytes(), arrays[i % 100].as_bytes());
        }
        let mut stream = Stream::new(File::open(&path).unwrap());
        let mut count = 0;
        while let Some(member) = stream.next_member().unwrap() {
            member.read().unwrap();
            count += 1;
        }
        stream.finish().unwrap();
        assert_eq!(count, many);
        let Some(mut numpy) = NumPy::start() else {
            continue;
        };
        let code = "z = np.load(args[0]); answer = [len(z.files), z.files[-1], int(z['n65599'][0]), z.zip.testzip()]";
        let answer = numpy.ask(code, &[json!(path)]);
        assert_eq!(answer, Ok(json!([many, names[many - 1], 99, null])));
    }
}

#[test]
fn a_hundred_thousand_members_of_numpy() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    let code = "np.savez(args[0], **{f'n{i}': np.uint32(i) for i in range(args[1])})";
    numpy.ask(code, &[json!(path), json!(MANY)]).unwrap();
    let archive = Archive::open(File::open(&path).unwrap()).unwrap();
    assert_eq!(archive.len(), MANY);
    let arrays = archive.read_all(&ReadOptions::new()).unwrap();
    for (i, (name, array)) in arrays.iter().enumerate() {
        assert_eq!(*name, format!("n{i}"));
        assert_eq!(array.as_bytes(), (i as u32).to_le_bytes());
    }
}

/// A file that leaves holes instead of writing zeros.
#[derive(Debug)]
struct Sparse(File);

impl Write for Sparse {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        const ZEROS: [u8; 4096] = [0; 4096];
        let is_zero = |block: &[u8]| *block == ZEROS[..block.len()];
        if bytes.len() >= ZEROS.len() && bytes.chunks(ZEROS.len()).all(is_zero) {
            self.0.seek(SeekFrom::Current(bytes.len() as i64))?
        } else {
            self.0.write_all(bytes).map(|()| 0)?
        };
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

/// Rows of 1 MiB, the last of which holds 1 to 8; more than 4 GiB in total.
const ROW: usize = 1 << 20;
const ROWS: u64 = 4100;

/// Writes a member of 4 GiB of zeros and a row, and another one after it.
fn write_large<W: Write>(writer: &mut Writer<W>) {
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({ROWS}, {ROW}), }}");
    let mut member = writer.member("large.npy").unwrap();
    let padded = format!("{header:<117}\n");
    member.write_all(b"\x93NUMPY\x01\x00\x76\x00").unwrap();
    member.write_all(padded.as_bytes()).unwrap();
    let zeros = vec![0; ROW];
    for _ in 1..ROWS {
        member.write_all(&zeros).unwrap();
    }
    member.write_all(&zeros[8..]).unwrap();
    member.write_all(&[1, 2, 3, 4, 5, 6, 7, 8]).unwrap();
    member.finish().unwrap();
    let one = Array::from_slice(&[7u8], [1]).unwrap();
    writer.array("behind", &one).unwrap();
}

/// The last row, and the data after it, are there.
fn check_large(path: &std::path::Path) {
    let archive = Archive::open(File::open(path).unwrap()).unwrap();
    let member = archive.get("large").unwrap();
    assert_eq!(
        member.open().unwrap().layout().shape(),
        [ROWS as usize, ROW]
    );
    let slice = "-1, -10:".parse().unwrap();
    let part = member.open().unwrap().slice(&slice);
    if archive.member(0).unwrap().compression_method() == npz::CompressionMethod::Stored {
        assert_eq!(part.unwrap().as_bytes(), [0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }
    assert_eq!(
        archive.get("behind").unwrap().read().unwrap().as_bytes(),
        [7]
    );
}

#[test]
fn a_member_of_more_than_four_gibibytes() {
    if usize::BITS < 64 {
        conformance::skipped("no array of 4 GiB fits into addresses of 32 bits");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    let mut writer = Writer::new(Sparse(File::create(&path).unwrap()));
    write_large(&mut writer);
    writer.finish().unwrap();
    check_large(&path);
    if env::var_os("NPIO_LARGE").is_none() {
        return;
    }
    Archive::open(File::open(&path).unwrap())
        .unwrap()
        .get("large")
        .unwrap()
        .verify()
        .unwrap();
    let code = r#"
def tail(z):
    with z.zip.open("large.npy") as file:
        while block := file.read(1 << 24):
            last = block
    return list(last[-8:])
z = np.load(args[0])
answer = [z.zip.testzip(), tail(z), z["behind"].tolist()]
"#;
    let expected = json!([null, [1, 2, 3, 4, 5, 6, 7, 8], [7]]);
    let mut numpy = NumPy::start().unwrap();
    assert_eq!(numpy.ask(code, &[json!(path)]), Ok(expected.clone()));

    // Through a pipe, in both directions.
    let mut writer = WriteOptions::new().stream(Sparse(File::create(&path).unwrap()));
    write_large(&mut writer);
    writer.finish().unwrap();
    check_large(&path);
    assert_eq!(numpy.ask(code, &[json!(path)]), Ok(expected.clone()));
    let mut stream = Stream::new(BufReader::new(File::open(&path).unwrap()));
    stream.next_member().unwrap().unwrap().skip().unwrap();
    stream.finish().unwrap();

    let options = WriteOptions::new().compression(Compression::deflated(1));
    let mut writer = options.create(File::create(&path).unwrap()).unwrap();
    write_large(&mut writer);
    writer.finish().unwrap();
    Archive::open(File::open(&path).unwrap())
        .unwrap()
        .get("large")
        .unwrap()
        .verify()
        .unwrap();
    assert_eq!(numpy.ask(code, &[json!(path)]), Ok(expected));

    let code = r#"
x = np.lib.format.open_memmap(args[1], "w+", "u1", (4100, 1 << 20))
x[-1, -8:] = range(1, 9)
np.savez(args[0], large=x, behind=np.array([7], "u1"))
"#;
    numpy
        .ask(code, &[json!(path), json!(folder.path().join("x.npy"))])
        .unwrap();
    check_large(&path);
    Archive::open(File::open(&path).unwrap())
        .unwrap()
        .get("large")
        .unwrap()
        .verify()
        .unwrap();
}
