//! Slices of files: the bytes that NumPy takes, and only the blocks that hold them are read.

use conformance::{NumPy, sha256};
use npio::flatfile::npy::ReadOptions;
use serde::Deserialize;
use serde_json::json;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// The least that the system reads, and the part of the file's beginning that may be read.
const BLOCK: u64 = 4096;

/// Saves random arrays with the seed `args[0]` as `args[1]`, and returns random slices of each.
const MAKE: &str = r#"
rng = np.random.default_rng(args[0])
def pick(*choices):
    return choices[rng.integers(len(choices))]
def chance(share):
    return rng.random() < share
def simple():
    return pick("?", "i1", "<i2", ">i4", "<i8", "u1", ">u2", "<u4", ">u8", "<f2", ">f4", "<f8", "g", "<c8",
        ">c16", "G", "S1", "S7", "S5000", "<U1", ">U5", "V3", "V4096", "<M8[D]", ">M8[25s]", "<m8[ns]")
def record(depth):
    fields = []
    # So many that the header is longer than a block.
    for i in range(rng.integers(1, 5) if chance(0.95) else 400):
        part = record(depth - 1) if depth and chance(0.2) else simple()
        fields.append((f"n{i}", part, tuple(map(int, rng.integers(0, 4, rng.integers(0, 3))))))
    return np.dtype(fields, align=chance(0.5))
def shape(items):
    axes = []
    for _ in range(pick(0, 1, 1, 2, 2, 2, 3, 3, 4, 6)):
        axes.append(int(2 ** (rng.random() * np.log2(items + 1))))
        items //= max(axes[-1], 1)
    if axes and chance(0.7):
        axes[-1] *= max(items, 1)
    rng.shuffle(axes)
    return [0 if chance(0.01) else length for length in axes]
def index(length):
    if chance(0.2):
        return int(rng.integers(-length - chance(0.1), length + chance(0.1) or 1))
    step = pick(None, None, 1, 2, 3, 7, int(rng.integers(1, length + 2)), 10**12 if chance(0.2) else 100)
    ends = sorted(map(int, rng.integers(0, length + 1 + chance(0.2), 2)))
    if chance(0.3):
        step = -(step or 1)
        ends.reverse()
    if chance(0.05):
        ends.reverse()
    # Counted from the end where it has that sign.
    ends = [end - length - 1 if chance(0.3) else end for end in ends]
    ends = [pick(-1, 1) * 10**12 if chance(0.03) else None if chance(0.4) else end for end in ends]
    return slice(*ends, step)
def slices(shape):
    parts = [index(length) for length in shape]
    if chance(0.5):
        begin, stop = sorted(rng.integers(0, len(parts) + 1, 2))
        parts[begin:stop] = [...]
    return parts
def text(part):
    word = lambda n: "" if n is None else str(n)
    if isinstance(part, slice):
        return f"{word(part.start)}:{word(part.stop)}" + (f":{part.step}" if part.step else "")
    return "..." if part is ... else str(part)
def blocks(begin, size, offset):
    begin = begin.ravel() * size + offset
    if not begin.size or not size:
        return 0
    touched = np.zeros((begin.max() + size) // 4096 + 1, bool)
    for i in [*range(0, size, 4096), size - 1]:
        touched[(begin + i) // 4096] = True
    return int(touched.sum())
answer = []
for path in args[1]:
    t = np.dtype(simple()) if chance(0.6) else record(1)
    order, axes = pick("C", "F"), shape(pick(1_000, 50_000, 300_000, 1_000_000) // max(t.itemsize, 1))
    count = int(np.prod(axes))
    where = np.arange(count).reshape(axes, order=order)
    # As bytes without a meaning: where NumPy copies records, it leaves their padding undefined.
    raw = np.frombuffer(rng.bytes(count * t.itemsize), f"V{t.itemsize}") if t.itemsize and count else np.zeros(count, "V0")
    x = (raw.view(t) if raw.nbytes else np.zeros(count, t)).reshape(axes, order=order)
    raw = raw.reshape(axes, order=order)
    np.save(path, x)
    order = "F" if x.flags.fnc else "C"
    with open(path, "rb") as f:
        data = f.seek(0, 2) - x.nbytes
    taken = []
    for _ in range(4):
        parts = slices(x.shape)
        # With an ellipsis it is an array, whatever it takes.
        key = tuple(parts) if ... in parts else (*parts, ...)
        try:
            part = raw[key]
        except IndexError as error:
            taken.append({"slice": ",".join(map(text, parts)), "error": str(error)})
            continue
        hash = hashlib.sha256(part.tobytes(order)).hexdigest() if raw.nbytes else hashlib.sha256().hexdigest()
        taken.append({"slice": ",".join(map(text, parts)), "shape": part.shape, "sha256": hash,
                      "blocks": blocks(where[key], t.itemsize, data)})
    answer.append({"descr": repr(npformat.dtype_to_descr(x.dtype)), "shape": x.shape, "order": order, "data": data,
                   "taken": taken})
"#;

/// An array that NumPy saved.
#[derive(Deserialize)]
struct Saved {
    descr: String,
    shape: Vec<usize>,
    order: String,
    /// The offset of the data.
    data: u64,
    taken: Vec<Taken>,
}

/// The slices that NumPy takes of it.
#[derive(Deserialize)]
struct Taken {
    slice: String,
    error: Option<String>,
    #[serde(default)]
    shape: Vec<usize>,
    /// Of the items in the file's memory order.
    #[serde(default)]
    sha256: String,
    /// The number of the file's blocks that hold any of these items.
    #[serde(default)]
    blocks: u64,
}

/// This thread's count of the bytes that it reads.
struct Counter(File);

impl Counter {
    /// `None` if the system keeps no such count.
    fn open() -> Option<Counter> {
        File::open("/proc/thread-self/io").ok().map(Counter)
    }

    /// The count, and the number of bytes read to get it, which are not counted yet.
    fn read(&mut self) -> (u64, u64) {
        let mut text = [0; 1024];
        self.0.seek(SeekFrom::Start(0)).unwrap();
        let length = self.0.read(&mut text).unwrap();
        let text = std::str::from_utf8(&text[..length]).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("rchar: "));
        (line.unwrap().parse().unwrap(), length as u64)
    }

    /// The result of `read`, and the number of bytes it read.
    fn count<T>(&mut self, read: impl FnOnce() -> T) -> (T, u64) {
        let (before, own) = self.read();
        let value = read();
        let (after, _) = self.read();
        (value, after - before - own)
    }
}

#[test]
fn slices_are_those_of_numpy_and_read_only_their_blocks() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let mut counter = Counter::open();
    assert!(counter.is_some() || !cfg!(target_os = "linux"));
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (0..20)
        .map(|i| folder.path().join(format!("{i}.npy")))
        .collect();
    let (mut slices, mut refused) = (0, 0);
    let (mut read, mut needed) = (0, 0);
    for seed in 0..25 {
        let answer = numpy.ask(MAKE, &[json!(seed), json!(paths)]).unwrap();
        let saved: Vec<Saved> = serde_json::from_value(answer).unwrap();
        for (array, path) in saved.iter().zip(&paths) {
            let file = npio::RandomAccessFile::open(path).unwrap();
            for taken in &array.taken {
                let name = format!(
                    "{} {:?} {} [{}]",
                    array.descr, array.shape, array.order, taken.slice
                );
                slices += 1;
                let slice = taken.slice.parse().unwrap();
                let take = || {
                    ReadOptions::new()
                        .open_at(&file, 0)
                        .and_then(|reader| reader.slice(&slice))
                };
                let (part, bytes) = match &mut counter {
                    Some(counter) => counter.count(take),
                    None => (take(), 0),
                };
                let part = match (part, &taken.error) {
                    (Ok(part), None) => part,
                    (Err(_), Some(_)) => {
                        refused += 1;
                        continue;
                    }
                    (part, error) => panic!("{name}: {part:?}, NumPy says {error:?}"),
                };
                assert_eq!(part.dtype().descr().to_string(), array.descr, "{name}");
                assert_eq!(part.shape(), taken.shape, "{name}");
                assert_eq!(sha256(part.as_bytes()), taken.sha256, "{name}");
                let allowed = taken.blocks * BLOCK + array.data.next_multiple_of(BLOCK);
                assert!(bytes <= allowed, "{name}: {bytes} bytes of {allowed}");
                read += bytes;
                needed += allowed;
            }
        }
    }
    assert_eq!(slices, 2000);
    eprintln!("{slices} slices, {refused} refused; {read} bytes read of {needed} in their blocks");
}
