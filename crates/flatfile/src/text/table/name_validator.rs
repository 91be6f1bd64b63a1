//! Names of columns that are valid in Python: [`NameValidator`].

use std::collections::HashMap;

/// The characters that are deleted if no others are given.
const DELETED: &str = r#"~!@#$%^&*()-=+~\|]}[{';: /?.>,<"#;

/// The names that are never used.
const EXCLUDED: [&str; 3] = ["return", "file", "print"];

/// The case of names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NameCase {
    /// As they are: `case_sensitive=True`.
    #[default]
    Keep,
    /// `case_sensitive="upper"`, or `False`.
    Upper,
    /// `case_sensitive="lower"`.
    Lower,
}

/// How names become those of Python's attributes: `genfromtxt`'s `deletechars`, `replace_space`, `case_sensitive`,
/// `excludelist` and `defaultfmt`, and NumPy's `NameValidator`.
///
/// ```
/// use flatfile::text::table::NameValidator;
/// let valid = NameValidator::new().validate(["Mass (kg)", "print", "", "x", "x"]);
/// assert_eq!(valid, ["Mass_kg", "print_", "f0", "x", "x_1"]);
/// ```
#[derive(Clone, Debug)]
pub struct NameValidator {
    deleted: String,
    space: String,
    case: NameCase,
    excluded: Vec<String>,
    default_format: String,
}

impl Default for NameValidator {
    fn default() -> NameValidator {
        NameValidator::new()
    }
}

impl NameValidator {
    /// NumPy's defaults: `_` in place of spaces, and no other characters that are not letters, digits or `_`.
    pub fn new() -> NameValidator {
        NameValidator {
            deleted: DELETED.to_owned(),
            space: "_".to_owned(),
            case: NameCase::Keep,
            excluded: EXCLUDED.map(str::to_owned).to_vec(),
            default_format: "f%i".to_owned(),
        }
    }

    /// Deletes these characters instead of the default ones; `"` is always deleted.
    #[must_use]
    pub fn deletechars(mut self, characters: impl Into<String>) -> NameValidator {
        self.deleted = characters.into();
        self
    }

    /// Writes this in place of each space; the deleted characters are deleted from it, too. If it is empty, spaces are
    /// only deleted.
    #[must_use]
    pub fn replace_space(mut self, space: impl Into<String>) -> NameValidator {
        self.space = space.into();
        self
    }

    /// The case of the names.
    #[must_use]
    pub fn case_sensitive(mut self, case: NameCase) -> NameValidator {
        self.case = case;
        self
    }

    /// Appends `_` to these names, in addition to `return`, `file` and `print`.
    #[must_use]
    pub fn excludelist<T: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = T>,
    ) -> NameValidator {
        self.excluded.extend(names.into_iter().map(Into::into));
        self
    }

    /// The names of columns that have none, with `%i` or `%03d` for their number.
    ///
    /// ```
    /// use flatfile::text::table::{NameValidator, ReadOptions};
    /// let names = NameValidator::new().defaultfmt("column%02i");
    /// let options = ReadOptions::csv().validate_names(names);
    /// let array = options.read_inferred(&b"1,x\n"[..])?;
    /// assert!(array.field("column01").is_ok());
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn defaultfmt(mut self, format: impl Into<String>) -> NameValidator {
        self.default_format = format.into();
        self
    }

    /// The valid names. As in NumPy, two may still be the same: of `x`, `x` and `x_1`.
    pub fn validate<T: AsRef<str>>(&self, names: impl IntoIterator<Item = T>) -> Vec<String> {
        let names: Vec<T> = names.into_iter().collect();
        let is_name = |name: &str| names.iter().any(|other| other.as_ref() == name);
        let mut valid = Vec::with_capacity(names.len());
        // How often each name came before.
        let mut seen: HashMap<String, usize> = HashMap::with_capacity(names.len());
        let mut unnamed = 0;
        for name in &names {
            let mut name = self.characters(name.as_ref());
            if name.is_empty() {
                name = self.default_name(unnamed);
                while is_name(&name) {
                    unnamed += 1;
                    name = self.default_name(unnamed);
                }
                unnamed += 1;
            } else if self.excluded.contains(&name) {
                name.push('_');
            }
            let count = seen.entry(name.clone()).or_insert(0);
            valid.push(match *count {
                0 => name,
                count => format!("{name}_{count}"),
            });
            *count += 1;
        }
        valid
    }

    /// A name without the characters that it must not have.
    fn characters(&self, name: &str) -> String {
        let name = match self.case {
            NameCase::Keep => name.to_owned(),
            NameCase::Upper => name.to_uppercase(),
            NameCase::Lower => name.to_lowercase(),
        };
        let name = match self.space.as_str() {
            "" => name.trim().to_owned(),
            space => name.trim().replace(' ', space),
        };
        let is_deleted = |c: char| c == '"' || self.deleted.contains(c);
        name.chars().filter(|c| !is_deleted(*c)).collect()
    }

    /// The name of a column without one.
    pub(super) fn default_name(&self, number: usize) -> String {
        let format = &self.default_format;
        let parts = format.split_once('%').and_then(|(before, rest)| {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (digits, rest) = rest.split_at_checked(digits)?;
            Some((before, digits, rest.strip_prefix(['i', 'd'])?))
        });
        let Some((before, digits, after)) = parts else {
            return format!("{format}{number}");
        };
        // A width beyond all reason is none.
        let width = digits.parse::<u8>().map_or(0, usize::from);
        if digits.starts_with('0') {
            format!("{before}{number:0width$}{after}")
        } else {
            format!("{before}{number:width$}{after}")
        }
    }
}
