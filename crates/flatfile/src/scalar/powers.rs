//! Powers of ten in 128 bits, for converting numbers from base two to base ten.

/// The least and the greatest power in the table: beyond them every `f64` is 0 or infinite.
pub(crate) const LEAST: i32 = -342;
const GREATEST: i32 = 308;

const COUNT: usize = (GREATEST - LEAST + 1) as usize;

/// The greatest power of five that 128 bits hold exactly.
const EXACT: i32 = 55;

/// The leading 128 bits of 5 to this power, the first of them a 1; `None` outside the table.
///
/// They are exact from 0 to 55, and rounded down otherwise, except from -27 to -1, where they are rounded up, as
/// Eisel and Lemire's algorithm requires.
pub(crate) fn leading_bits(power: i32) -> Option<u128> {
    let index = usize::try_from(power.checked_sub(LEAST)?).ok()?;
    POWERS.get(index).copied()
}

/// Whether [`leading_bits`] are all of the bits.
pub(crate) fn is_exact(power: i32) -> bool {
    (0..=EXACT).contains(&power)
}

/// How often 10 to this power must be halved until it is less than 2.
pub(crate) const fn binary_exponent(power: i32) -> i32 {
    // The logarithm of ten to base two, times 2^16.
    (power * 217_706) >> 16
}

static POWERS: [u128; COUNT] = powers();

/// A number with 256 bits: the high half, and the low half.
type U256 = (u128, u128);

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which would refuse an index out of bounds"
)]
const fn powers() -> [u128; COUNT] {
    let mut powers = [0; COUNT];
    let zero = LEAST.unsigned_abs() as usize;
    let mut wide: U256 = (1 << 127, 0);
    let mut i = zero;
    while i < COUNT {
        powers[i] = wide.0;
        wide = times_five(wide);
        i += 1;
    }
    wide = (1 << 127, 0);
    let mut i = 1;
    while i <= zero {
        wide = divide_by_five(wide);
        powers[zero - i] = wide.0 + (i <= 27) as u128;
        i += 1;
    }
    powers
}

const fn times_five((high, low): U256) -> U256 {
    // Five fits into the three bits that are freed; the bits dropped at the end are far after bit 128.
    let (high, low) = (high >> 3, high << 125 | low >> 3);
    let (low, carry) = {
        let (four, out) = (low << 2, low >> 126);
        let (sum, carry) = four.overflowing_add(low);
        (sum, out + carry as u128)
    };
    normalized((high * 5 + carry, low))
}

const fn divide_by_five((high, low): U256) -> U256 {
    // Long division by digits of 64 bits.
    let digits = [
        high >> 64,
        high & u64::MAX as u128,
        low >> 64,
        low & u64::MAX as u128,
    ];
    let [a, b, c, d] = digits;
    let (a, rest) = (a / 5, a % 5);
    let b = rest << 64 | b;
    let (b, rest) = (b / 5, b % 5);
    let c = rest << 64 | c;
    let (c, rest) = (c / 5, c % 5);
    let d = rest << 64 | d;
    normalized((a << 64 | b, (c << 64) | (d / 5)))
}

const fn normalized((high, low): U256) -> U256 {
    match high.leading_zeros() {
        0 => (high, low),
        zeros => (high << zeros | low >> (128 - zeros), low << zeros),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::big::Natural;
    use num_bigint::BigUint;
    use std::cmp::Ordering;

    /// Compares `bits × 2^(exponent - 127)` with 10 to this power.
    fn compare(bits: u128, power: i32) -> Ordering {
        let mut left = BigUint::from(bits);
        let mut right = BigUint::from(1u8);
        // 5^power × 2^power against bits × 2^shift
        let side = if power < 0 { &mut left } else { &mut right };
        side.times_ten(power.unsigned_abs());
        let shift = binary_exponent(power) - 127;
        let side = if shift < 0 { &mut right } else { &mut left };
        *side <<= shift.unsigned_abs();
        left.cmp(&right)
    }

    #[test]
    fn every_power_is_rounded_as_it_says() {
        for power in LEAST..=GREATEST {
            let bits = leading_bits(power).unwrap();
            assert_eq!(bits >> 127, 1, "{power}");
            let expected = match power {
                0..=55 => Ordering::Equal,
                -27..0 => Ordering::Greater,
                _ => Ordering::Less,
            };
            assert_eq!(compare(bits, power), expected, "{power}");
            let (below, above) = (bits - 1, bits.saturating_add(1));
            assert_eq!(compare(below, power), Ordering::Less, "{power}");
            if bits < u128::MAX && power > -28 || power < -27 {
                assert_ne!(compare(above, power), Ordering::Less, "{power}");
            }
        }
        assert_eq!((leading_bits(-343), leading_bits(309)), (None, None));
    }
}
