//! Random rows.

use std::collections::BTreeSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// Random numbers that the seed determines, everywhere and in every version: SplitMix64.
pub(crate) struct Random(u64);

impl Random {
    /// The numbers of this seed, or of one that is itself random.
    pub(crate) fn new(seed: Option<u64>) -> Random {
        Random(seed.unwrap_or_else(|| RandomState::new().hash_one(0)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one, all of them equally likely; `limit` is at least 1.
    fn below(&mut self, limit: u64) -> u64 {
        // The numbers at the end that would make the first ones more likely are left out.
        let rest = (u64::MAX % limit + 1) % limit;
        loop {
            let number = self.next();
            if number <= u64::MAX - rest {
                return number % limit;
            }
        }
    }

    /// `count` of the numbers below `total`, which has at least as many, in ascending order; each set is equally likely.
    pub(crate) fn distinct(
        mut self,
        count: usize,
        total: usize,
    ) -> Box<dyn Iterator<Item = usize>> {
        /// As many times more numbers there are than are taken if only these are to be drawn.
        const SPARSE: usize = 32;
        if count < total / SPARSE {
            // Floyd's method: memory for those that are taken only.
            let mut taken = BTreeSet::new();
            for last in total - count..total {
                let number = self.below(last as u64 + 1) as usize;
                let is_new = taken.insert(number);
                if !is_new {
                    taken.insert(last);
                }
            }
            return Box::new(taken.into_iter());
        }
        let mut wanted = count;
        Box::new((0..total).filter(move |number| {
            let is_taken = wanted > 0 && self.below((total - number) as u64) < wanted as u64;
            wanted -= usize::from(is_taken);
            is_taken
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn as_many_as_wanted_in_order() {
        for (count, total) in [
            (0, 0),
            (0, 5),
            (5, 5),
            (3, 7),
            (10, 1000),
            (400, 1000),
            (1, 100),
        ] {
            let rows: Vec<usize> = Random::new(Some(7)).distinct(count, total).collect();
            assert_eq!(rows.len(), count);
            assert!(rows.is_sorted_by(|a, b| a < b), "{rows:?}");
            assert!(rows.iter().all(|row| *row < total));
            assert!(
                rows.into_iter()
                    .eq(Random::new(Some(7)).distinct(count, total))
            );
        }
    }

    /// Each of 100 rows is taken about as often, by both methods.
    #[test]
    fn all_rows_are_equally_likely() {
        for count in [2, 30] {
            let mut taken = [0; 100];
            for seed in 0..20_000 {
                for row in Random::new(Some(seed)).distinct(count, 100) {
                    taken[row] += 1;
                }
            }
            let expected = 200 * count;
            assert!(
                taken
                    .iter()
                    .all(|n| (expected * 8 / 10..expected * 12 / 10).contains(n)),
                "{taken:?}"
            );
        }
    }

    /// The numbers never change.
    #[test]
    fn the_seed_determines_the_rows() {
        let rows: Vec<usize> = Random::new(Some(1)).distinct(4, 10).collect();
        assert_eq!(rows, [3, 6, 7, 8]);
    }
}
