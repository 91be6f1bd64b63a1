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
    /// `float8_e3m4` of ml_dtypes, a byte like all that follow: 3 bits of exponent, 4 of fraction, as IEEE has them
    F8E3M4,
    /// `float8_e4m3`
    F8E4M3,
    /// `float8_e4m3b11fnuz`: `fn` has no infinity, `uz` no negative zero, and `b11` is the bias
    F8E4M3B11FNUZ,
    /// `float8_e4m3fn`
    F8E4M3FN,
    /// `float8_e4m3fnuz`
    F8E4M3FNUZ,
    /// `float8_e5m2`, which is saved as `<f1`
    F8E5M2,
    /// `float8_e5m2fnuz`
    F8E5M2FNUZ,
    /// `float8_e8m0fnu`: powers of two, and NaN
    F8E8M0FNU,
    /// `float6_e2m3fn`, in the lower bits of a byte; neither infinity nor NaN
    F6E2M3FN,
    /// `float6_e3m2fn`
    F6E3M2FN,
    /// `float4_e2m1fn`
    F4E2M1FN,
    /// `int1` of ml_dtypes: 0 and -1, in the lowest bit of a byte
    I1,
    /// `int2` of ml_dtypes, in the lowest bits of a byte
    I2,
    /// `int4` of ml_dtypes (not NumPy's `i4`), in the lower half of a byte
    I4,
    /// `uint1` of ml_dtypes
    U1,
    /// `uint2` of ml_dtypes
    U2,
    /// `uint4` of ml_dtypes, in the lower half of a byte
    U4,
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

/// Which bits of a float are not a finite number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NonFinite {
    /// None: there is neither infinity nor NaN.
    Nothing,
    /// NaN instead of -0, and no infinity: `fnuz`.
    NanForNegativeZero,
    /// NaN if all bits but the sign are set, and no infinity: `fn`.
    NanForAllOnes,
    /// All with the greatest exponent, of which those without a fraction are infinity.
    Ieee,
}

/// How a binary floating point number is stored: a sign, an exponent with a bias, a fraction.
///
/// The least exponent is that of 0 and the subnormal numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FloatFormat {
    /// Number of bits of the exponent.
    pub exponent_bits: u32,
    /// Number of bits of the fraction, which follow the leading 1.
    pub fraction_bits: u32,
    /// Whether the leading 1 is stored, as by the x87, or implied.
    pub has_integer_bit: bool,
    /// The value added to the exponent before it is stored.
    pub bias: i32,
    /// Whether there is a sign. Without one, there are only powers of two, and no 0.
    pub is_signed: bool,
    /// Which bits are infinity or NaN.
    pub non_finite: NonFinite,
}

impl FloatFormat {
    /// IEEE half precision.
    pub const F16: FloatFormat = FloatFormat::ieee(5, 10);
    /// The upper half of a `float32`.
    pub const BF16: FloatFormat = FloatFormat::ieee(8, 7);
    /// IEEE single precision.
    pub const F32: FloatFormat = FloatFormat::ieee(8, 23);
    /// IEEE double precision.
    pub const F64: FloatFormat = FloatFormat::ieee(11, 52);
    /// The 80 bits of the x87, without the padding that follows them in an array.
    pub const X87: FloatFormat = FloatFormat {
        has_integer_bit: true,
        ..FloatFormat::ieee(15, 63)
    };

    /// A format whose leading 1 is implied, with a bias of half the range of the exponent, with infinity and NaN.
    const fn ieee(exponent_bits: u32, fraction_bits: u32) -> FloatFormat {
        FloatFormat {
            exponent_bits,
            fraction_bits,
            has_integer_bit: false,
            bias: (1 << (exponent_bits - 1)) - 1,
            is_signed: true,
            non_finite: NonFinite::Ieee,
        }
    }

    /// The same with only these values that are not finite.
    const fn with(self, non_finite: NonFinite) -> FloatFormat {
        FloatFormat { non_finite, ..self }
    }

    /// The same without infinity and negative zero, and with this bias: `fnuz`.
    const fn fnuz(self, bias: i32) -> FloatFormat {
        FloatFormat { bias, ..self }.with(NonFinite::NanForNegativeZero)
    }

    /// The number of decimal digits that survive being stored: `np.finfo(dtype).precision`.
    pub const fn decimal_digits(self) -> u32 {
        // The logarithm of 2 to base ten is a little more than 0.30102.
        self.fraction_bits * 30_103 / 100_000
    }

    /// The exponent of the greatest finite number: of `float32`, 127.
    pub const fn max_exponent(self) -> i32 {
        let is_whole_binade_lost = match self.non_finite {
            NonFinite::Ieee => true,
            NonFinite::NanForAllOnes => self.fraction_bits == 0,
            NonFinite::NanForNegativeZero | NonFinite::Nothing => false,
        };
        (1 << self.exponent_bits) - 1 - is_whole_binade_lost as i32 - self.bias
    }

    /// The exponent of the least positive number, which is a power of two: of `float32`, -149.
    pub const fn min_exponent(self) -> i32 {
        if self.is_signed {
            1 - self.bias - self.fraction_bits as i32
        } else {
            -self.bias
        }
    }

    /// Whether every number of this format is also a number of the other.
    pub const fn fits(self, other: FloatFormat) -> bool {
        self.fraction_bits <= other.fraction_bits
            && self.max_exponent() <= other.max_exponent()
            && self.min_exponent() >= other.min_exponent()
            && self.is_signed as u8 <= other.is_signed as u8
            && self.non_finite as u8 <= other.non_finite as u8
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
    /// The number of bits that it consists of. The small numbers of ml_dtypes are in the lowest bits of a byte, whose
    /// other bits have no meaning; every other number has 8 times its size.
    pub bits: u32,
    /// The Python module that defines it: `numpy` or `ml_dtypes`.
    pub module: &'static str,
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
        bits: 8 * size as u32,
        module: "numpy",
        part,
        alignment: size,
        float: None,
        text_length,
    }
}

/// A table row for an integer of ml_dtypes: the lowest bits of a byte.
const fn small_integer(
    name: &'static str,
    part: Number,
    class: NumberClass,
    bits: u32,
    text_length: u32,
) -> NumberInfo {
    NumberInfo {
        class,
        bits,
        module: "ml_dtypes",
        ..integer(name, 'V', (part, 1), text_length)
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
        bits: 8 * size as u32,
        module: "numpy",
        part,
        // A long double of 12 bytes is three words.
        alignment: if size == 12 { 4 } else { size },
        float: Some(format),
        text_length: if format.has_integer_bit { 48 } else { 32 },
    }
}

/// A table row for a float of ml_dtypes.
const fn ml_float(
    name: &'static str,
    letter: char,
    (part, size): (Number, usize),
    format: FloatFormat,
) -> NumberInfo {
    NumberInfo {
        bits: format.is_signed as u32 + format.exponent_bits + format.fraction_bits,
        module: "ml_dtypes",
        ..float(name, letter, (part, size), format)
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
        bits: 2 * half.bits,
        text_length: 2 * half.text_length,
        ..half
    }
}

impl Number {
    /// Every number: NumPy's, integers first, and then those of ml_dtypes.
    pub const ALL: &'static [Number] = {
        use Number::*;
        &[
            I8,
            I16,
            I32,
            I64,
            U8,
            U16,
            U32,
            U64,
            F16,
            F32,
            F64,
            F96,
            F128,
            C64,
            C128,
            C192,
            C256,
            BF16,
            F8E3M4,
            F8E4M3,
            F8E4M3B11FNUZ,
            F8E4M3FN,
            F8E4M3FNUZ,
            F8E5M2,
            F8E5M2FNUZ,
            F8E8M0FNU,
            F6E2M3FN,
            F6E3M2FN,
            F4E2M1FN,
            I1,
            I2,
            I4,
            U1,
            U2,
            U4,
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
        use NonFinite::{NanForAllOnes, Nothing};
        use Number::*;
        use NumberClass::{Signed, Unsigned};
        const E3M4: FloatFormat = FloatFormat::ieee(3, 4);
        const E4M3: FloatFormat = FloatFormat::ieee(4, 3);
        const E5M2: FloatFormat = FloatFormat::ieee(5, 2);
        const E8M0: FloatFormat = FloatFormat {
            is_signed: false,
            ..FloatFormat::ieee(8, 0).with(NanForAllOnes)
        };
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
            BF16 => const { &ml_float("bfloat16", 'V', (BF16, 2), FloatFormat::BF16) },
            F8E3M4 => const { &ml_float("float8_e3m4", 'V', (F8E3M4, 1), E3M4) },
            F8E4M3 => const { &ml_float("float8_e4m3", 'V', (F8E4M3, 1), E4M3) },
            F8E4M3B11FNUZ => {
                const { &ml_float("float8_e4m3b11fnuz", 'V', (F8E4M3B11FNUZ, 1), E4M3.fnuz(11)) }
            }
            F8E4M3FN => {
                const {
                    &ml_float(
                        "float8_e4m3fn",
                        'V',
                        (F8E4M3FN, 1),
                        E4M3.with(NanForAllOnes),
                    )
                }
            }
            F8E4M3FNUZ => {
                const { &ml_float("float8_e4m3fnuz", 'V', (F8E4M3FNUZ, 1), E4M3.fnuz(8)) }
            }
            F8E5M2 => const { &ml_float("float8_e5m2", 'f', (F8E5M2, 1), E5M2) },
            F8E5M2FNUZ => {
                const { &ml_float("float8_e5m2fnuz", 'V', (F8E5M2FNUZ, 1), E5M2.fnuz(16)) }
            }
            F8E8M0FNU => const { &ml_float("float8_e8m0fnu", 'V', (F8E8M0FNU, 1), E8M0) },
            F6E2M3FN => {
                const {
                    &ml_float(
                        "float6_e2m3fn",
                        'V',
                        (F6E2M3FN, 1),
                        FloatFormat::ieee(2, 3).with(Nothing),
                    )
                }
            }
            F6E3M2FN => {
                const {
                    &ml_float(
                        "float6_e3m2fn",
                        'V',
                        (F6E3M2FN, 1),
                        FloatFormat::ieee(3, 2).with(Nothing),
                    )
                }
            }
            F4E2M1FN => {
                const {
                    &ml_float(
                        "float4_e2m1fn",
                        'V',
                        (F4E2M1FN, 1),
                        FloatFormat::ieee(2, 1).with(Nothing),
                    )
                }
            }
            I1 => const { &small_integer("int1", I1, Signed, 1, 2) },
            I2 => const { &small_integer("int2", I2, Signed, 2, 2) },
            I4 => const { &small_integer("int4", I4, Signed, 4, 2) },
            U1 => const { &small_integer("uint1", U1, Unsigned, 1, 1) },
            U2 => const { &small_integer("uint2", U2, Unsigned, 2, 1) },
            U4 => const { &small_integer("uint4", U4, Unsigned, 4, 2) },
        }
    }

    /// The letter of NumPy's array-protocol spelling (`i u f c`, and `V` for most numbers of ml_dtypes).
    pub const fn kind(self) -> char {
        self.info().letter
    }

    /// Whether it is an integer, a float or complex; those of ml_dtypes are, too, despite their letter.
    pub const fn class(self) -> NumberClass {
        self.info().class
    }

    /// Whether it is an integer, signed or unsigned.
    pub const fn is_integer(self) -> bool {
        self.info().float.is_none()
    }

    /// Whether NumPy knows it only through ml_dtypes.
    pub const fn is_extension(self) -> bool {
        // `==` of texts is not const.
        self.info().module.len() != "numpy".len()
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
