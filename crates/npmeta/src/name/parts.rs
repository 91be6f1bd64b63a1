//! The parts of a pattern.

use std::mem::{Discriminant, discriminant};

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Literal text.
    Literal(String),
    Field(Field),
    /// An optional group.
    Optional(Vec<Part>),
}

/// A field in braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Name,
    DType,
    ByteOrder,
    Order,
    /// All lengths, and their separator.
    Shape(String),
    /// The length of one axis.
    Axis(usize),
}

/// The fault in a pattern, and its byte position.
type Bad = (usize, &'static str);

/// The parts of a pattern.
pub(super) fn parse(text: &str) -> Result<Vec<Part>, Bad> {
    let mut parser = Parser {
        text,
        at: 0,
        axes: Vec::new(),
        fields: Vec::new(),
    };
    let parts = parser.group(false)?;
    let mut axes = parser.axes;
    axes.sort_unstable();
    if axes.iter().enumerate().all(|(i, axis)| i == *axis) {
        Ok(parts)
    } else {
        Err((0, "its axes are not 0, 1, 2, …"))
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// The axes with a field of their own.
    axes: Vec<usize>,
    /// The other fields so far.
    fields: Vec<Discriminant<Field>>,
}

impl Parser<'_> {
    /// Parts up to the end, or to the bracket that closes the group.
    fn group(&mut self, is_inner: bool) -> Result<Vec<Part>, Bad> {
        let mut parts = Vec::new();
        loop {
            let begin = self.at;
            let rest = self.text.get(begin..).unwrap_or_default();
            let mut characters = rest.chars();
            let first = characters.next();
            let is_double = characters.next() == first;
            match first {
                None if is_inner => return Err((begin, "expected ']'")),
                None => return Ok(parts),
                Some(sign @ ('{' | '}' | '[' | ']')) if is_double => {
                    self.at += 2;
                    literal(&mut parts, sign);
                }
                Some(']') if is_inner => {
                    self.at += 1;
                    return Ok(parts);
                }
                Some('}' | ']') => return Err((begin, "nothing is open here")),
                Some('[') if is_inner => return Err((begin, "groups do not nest")),
                Some('[') => {
                    self.at += 1;
                    parts.push(Part::Optional(self.group(true)?));
                }
                Some('{') => parts.push(Part::Field(self.field(rest, parts.last())?)),
                Some(other) => {
                    self.at += other.len_utf8();
                    literal(&mut parts, other);
                }
            }
        }
    }

    /// The field at the beginning of `rest`.
    fn field(&mut self, rest: &str, before: Option<&Part>) -> Result<Field, Bad> {
        let begin = self.at;
        let (inside, _) = rest.split_once('}').ok_or((begin, "expected '}'"))?;
        self.at += inside.len() + 1;
        let inside = inside.trim_start_matches('{');
        let field = match inside.split_once(':').unwrap_or((inside, "_")) {
            ("shape", "") => return Err((begin, "the lengths need something between them")),
            ("shape", separator) if separator.contains(|c: char| c.is_ascii_digit()) => {
                return Err((begin, "a digit cannot stand between lengths"));
            }
            ("shape", separator) => Field::Shape(separator.to_owned()),
            _ if inside.contains(':') => return Err((begin, "only {shape} has a ':'")),
            ("name" | "base", _) => Field::Name,
            ("dtype", _) => Field::DType,
            ("byteorder", _) => Field::ByteOrder,
            ("order" | "F", _) => Field::Order,
            (axis, _) => self.axis(axis).ok_or((begin, "unknown field"))?,
        };
        if !matches!(field, Field::Axis(_)) {
            if self.fields.contains(&discriminant(&field)) {
                return Err((begin, "a field that was there before"));
            }
            self.fields.push(discriminant(&field));
        }
        match before {
            Some(Part::Field(_)) => Err((begin, "expected text between two fields")),
            _ => Ok(field),
        }
    }

    fn axis(&mut self, name: &str) -> Option<Field> {
        let is_word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let axis = match name.parse() {
            Ok(axis) => axis,
            Err(_) if is_word && !name.is_empty() => self.axes.len(),
            Err(_) => return None,
        };
        self.axes.push(axis);
        Some(Field::Axis(axis))
    }
}

/// Appends a character.
fn literal(parts: &mut Vec<Part>, character: char) {
    match parts.last_mut() {
        Some(Part::Literal(text)) => text.push(character),
        _ => parts.push(Part::Literal(character.into())),
    }
}
