//! The opcodes that push the value that follows them.

use super::byte_reader::ByteReader;
use super::node::Node;
use crate::value::Text;
use crate::{Error, ErrorKind, Int};
use std::borrow::Cow;

/// The value that this opcode pushes; `None` if it does something else.
pub(super) fn literal<'a>(code: u8, input: &mut ByteReader<'a>) -> Result<Option<Node<'a>>, Error> {
    Ok(Some(match code {
        b'N' => Node::None,
        0x88 => Node::Bool(true),
        0x89 => Node::Bool(false),
        b'I' => match input.text()? {
            "00" | "False" => Node::Bool(false),
            "01" | "True" => Node::Bool(true),
            digits => parse_int(digits)?,
        },
        b'L' => {
            let digits = input.text()?;
            parse_int(digits.strip_suffix('L').unwrap_or(digits))?
        }
        b'J' => Node::Int((input.number(4)? as u32 as i32).into()),
        b'K' => Node::Int(input.number(1)? as i64),
        b'M' => Node::Int(input.number(2)? as i64),
        0x8a => long_node(input.length_prefixed(1)?)?,
        0x8b => long_node(input.length_prefixed(4)?)?,
        b'F' => {
            let number = input.text()?.parse();
            Node::Float(number.map_err(|_| syntax("a float"))?)
        }
        b'G' => Node::Float(f64::from_bits(input.number(8)?.swap_bytes())),
        b'S' => Node::Python2Str(Cow::Owned(unquoted(input.line()?)?)),
        b'T' => Node::Python2Str(Cow::Borrowed(input.length_prefixed(4)?)),
        b'U' => Node::Python2Str(Cow::Borrowed(input.length_prefixed(1)?)),
        b'V' => Node::Str(Cow::Owned(raw_unicode(input.line()?)?)),
        b'X' => utf8(input.length_prefixed(4)?)?,
        0x8c => utf8(input.length_prefixed(1)?)?,
        0x8d => utf8(input.length_prefixed(8)?)?,
        b'B' => Node::Bytes(Cow::Borrowed(input.length_prefixed(4)?)),
        b'C' => Node::Bytes(Cow::Borrowed(input.length_prefixed(1)?)),
        0x8e | 0x96 => Node::Bytes(Cow::Borrowed(input.length_prefixed(8)?)),
        _ => return Ok(None),
    }))
}

fn syntax(expected: &'static str) -> Error {
    ErrorKind::Syntax { expected }.into()
}

/// An integer in two's complement.
fn long_node<'a>(bytes: &[u8]) -> Result<Node<'a>, Error> {
    let int = Int::from_le_bytes(bytes);
    int.map(int_node)
        .ok_or(ErrorKind::Limit("an integer of more than 16 KiB").into())
}

fn parse_int<'a>(digits: &str) -> Result<Node<'a>, Error> {
    let digits = digits.trim_ascii();
    // Python would take a number with a zero before it for an octal one.
    let unsigned = digits.strip_prefix(['-', '+']).unwrap_or(digits);
    if unsigned.len() > 1 && unsigned.starts_with('0') {
        return Err(syntax("an integer without zeros before it"));
    }
    let int = digits.parse();
    int.map(int_node)
        .map_err(|_| syntax("an integer of at most 39457 digits"))
}

fn int_node<'a>(int: Int) -> Node<'a> {
    int.to_i64().map_or(Node::BigInt(int), Node::Int)
}

fn utf8(bytes: &[u8]) -> Result<Node<'_>, Error> {
    match Text::from_bytes(bytes) {
        Ok(_) => Ok(Node::Str(Cow::Borrowed(bytes))),
        Err(_) => Err(syntax("a text in UTF-8")),
    }
}

/// A literal of Python 2, in its quotes.
fn unquoted(line: &[u8]) -> Result<Vec<u8>, Error> {
    let line = line.trim_ascii();
    let inner = match line {
        [b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"'] => inner,
        _ => return Err(syntax("a string in quotes")),
    };
    let mut bytes = Vec::new();
    let mut rest = inner;
    while let Some((first, after)) = rest.split_first() {
        let (byte, after) = match (first, after) {
            (b'\\', [b'x', high, low, after @ ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                let pair = digit(high).zip(digit(low));
                let (high, low) = pair.ok_or_else(|| syntax("hexadecimal digits after \\x"))?;
                ((high << 4 | low) as u8, after)
            }
            (b'\\', [letter, after @ ..]) => {
                let byte = match letter {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'\\' | b'\'' | b'"' => *letter,
                    _ => return Err(syntax("an escape that repr writes")),
                };
                (byte, after)
            }
            _ => (*first, after),
        };
        bytes.push(byte);
        rest = after;
    }
    Ok(bytes)
}

/// Latin-1 but for `\u20ac` and `\U0001f600`: Python's raw-unicode-escape.
fn raw_unicode(line: &[u8]) -> Result<Vec<u8>, Error> {
    let mut points = Vec::new();
    let mut rest = line;
    while let Some((first, after)) = rest.split_first() {
        let digits = match (first, after.first()) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            _ => {
                points.push(u32::from(*first));
                rest = after;
                continue;
            }
        };
        let wrong = || syntax("hexadecimal digits of a character");
        let (code, after) = after
            .get(1..)
            .unwrap_or_default()
            .split_at_checked(digits)
            .ok_or_else(wrong)?;
        let code = std::str::from_utf8(code)
            .ok()
            .filter(|code| code.bytes().all(|b| b.is_ascii_hexdigit()));
        let point = code.and_then(|code| u32::from_str_radix(code, 16).ok());
        points.push(
            point
                .filter(|point| *point <= 0x10_ffff)
                .ok_or_else(wrong)?,
        );
        rest = after;
    }
    Ok(Text::from_points(points).as_bytes().to_vec())
}
