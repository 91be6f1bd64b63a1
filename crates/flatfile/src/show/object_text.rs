//! The texts of objects, which are never in memory as a whole: [`ObjectText`].

use std::fmt;

/// Writes the text of an object, which it gets as the number that an array has in the object's place.
///
/// It is called once for each object that is shown, in order. A text may have several lines, and any length.
pub type ObjectText<'a> = dyn Fn(u64, &mut dyn fmt::Write) -> fmt::Result + 'a;

/// The text of one item.
pub(super) trait ItemText: fmt::Write {
    /// Adds what `push` appends to a string.
    fn append(&mut self, push: impl FnOnce(&mut String)) -> fmt::Result;

    /// Adds the text of an object.
    fn append_object(&mut self, object: u64) -> fmt::Result;
}

impl ItemText for String {
    fn append(&mut self, push: impl FnOnce(&mut String)) -> fmt::Result {
        push(self);
        Ok(())
    }

    /// Adds nothing: arrays of objects are refused where nobody writes the objects' texts.
    fn append_object(&mut self, _: u64) -> fmt::Result {
        Ok(())
    }
}

/// The text of an item with objects, which goes on to `out` as it is produced.
pub(super) struct ObjectItemText<'a> {
    pub(super) object: &'a ObjectText<'a>,
    pub(super) out: &'a mut dyn fmt::Write,
    /// The text of a part without objects.
    pub(super) part: &'a mut String,
}

impl fmt::Write for ObjectItemText<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.out.write_str(text)
    }
}

impl ItemText for ObjectItemText<'_> {
    fn append(&mut self, push: impl FnOnce(&mut String)) -> fmt::Result {
        self.part.clear();
        push(self.part);
        self.out.write_str(self.part)
    }

    fn append_object(&mut self, object: u64) -> fmt::Result {
        (self.object)(object, self.out)
    }
}
