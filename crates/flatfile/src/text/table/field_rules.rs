//! What a field means before its type matters: converted, missing, a number in another notation: [`FieldRules`].

use super::dialect::{special_len, trim};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// A column of a table: by its index, which counts from the end if it is negative, or by its name in the header.
///
/// ```
/// use flatfile::text::table::Column;
/// assert_eq!(Column::from(-1), Column::Index(-1));
/// assert_eq!(Column::from("x"), Column::Name("x".to_owned()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// From 0 on; -1 is the last field of each row.
    Index(isize),
    /// The name in the header.
    Name(String),
}

impl From<isize> for Column {
    fn from(index: isize) -> Column {
        Column::Index(index)
    }
}

impl From<i32> for Column {
    fn from(index: i32) -> Column {
        Column::Index(index as isize)
    }
}

impl From<&str> for Column {
    fn from(name: &str) -> Column {
        Column::Name(name.to_owned())
    }
}

impl From<String> for Column {
    fn from(name: String) -> Column {
        Column::Name(name)
    }
}

impl Column {
    /// Whether it is the column with this index among this many, and with this name.
    pub(super) fn is(&self, index: usize, count: usize, name: Option<&str>) -> bool {
        match self {
            Column::Index(wanted) => match usize::try_from(*wanted) {
                Ok(wanted) => wanted == index,
                Err(_) => count.checked_sub(wanted.unsigned_abs()) == Some(index),
            },
            Column::Name(wanted) => name == Some(wanted),
        }
    }
}

/// A function from a field's text to the text that is read in its place.
#[derive(Clone)]
pub(super) struct Converter(pub(super) Arc<dyn Fn(&str) -> String + Send + Sync>);

impl fmt::Debug for Converter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Converter")
    }
}

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NumberNotation {
    /// The decimal separator.
    pub(super) decimal: u8,
    /// Whether `D` and `Q` begin an exponent, as in Fortran, or a sign alone.
    pub(super) fortran_exponents: bool,
}

impl Default for NumberNotation {
    fn default() -> NumberNotation {
        NumberNotation {
            decimal: b'.',
            fortran_exponents: false,
        }
    }
}

impl NumberNotation {
    /// Whether it is that of programming languages.
    pub(super) fn is_plain(self) -> bool {
        self == NumberNotation::default()
    }

    /// A number in the notation of programming languages; it may still be invalid.
    pub(super) fn normalized<'a>(self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let is_special = text.contains(&b'#');
        if self.is_plain() && !is_special {
            return Cow::Borrowed(text);
        }
        let mut normal = Vec::with_capacity(text.len() + 1);
        let mut before = None;
        let mut at = 0;
        while let Some(byte) = text.get(at).copied() {
            let is_after_number =
                before.is_some_and(|byte: u8| byte.is_ascii_digit() || byte == b'.');
            let rest = text.get(at..).unwrap_or_default();
            let special_len = if is_after_number {
                special_len(rest)
            } else {
                0
            };
            if special_len > 0 {
                // `1.#INF`: the number before it is always 1.
                while normal
                    .last()
                    .is_some_and(|byte: &u8| byte.is_ascii_digit() || *byte == b'.')
                {
                    normal.pop();
                }
                let is_infinite = rest.starts_with(b"#INF");
                normal.extend_from_slice(if is_infinite { b"inf" } else { b"nan" });
                at += special_len;
                before = None;
                continue;
            }
            match byte {
                // No number: a point is not the decimal separator.
                b'.' if self.decimal != b'.' => normal.push(b'\''),
                byte if byte == self.decimal => normal.push(b'.'),
                b'd' | b'D' | b'q' | b'Q' if self.fortran_exponents && is_after_number => {
                    normal.push(b'e');
                }
                b'+' | b'-' if self.fortran_exponents && is_after_number => {
                    // In a complex number it is the sign of the imaginary part.
                    if !text.ends_with(b"j") && !text.ends_with(b")") {
                        normal.push(b'e');
                    }
                    normal.push(byte);
                }
                byte => normal.push(byte),
            }
            // The digits before an exponent that has a letter end there.
            before = normal.last().copied();
            at += 1;
        }
        Cow::Owned(normal)
    }
}

/// The rules for the fields of one column.
#[derive(Clone, Debug, Default)]
pub(super) struct FieldRules {
    pub(super) notation: NumberNotation,
    pub(super) converter: Option<Converter>,
    /// Whether white space around a field does not belong to it.
    pub(super) autostrip: bool,
    /// Whether fields may be missing: empty ones, and the following.
    pub(super) may_be_missing: bool,
    pub(super) missing_values: Vec<Vec<u8>>,
    /// The text that is read where a field is missing.
    pub(super) filling_value: Option<String>,
    /// Whether an invalid field is missing.
    pub(super) is_loose: bool,
    /// Whether items of bytes are UTF-8; otherwise they are Latin-1.
    pub(super) is_utf8: bool,
    /// Whether floats that are too large are infinite, and texts that are too long are truncated.
    pub(super) is_lenient: bool,
    /// Whether they are those of one column.
    pub(super) is_own: bool,
}

impl FieldRules {
    /// The text to read.
    pub(super) fn converted<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let text = if self.autostrip { trim(text) } else { text };
        if let Some(Converter(convert)) = &self.converter
            && let Ok(text) = str::from_utf8(text)
        {
            return Cow::Owned(convert(text).into_bytes());
        }
        Cow::Borrowed(text)
    }

    /// Whether a field is missing.
    pub(super) fn is_missing(&self, text: &[u8]) -> bool {
        let text = trim(text);
        self.may_be_missing
            && (text.is_empty() || self.missing_values.iter().any(|missing| missing == text))
    }
}

/// The rules for all columns.
#[derive(Clone, Debug, Default)]
pub(super) struct TableRules {
    pub(super) common: FieldRules,
    pub(super) missing_values: Vec<(Column, Vec<Vec<u8>>)>,
    pub(super) filling_values: Vec<(Column, String)>,
    pub(super) converters: Vec<(Column, Converter)>,
}

impl TableRules {
    /// The rules for a column, if it has some of its own.
    pub(super) fn of_column(
        &self,
        index: usize,
        count: usize,
        name: Option<&str>,
    ) -> Option<FieldRules> {
        fn find<T>(list: &[(Column, T)], is: impl Fn(&Column) -> bool) -> Option<&T> {
            let found = list.iter().rev().find(|(column, _)| is(column));
            found.map(|(_, value)| value)
        }
        let is = |column: &Column| column.is(index, count, name);
        let missing_values = find(&self.missing_values, is);
        let filling_value = find(&self.filling_values, is);
        let converter = find(&self.converters, is);
        if missing_values.is_none() && filling_value.is_none() && converter.is_none() {
            return None;
        }
        let mut rules = self.common.clone();
        if let Some(missing_values) = missing_values {
            rules.missing_values.extend_from_slice(missing_values);
        }
        if let Some(filling_value) = filling_value {
            rules.filling_value = Some(filling_value.clone());
        }
        rules.converter = converter.cloned();
        rules.is_own = true;
        Some(rules)
    }

    /// Whether all columns have the same rules.
    pub(super) fn are_common(&self) -> bool {
        self.missing_values.is_empty()
            && self.filling_values.is_empty()
            && self.converters.is_empty()
    }
}
