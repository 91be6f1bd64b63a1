//! The parts that a JSON text consists of, read in blocks: [`Lexer`].

use super::blocks::{Block, BlockReader, NextBlock};
use super::run::{Run, RunParser};
use crate::value::Text;
use crate::{Error, ErrorKind};
use dtype::python::excerpt;
use flatfile::parse::{JsonNumber, json_number};
use std::mem;

/// A JSON text, of which only a window is in memory: a block, or the longest token.
pub(super) struct Lexer<'s> {
    source: &'s mut NextBlock<'s>,
    /// The window, after what was taken, which is before `at`.
    room: Vec<u8>,
    at: usize,
    /// The number of bytes before the room.
    before: u64,
    is_end: bool,
    /// The last block, whose text is in the room; its run is that of the block or a later one, and refers to this
    /// position.
    block: Block,
    run_offset: u64,
    /// The positions of brackets that were taken to count them, of lists that are still to be begun: the last first.
    opened: Vec<u64>,
    /// The last text without its quotes and escapes, in UTF-8 that includes surrogates.
    text: Vec<u8>,
}

/// A value without parts, which was taken; or the beginning of a list or an object, which was not.
#[derive(Clone, Copy, Debug)]
pub(super) enum Token<'t> {
    Null,
    Bool(bool),
    /// A number, and its digits; the text has only ASCII.
    Number(JsonNumber, &'t str),
    /// NaN or infinity, and its name.
    NotFinite(f64, &'t str),
    /// A text in UTF-8 that includes surrogates.
    Text(&'t [u8]),
    List,
    Object,
}

impl Token<'_> {
    /// What an error message says that was found.
    pub(super) fn found(self) -> String {
        match self {
            Token::Null => "null".to_owned(),
            Token::Bool(value) => value.to_string(),
            Token::Number(_, digits) if digits.len() > 40 => excerpt(digits).to_string(),
            Token::Number(_, text) | Token::NotFinite(_, text) => text.to_owned(),
            Token::Text(text) => format!("{:?}", Text::from_valid(text)),
            Token::List => "a list".to_owned(),
            Token::Object => "an object".to_owned(),
        }
    }
}

impl<'s> Lexer<'s> {
    pub(super) fn new(source: &'s mut NextBlock<'s>) -> Lexer<'s> {
        Lexer {
            source,
            room: Vec::new(),
            at: 0,
            before: 0,
            is_end: false,
            block: Block::default(),
            run_offset: 0,
            opened: Vec::new(),
            text: Vec::new(),
        }
    }

    /// The position of the next byte, in bytes from the beginning.
    pub(super) fn offset(&self) -> u64 {
        let next = self.before + self.at as u64;
        self.opened.last().copied().unwrap_or(next)
    }

    /// An error at the next byte.
    pub(super) fn error(&self, kind: ErrorKind) -> Error {
        Error::from(kind).with_offset(self.offset())
    }

    fn syntax(&self, expected: &'static str) -> Error {
        self.error(ErrorKind::Syntax { expected })
    }

    /// The bytes in the window that are not taken; none if a list is still to be begun.
    fn rest(&self) -> &[u8] {
        if !self.opened.is_empty() {
            return &[];
        }
        self.window()
    }

    /// The bytes in the window.
    fn window(&self) -> &[u8] {
        self.room.get(self.at..).unwrap_or_default()
    }

    /// Adds the next block to the window. Returns false at the end of the text.
    fn fill(&mut self) -> Result<bool, Error> {
        if self.is_end {
            return Ok(false);
        }
        if !(self.source)(&mut self.block)? {
            self.is_end = true;
            return Ok(false);
        }
        self.before += self.at as u64;
        self.run_offset = self.before + self.window().len() as u64;
        if self.window().is_empty() {
            mem::swap(&mut self.room, &mut self.block.text);
        } else {
            self.room.drain(..self.at);
            let bytes = self.block.text.len();
            let no_memory = |_| flatfile::Error::from(flatfile::ErrorKind::Memory { bytes });
            self.room.try_reserve(bytes).map_err(no_memory)?;
            self.room.extend_from_slice(&self.block.text);
        }
        self.at = 0;
        Ok(true)
    }

    /// The plain numbers that are next, with the lists around them, and the position to which theirs refer.
    pub(super) fn run(&mut self, parser: RunParser) -> Result<(&Run, u64), Error> {
        self.peek()?;
        let offset = self.offset();
        // The run of a block begins with it. If no value begins there, or if that was before, what follows is parsed.
        if offset != self.run_offset + self.block.run.begin as u64 {
            let text = self.room.get(self.at..).filter(|_| self.opened.is_empty());
            parser.parse(text.unwrap_or_default(), &mut self.block.run);
            self.run_offset = offset;
        }
        Ok((&self.block.run, self.run_offset))
    }

    /// Takes the text of the numbers that [`Lexer::run`] returned.
    pub(super) fn skip_run(&mut self) {
        let end = self.run_offset + self.block.run.end as u64;
        self.opened.clear();
        self.at = usize::try_from(end - self.before).unwrap_or(self.at);
    }

    /// Reads until the window has this many bytes, if the text does.
    fn ensure(&mut self, bytes: usize) -> Result<(), Error> {
        while self.window().len() < bytes && self.fill()? {}
        Ok(())
    }

    /// Whether the text continues with this word, which is then taken.
    fn take(&mut self, word: &[u8]) -> Result<bool, Error> {
        self.ensure(word.len())?;
        let is_there = self.rest().starts_with(word);
        self.at += if is_there { word.len() } else { 0 };
        Ok(is_there)
    }

    /// Takes a byte order mark, with which a text may begin.
    pub(super) fn skip_byte_order_mark(&mut self) -> Result<(), Error> {
        self.take("\u{feff}".as_bytes()).map(drop)
    }

    /// The next byte after white space, which is taken.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<Option<u8>, Error> {
        if !self.opened.is_empty() {
            return Ok(Some(b'['));
        }
        loop {
            match self.window().first().copied() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(byte) => return Ok(Some(byte)),
                None if self.fill()? => {}
                None => return Ok(None),
            }
        }
    }

    /// Takes the brackets of the lists that the text begins with, at most `max`, and returns their number. The lists
    /// are still to be begun.
    pub(super) fn count_brackets(&mut self, max: usize) -> Result<usize, Error> {
        let mut brackets = Vec::new();
        while brackets.len() < max && self.peek()? == Some(b'[') {
            brackets.push(self.offset());
            self.at += 1;
        }
        brackets.reverse();
        self.opened = brackets;
        Ok(self.opened.len())
    }

    /// The byte after the brackets that were counted, and white space.
    pub(super) fn peek_in_lists(&mut self) -> Result<Option<u8>, Error> {
        let opened = mem::take(&mut self.opened);
        let next = self.peek();
        self.opened = opened;
        next
    }

    /// The first key of the object that is next after the brackets that were counted, if it has one. Nothing is
    /// taken.
    pub(super) fn peek_key(&mut self) -> Result<Option<Text>, Error> {
        let opened = mem::take(&mut self.opened);
        let key = loop {
            let known = self.window();
            let mut blocks = BlockReader::new(known, known.len());
            let mut next_block = |block: &mut Block| blocks.next(block);
            let mut object = Lexer::new(&mut next_block);
            let key = object.begin(b'{').and_then(|()| object.key());
            // An error near the end of the window may be that the key continues after it.
            let is_near_end = |at| at + 16 >= known.len() as u64;
            match key {
                Ok(key) => break Some(Text::from_valid(key)),
                Err(error) if error.offset().is_none_or(is_near_end) => {}
                Err(_) => break None,
            }
            let known = known.len();
            self.ensure(2 * known)?;
            if self.window().len() == known {
                break None;
            }
        };
        self.opened = opened;
        Ok(key)
    }

    /// Takes the bracket of a list or an object.
    pub(super) fn begin(&mut self, bracket: u8) -> Result<(), Error> {
        match self.peek()? {
            Some(found) if found == bracket => {}
            _ => return Err(self.syntax("an opening bracket")),
        }
        if self.opened.pop().is_none() {
            self.at += 1;
        }
        Ok(())
    }

    /// Whether the list or object that has just begun has an item; otherwise takes its closing bracket.
    pub(super) fn first_item(&mut self, bracket: u8) -> Result<bool, Error> {
        let is_end = self.peek()? == Some(bracket);
        self.at += usize::from(is_end);
        Ok(!is_end)
    }

    /// Takes the comma before the next item and returns true, or takes the closing bracket after the last one.
    #[inline]
    pub(super) fn next_item(&mut self, bracket: u8) -> Result<bool, Error> {
        match self.peek()? {
            Some(b',') => {
                self.at += 1;
                self.peek()?;
                Ok(true)
            }
            Some(found) if found == bracket => {
                self.at += 1;
                Ok(false)
            }
            _ => Err(self.syntax("',' or a closing bracket")),
        }
    }

    /// The error, unless only white space follows.
    pub(super) fn finish(&mut self) -> Result<(), Error> {
        match self.peek()? {
            None => Ok(()),
            Some(_) => Err(self.syntax("the end of the text")),
        }
    }

    /// The value that is next.
    #[inline]
    pub(super) fn token(&mut self) -> Result<Token<'_>, Error> {
        Ok(match self.peek()? {
            Some(b'[') => Token::List,
            Some(b'{') => Token::Object,
            Some(b'"') => Token::Text(self.text()?),
            Some(b'0'..=b'9') => return self.number(),
            Some(b'-') if self.take(b"-Infinity")? => {
                Token::NotFinite(f64::NEG_INFINITY, "-Infinity")
            }
            Some(b'-') => return self.number(),
            Some(b'n') if self.take(b"null")? => Token::Null,
            Some(b't') if self.take(b"true")? => Token::Bool(true),
            Some(b'f') if self.take(b"false")? => Token::Bool(false),
            Some(b'N') if self.take(b"NaN")? => Token::NotFinite(f64::NAN, "NaN"),
            Some(b'I') if self.take(b"Infinity")? => Token::NotFinite(f64::INFINITY, "Infinity"),
            _ => return Err(self.syntax("a value of JSON")),
        })
    }

    #[inline]
    fn number(&mut self) -> Result<Token<'_>, Error> {
        let is_part = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        // Whether it ends in the window.
        let mut parts = 0;
        loop {
            let more = self.rest().get(parts..).unwrap_or_default();
            let count = more.iter().take_while(is_part).count();
            parts += count;
            if count < more.len() || !self.fill()? {
                break;
            }
        }
        let Some((number, length)) = json_number(self.rest()) else {
            return Err(self.syntax("a value of JSON"));
        };
        let begin = self.at;
        self.at += length;
        let digits = self.room.get(begin..self.at).unwrap_or_default();
        Ok(Token::Number(
            number,
            str::from_utf8(digits).unwrap_or_default(),
        ))
    }

    /// Takes a key and the colon after it.
    pub(super) fn key(&mut self) -> Result<&[u8], Error> {
        self.peek()?;
        self.text()?;
        match self.peek()? {
            Some(b':') => self.at += 1,
            _ => return Err(self.syntax("':' after a key")),
        }
        Ok(&self.text)
    }

    /// Takes a text.
    fn text(&mut self) -> Result<&[u8], Error> {
        if !self.take(b"\"")? {
            return Err(self.syntax("a text in '\"'"));
        }
        self.text.clear();
        loop {
            self.plain_text()?;
            match self.rest().first() {
                Some(b'"') => break,
                Some(b'\\') => {
                    self.at += 1;
                    let point = self.escape()?;
                    Text::push_point(point, &mut self.text);
                }
                Some(_) => return Err(self.syntax("an escape in place of a control character")),
                None => return Err(self.syntax("the text's closing '\"'")),
            }
        }
        self.at += 1;
        Ok(&self.text)
    }

    /// Takes characters up to the next quote, backslash or control character.
    fn plain_text(&mut self) -> Result<(), Error> {
        let (begin, offset) = (self.text.len(), self.offset());
        loop {
            let rest = self.room.get(self.at..).unwrap_or_default();
            let length = rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b'\\' | ..b' '));
            let plain = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
            self.text.extend_from_slice(plain);
            self.at += plain.len();
            if length.is_some() || !self.fill()? {
                break;
            }
        }
        let plain = self.text.get(begin..).unwrap_or_default();
        match str::from_utf8(plain) {
            Ok(_) => Ok(()),
            Err(error) => {
                let expected = "a text in UTF-8";
                let at = offset + error.valid_up_to() as u64;
                Err(Error::from(ErrorKind::Syntax { expected }).with_offset(at))
            }
        }
    }

    /// The code point of an escape after its backslash; a pair of surrogates is one code point.
    fn escape(&mut self) -> Result<u32, Error> {
        self.ensure("u0000\\u0000".len())?;
        let Some(letter) = self.rest().first() else {
            return Err(self.syntax("an escape"));
        };
        let point = match letter {
            b'"' | b'\\' | b'/' => u32::from(*letter),
            b'b' => 8,
            b'f' => 12,
            b'n' => 10,
            b'r' => 13,
            b't' => 9,
            b'u' => {
                let high = self.hex(1)?;
                self.at += 5;
                let is_pair = (0xd800..0xdc00).contains(&high) && self.rest().starts_with(b"\\u");
                let low = if is_pair { self.hex(2)? } else { 0 };
                if !(0xdc00..0xe000).contains(&low) {
                    return Ok(high);
                }
                self.at += 6;
                return Ok(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
            }
            _ => return Err(self.syntax("an escape")),
        };
        self.at += 1;
        Ok(point)
    }

    /// Four hexadecimal digits, this many bytes ahead.
    fn hex(&self, skip: usize) -> Result<u32, Error> {
        let digits = self.rest().get(skip..skip + 4);
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.and_then(|digits| str::from_utf8(digits).ok());
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        code.ok_or_else(|| self.syntax("four hexadecimal digits"))
    }
}
