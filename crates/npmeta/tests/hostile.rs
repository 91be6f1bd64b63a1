//! Pickles that want more than values: each is refused, with this error, or stays small.

#![cfg(feature = "value")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use cap::Cap;
use npmeta::dtype::{Layout, Order};
use npmeta::flatfile::Array;
use npmeta::pickle::{self, MAX_DEPTH};
use npmeta::{Date, DateTime, Dict, Objects, Time, Value};
use std::alloc::System;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[path = "hostile/opaque.rs"]
mod opaque;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// One test at a time: memory is counted for the whole program.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Parses within 1 MiB and 64 times the bytes, and 64 KiB for the test itself; returns the printed value, or the
/// error.
fn outcome(bytes: &[u8]) -> String {
    let started = Instant::now();
    ALLOCATOR
        .set_limit(ALLOCATOR.allocated() + (1 << 20) + 64 * bytes.len() + (64 << 10))
        .unwrap();
    // Opaque objects take no more memory.
    let _ = pickle::parse(bytes);
    let parsed = pickle::Options::new().refuse_opaque().parse(bytes);
    ALLOCATOR.set_limit(usize::MAX).unwrap();
    // A hang takes longer than that even in an emulator.
    assert!(started.elapsed() < Duration::from_secs(100));
    match parsed {
        Ok((value, _)) => {
            let text = value.to_string();
            text.chars().take(60).collect()
        }
        Err(error) => error.to_string(),
    }
}

fn repeated(parts: &[(&[u8], usize)]) -> Vec<u8> {
    parts
        .iter()
        .flat_map(|(part, count)| part.repeat(*count))
        .collect()
}

/// A list of ten references to the list before, repeated this many times; in all, ten to that power.
fn laughs(levels: u8) -> Vec<u8> {
    let mut bytes = b"\x80\x04]\x94(".to_vec();
    bytes.extend(b"K\x01".repeat(10));
    bytes.extend(b"e0");
    for level in 0..levels {
        bytes.extend(b"]\x94(");
        bytes.extend([b'h', level].repeat(10));
        bytes.extend(b"e0");
    }
    bytes.extend([b'h', levels, b'.']);
    bytes
}

/// The beginning of an array, in protocol 2, before its state.
const ARRAY: &[u8] = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\0tC\x01btR";

#[test]
fn all_of_them() {
    let _alone = alone();
    let wants = |what: &str, at: u32| {
        format!(
            "the pickle wants {what}, which is not among the few that build plain values, at byte {at}"
        )
    };
    let opcode = |code: u8, at: u32| {
        format!("the pickle has the opcode 0x{code:02x}, which builds no plain value, at byte {at}")
    };
    let short = |expected: u64, found: u64, at: u32| {
        format!(
            "the data is too short: expected {expected} more bytes, found {found}, at byte {at}"
        )
    };
    let array = |state: &[u8]| [ARRAY, state].concat();
    const F8: &[u8] = b"cnumpy\ndtype\n(X\x02\0\0\0f8\x89\x88tR";
    let limit = "too large: the values take more than 1 MiB and 64 times the pickle";
    let cases: Vec<(&str, Vec<u8>, String)> = vec![
        // Calls of `system`, named in every possible way.
        ("GLOBAL", b"cos\nsystem\n(S'id'\ntR.".to_vec(), wants("'os.system'", 0)),
        ("GLOBAL of the module's own name", b"cposix\nsystem\n(S'id'\ntR.".to_vec(), wants("'posix.system'", 0)),
        ("STACK_GLOBAL", b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R.".to_vec(), wants("'os.system'", 14)),
        ("INST", b"(S'id'\nios\nsystem\n.".to_vec(), wants("'os.system'", 7)),
        ("OBJ", b"(cos\nsystem\nS'id'\no.".to_vec(), wants("'os.system'", 1)),
        ("NEWOBJ", b"\x80\x02csubprocess\nPopen\n)\x81.".to_vec(), wants("'subprocess.Popen'", 2)),
        ("NEWOBJ_EX", b"\x80\x04\x8c\x0asubprocess\x8c\x05Popen\x93)}\x92.".to_vec(), wants("'subprocess.Popen'", 21)),
        ("a name from the memo", b"X\x02\0\0\0osq\0X\x06\0\0\0systemq\x010h\0h\x01\x93.".to_vec(), wants("'os.system'", 27)),
        ("a name that is called only later", b"cos\nsystem\nq\x000(h\0N.".to_vec(), wants("'os.system'", 0)),
        // Builtins that lead anywhere.
        ("getattr", b"cbuiltins\ngetattr\n.".to_vec(), wants("'builtins.getattr'", 0)),
        ("eval", b"cbuiltins\neval\n(X\x01\0\0\x001tR.".to_vec(), wants("'builtins.eval'", 0)),
        ("exec of Python 2", b"c__builtin__\nexec\n.".to_vec(), wants("'__builtin__.exec'", 0)),
        ("__import__", b"c__builtin__\n__import__\n.".to_vec(), wants("'__builtin__.__import__'", 0)),
        ("open", b"cio\nopen\n(S'/etc/passwd'\ntR.".to_vec(), wants("'io.open'", 0)),
        ("a dotted name", b"\x80\x04\x8c\x08builtins\x8c\x0dset.__class__\x93.".to_vec(), wants("'builtins.set.__class__'", 27)),
        ("a dotted name of NumPy", b"\x80\x04\x8c\x05numpy\x8c\x0fndarray.tofile\x00\x93.".to_vec(), wants("'numpy.ndarray.tofile\\x00'", 26)),
        ("another of NumPy", b"cnumpy.testing._private.utils\nrunstring\n.".to_vec(), wants("'numpy.testing._private.utils.runstring'", 0)),
        ("a name with a line end", b"\x80\x04\x8c\x03os\n\x8c\x06system\x93.".to_vec(), wants("'os\\n.system'", 15)),
        ("a name of a kind of e", "c\u{43e}s\nsystem\n.".as_bytes().to_vec(), wants("'\u{43e}s.system'", 0)),
        ("another codec", b"c_codecs\ndecode\n.".to_vec(), wants("'_codecs.decode'", 0)),
        ("the reconstructor of any class", b"ccopy_reg\n_reconstructor\n.".to_vec(), wants("'copy_reg._reconstructor'", 0)),
        ("the caller of its parts", b"cfunctools\npartial\n.".to_vec(), wants("'functools.partial'", 0)),
        // The names on the list, used as code would use them.
        ("a set by OBJ", b"(cbuiltins\nset\no.".to_vec(), "set()".into()),
        ("a set by INST", b"(ibuiltins\nset\n.".to_vec(), "set()".into()),
        ("a dict by NEWOBJ", b"cbuiltins\ndict\n)\x81.".to_vec(), "{}".into()),
        ("a list by NEWOBJ, of arguments", b"cbuiltins\nlist\n]\x85\x81.".to_vec(), "the pickle uses list wrongly: expected no arguments of `__new__`, at byte 17".into()),
        ("a set with a state", b"\x8f)b.".to_vec(), "the pickle expects a new array or a dtype on its stack, at byte 2".into()),
        ("encode with a codec of its own", b"c_codecs\nencode\n(X\x01\0\0\0aX\x03\0\0\0hextR.".to_vec(), "the pickle uses encode wrongly: expected the encoding latin1, at byte 32".into()),
        ("int as more than a word", b"cbuiltins\nint\n(S'1'\ntR.".to_vec(), "the pickle uses int wrongly: expected no call at all, at byte 21".into()),
        ("a call of what is no name", b"K\x01)R.".to_vec(), "the pickle expects a name to call on its stack, at byte 3".into()),
        ("_reconstruct of another class", b"cnumpy.core.multiarray\n_reconstruct\n(cbuiltins\nset\n(K\0tC\x01btR.".to_vec(), "the pickle uses _reconstruct wrongly: expected other arguments, at byte 59".into()),
        // References that only a caller could resolve.
        ("PERSID", b"Pid\n.".to_vec(), opcode(b'P', 0)),
        ("BINPERSID", b"NQ.".to_vec(), opcode(b'Q', 1)),
        ("EXT1", b"\x82\x01.".to_vec(), opcode(0x82, 0)),
        ("EXT2", b"\x83\x01\0.".to_vec(), opcode(0x83, 0)),
        ("EXT4", b"\x84\x01\0\0\0.".to_vec(), opcode(0x84, 0)),
        ("a buffer from elsewhere", b"\x80\x05\x97.".to_vec(), opcode(0x97, 2)),
        ("no opcode", b"\xff.".to_vec(), opcode(0xff, 0)),
        // False lengths and frames.
        ("a long string", b"X\xff\xff\xff\xffa.".to_vec(), short(0xffff_ffff, 2, 0)),
        ("a longer one", b"\x8d\xff\xff\xff\xff\xff\xff\xff\x7fa.".to_vec(), short(i64::MAX as u64, 2, 0)),
        ("the longest bytes", b"\x8e\xff\xff\xff\xff\xff\xff\xff\xff.".to_vec(), short(u64::MAX, 1, 0)),
        ("a long bytearray", b"\x96\0\0\0\0\0\x01\0\0.".to_vec(), short(1 << 40, 1, 0)),
        ("a long frame", b"\x80\x04\x95\0\0\0\0\0\0\0\x10N.".to_vec(), short(1 << 60, 2, 2)),
        ("an integer of 2 GiB", b"\x8b\xff\xff\xff\x7f.".to_vec(), short(0x7fff_ffff, 1, 0)),
        ("one that takes long to print", repeated(&[(b"\x8b\0\0\x01\0", 1), (b"\x7f", 1 << 16), (b".", 1)]), "too large: an integer of more than 16 KiB, at byte 0".into()),
        ("one that takes long to parse", repeated(&[(b"I", 1), (b"9", 1 << 20), (b"\n.", 1)]), "expected an integer of at most 39457 digits, at byte 0".into()),
        ("no end", b"(K\x01".to_vec(), short(1, 0, 3)),
        ("no line end", b"cos".to_vec(), "expected a line with an end, at byte 0".into()),
        ("another protocol", b"\x80\x06N.".to_vec(), "expected a protocol of at most 5, at byte 0".into()),
        // Depth, and values that refer to themselves.
        ("lists in lists", repeated(&[(b"]", 100_000), (b"a", 99_999), (b".", 1)]), "too large: more than 100 levels of values".into()),
        ("tuples in tuples", repeated(&[(b"N", 1), (b"\x85", 100_000), (b".", 1)]), "too large: ".into()),
        ("a little too deep", repeated(&[(b"]", MAX_DEPTH + 1), (b"a", MAX_DEPTH), (b".", 1)]), "too large: more than 100 levels of values".into()),
        ("as deep as allowed", repeated(&[(b"]", MAX_DEPTH), (b"a", MAX_DEPTH - 1), (b".", 1)]), "[".repeat(60)),
        ("marks in marks", repeated(&[(b"(", 1_000_000), (b".", 1)]), "the pickle expects a value on its stack, at byte 1000000".into()),
        ("dtypes in dtypes", repeated(&[(b"cnumpy\ndtype\n(X\x02\0\0\0V0\x89\x88tRq\0(K\x03X\x01\0\0\0|(h\0)tNNK\0K\x01K\0tb", 1), (b"q\x000cnumpy\ndtype\n(X\x02\0\0\0V0\x89\x88tR(K\x03X\x01\0\0\0|(h\0)tNNK\0K\x01K\0tb", 70), (b".", 1)]), "too large: a dtype of too many fields or levels, at byte ".into()),
        ("a list in itself", b"]q\0h\0a.".to_vec(), "a value that contains itself".into()),
        ("a dict in itself", b"}q\0NhU\0s.".to_vec(), "the pickle refers to entry 85 of its memo, which does not exist, at byte 4".into()),
        ("a dict as its own value", b"}q\0Nh\0s.".to_vec(), "a value that contains itself".into()),
        ("an array in itself", array(b"q\0(K\x01)cnumpy\ndtype\n(X\x01\0\0\0O\x89\x88tR\x89]h\0atb."), "a value that contains itself".into()),
        // The memo.
        ("memo 2**32 - 1", b"Nr\xff\xff\xff\xff0j\xff\xff\xff\xff.".to_vec(), "None".into()),
        ("memo 2**32 of protocol 0", b"Np4294967296\n0g4294967296\n.".to_vec(), "None".into()),
        ("memo 2**70", b"Np1180591620717411303424\n.".to_vec(), "expected the number of a place in the memo, at byte 1".into()),
        ("what was never kept", b"h\x07.".to_vec(), "the pickle refers to entry 7 of its memo, which does not exist, at byte 0".into()),
        ("nothing to keep", b"q\0.".to_vec(), "the pickle expects a value on its stack, at byte 0".into()),
        // More than there are bytes for.
        ("billion laughs", laughs(9), limit.into()),
        ("laughs without an end", laughs(60), limit.into()),
        ("the same bytes again and again", repeated(&[(b"]B\0\0\x01\0", 1), (b"x", 1 << 16), (b"q\0a", 1), (b"h\0a", 10_000), (b".", 1)]), limit.into()),
        ("copies of a list", repeated(&[(b"](", 1), (b"N", 10_000), (b"eq\0\x85q\x010", 1), (b"cbuiltins\nset\nq\x020", 1), (b"h\x02h\x01R0", 10_000), (b"N.", 1)]), format!("{limit}, at byte ")),
        // The stack.
        ("nothing on the stack", b".".to_vec(), "the pickle expects a value on its stack, at byte 0".into()),
        ("below the mark", b"N(a.".to_vec(), "the pickle expects a value on its stack, at byte 2".into()),
        ("no mark", b"Nt.".to_vec(), "the pickle expects a mark on its stack, at byte 1".into()),
        ("a key without a value", b"}(Nu.".to_vec(), "the pickle expects a value for each key on its stack, at byte 3".into()),
        ("append to a number", b"K\x01Na.".to_vec(), "the pickle expects a list on its stack, at byte 3".into()),
        ("ADDITEMS to a list", b"](N\x90.".to_vec(), "the pickle expects a set on its stack, at byte 3".into()),
        ("APPEND to a set", b"\x8fNa.".to_vec(), "the pickle expects a list on its stack, at byte 2".into()),
        ("APPENDS to a set", b"\x8f(Ne.".to_vec(), "the pickle expects a list on its stack, at byte 3".into()),
        ("a list as a key", b"}]Ns.".to_vec(), "a list cannot be a key of a dict or an item of a set".into()),
        // Invalid arrays.
        ("an array of no bytes", array(&[b"(K\x01(J\xff\xff\xff\x7ft", F8, b"\x89C\0tb."].concat()), if usize::BITS == 64 { "the data is too short: expected 17179869176 bytes, found 0" } else { "shape × itemsize is more than any address space holds" }.into()),
        ("an array larger than any memory", array(&[b"(K\x01(J\xff\xff\xff\x7fJ\xff\xff\xff\x7fJ\xff\xff\xff\x7ft", F8, b"\x89C\0tb."].concat()), "shape × itemsize is more than any address space holds".into()),
        ("a negative axis", array(&[b"(K\x01(J\xff\xff\xff\xfft", F8, b"\x89C\0tb."].concat()), "the pickle uses ndarray wrongly: expected a shape, at byte 100".into()),
        ("objects fewer than the shape says", array(b"(K\x01(J\xff\xff\xff\x7ftcnumpy\ndtype\n(X\x01\0\0\0O\x89\x88tR\x89]tb."), if usize::BITS == 64 { "an array of 2147483647 objects has 0 items" } else { "shape × itemsize is more than any address space holds" }.into()),
        ("objects as bytes", array(b"(K\x01(K\x01tcnumpy\ndtype\n(X\x01\0\0\0O\x89\x88tR\x89C\x08\0\0\0\0\0\0\0\0tb."), "the pickle uses ndarray wrongly: expected a list of objects, at byte ".into()),
        ("an array that was given nothing", array(b"."), "not supported: an array that was given no items".into()),
        ("a scalar of objects", b"cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(X\x01\0\0\0O\x89\x88tRC\x08\0\0\0\0\0\0\0\0tR.".to_vec(), "the data is a pickle of Python objects, not items: it cannot be read as an array".into()),
        ("no dtype", b"cnumpy\ndtype\n(X\x04\0\0\0evil\x89\x88tR.".to_vec(), "the pickle uses dtype wrongly: expected the name of a dtype, at byte 26".into()),
        ("a name by itself", b"cbuiltins\nset\n.".to_vec(), "not supported: the function or class set by itself".into()),
        ("no date", b"cdatetime\ndate\n(C\x04\0\0\0\0tR.".to_vec(), "the pickle uses date wrongly: expected four bytes that are a date, at byte 23".into()),
    ];
    assert!(cases.len() > 80);
    let mut wrong = String::new();
    for (name, bytes, expected) in cases {
        let found = outcome(&bytes);
        if !found.starts_with(&expected) {
            wrong += &format!("{name}:\n  found    {found}\n  expected {expected}\n");
        }
        // A truncated pickle is also an error, or the same value.
        for length in 0..bytes.len().min(120) {
            let _ = outcome(&bytes[..length]);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Any byte may be replaced by any other.
#[test]
fn changed_bytes() {
    let _alone = alone();
    let array = Array::from_slice(&[1.5, 2.5], [2]).unwrap();
    let record = Array::new(
        Layout::new(
            "[('a', '<M8[25s]'), ('b', 'U2', (2,))]".parse().unwrap(),
            [],
            Order::C,
        )
        .unwrap(),
        vec![0u8; 24].into(),
    );
    let time = DateTime {
        date: Date::new(2020, 2, 29).unwrap(),
        time: Time::new(1, 2, 3, 4).unwrap(),
    };
    let dict: Dict = [
        ("text", Value::from("n\u{e9}")),
        ("array", array.into()),
        ("record", record.unwrap().into()),
        (
            "objects",
            Objects::new([2], vec![Value::None, Value::Complex(1.0, 2.0)])
                .unwrap()
                .into(),
        ),
        (
            "tuple",
            Value::Tuple(vec![Value::from(u64::MAX), Value::Set(vec![true.into()])]),
        ),
        ("time", time.into()),
    ]
    .into_iter()
    .collect();
    let old = [ARRAY, b"(K\x01(K\x01tcnumpy\ndtype\n(S'i2'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\nS'\\x01\\x00'\ntb."];
    for seed in [pickle::to_bytes(&dict.into()).unwrap(), old.concat()] {
        assert!(!outcome(&seed).contains("byte"), "{}", outcome(&seed));
        let mut bytes = seed.clone();
        for at in 0..bytes.len() {
            let old = seed[at];
            let bits = (0..8).map(|bit| old ^ 1 << bit);
            for byte in bits.chain([0, 0xff, old.wrapping_add(1), old.wrapping_sub(1)]) {
                bytes[at] = byte;
                let _ = outcome(&bytes);
            }
            bytes[at] = old;
        }
    }
}
