//! Conventions for file names: [`Pattern`].

use super::parts::{PatternField, PatternPart, parse};
use super::types::{dtype_by_name, dtype_name};
use super::{Error, ErrorKind, FileName};
use dtype::{ByteOrder, DType, Layout, Order};
use std::fmt::{self, Write};
use std::str::FromStr;

/// No common file system has longer names.
const MAX_LENGTH: usize = 1024;

/// A convention for file names: text with fields in braces, and optional groups in brackets.
///
/// | field | is |
/// |---|---|
/// | `{name}`, `{base}` | any text |
/// | `{dtype}` | NumPy's name of a type; without it [`dtype`](Pattern::dtype) gives the dtype |
/// | `{byteorder}` | `le` or `be`; little-endian if omitted |
/// | `{order}`, `{F}` | `C` or `F`; C if omitted |
/// | `{shape}`, `{shape:x}` | all lengths, with `_` or another separator between them |
/// | `{Z}`, `{height}` | the length of one axis; the axes are in the order of the fields |
/// | `{0}`, `{1}` | the length of the axis of this number |
///
/// `{{`, `[[` and the like are literal brackets.
///
/// ```
/// use npmeta::name::Pattern;
/// use npmeta::dtype::DType;
///
/// let caiman: Pattern = "{base}_d1_{a}_d2_{b}_order_{F}_frames_{n}_.mmap".parse()?;
/// let caiman = caiman.dtype(DType::F32);
/// let named = caiman.parse("mouse_1_d1_60_d2_80_order_F_frames_2000_.mmap")?;
/// assert_eq!(named.name, "mouse_1");
/// assert_eq!(named.layout.to_string(), format!("(60, 80, 2000) {} F", DType::F32));
///
/// let reversed: Pattern = "{name}_{2}_{1}_{0}.raw".parse()?;
/// let named = reversed.dtype(DType::U8).parse("head_640_480_100.raw")?;
/// assert_eq!(named.layout.shape(), [100, 480, 640]);
/// # Ok::<(), npmeta::name::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    parts: Vec<PatternPart>,
    dtype: Option<DType>,
}

/// The fields found in a name.
#[derive(Clone, Debug, Default)]
struct Captures<'a> {
    name: Option<&'a str>,
    dtype: Option<DType>,
    byte_order: Option<ByteOrder>,
    order: Option<Order>,
    /// The lengths in `{shape}`.
    shape: Vec<usize>,
    /// The lengths in fields of their own, with the number of the axis.
    axes: Vec<(usize, usize)>,
}

impl FromStr for Pattern {
    type Err = Error;

    fn from_str(text: &str) -> Result<Pattern, Error> {
        let parts = parse(text).map_err(|(offset, why)| {
            let pattern = text.to_owned();
            Error::from(ErrorKind::Pattern {
                pattern,
                offset,
                why,
            })
        })?;
        let (text, dtype) = (text.to_owned(), None);
        Ok(Pattern { text, parts, dtype })
    }
}

/// As it was parsed.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Pattern {
    /// The dtype of files whose names do not give it.
    #[must_use]
    pub fn dtype(mut self, dtype: DType) -> Pattern {
        self.dtype = Some(dtype);
        self
    }

    /// The layout in a file name of this form.
    ///
    /// # Errors
    /// `NoLayout`, `Layout`.
    pub fn parse(&self, file_name: &str) -> Result<FileName, Error> {
        let no_layout = || {
            let (name, pattern) = (file_name.to_owned(), self.text.clone());
            Error::from(ErrorKind::NoLayout { name, pattern })
        };
        let parts: Vec<&PatternPart> = self.parts.iter().collect();
        let is_short = file_name.len() <= MAX_LENGTH;
        let captures = is_short.then(|| match_parts(&parts, file_name, Captures::default()));
        let captures = captures.flatten().ok_or_else(no_layout)?;
        let dtype = captures.dtype.or_else(|| self.dtype.clone());
        let mut dtype = dtype.ok_or_else(no_layout)?;
        if let Some(byte_order) = captures.byte_order {
            dtype = dtype.with_byte_order(byte_order);
        }
        let mut axes = captures.axes;
        axes.sort_unstable();
        let mut shape = captures.shape;
        shape.extend(axes.iter().map(|(_, length)| length));
        let layout = Layout::new(dtype, shape, captures.order.unwrap_or_default());
        Ok(FileName {
            name: captures.name.unwrap_or_default().to_owned(),
            layout: layout.map_err(|source| {
                let name = file_name.to_owned();
                Error::from(ErrorKind::Layout { name, source })
            })?,
        })
    }

    /// The file name of this form, from which [`parse`](Pattern::parse) reads the same.
    ///
    /// # Errors
    /// `NotNamed` if there is none.
    pub fn format(&self, named: &FileName) -> Result<String, Error> {
        let not_named = |why| {
            let pattern = self.text.clone();
            Error::from(ErrorKind::NotNamed { pattern, why })
        };
        let order = if named.layout.is_c_contiguous() {
            Order::C
        } else {
            Order::Fortran
        };
        let (dtype, shape) = (named.layout.dtype(), named.layout.shape());
        let layout = Layout::new(dtype.clone(), shape, order);
        let named = FileName {
            name: named.name.clone(),
            layout: layout.map_err(|_| not_named("there is no such layout"))?,
        };
        let mut text = String::new();
        self.write(&mut text, &self.parts, &named)
            .map_err(not_named)?;
        match self.parse(&text) {
            Ok(again) if again == named => Ok(text),
            _ => Err(not_named("it would be read as something else")),
        }
    }

    /// Writes the parts; the error is the reason why they cannot be written.
    fn write(
        &self,
        text: &mut String,
        parts: &[PatternPart],
        named: &FileName,
    ) -> Result<(), &'static str> {
        let layout = &named.layout;
        for part in parts {
            match part {
                PatternPart::Literal(literal) => text.push_str(literal),
                PatternPart::Optional(group) if self.is_default(group, layout) => {}
                PatternPart::Optional(group) => self.write(text, group, named)?,
                PatternPart::Field(PatternField::Name) if named.name.contains(['/', '\0']) => {
                    return Err("a file name cannot contain '/' or NUL");
                }
                PatternPart::Field(PatternField::Name) => text.push_str(&named.name),
                PatternPart::Field(PatternField::DType) => {
                    text.push_str(&dtype_name(layout.dtype()).ok_or("its dtype has no name")?);
                }
                PatternPart::Field(PatternField::ByteOrder) if is_big_endian(layout) => {
                    text.push_str("be")
                }
                PatternPart::Field(PatternField::ByteOrder) => text.push_str("le"),
                PatternPart::Field(PatternField::Order) => text.push_str(match layout.order() {
                    Order::C => "C",
                    Order::Fortran => "F",
                }),
                PatternPart::Field(PatternField::Shape(separator)) => {
                    let lengths: Vec<String> =
                        layout.shape().iter().map(usize::to_string).collect();
                    text.push_str(&lengths.join(separator));
                }
                PatternPart::Field(PatternField::Axis(axis)) => {
                    let length = layout.shape().get(*axis).ok_or("it has fewer axes")?;
                    write!(text, "{length}").map_err(|_| "it cannot be written")?;
                }
            }
        }
        Ok(())
    }

    /// Whether a group may be omitted, because its fields have their defaults.
    fn is_default(&self, group: &[PatternPart], layout: &Layout) -> bool {
        group.iter().all(|part| match part {
            PatternPart::Literal(_) => true,
            PatternPart::Optional(group) => self.is_default(group, layout),
            PatternPart::Field(PatternField::DType) => self.dtype.as_ref() == Some(layout.dtype()),
            PatternPart::Field(PatternField::ByteOrder) => !is_big_endian(layout),
            PatternPart::Field(PatternField::Order) => layout.order() == Order::C,
            PatternPart::Field(PatternField::Shape(_)) => layout.ndim() == 0,
            PatternPart::Field(_) => false,
        })
    }
}

/// Matches `text` from its end to its beginning: the rest is the name.
fn match_parts<'a>(
    parts: &[&PatternPart],
    text: &'a str,
    captures: Captures<'a>,
) -> Option<Captures<'a>> {
    let Some((last, before)) = parts.split_last() else {
        return text.is_empty().then_some(captures);
    };
    match last {
        PatternPart::Literal(literal) => {
            match_parts(before, text.strip_suffix(literal.as_str())?, captures)
        }
        PatternPart::Optional(group) => {
            let with: Vec<&PatternPart> = before.iter().copied().chain(group).collect();
            match_parts(&with, text, captures.clone())
                .or_else(|| match_parts(before, text, captures))
        }
        PatternPart::Field(field) => candidates(field, text).find_map(|start| {
            let (rest, value) = text.split_at_checked(start)?;
            match_parts(before, rest, captures.clone().with(field, value)?)
        }),
    }
}

/// The positions at which the value of a final field may begin: the longest first.
fn candidates<'a>(field: &'a PatternField, text: &'a str) -> Box<dyn Iterator<Item = usize> + 'a> {
    let digits = |byte: &u8| byte.is_ascii_digit();
    match field {
        // A number is as long as possible.
        PatternField::Axis(_) => {
            let length = text.bytes().rev().take_while(|byte| digits(byte)).count();
            Box::new(std::iter::once(text.len() - length).filter(move |_| length > 0))
        }
        PatternField::Name => Box::new(0..text.len()),
        _ => Box::new((0..text.len()).filter(|i| text.is_char_boundary(*i))),
    }
}

impl<'a> Captures<'a> {
    /// Adds the value of a field; `None` if it is invalid.
    fn with(mut self, field: &PatternField, value: &'a str) -> Option<Captures<'a>> {
        match field {
            PatternField::Name => self.name = Some(value),
            PatternField::DType => self.dtype = Some(dtype_by_name(value)?),
            PatternField::ByteOrder => {
                self.byte_order = Some(match value {
                    "le" => ByteOrder::Little,
                    "be" => ByteOrder::Big,
                    _ => return None,
                });
            }
            PatternField::Order => {
                self.order = Some(match value {
                    "C" => Order::C,
                    "F" => Order::Fortran,
                    _ => return None,
                });
            }
            PatternField::Shape(separator) => {
                let lengths = value.split(separator.as_str()).map(parse_length);
                self.shape = lengths.collect::<Option<_>>()?;
            }
            PatternField::Axis(axis) => self.axes.push((*axis, parse_length(value)?)),
        }
        Some(self)
    }
}

fn parse_length(digits: &str) -> Option<usize> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

fn is_big_endian(layout: &Layout) -> bool {
    let dtype = layout.dtype();
    dtype.with_byte_order(ByteOrder::Little) != *dtype
}
