//! Structs as records, and the compiler's errors for those that are not.

#![cfg(feature = "derive")]

use dtype::bytemuck::{CheckedBitPattern, NoUninit, Pod, Zeroable};
use dtype::{Be, Bytes, DType, Datetime64, Element, Le, Seconds, Str, WriteFields};
use std::env;
use std::io::{self, Write};
use std::mem::offset_of;
use std::process::Command;

#[derive(Clone, Copy, Element, Zeroable, Pod)]
#[repr(C)]
struct Point {
    x: f32,
    y: f32,
}

#[derive(Clone, Copy, Element, Zeroable, Pod)]
#[repr(C, packed)]
struct Packed {
    id: u8,
    #[element(rename = "pos", title = "position")]
    point: Point,
    path: [Point; 2],
    name: Bytes<3>,
    r#type: Str<2>,
    big: Be<i16>,
    little: Le<u32>,
    at: Datetime64<Seconds>,
}

#[derive(Clone, Copy, Element, CheckedBitPattern)]
#[repr(C)]
struct Padded {
    ok: bool,
    flags: [u8; 2],
    x: f64,
    end: u8,
}

#[derive(Clone, Copy, Element, CheckedBitPattern, NoUninit)]
#[repr(transparent)]
struct Only {
    flag: bool,
}

#[derive(Clone, Copy, Element, Zeroable, Pod)]
#[repr(transparent)]
struct Pair<T>
where
    T: Element + WriteFields + Pod,
{
    both: [T; 2],
}

#[test]
fn structs_are_records() {
    let text = "[('id', '|u1'), (('position', 'pos'), [('x', 'f4'), ('y', 'f4')]), \
        ('path', [('x', 'f4'), ('y', 'f4')], (2,)), ('name', '|S3'), ('type', 'U2'), \
        ('big', '>i2'), ('little', '<u4'), ('at', 'M8[s]')]";
    assert_eq!(Packed::dtype(), text.parse().unwrap());
    // 8 bytes are aligned to 4 on 32-bit x86.
    let (before, after) = (offset_of!(Padded, x) - 3, align_of::<f64>() - 1);
    let text = format!(
        "[('ok', '|b1'), ('flags', '|u1', (2,)), ('', '|V{before}'), ('x', 'f8'), ('end', '|u1'), ('', '|V{after}')]"
    );
    assert_eq!(Padded::dtype(), text.parse().unwrap());
    assert_eq!(Only::dtype(), "[('flag', '?')]".parse().unwrap());
    assert_eq!(
        Pair::<f64>::dtype(),
        "[('both', 'f8', (2,))]".parse().unwrap()
    );
}

#[test]
fn padding_is_not_written() {
    let padded = Padded {
        ok: true,
        flags: [0, 1],
        x: 1.0,
        end: 7,
    };
    let mut out = [9; size_of::<Padded>()];
    padded.copy_to(&mut out);
    let (x, end) = (offset_of!(Padded, x), offset_of!(Padded, end));
    assert_eq!(out[..3], [1, 0, 1]);
    assert!(x > 3 && out[3..x].iter().all(|byte| *byte == 9));
    assert_eq!(out[x..end], 1f64.to_ne_bytes());
    assert_eq!(out[end], 7);
    assert!(out.len() > end + 1 && out[end + 1..].iter().all(|byte| *byte == 9));
}

#[test]
fn wrappers_hold_their_byte_order() {
    assert_eq!(bytemuck::bytes_of(&Be::new(258u16)), [1, 2]);
    assert_eq!(bytemuck::bytes_of(&Le::new(258u16)), [2, 1]);
    assert_eq!(Be::new([1u32, 2]).get(), [1, 2]);
    assert_eq!(Be::from(1.5), Be::new(1.5));
    assert_eq!(format!("{:?}", Be::new(7)), "7");
    let text = Be::new(Str::<2>::new("né").unwrap());
    assert_eq!(text.get().to_text().unwrap(), "né");
    assert_eq!(<Be<Str<2>>>::dtype(), DType::Str(2, dtype::ByteOrder::Big));
}

/// The types of fields may come from the caller of a macro.
#[test]
fn structs_made_by_macros() {
    macro_rules! record {
        ($name:ident { $($field:ident: $kind:ident),* }) => {
            #[derive(Clone, Copy, Element, bytemuck::Zeroable, bytemuck::Pod)]
            #[repr(C)]
            struct $name {
                $($field: $kind),*
            }
        };
    }
    record!(Point { x: f32, y: f32 });
    assert_eq!(
        Point::dtype(),
        "[('x', 'f4'), ('y', 'f4')]".parse().unwrap()
    );
    let mut bytes = [0; 8];
    WriteFields::copy_to(&Point { x: 1.0, y: 2.0 }, &mut bytes);
    assert_eq!(bytes, bytemuck::cast::<[f32; 2], [u8; 8]>([1.0, 2.0]));
}

/// `TRYBUILD=overwrite` updates the expected output. If the tests run for another system, there is no Cargo:
/// `NPIO_BIN_DIR` is set there. The compiler's output is the same for every target.
#[test]
fn misuse_is_explained() {
    if env::var_os("NPIO_BIN_DIR").is_some() {
        let name = "derive::misuse_is_explained";
        let _ = writeln!(io::stderr(), "SKIPPED {name}: no Cargo on this system");
        return;
    }
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/names.rs");
    cases.compile_fail("tests/ui/shapes.rs");
    // The compiler's own messages are reworded every few versions.
    let version = Command::new("rustc").arg("--version").output();
    let version = version.map(|message| String::from_utf8_lossy(&message.stdout).into_owned());
    if version.is_ok_and(|version| version.starts_with("rustc 1.95.")) {
        cases.compile_fail("tests/ui/bits.rs");
        cases.compile_fail("tests/ui/types.rs");
    }
}
