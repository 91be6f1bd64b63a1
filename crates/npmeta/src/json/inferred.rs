//! Items in JSON that determine their dtype: [`InferredItems`].

use super::items::{Items, item_error};
use super::lexer::{Lexer, Token};
use super::memory::ItemMemory;
use super::run::{Run, RunParser, ints_to_floats};
use super::texts::TextItems;
use super::typed::long_int_as_f64;
use crate::Error;
use flatfile::dtype::{ByteOrder, DType, Layout, Order};
use flatfile::parse::JsonNumber;
use flatfile::{Array, Buffer};

/// Items of the narrowest dtype that holds all that were taken: numbers in words of 8 bytes, which are converted when
/// a wider one is found; or texts.
pub(super) struct InferredItems {
    kind: Kind,
    words: ItemMemory,
    texts: TextItems,
    has_negative: bool,
    /// The error if all numbers turn out to be integers: no type of 64 bits holds them.
    too_wide: Option<Error>,
}

/// What the items are, from narrow to wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// There is none yet.
    Unknown,
    Bool,
    Int,
    /// Integers of which one is beyond `i64`, and none negative.
    Uint,
    Float,
    Text,
}

impl InferredItems {
    pub(super) fn new() -> Result<InferredItems, Error> {
        Ok(InferredItems {
            kind: Kind::Unknown,
            words: ItemMemory::new(size_of::<u64>())?,
            texts: TextItems::new(DType::Str(0, ByteOrder::NATIVE)),
            has_negative: false,
            too_wide: None,
        })
    }

    fn push_word(&mut self, word: [u8; 8]) -> Result<(), Error> {
        self.words.block()?.extend_from_slice(&word);
        Ok(())
    }

    fn push_int(&mut self, value: i64) -> Result<(), Error> {
        if matches!(self.kind, Kind::Unknown | Kind::Bool) {
            self.kind = Kind::Int;
        }
        if self.kind == Kind::Float {
            return self.push_word((value as f64).to_ne_bytes());
        }
        self.has_negative |= value < 0;
        self.push_word(value.to_ne_bytes())
    }

    fn push_float(&mut self, value: f64) -> Result<(), Error> {
        self.make_floats();
        self.push_word(value.to_ne_bytes())
    }

    /// Converts integers, each to the nearest float.
    fn make_floats(&mut self) {
        let float: fn([u8; 8]) -> f64 = match self.kind {
            Kind::Uint => |word| u64::from_ne_bytes(word) as f64,
            Kind::Float => return,
            _ => |word| i64::from_ne_bytes(word) as f64,
        };
        self.words.for_all(|bytes| {
            for word in bytes.as_chunks_mut::<8>().0 {
                *word = float(*word).to_ne_bytes();
            }
        });
        self.kind = Kind::Float;
    }
}

impl Items for InferredItems {
    fn push(&mut self, lexer: &mut Lexer<'_>, index: &mut Vec<usize>) -> Result<(), Error> {
        lexer.peek()?;
        let begin = lexer.offset();
        let token = lexer.token()?;
        let error = |expected: &str| item_error(index, expected, token.found(), begin);
        let is_first = self.kind == Kind::Unknown;
        match token {
            Token::Text(text) if is_first || self.kind == Kind::Text => {
                self.kind = Kind::Text;
                self.texts.push_text(text)
            }
            _ if self.kind == Kind::Text => Err(error("a value as its neighbours")),
            Token::Bool(value) if is_first || self.kind == Kind::Bool => {
                self.kind = Kind::Bool;
                self.push_word(i64::from(value).to_ne_bytes())
            }
            Token::Bool(value) => self.push_int(value.into()),
            Token::Number(JsonNumber::Int(value), _) if value < 0 && self.kind == Kind::Uint => {
                self.too_wide = Some(error("integers of 64 bits"));
                self.push_float(value as f64)
            }
            Token::Number(JsonNumber::Int(value), _) => self.push_int(value),
            Token::Number(JsonNumber::LongInt, digits) => {
                if self.kind != Kind::Float
                    && !self.has_negative
                    && let Ok(value) = digits.parse::<u64>()
                {
                    self.kind = Kind::Uint;
                    return self.push_word(value.to_ne_bytes());
                }
                let Some(value) = long_int_as_f64(digits) else {
                    return Err(error(match self.kind {
                        Kind::Float => "a number that float64 holds",
                        _ => "integers of 64 bits",
                    }));
                };
                if self.kind != Kind::Float {
                    self.too_wide = Some(error("integers of 64 bits"));
                }
                self.push_float(value)
            }
            Token::Number(JsonNumber::Float(value), _) | Token::NotFinite(value, _) => {
                self.too_wide = None;
                self.push_float(value)
            }
            Token::Null | Token::List | Token::Object if is_first || self.kind == Kind::Bool => {
                Err(error("a number, a text, true or false"))
            }
            _ => Err(error("a value as its neighbours")),
        }
    }

    fn run_parser(&self) -> Option<RunParser> {
        match self.kind {
            Kind::Unknown | Kind::Bool | Kind::Int | Kind::Float => Some(RunParser::Inferred),
            Kind::Uint | Kind::Text => None,
        }
    }

    fn push_run(&mut self, run: &Run) -> Result<(), Error> {
        if run.is_float {
            self.too_wide = None;
            self.make_floats();
        }
        let is_converted = self.kind == Kind::Float && !run.is_float;
        let items = self.words.extend(&run.items)?;
        if is_converted {
            ints_to_floats(items);
        } else if !run.is_float {
            self.kind = Kind::Int;
            self.has_negative |= run.has_negative;
        }
        Ok(())
    }

    fn finish(self, shape: Vec<usize>, text_bytes: u64) -> Result<Array, Error> {
        if let Some(error) = self.too_wide {
            return Err(error);
        }
        let (dtype, words) = match self.kind {
            Kind::Text => return self.texts.finish(shape, text_bytes),
            Kind::Bool => {
                let words = self.words.finish()?;
                let (words, _) = words.as_ref().as_chunks::<8>();
                let bools = words.iter().map(|word| u8::from(*word != [0; 8]));
                (DType::Bool, Buffer::from(bools.collect::<Vec<u8>>()))
            }
            Kind::Int => (DType::I64, self.words.finish()?),
            Kind::Uint => (DType::U64, self.words.finish()?),
            Kind::Unknown | Kind::Float => (DType::F64, self.words.finish()?),
        };
        Ok(Array::new(Layout::new(dtype, shape, Order::C)?, words)?)
    }
}
