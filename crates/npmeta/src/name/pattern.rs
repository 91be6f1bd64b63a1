//! Conventions for file names: [`Pattern`].

use super::parts::{Field, Part, parse};
use super::types::{by_name, name_of};
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
    parts: Vec<Part>,
    dtype: Option<DType>,
}

/// The fields found in a name.
#[derive(Clone, Debug, Default)]
struct Found<'a> {
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
        let parts: Vec<&Part> = self.parts.iter().collect();
        let is_short = file_name.len() <= MAX_LENGTH;
        let found = is_short.then(|| matched(&parts, file_name, Found::default()));
        let found = found.flatten().ok_or_else(no_layout)?;
        let dtype = found.dtype.or_else(|| self.dtype.clone());
        let mut dtype = dtype.ok_or_else(no_layout)?;
        if let Some(byte_order) = found.byte_order {
            dtype = dtype.with_byte_order(byte_order);
        }
        let mut axes = found.axes;
        axes.sort_unstable();
        let mut shape = found.shape;
        shape.extend(axes.iter().map(|(_, length)| length));
        let layout = Layout::new(dtype, shape, found.order.unwrap_or_default());
        Ok(FileName {
            name: found.name.unwrap_or_default().to_owned(),
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
        parts: &[Part],
        named: &FileName,
    ) -> Result<(), &'static str> {
        let layout = &named.layout;
        for part in parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Optional(group) if self.is_default(group, layout) => {}
                Part::Optional(group) => self.write(text, group, named)?,
                Part::Field(Field::Name) if named.name.contains(['/', '\0']) => {
                    return Err("no file name holds a '/' or NUL");
                }
                Part::Field(Field::Name) => text.push_str(&named.name),
                Part::Field(Field::DType) => {
                    text.push_str(&name_of(layout.dtype()).ok_or("its dtype has no name")?);
                }
                Part::Field(Field::ByteOrder) if is_big(layout) => text.push_str("be"),
                Part::Field(Field::ByteOrder) => text.push_str("le"),
                Part::Field(Field::Order) => text.push_str(match layout.order() {
                    Order::C => "C",
                    Order::Fortran => "F",
                }),
                Part::Field(Field::Shape(separator)) => {
                    let lengths: Vec<String> =
                        layout.shape().iter().map(usize::to_string).collect();
                    text.push_str(&lengths.join(separator));
                }
                Part::Field(Field::Axis(axis)) => {
                    let length = layout.shape().get(*axis).ok_or("it has fewer axes")?;
                    write!(text, "{length}").map_err(|_| "it cannot be written")?;
                }
            }
        }
        Ok(())
    }

    /// Whether a group may be omitted, because its fields have their defaults.
    fn is_default(&self, group: &[Part], layout: &Layout) -> bool {
        group.iter().all(|part| match part {
            Part::Literal(_) => true,
            Part::Optional(group) => self.is_default(group, layout),
            Part::Field(Field::DType) => self.dtype.as_ref() == Some(layout.dtype()),
            Part::Field(Field::ByteOrder) => !is_big(layout),
            Part::Field(Field::Order) => layout.order() == Order::C,
            Part::Field(Field::Shape(_)) => layout.ndim() == 0,
            Part::Field(_) => false,
        })
    }
}

/// Matches `text` from its end to its beginning: the rest is the name.
fn matched<'a>(parts: &[&Part], text: &'a str, found: Found<'a>) -> Option<Found<'a>> {
    let Some((last, before)) = parts.split_last() else {
        return text.is_empty().then_some(found);
    };
    match last {
        Part::Literal(literal) => matched(before, text.strip_suffix(literal.as_str())?, found),
        Part::Optional(group) => {
            let with: Vec<&Part> = before.iter().copied().chain(group).collect();
            matched(&with, text, found.clone()).or_else(|| matched(before, text, found))
        }
        Part::Field(field) => candidates(field, text).find_map(|start| {
            let (rest, value) = text.split_at_checked(start)?;
            matched(before, rest, found.clone().with(field, value)?)
        }),
    }
}

/// The positions at which the value of a final field may begin: the longest first.
fn candidates<'a>(field: &'a Field, text: &'a str) -> Box<dyn Iterator<Item = usize> + 'a> {
    let digits = |byte: &u8| byte.is_ascii_digit();
    match field {
        // A number is as long as possible.
        Field::Axis(_) => {
            let length = text.bytes().rev().take_while(|byte| digits(byte)).count();
            Box::new(std::iter::once(text.len() - length).filter(move |_| length > 0))
        }
        Field::Name => Box::new(0..text.len()),
        _ => Box::new((0..text.len()).filter(|i| text.is_char_boundary(*i))),
    }
}

impl<'a> Found<'a> {
    /// Adds the value of a field; `None` if it is invalid.
    fn with(mut self, field: &Field, value: &'a str) -> Option<Found<'a>> {
        match field {
            Field::Name => self.name = Some(value),
            Field::DType => self.dtype = Some(by_name(value)?),
            Field::ByteOrder => {
                self.byte_order = Some(match value {
                    "le" => ByteOrder::Little,
                    "be" => ByteOrder::Big,
                    _ => return None,
                });
            }
            Field::Order => {
                self.order = Some(match value {
                    "C" => Order::C,
                    "F" => Order::Fortran,
                    _ => return None,
                });
            }
            Field::Shape(separator) => {
                let lengths = value.split(separator.as_str()).map(length);
                self.shape = lengths.collect::<Option<_>>()?;
            }
            Field::Axis(axis) => self.axes.push((*axis, length(value)?)),
        }
        Some(self)
    }
}

fn length(digits: &str) -> Option<usize> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

fn is_big(layout: &Layout) -> bool {
    let dtype = layout.dtype();
    dtype.with_byte_order(ByteOrder::Little) != *dtype
}
