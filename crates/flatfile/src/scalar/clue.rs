//! One long double: whether it is a number of the x87, and whether it looks like an IEEE quad.

use super::quad;

/// The evidence of one long double about the format of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormatClue {
    /// It is not an x87 number.
    NotX87,
    /// It is one, and not a likely quad.
    X87,
    /// It is 0 in both formats, or has no room for a quad.
    Neither,
    /// As an x87 number it is 0 or almost 0, and its padding is that of a likely quad.
    LikeQuad,
}

/// Why long doubles cannot be read as x87 numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum LongDoubleProblem {
    /// The integer bit of this item contradicts its exponent.
    IntegerBit {
        /// The biased exponent.
        exponent: u16,
    },
    /// All items would be 0, and this one is a likely IEEE quad.
    LikeQuads {
        /// The value of the quad.
        quad: f64,
    },
}

impl LongDoubleProblem {
    /// The problem with this item, if there is one.
    pub(crate) fn of(bits: u128) -> LongDoubleProblem {
        match format_clue(bits, true) {
            FormatClue::NotX87 => LongDoubleProblem::IntegerBit {
                exponent: (bits >> 64) as u16 & 0x7fff,
            },
            _ => LongDoubleProblem::LikeQuads {
                quad: quad::to_f64(bits),
            },
        }
    }
}

/// The evidence in the bits of an item; pass `may_be_quad` as false for items of 12 bytes.
///
/// *The integer bit.* It is 1 in every number except 0 and the subnormal ones, whose exponent is 0. If it is 0 with
/// another exponent, the x87 has not accepted the item as a number since the 80387. If it is 1 with exponent 0 (a
/// "pseudo-denormal"), the x87 computes with it, but never produces it. NumPy prints another number than it
/// computes with (its printing leaves the bit out), so there is no right answer, and it is also an error. Of true
/// quads, about half have a wrong bit there.
///
/// *Quads that are all zeros.* A quad with a short fraction, as every `f4` and every integer below 2^33 has, begins
/// with ten zero bytes: to the x87 it is 0, and the rest is padding. (With a few bits at the very end, it is a
/// subnormal x87 number, which no data has.) But zeros with arbitrary bytes in their padding are common: the x87
/// writes ten bytes and leaves the others as they were, often parts of pointers or of `f8`. Such an item is
/// evidence for:
///
/// - *quads*, if it is one of ordinary size (2^-16 to 2^33) that is an `f4` or an integer; of powers of two, which
///   most `f8` in the padding look like (1.0 is 2^-15, 3.0 is 512, 4.0 is 2^17), only 2^-4 to 2^4; or if it is
///   infinite or the usual NaN. The padding of `f8` that are 2.0 is that of the quad 2.0: these cannot be
///   distinguished, and an error that can be overruled is better than wrong numbers;
/// - *no quads*, if it is one beyond `f4`, or a subnormal one, as a pointer is, whose upper bytes are 0;
/// - *nothing* otherwise.
///
/// A single item that is evidence for *no quads*, or is not 0, decides.
#[inline]
pub(crate) fn format_clue(bits: u128, may_be_quad: bool) -> FormatClue {
    let (mantissa, exponent) = (bits as u64, (bits >> 64) as u16 & 0x7fff);
    if (exponent != 0) != (mantissa >> 63 != 0) {
        return FormatClue::NotX87;
    }
    if exponent != 0 {
        return FormatClue::X87;
    }
    if !may_be_quad || bits << 1 == 0 {
        return FormatClue::Neither;
    }
    format_clue_of_zero(bits)
}

/// The evidence in the padding of a number that is 0 or almost 0 to the x87.
#[cold]
fn format_clue_of_zero(bits: u128) -> FormatClue {
    const BIAS: i32 = 0x3fff;
    let fraction = bits & ((1 << 112) - 1);
    let exponent = (bits >> 112) as i32 & 0x7fff;
    let length = 112 - fraction.trailing_zeros().min(112) as i32;
    match (exponent - BIAS, length) {
        _ if exponent == 0x7fff => {
            if fraction == 0 || fraction == 1 << 111 {
                FormatClue::LikeQuad
            } else {
                FormatClue::X87
            }
        }
        (-4..=4, 0) => FormatClue::LikeQuad,
        (-149..=127, 0) => FormatClue::Neither,
        (-16..=32, _) if bits as u64 != 0 => FormatClue::LikeQuad,
        (power @ -16..=32, length) if length <= power.max(23) => FormatClue::LikeQuad,
        (-149..=127, _) => FormatClue::Neither,
        _ => FormatClue::X87,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn x87(exponent: u16, mantissa: u64, padding: u64) -> FormatClue {
        let bits = u128::from(padding) << 80 | u128::from(exponent) << 64 | u128::from(mantissa);
        format_clue(bits, true)
    }

    #[test]
    fn numbers_of_the_x87() {
        let one = 1 << 63;
        for padding in [0, 0x3fff_0000_0000, 0xffff_ffff_ffff] {
            for (exponent, mantissa) in [(0x3fff, one), (1, one), (0xfffe, u64::MAX), (0x7fff, one)]
            {
                assert_eq!(x87(exponent, mantissa, padding), FormatClue::X87);
            }
            for (exponent, mantissa) in [
                (0x3fff, one - 1),
                (1, 0),
                (0x7fff, 0),
                (0xffff, 1),
                (0, one),
            ] {
                assert_eq!(x87(exponent, mantissa, padding), FormatClue::NotX87);
            }
        }
        // A subnormal number, with nothing in its padding.
        assert_eq!(x87(0, 1, 0), FormatClue::X87);
        assert_eq!(x87(0x8000, 0, 0), FormatClue::X87);
    }

    #[test]
    fn zeros_that_look_like_quads_or_not() {
        for (padding, expected) in [
            (0, FormatClue::Neither),
            (0x8000_0000_0000, FormatClue::Neither),
            // 1.0, 2.0, 0.5, 16.0, -3.0, 1000.0, 2^31 + 1, 2^32 + 2, infinity, NaN.
            (0x3fff_0000_0000, FormatClue::LikeQuad),
            (0x4000_0000_0000, FormatClue::LikeQuad),
            (0x3ffe_0000_0000, FormatClue::LikeQuad),
            (0x4003_0000_0000, FormatClue::LikeQuad),
            (0xc000_8000_0000, FormatClue::LikeQuad),
            (0x4008_f400_0000, FormatClue::LikeQuad),
            (0x401e_0000_0002, FormatClue::LikeQuad),
            (0x401f_0000_0002, FormatClue::LikeQuad),
            (0x7fff_0000_0000, FormatClue::LikeQuad),
            (0x7fff_8000_0000, FormatClue::LikeQuad),
            // The longest fraction of an f4, and a longer one.
            (0x3fff_0000_0200, FormatClue::LikeQuad),
            (0x3fff_0000_0100, FormatClue::Neither),
            // The upper bytes of the f8 1.0, 1.5, 3.0, 4.0, 0.1.
            (0x3ff0_0000_0000, FormatClue::Neither),
            (0x3ff8_0000_0000, FormatClue::Neither),
            (0x4008_0000_0000, FormatClue::Neither),
            (0x4010_0000_0000, FormatClue::Neither),
            (0x3fb9_9999_9999, FormatClue::Neither),
            // Of 1000.0 and 1e-3.
            (0x408f_4000_0000, FormatClue::X87),
            (0x3f50_624d_d2f1, FormatClue::X87),
            // The least and the greatest f4, and what is beyond.
            (0x3f6a_0000_0000, FormatClue::Neither),
            (0x3f69_0000_0000, FormatClue::X87),
            (0x407e_ffff_fe00, FormatClue::Neither),
            (0x407f_0000_0000, FormatClue::X87),
            (0x7fff_1234_5678, FormatClue::X87),
            // Parts of pointers.
            (0x0000_7f12_3456, FormatClue::X87),
            (0x0000_0000_0001, FormatClue::X87),
        ] {
            assert_eq!(x87(0, 0, padding), expected, "{padding:012x}");
        }
        // 1 and the least bit of a quad: almost 0 to the x87.
        assert_eq!(x87(0, 1, 0x3fff_0000_0000), FormatClue::LikeQuad);
        assert_eq!(format_clue(0xffff << 80, false), FormatClue::Neither);
    }
}
