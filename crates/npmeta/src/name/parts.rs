//! The parts of a pattern.

use std::mem::{Discriminant, discriminant};

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PatternPart {
    /// Literal text.
    Literal(String),
    Field(PatternField),
    /// An optional group.
    Optional(Vec<PatternPart>),
}

/// A field in braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PatternField {
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
type PatternError = (usize, &'static str);

/// The parts of a pattern.
pub(super) fn parse(text: &str) -> Result<Vec<PatternPart>, PatternError> {
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
    fields: Vec<Discriminant<PatternField>>,
}

impl Parser<'_> {
    /// Parts up to the end, or to the bracket that closes the group.
    fn group(&mut self, is_optional: bool) -> Result<Vec<PatternPart>, PatternError> {
        let mut parts = Vec::new();
        loop {
            let begin = self.at;
            let rest = self.text.get(begin..).unwrap_or_default();
            let mut characters = rest.chars();
            let first = characters.next();
            let is_double = characters.next() == first;
            match first {
                None if is_optional => return Err((begin, "expected ']'")),
                None => return Ok(parts),
                Some(bracket @ ('{' | '}' | '[' | ']')) if is_double => {
                    self.at += 2;
                    push_literal(&mut parts, bracket);
                }
                Some(']') if is_optional => {
                    self.at += 1;
                    return Ok(parts);
                }
                Some('}' | ']') => return Err((begin, "there is no opening bracket")),
                Some('[') if is_optional => return Err((begin, "groups do not nest")),
                Some('[') => {
                    self.at += 1;
                    parts.push(PatternPart::Optional(self.group(true)?));
                }
                Some('{') => parts.push(PatternPart::Field(self.field(rest, parts.last())?)),
                Some(other) => {
                    self.at += other.len_utf8();
                    push_literal(&mut parts, other);
                }
            }
        }
    }

    /// The field at the beginning of `rest`.
    fn field(
        &mut self,
        rest: &str,
        previous: Option<&PatternPart>,
    ) -> Result<PatternField, PatternError> {
        let begin = self.at;
        let (content, _) = rest.split_once('}').ok_or((begin, "expected '}'"))?;
        self.at += content.len() + 1;
        let content = content.trim_start_matches('{');
        let field = match content.split_once(':').unwrap_or((content, "_")) {
            ("shape", "") => return Err((begin, "the separator between lengths is empty")),
            ("shape", separator) if separator.contains(|c: char| c.is_ascii_digit()) => {
                return Err((begin, "the separator between lengths contains a digit"));
            }
            ("shape", separator) => PatternField::Shape(separator.to_owned()),
            _ if content.contains(':') => return Err((begin, "only {shape} has a ':'")),
            ("name" | "base", _) => PatternField::Name,
            ("dtype", _) => PatternField::DType,
            ("byteorder", _) => PatternField::ByteOrder,
            ("order" | "F", _) => PatternField::Order,
            (axis, _) => self.axis(axis).ok_or((begin, "unknown field"))?,
        };
        if !matches!(field, PatternField::Axis(_)) {
            if self.fields.contains(&discriminant(&field)) {
                return Err((begin, "the field occurs twice"));
            }
            self.fields.push(discriminant(&field));
        }
        match previous {
            Some(PatternPart::Field(_)) => Err((begin, "expected text between two fields")),
            _ => Ok(field),
        }
    }

    fn axis(&mut self, name: &str) -> Option<PatternField> {
        let is_word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let axis = match name.parse() {
            Ok(axis) => axis,
            Err(_) if is_word && !name.is_empty() => self.axes.len(),
            Err(_) => return None,
        };
        self.axes.push(axis);
        Some(PatternField::Axis(axis))
    }
}

/// Appends a character.
fn push_literal(parts: &mut Vec<PatternPart>, character: char) {
    match parts.last_mut() {
        Some(PatternPart::Literal(text)) => text.push(character),
        _ => parts.push(PatternPart::Literal(character.into())),
    }
}
