//! The numeric kinds, and byte order.

use std::fmt;

/// The order of the bytes inside one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// Least significant byte first, `<`.
    Little,
    /// Most significant byte first, `>`.
    Big,
}

impl ByteOrder {
    /// The order of the machine that this program was compiled for.
    pub const NATIVE: ByteOrder = if cfg!(target_endian = "little") {
        ByteOrder::Little
    } else {
        ByteOrder::Big
    };

    /// NumPy's sign for it: `<` or `>`.
    pub const fn sign(self) -> char {
        match self {
            ByteOrder::Little => '<',
            ByteOrder::Big => '>',
        }
    }
}

/// Every kind of number but `bool`, by size in bits as NumPy names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Number {
    /// `int8`
    I8,
    /// `int16`
    I16,
    /// `int32`
    I32,
    /// `int64`
    I64,
    /// `uint8`
    U8,
    /// `uint16`
    U16,
    /// `uint32`
    U32,
    /// `uint64`
    U64,
    /// `float16`: IEEE half precision
    F16,
    /// `float32`
    F32,
    /// `float64`
    F64,
    /// `float96`: the 80-bit x87 number in 12 bytes, `longdouble` on 32-bit x86
    F96,
    /// `float128`: the 80-bit x87 number in 16 bytes, `longdouble` on 64-bit x86
    F128,
    /// `complex64`: two `float32`
    C64,
    /// `complex128`: two `float64`
    C128,
    /// `complex192`: two `float96`
    C192,
    /// `complex256`: two `float128`
    C256,
    /// `bfloat16`, which NumPy knows through ml_dtypes only and which is saved as two opaque bytes
    BF16,
}

impl Number {
    /// The letter of NumPy's array-protocol spelling (`i u f c`, and `V` for `bfloat16`).
    pub const fn kind(self) -> char {
        use Number::*;
        match self {
            I8 | I16 | I32 | I64 => 'i',
            U8 | U16 | U32 | U64 => 'u',
            F16 | F32 | F64 | F96 | F128 => 'f',
            C64 | C128 | C192 | C256 => 'c',
            BF16 => 'V',
        }
    }

    /// Bytes that one number takes.
    pub const fn size(self) -> usize {
        use Number::*;
        match self {
            I8 | U8 => 1,
            I16 | U16 | F16 | BF16 => 2,
            I32 | U32 | F32 => 4,
            I64 | U64 | F64 | C64 => 8,
            F96 => 12,
            F128 | C128 => 16,
            C192 => 24,
            C256 => 32,
        }
    }

    /// Bytes that are swapped together: half the size for complex numbers.
    pub const fn part_size(self) -> usize {
        match self.kind() {
            'c' => self.size() / 2,
            _ => self.size(),
        }
    }

    /// The number with this array-protocol letter and size, `('f', 8)` being `F64`.
    pub(crate) fn from_kind(kind: char, size: u32) -> Option<Number> {
        use Number::*;
        Some(match (kind, size) {
            ('i', 1) => I8,
            ('i', 2) => I16,
            ('i', 4) => I32,
            ('i', 8) => I64,
            ('u', 1) => U8,
            ('u', 2) => U16,
            ('u', 4) => U32,
            ('u', 8) => U64,
            ('f', 2) => F16,
            ('f', 4) => F32,
            ('f', 8) => F64,
            ('f', 12) => F96,
            ('f', 16) => F128,
            ('c', 8) => C64,
            ('c', 16) => C128,
            ('c', 24) => C192,
            ('c', 32) => C256,
            _ => return None,
        })
    }
}

/// NumPy's name: `int32`, `float64`, `complex128`, …
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.kind() {
            'i' => "int",
            'u' => "uint",
            'f' => "float",
            'c' => "complex",
            _ => "bfloat",
        };
        write!(f, "{word}{}", self.size() * 8)
    }
}
