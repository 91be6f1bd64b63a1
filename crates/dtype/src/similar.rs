//! What somebody may have meant.

use crate::repr::excerpt;
use std::{iter, mem};

/// The most characters of a word for which there is a suggestion: comparing them takes their square.
const MAX_LENGTH: usize = 64;

/// The name most similar to a word that is none of them, for a message that asks whether it was meant: case aside, no
/// more than a third of its characters are other, missing, additional or exchanged with their neighbour.
///
/// ```
/// use dtype::similar;
/// assert_eq!(similar("wieght", ["bias", "weights"]), Some("weights"));
/// assert_eq!(similar("x", ["bias", "weights"]), None);
/// ```
pub fn similar<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let word = folded(word)?;
    let limit = (word.len() / 3).max(1);
    let distances = names.into_iter().filter_map(|name| {
        let folded = folded(name)?;
        // One letter is similar to any other.
        let limit = if folded.len().min(word.len()) > 1 {
            limit
        } else {
            0
        };
        let is_close = folded.len().abs_diff(word.len()) <= limit;
        let distance = is_close.then(|| distance(&word, &folded))?;
        (distance <= limit).then_some((distance, name))
    });
    let closest = distances.min_by_key(|(distance, _)| *distance);
    closest.map(|(_, name)| name)
}

/// The end of a message about a word that is none of these names: whether the most similar one was meant, if there is one.
pub fn did_you_mean<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    let name = similar(word, names);
    name.map_or(String::new(), |name| {
        format!(": did you mean {}?", excerpt(name))
    })
}

fn folded(word: &str) -> Option<Vec<char>> {
    let word: Vec<char> = word
        .chars()
        .flat_map(char::to_lowercase)
        .take(MAX_LENGTH + 1)
        .collect();
    (word.len() <= MAX_LENGTH).then_some(word)
}

/// The number of changes that make one of the other: Levenshtein's distance, with exchanged neighbours as one change.
fn distance(one: &[char], other: &[char]) -> usize {
    // Rows of the table of distances between the beginnings of both: the one before the last, and the last.
    let mut before = vec![0; other.len() + 1];
    let mut last: Vec<usize> = (0..=other.len()).collect();
    let mut previous = None;
    for (i, a) in one.iter().enumerate() {
        let (mut left, mut least) = (None, i + 1);
        let mut row = vec![least];
        // What precedes a pair of exchanged neighbours.
        let exchanged = iter::once(usize::MAX).chain(before);
        for (((b, above), corner), exchanged) in other
            .iter()
            .zip(last.iter().skip(1))
            .zip(&last)
            .zip(exchanged)
        {
            least = (least + 1).min(above + 1).min(corner + usize::from(a != b));
            if previous == Some(b) && left == Some(a) {
                least = least.min(exchanged.saturating_add(1));
            }
            row.push(least);
            left = Some(b);
        }
        before = mem::replace(&mut last, row);
        previous = Some(a);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (one, other, expected) in [
            ("", "", 0),
            ("", "ab", 2),
            ("abc", "abc", 0),
            ("abc", "acb", 1),
            ("abc", "abd", 1),
            ("weights", "wieght", 2),
            ("kitten", "sitting", 3),
        ] {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(
                distance(&chars(one), &chars(other)),
                expected,
                "{one} {other}"
            );
            assert_eq!(
                distance(&chars(other), &chars(one)),
                expected,
                "{other} {one}"
            );
        }
    }

    #[test]
    fn what_is_similar() {
        assert_eq!(similar("Weights", ["weights", "weight"]), Some("weights"));
        assert_eq!(similar("flaot32", ["float64", "float32"]), Some("float32"));
        assert_eq!(similar("a", ["b", "c"]), None);
        assert_eq!(similar("ab", ["b", "ac"]), Some("ac"));
        assert_eq!(similar("größe", ["große"]), Some("große"));
        assert_eq!(similar(&"a".repeat(1000), [&*"a".repeat(999)]), None);
        assert_eq!(similar("", ["a"]), None);
    }
}
