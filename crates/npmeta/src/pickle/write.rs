//! Values as pickles of protocol 4.

use super::MAX_DEPTH;
use crate::value::{Delta, Text, Time};
use crate::{Error, ErrorKind, Int, Value};
use std::collections::HashMap;

/// Python reads a whole frame from the file at once; beyond this length it begins another.
const MAX_FRAME: usize = 64 << 10;

/// The number of items that are added to a container at a time.
const BATCH_SIZE: usize = 1000;

/// `value` as a pickle of protocol 4, the one that NumPy's `save` writes.
///
/// The bytes are those that Python itself would write of values in which equal texts are the same object,
/// up to 64 KiB; longer pickles have no frames.
///
/// # Errors
/// `Limit`: values nested deeper than [`MAX_DEPTH`]; `Unsupported`: a name or an opaque object, which whoever reads the
/// pickle would import and call.
pub fn to_bytes(value: &Value) -> Result<Vec<u8>, Error> {
    let mut writer = Writer {
        body: Vec::new(),
        memo_len: 0,
        memo: HashMap::new(),
        shared: HashMap::new(),
        depth: 0,
    };
    writer.value(value)?;
    writer.body.push(b'.');
    let body = writer.body;
    let mut bytes = vec![0x80, 4];
    if (4..=MAX_FRAME).contains(&body.len()) {
        bytes.push(0x95);
        bytes.extend((body.len() as u64).to_le_bytes());
    }
    bytes.extend(body);
    Ok(bytes)
}

pub(super) struct Writer {
    pub(super) body: Vec<u8>,
    /// The number of values in the memo.
    memo_len: u32,
    /// The memo numbers of texts, and of names of modules.
    memo: HashMap<Vec<u8>, u32>,
    /// The memo numbers of texts that the value shares, by where their bytes are.
    shared: HashMap<*const u8, u32>,
    depth: usize,
}

impl Writer {
    pub(super) fn value(&mut self, value: &Value) -> Result<(), Error> {
        if self.depth >= MAX_DEPTH {
            return Err(ErrorKind::Limit("more than 100 levels of values").into());
        }
        self.depth += 1;
        let written = self.write_value(value);
        self.depth -= 1;
        written
    }

    fn write_value(&mut self, value: &Value) -> Result<(), Error> {
        match value {
            Value::None => self.body.push(b'N'),
            Value::Bool(value) => self.boolean(*value),
            Value::Int(int) => self.integer(int),
            Value::Float(value) => self.float(*value),
            Value::Complex(real, imaginary) => {
                self.global("builtins", "complex");
                self.float(*real);
                self.float(*imaginary);
                self.reduce(0x86);
            }
            Value::Str(text) => self.shared_text(text),
            Value::Bytes(bytes) => self.bytes(bytes),
            Value::List(items) => {
                self.memoized_opcode(b']');
                self.batches(items, b'a', b'e')?;
            }
            Value::Tuple(items) => {
                self.tuple(items.len(), |writer| {
                    items.iter().try_for_each(|item| writer.value(item))
                })?;
            }
            Value::Set(items) => {
                self.memoized_opcode(0x8f);
                for batch in items.chunks(BATCH_SIZE) {
                    self.body.push(b'(');
                    batch.iter().try_for_each(|item| self.value(item))?;
                    self.body.push(0x90);
                }
            }
            Value::FrozenSet(items) => {
                self.body.push(b'(');
                items.iter().try_for_each(|item| self.value(item))?;
                self.memoized_opcode(0x91);
            }
            Value::Dict(dict) => {
                self.memoized_opcode(b'}');
                let pairs: Vec<_> = dict.iter().collect();
                for batch in pairs.chunks(BATCH_SIZE) {
                    let is_one = batch.len() == 1;
                    self.body.extend((!is_one).then_some(b'('));
                    for (key, value) in batch {
                        self.value(key)?;
                        self.value(value)?;
                    }
                    self.body.push(if is_one { b's' } else { b'u' });
                }
            }
            Value::Date(date) => {
                self.global("datetime", "date");
                self.bytes(&date_state(*date));
                self.reduce(0x85);
            }
            Value::Time(time) => {
                self.global("datetime", "time");
                self.time(&[], time);
            }
            Value::DateTime(time) => {
                self.global("datetime", "datetime");
                self.time(&date_state(time.date), &time.time);
            }
            Value::Delta(delta) => self.delta(delta),
            Value::Array(array) => self.array(array),
            Value::Scalar(array) => self.scalar(array),
            Value::Objects(objects) => self.objects(objects)?,
            Value::DType(dtype) => self.dtype(dtype),
            Value::Range(parts) => {
                self.global("builtins", "range");
                for part in parts.iter() {
                    self.integer(part);
                }
                self.reduce(0x87);
            }
            Value::Slice(parts) => {
                self.global("builtins", "slice");
                parts.iter().try_for_each(|part| self.value(part))?;
                self.reduce(0x87);
            }
            // Whoever reads the pickle would import and call it.
            Value::Name(name) => {
                let what = format!("the name {} in a pickle", name.to_string_lossy());
                return Err(Error::unsupported(what));
            }
            Value::Opaque(object) => {
                let what = format!("an object of {} in a pickle", object.class());
                return Err(Error::unsupported(what));
            }
        }
        Ok(())
    }

    pub(super) fn batches(&mut self, items: &[Value], one: u8, many: u8) -> Result<(), Error> {
        for batch in items.chunks(BATCH_SIZE) {
            let is_one = batch.len() == 1;
            self.body.extend((!is_one).then_some(b'('));
            batch.iter().try_for_each(|item| self.value(item))?;
            self.body.push(if is_one { one } else { many });
        }
        Ok(())
    }

    /// A tuple of this many items, which `write` writes.
    pub(super) fn tuple(
        &mut self,
        length: usize,
        write: impl FnOnce(&mut Writer) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let end = match length {
            0 => {
                self.body.push(b')');
                return Ok(());
            }
            1..=3 => 0x84 + length as u8,
            _ => {
                self.body.push(b'(');
                b't'
            }
        };
        write(self)?;
        self.memoized_opcode(end);
        Ok(())
    }

    pub(super) fn boolean(&mut self, value: bool) {
        self.body.push(if value { 0x88 } else { 0x89 });
    }

    fn integer(&mut self, int: &Int) {
        match int.to_i64() {
            Some(int) => self.int(int),
            None => self.long(&int.to_le_bytes()),
        }
    }

    pub(super) fn int(&mut self, value: i64) {
        match value {
            0..=0xff => self.body.extend([b'K', value as u8]),
            0x100..=0xffff => {
                self.body.push(b'M');
                self.body.extend((value as u16).to_le_bytes());
            }
            _ => match i32::try_from(value) {
                Ok(value) => {
                    self.body.push(b'J');
                    self.body.extend(value.to_le_bytes());
                }
                Err(_) => self.long(&Int::from(value).to_le_bytes()),
            },
        }
    }

    fn long(&mut self, bytes: &[u8]) {
        self.length_prefixed(bytes, 0x8a, 0x8b);
    }

    fn float(&mut self, value: f64) {
        self.body.push(b'G');
        self.body.extend(value.to_be_bytes());
    }

    /// Bytes after their length, in the opcode for short or for long ones.
    fn length_prefixed(&mut self, bytes: &[u8], few: u8, many: u8) {
        match u8::try_from(bytes.len()) {
            Ok(length) => self.body.extend([few, length]),
            Err(_) => {
                self.body.push(many);
                self.body.extend((bytes.len() as u32).to_le_bytes());
            }
        }
        self.body.extend(bytes);
    }

    /// A text in the value, which may be there any number of times: it is compared with others only once.
    fn shared_text(&mut self, text: &Text) {
        let bytes = text.as_bytes();
        if let Some(number) = self.shared.get(&bytes.as_ptr()) {
            return self.memo_get(*number);
        }
        self.text(bytes);
        if let Some(number) = self.memo.get(bytes).filter(|_| !bytes.is_empty()) {
            self.shared.insert(bytes.as_ptr(), *number);
        }
    }

    pub(super) fn text(&mut self, bytes: &[u8]) {
        if let Some(number) = self.memo.get(bytes) {
            return self.memo_get(*number);
        }
        self.memo.insert(bytes.to_vec(), self.memo_len);
        match u32::try_from(bytes.len()) {
            Ok(_) => self.length_prefixed(bytes, 0x8c, b'X'),
            Err(_) => {
                self.body.push(0x8d);
                self.body.extend((bytes.len() as u64).to_le_bytes());
                self.body.extend(bytes);
            }
        }
        self.memoize();
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        match u32::try_from(bytes.len()) {
            Ok(_) => self.length_prefixed(bytes, b'C', b'B'),
            Err(_) => {
                self.body.push(0x8e);
                self.body.extend((bytes.len() as u64).to_le_bytes());
                self.body.extend(bytes);
            }
        }
        self.memoize();
    }

    fn memo_get(&mut self, number: u32) {
        match u8::try_from(number) {
            Ok(number) => self.body.extend([b'h', number]),
            Err(_) => {
                self.body.push(b'j');
                self.body.extend(number.to_le_bytes());
            }
        }
    }

    pub(super) fn global(&mut self, module: &str, name: &str) {
        // No text begins with this byte.
        let key = [b"\xff", module.as_bytes(), b".", name.as_bytes()].concat();
        if let Some(number) = self.memo.get(&key) {
            return self.memo_get(*number);
        }
        self.text(module.as_bytes());
        self.text(name.as_bytes());
        self.memo.insert(key, self.memo_len);
        self.memoized_opcode(0x93);
    }

    pub(super) fn memoized_opcode(&mut self, code: u8) {
        self.body.push(code);
        self.memoize();
    }

    fn memoize(&mut self) {
        self.body.push(0x94);
        self.memo_len += 1;
    }

    /// Calls the global with the tuple that this opcode makes.
    pub(super) fn reduce(&mut self, tuple: u8) {
        self.memoized_opcode(tuple);
        self.memoized_opcode(b'R');
    }

    fn delta(&mut self, delta: &Delta) {
        self.global("datetime", "timedelta");
        let (days, seconds, microseconds) = delta.parts();
        for part in [days, seconds, microseconds] {
            self.int(part.into());
        }
        self.reduce(0x87);
    }

    /// The state of a time, or of a date and a time, followed by the zone.
    fn time(&mut self, day: &[u8], time: &Time) {
        let (hour, minute, second, microsecond) = time.hmsu();
        let [_, a, b, c] = microsecond.to_be_bytes();
        let mut state = [day, &[hour, minute, second, a, b, c]].concat();
        // In a date the bit `fold` is in the month.
        if let Some(byte) = state.get_mut(if day.is_empty() { 0 } else { 2 }) {
            *byte |= if time.fold { 0x80 } else { 0 };
        }
        self.bytes(&state);
        match &time.offset {
            None => self.reduce(0x85),
            Some(offset) => {
                self.global("datetime", "timezone");
                self.delta(offset);
                self.reduce(0x85);
                self.reduce(0x86);
            }
        }
    }
}

fn date_state(date: crate::Date) -> [u8; 4] {
    let (year, month, day) = date.ymd();
    let [high, low] = year.to_be_bytes();
    [high, low, month, day]
}
