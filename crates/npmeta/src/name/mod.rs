//! Layouts in file names: `fish_int32_4_5.dat` is a raw file of 4 × 5 items of `int32`.
//!
//! The name ends with the layout, so the part before it may contain anything:
//!
//! | part | spelling | if omitted |
//! |---|---|---|
//! | dtype | NumPy's name of a type: `float64`, `bool`, `intc`, `complex64`, `bytes40`, `datetime64[ns]` | no layout |
//! | byte order | `le` or `be` | little-endian |
//! | memory order | `C` or `F` | C |
//! | shape | the lengths of the axes | 0-d |
//!
//! with `_` between them. Short codes (`i4`, `f8`) are not types here: too many files have names like
//! `plate_b1_3.dat`. But `run_long_3.dat` is three items of `long`; if that is not meant, the file's length
//! shows it.
//!
//! For other conventions see [`Pattern`].

mod error;
mod parts;
mod pattern;
mod types;

pub use error::{Error, ErrorKind};
pub use pattern::Pattern;

use dtype::Layout;

/// The pattern of the default convention, without the suffix.
const DEFAULT_PATTERN: &str = "{name}_{dtype}[_{byteorder}][_{order}][_{shape}]";

/// A file name that gives a layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName {
    /// The part before the layout.
    pub name: String,
    /// Dtype, shape and memory order.
    pub layout: Layout,
}

impl FileName {
    /// The layout in a file name without its folder, whatever the suffix is.
    ///
    /// ```
    /// use npmeta::name::FileName;
    /// let named = FileName::parse("my.data_2_float32_be_F_480_640.bin")?;
    /// assert_eq!(named.name, "my.data_2");
    /// assert_eq!(named.layout.to_string(), "(480, 640) >f4 F");
    /// assert_eq!(
    ///     FileName::parse("run_2_3.dat").unwrap_err().to_string(),
    ///     "'run_2_3.dat' says no layout: expected {name}_{dtype}[_{byteorder}][_{order}][_{shape}]"
    /// );
    /// # Ok::<(), npmeta::name::Error>(())
    /// ```
    ///
    /// # Errors
    /// `NoLayout`, `Layout`.
    pub fn parse(file_name: &str) -> Result<FileName, Error> {
        let parsed = default_pattern()?.parse(stem(file_name));
        parsed.map_err(|error| error.with_name(file_name))
    }

    /// The file name without a suffix.
    ///
    /// # Errors
    /// `NotNamed` if a name cannot express it: a dtype without a name, such as a record.
    pub fn stem(&self) -> Result<String, Error> {
        default_pattern()?.format(self)
    }
}

fn default_pattern() -> Result<Pattern, Error> {
    DEFAULT_PATTERN.parse()
}

/// The name without its suffix: letters and digits, but not digits alone.
fn stem(file_name: &str) -> &str {
    match file_name.rsplit_once('.') {
        Some((stem, suffix)) if is_suffix(suffix) => stem,
        _ => file_name,
    }
}

fn is_suffix(text: &str) -> bool {
    text.chars().all(char::is_alphanumeric) && text.bytes().any(|byte| !byte.is_ascii_digit())
}
