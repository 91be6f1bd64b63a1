//! Reading JSON.

use crate::pickle::MAX_DEPTH;
use crate::value::{Dict, Text};
use crate::{Error, ErrorKind, Value};

/// The value of a text, as Python's `json.loads` reads it. If a key occurs twice, its last value is used.
///
/// # Errors
/// `Syntax`, with the position; `Limit`: more than 100 levels.
pub fn parse(text: &str) -> Result<Value, Error> {
    let mut parser = Parser {
        text,
        offset: 0,
        depth: 0,
    };
    let value = parser.value().and_then(|value| {
        parser.skip_space();
        match parser.peek() {
            None => Ok(value),
            Some(_) => Err(syntax("the end of the text")),
        }
    });
    value.map_err(|error| error.with_offset(parser.offset))
}

struct Parser<'a> {
    text: &'a str,
    offset: usize,
    depth: usize,
}

fn syntax(expected: &'static str) -> Error {
    ErrorKind::Syntax { expected }.into()
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.rest().bytes().next()
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.offset += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Takes this word, if it is next.
    fn take(&mut self, word: &str) -> bool {
        let is_there = self.rest().starts_with(word);
        self.offset += if is_there { word.len() } else { 0 };
        is_there
    }

    fn value(&mut self) -> Result<Value, Error> {
        self.skip_space();
        match self.peek() {
            Some(b'"') => Ok(Value::Str(self.string()?)),
            Some(b'[') => self.nested(|parser| {
                let mut items = Vec::new();
                parser.list(']', |parser| {
                    items.push(parser.value()?);
                    Ok(())
                })?;
                Ok(Value::List(items))
            }),
            Some(b'{') => self.nested(|parser| {
                let mut pairs = Vec::new();
                parser.list('}', |parser| {
                    parser.skip_space();
                    let key = parser.string()?;
                    parser.skip_space();
                    if !parser.take(":") {
                        return Err(syntax("':' after a key"));
                    }
                    pairs.push((Value::Str(key), parser.value()?));
                    Ok(())
                })?;
                // All keys are texts, which are hashable.
                Ok(Dict::from_pairs(pairs).unwrap_or_default().into())
            }),
            _ => self.constant_or_number(),
        }
    }

    /// A list or dict, which begins with a bracket.
    fn nested(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<Value, Error>,
    ) -> Result<Value, Error> {
        if self.depth >= MAX_DEPTH {
            return Err(ErrorKind::Limit("more than 100 levels of values").into());
        }
        self.depth += 1;
        self.offset += 1;
        let value = parse(self);
        self.depth -= 1;
        value
    }

    /// Items with commas between them, up to this bracket.
    fn list(
        &mut self,
        end: char,
        mut item: impl FnMut(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let end = end.encode_utf8(&mut [0; 4]).to_owned();
        self.skip_space();
        if self.take(&end) {
            return Ok(());
        }
        loop {
            item(self)?;
            self.skip_space();
            if self.take(&end) {
                return Ok(());
            }
            if !self.take(",") {
                return Err(syntax("',' or a closing bracket"));
            }
        }
    }

    fn constant_or_number(&mut self) -> Result<Value, Error> {
        let constants = [
            ("null", Value::None),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("NaN", Value::Float(f64::NAN)),
            ("Infinity", Value::Float(f64::INFINITY)),
            ("-Infinity", Value::Float(f64::NEG_INFINITY)),
        ];
        for (word, value) in constants {
            if self.take(word) {
                return Ok(value);
            }
        }
        self.number()
    }

    fn number(&mut self) -> Result<Value, Error> {
        let rest = self.rest();
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let sign = usize::from(rest.starts_with('-'));
        let after = |offset: usize| rest.get(offset..).unwrap_or_default();
        let whole = match after(sign) {
            zero if zero.starts_with('0') => 1,
            other => digits(other),
        };
        if whole == 0 {
            return Err(syntax("a value of JSON"));
        }
        let mut end = sign + whole;
        if let Some(fraction) = after(end)
            .strip_prefix('.')
            .map(digits)
            .filter(|count| *count > 0)
        {
            end += 1 + fraction;
        }
        if let Some(power) = after(end).strip_prefix(['e', 'E']) {
            let sign = usize::from(power.starts_with(['+', '-']));
            let count = digits(power.get(sign..).unwrap_or_default());
            end += if count > 0 { 1 + sign + count } else { 0 };
        }
        let number = rest.get(..end).unwrap_or_default();
        let value = if end == sign + whole {
            number
                .parse()
                .map(Value::Int)
                .map_err(|_| syntax("an integer of at most 39457 digits"))
        } else {
            number
                .parse()
                .map(Value::Float)
                .map_err(|_| syntax("a number"))
        };
        self.offset += end;
        value
    }

    fn string(&mut self) -> Result<Text, Error> {
        if !self.take("\"") {
            return Err(syntax("a text in '\"'"));
        }
        let rest = self.rest();
        let plain = rest.find(['"', '\\']).unwrap_or(rest.len());
        let (text, after) = rest.split_at(plain);
        if after.starts_with('"') && !text.bytes().any(|byte| byte < b' ') {
            self.offset += plain + 1;
            return Ok(text.into());
        }
        let mut points = Vec::new();
        loop {
            let Some(c) = self.rest().chars().next() else {
                return Err(syntax("the text's closing '\"'"));
            };
            self.offset += c.len_utf8();
            match c {
                '"' => return Ok(Text::from_points(points)),
                '\\' => points.push(self.escape()?),
                ..' ' => {
                    self.offset -= 1;
                    return Err(syntax("an escape in place of a control character"));
                }
                c => points.push(c.into()),
            }
        }
    }

    /// The code point of the escape; a pair of surrogates is one code point.
    fn escape(&mut self) -> Result<u32, Error> {
        let Some(letter) = self.peek() else {
            return Err(syntax("an escape"));
        };
        let point = match letter {
            b'"' | b'\\' | b'/' => letter.into(),
            b'b' => 8,
            b'f' => 12,
            b'n' => 10,
            b'r' => 13,
            b't' => 9,
            b'u' => {
                let high = self.hex(1)?;
                self.offset += 5;
                let is_pair = (0xd800..0xdc00).contains(&high) && self.rest().starts_with("\\u");
                let low = if is_pair { self.hex(2)? } else { 0 };
                if !(0xdc00..0xe000).contains(&low) {
                    return Ok(high);
                }
                self.offset += 6;
                return Ok(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
            }
            _ => return Err(syntax("an escape")),
        };
        self.offset += 1;
        Ok(point)
    }

    /// Four hexadecimal digits, this many bytes ahead.
    fn hex(&self, skip: usize) -> Result<u32, Error> {
        let digits = self.rest().get(skip..skip + 4);
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        code.ok_or_else(|| syntax("four hexadecimal digits"))
    }
}
