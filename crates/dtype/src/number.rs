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
    /// The byte order of the target that this program was compiled for.
    pub const NATIVE: ByteOrder = if cfg!(target_endian = "little") {
        ByteOrder::Little
    } else {
        ByteOrder::Big
    };

    /// NumPy's character for it: `<` or `>`.
    pub const fn sign(self) -> char {
        match self {
            ByteOrder::Little => '<',
            ByteOrder::Big => '>',
        }
    }
}

/// Every kind of number except `bool`, by size in bits as NumPy names them.
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
    /// `bfloat16`, which NumPy knows only through ml_dtypes and which is saved as two opaque bytes
    BF16,
}

/// The class of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberClass {
    /// An integer in two's complement.
    Signed,
    /// An unsigned integer.
    Unsigned,
    /// A binary floating point number.
    Float,
    /// Two floats: the real and the imaginary part.
    Complex,
}

/// How a binary floating point number is stored: a sign, an exponent with a bias of half its range, a fraction.
///
/// The greatest exponent is that of infinity and NaN, the least is that of 0 and the subnormal numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FloatFormat {
    /// Number of bits of the exponent.
    pub exponent_bits: u32,
    /// Number of bits of the fraction, which follow the leading 1.
    pub fraction_bits: u32,
    /// Whether the leading 1 is stored, as by the x87, or implied.
    pub has_integer_bit: bool,
}

impl FloatFormat {
    /// IEEE half precision.
    pub const F16: FloatFormat = FloatFormat::implied(5, 10);
    /// The upper half of a `float32`.
    pub const BF16: FloatFormat = FloatFormat::implied(8, 7);
    /// IEEE single precision.
    pub const F32: FloatFormat = FloatFormat::implied(8, 23);
    /// IEEE double precision.
    pub const F64: FloatFormat = FloatFormat::implied(11, 52);
    /// The 80 bits of the x87, without the padding that follows them in an array.
    pub const X87: FloatFormat = FloatFormat {
        exponent_bits: 15,
        fraction_bits: 63,
        has_integer_bit: true,
    };

    /// A format whose leading 1 is implied.
    const fn implied(exponent_bits: u32, fraction_bits: u32) -> FloatFormat {
        FloatFormat {
            exponent_bits,
            fraction_bits,
            has_integer_bit: false,
        }
    }

    /// The value added to the exponent before it is stored.
    pub const fn bias(self) -> i32 {
        (1 << (self.exponent_bits - 1)) - 1
    }

    /// The number of decimal digits that survive being stored: `np.finfo(dtype).precision`.
    pub const fn decimal_digits(self) -> u32 {
        // The logarithm of 2 to base ten is a little more than 0.30102.
        self.fraction_bits * 30_103 / 100_000
    }

    /// Whether every number of this format is also a number of the other.
    pub const fn fits(self, other: FloatFormat) -> bool {
        self.exponent_bits <= other.exponent_bits && self.fraction_bits <= other.fraction_bits
    }
}

/// The facts of one kind of number: see [`Number::info`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NumberInfo {
    /// NumPy's name: `int32`, `complex128`.
    pub name: &'static str,
    /// The letter of NumPy's array-protocol spelling: `i`, `u`, `f`, `c`, and `V` for types that NumPy treats as
    /// bytes without a meaning, such as everything that ml_dtypes adds.
    pub letter: char,
    /// The class of the number.
    pub class: NumberClass,
    /// The size of one number in bytes.
    pub size: usize,
    /// The part of which a complex number has two; any other number is its own part.
    pub part: Number,
    /// The alignment that C gives one number.
    pub alignment: usize,
    /// How it, or each of its parts, is stored; `None` for an integer.
    pub float: Option<FloatFormat>,
    /// The length that NumPy gives to the text of a number of this kind.
    pub text_length: u32,
}

/// A table row for an integer.
const fn integer(
    name: &'static str,
    letter: char,
    (part, size): (Number, usize),
    text_length: u32,
) -> NumberInfo {
    NumberInfo {
        name,
        letter,
        class: match letter {
            'i' => NumberClass::Signed,
            _ => NumberClass::Unsigned,
        },
        size,
        part,
        alignment: size,
        float: None,
        text_length,
    }
}

/// A table row for a float.
const fn float(
    name: &'static str,
    letter: char,
    (part, size): (Number, usize),
    format: FloatFormat,
) -> NumberInfo {
    NumberInfo {
        name,
        letter,
        class: NumberClass::Float,
        size,
        part,
        // A long double of 12 bytes is three words.
        alignment: if size == 12 { 4 } else { size },
        float: Some(format),
        text_length: if format.has_integer_bit { 48 } else { 32 },
    }
}

/// A table row for a complex number: two of these floats.
const fn complex(
    name: &'static str,
    (part, size): (Number, usize),
    format: FloatFormat,
) -> NumberInfo {
    let half = float(name, 'c', (part, size), format);
    NumberInfo {
        class: NumberClass::Complex,
        size: 2 * size,
        text_length: 2 * half.text_length,
        ..half
    }
}

impl Number {
    /// Every number, integers first.
    pub const ALL: &'static [Number] = {
        use Number::*;
        &[
            I8, I16, I32, I64, U8, U16, U32, U64, F16, F32, F64, F96, F128, C64, C128, C192, C256,
            BF16,
        ]
    };

    /// The single table of facts about each kind of number: a new number gets its row here.
    ///
    /// ```
    /// use dtype::{FloatFormat, Number};
    /// let info = Number::C64.info();
    /// assert_eq!((info.name, info.size, info.part), ("complex64", 8, Number::F32));
    /// assert_eq!(info.float, Some(FloatFormat::F32));
    /// ```
    pub const fn info(self) -> &'static NumberInfo {
        use Number::*;
        match self {
            I8 => const { &integer("int8", 'i', (I8, 1), 4) },
            I16 => const { &integer("int16", 'i', (I16, 2), 6) },
            I32 => const { &integer("int32", 'i', (I32, 4), 11) },
            I64 => const { &integer("int64", 'i', (I64, 8), 21) },
            U8 => const { &integer("uint8", 'u', (U8, 1), 3) },
            U16 => const { &integer("uint16", 'u', (U16, 2), 5) },
            U32 => const { &integer("uint32", 'u', (U32, 4), 10) },
            U64 => const { &integer("uint64", 'u', (U64, 8), 20) },
            F16 => const { &float("float16", 'f', (F16, 2), FloatFormat::F16) },
            F32 => const { &float("float32", 'f', (F32, 4), FloatFormat::F32) },
            F64 => const { &float("float64", 'f', (F64, 8), FloatFormat::F64) },
            F96 => const { &float("float96", 'f', (F96, 12), FloatFormat::X87) },
            F128 => const { &float("float128", 'f', (F128, 16), FloatFormat::X87) },
            C64 => const { &complex("complex64", (F32, 4), FloatFormat::F32) },
            C128 => const { &complex("complex128", (F64, 8), FloatFormat::F64) },
            C192 => const { &complex("complex192", (F96, 12), FloatFormat::X87) },
            C256 => const { &complex("complex256", (F128, 16), FloatFormat::X87) },
            BF16 => const { &float("bfloat16", 'V', (BF16, 2), FloatFormat::BF16) },
        }
    }

    /// The letter of NumPy's array-protocol spelling (`i u f c`, and `V` for `bfloat16`).
    pub const fn kind(self) -> char {
        self.info().letter
    }

    /// Whether it is an integer, a float or complex; `bfloat16` is a float, despite its letter.
    pub const fn class(self) -> NumberClass {
        self.info().class
    }

    /// Whether it is an integer, signed or unsigned.
    pub const fn is_integer(self) -> bool {
        self.info().float.is_none()
    }

    /// The size of one number in bytes.
    pub const fn size(self) -> usize {
        self.info().size
    }

    /// The number of bytes that are swapped together: half the size for complex numbers.
    pub const fn part_size(self) -> usize {
        self.info().part.info().size
    }

    /// The number with this array-protocol letter and size, `('f', 8)` being `F64`.
    pub(crate) fn from_kind(kind: char, size: u32) -> Option<Number> {
        let mut numbers = Number::ALL.iter().copied();
        numbers.find(|number| number.kind() == kind && number.size() == size as usize)
    }

    /// The number with this name.
    pub(crate) fn from_name(name: &str) -> Option<Number> {
        Number::ALL
            .iter()
            .copied()
            .find(|number| number.info().name == name)
    }
}

/// NumPy's name: `int32`, `float64`, `complex128`, …
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.info().name)
    }
}
