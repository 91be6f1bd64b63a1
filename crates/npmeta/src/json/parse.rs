//! JSON as values: [`parse`].

use super::blocks::{BLOCK_BYTES, Block, BlockReader};
use super::lexer::{Lexer, Token};
use crate::pickle::MAX_DEPTH;
use crate::value::{Dict, Text};
use crate::{Error, ErrorKind, Value};
use flatfile::parse::JsonNumber;

/// The value of a text, as Python's `json.loads` reads it. If a key occurs twice, its last value is used.
///
/// # Errors
/// `Syntax`, with the position; `Limit`: more than 100 levels.
pub fn parse(text: &str) -> Result<Value, Error> {
    let mut blocks = BlockReader::new(text.as_bytes(), BLOCK_BYTES);
    let mut next_block = |block: &mut Block| blocks.next(block);
    let mut lexer = Lexer::new(&mut next_block);
    let value = value(&mut lexer, MAX_DEPTH)?;
    lexer.finish()?;
    Ok(value)
}

/// The value that is next, which has at most this many levels.
fn value(lexer: &mut Lexer<'_>, levels: usize) -> Result<Value, Error> {
    Ok(match lexer.token()? {
        Token::Null => Value::None,
        Token::Bool(value) => Value::Bool(value),
        Token::NotFinite(value, _) | Token::Number(JsonNumber::Float(value), _) => {
            Value::Float(value)
        }
        Token::Number(JsonNumber::Int(value), _) => value.into(),
        Token::Number(JsonNumber::LongInt, digits) => match digits.parse() {
            Ok(int) => Value::Int(int),
            Err(_) => {
                let expected = "an integer of at most 39457 digits";
                return Err(lexer.error(ErrorKind::Syntax { expected }));
            }
        },
        Token::Text(text) => Text::from_valid(text).into(),
        Token::List | Token::Object if levels == 0 => {
            return Err(lexer.error(ErrorKind::Limit("more than 100 levels of values")));
        }
        Token::List => {
            let mut items = Vec::new();
            lexer.begin(b'[')?;
            let mut is_more = lexer.first_item(b']')?;
            while is_more {
                items.push(value(lexer, levels - 1)?);
                is_more = lexer.next_item(b']')?;
            }
            Value::List(items)
        }
        Token::Object => {
            let mut pairs = Vec::new();
            lexer.begin(b'{')?;
            let mut is_more = lexer.first_item(b'}')?;
            while is_more {
                let key = Text::from_valid(lexer.key()?);
                pairs.push((Value::Str(key), value(lexer, levels - 1)?));
                is_more = lexer.next_item(b'}')?;
            }
            // All keys are texts, which are hashable.
            Dict::from_pairs(pairs).unwrap_or_default().into()
        }
    })
}
