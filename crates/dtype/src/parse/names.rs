//! The names of types: NumPy's aliases and one-letter codes.

use super::longdouble::LONGDOUBLE;
use crate::dtype::DType;
use crate::number::{ByteOrder, Number};
use crate::time::{TimeStep, TimeUnit};
use std::ffi::c_long;

/// C's `long`, which NumPy calls `long`, `l` and `L`.
const LONG: (DType, DType) = match size_of::<c_long>() {
    4 => (DType::I32, DType::U32),
    _ => (DType::I64, DType::U64),
};

/// NumPy's default integer: as wide as a pointer.
const INTP: (DType, DType) = match size_of::<usize>() {
    4 => (DType::I32, DType::U32),
    _ => (DType::I64, DType::U64),
};

/// A type by NumPy's name: `int32`, `float64`, `intc`, `bool_`, `half`, …
pub(super) fn by_name(name: &str) -> Option<DType> {
    if let Some(number) = Number::from_name(name) {
        return Some(DType::number(number, ByteOrder::NATIVE));
    }
    Some(match name {
        "bool" | "bool_" => DType::Bool,
        "byte" => DType::I8,
        "short" => DType::I16,
        "intc" => DType::I32,
        "longlong" => DType::I64,
        "ubyte" => DType::U8,
        "ushort" => DType::U16,
        "uintc" => DType::U32,
        "ulonglong" => DType::U64,
        "long" => LONG.0,
        "ulong" => LONG.1,
        "int" | "int_" | "intp" => INTP.0,
        "uint" | "uintp" => INTP.1,
        "half" => DType::F16,
        "single" => DType::F32,
        "double" | "float" => DType::F64,
        "longdouble" => LONGDOUBLE.0,
        "csingle" => DType::C64,
        "cdouble" | "complex" => DType::C128,
        "clongdouble" => LONGDOUBLE.1,
        "bytes" | "bytes_" => DType::Bytes(0),
        "str" | "str_" | "unicode" => DType::Str(0, ByteOrder::NATIVE),
        "void" => DType::Void(0),
        "object" | "object_" => DType::Object,
        _ => return None,
    })
}

impl DType {
    /// The names of dtypes that people write most, for suggestions: those of numbers first.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let others = [
            "bool",
            "bytes",
            "str",
            "object",
            "datetime64",
            "timedelta64",
        ];
        let aliases = [
            "int",
            "uint",
            "half",
            "single",
            "double",
            "float",
            "complex",
            "longdouble",
        ];
        let numbers = Number::ALL.iter().map(|number| number.info().name);
        numbers.chain(others).chain(aliases)
    }
}

/// A type by its one-letter code.
pub(super) fn by_letter(letter: char, order: ByteOrder) -> Option<DType> {
    let generic = TimeStep::of(TimeUnit::Generic);
    let dtype = match letter {
        '?' => DType::Bool,
        'b' => DType::I8,
        'B' => DType::U8,
        'h' => DType::I16,
        'H' => DType::U16,
        'i' => DType::I32,
        'I' => DType::U32,
        'l' => LONG.0,
        'L' => LONG.1,
        'q' => DType::I64,
        'Q' => DType::U64,
        'n' | 'p' => INTP.0,
        'N' | 'P' => INTP.1,
        'e' => DType::F16,
        'f' => DType::F32,
        'd' => DType::F64,
        'g' => LONGDOUBLE.0,
        'F' => DType::C64,
        'D' => DType::C128,
        'G' => LONGDOUBLE.1,
        'S' | 'a' => DType::Bytes(0),
        'c' => DType::Bytes(1),
        'U' => DType::Str(0, order),
        'V' => DType::Void(0),
        'O' => DType::Object,
        'M' => DType::Datetime(generic, order),
        'm' => DType::Timedelta(generic, order),
        _ => return None,
    };
    Some(dtype.with_byte_order(order))
}

/// A type by its array-protocol kind and size: `f8`, `S5`, `U3`, `b1`.
pub(super) fn by_kind(kind: char, size: u32, order: ByteOrder) -> Option<DType> {
    Some(match (kind, size) {
        ('S' | 'a', n) => DType::Bytes(n),
        ('U', n) => DType::Str(n, order),
        ('V', n) => DType::Void(n),
        ('b', 1) => DType::Bool,
        ('O', 4 | 8) => DType::Object,
        (kind, size) => DType::number(Number::from_kind(kind, size)?, order),
    })
}
