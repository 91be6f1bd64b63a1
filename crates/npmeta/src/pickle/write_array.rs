//! Arrays, NumPy's scalars and dtypes as pickles.

use super::write::Writer;
use crate::Error;
use crate::value::Objects;
use flatfile::Array;
use flatfile::dtype::{ByteOrder, DType, Order, Record, Subarray, TimeStep};

const MULTIARRAY: &str = "numpy._core.multiarray";

impl Writer {
    pub(super) fn array(&mut self, array: &Array) {
        let layout = array.layout();
        self.begin_array();
        self.body.push(b'(');
        self.int(1);
        self.shape(layout.shape());
        self.dtype(layout.dtype());
        self.boolean(!layout.is_c_contiguous());
        self.bytes(array.as_bytes());
        self.end_array();
    }

    /// A 0-d array as a scalar.
    pub(super) fn scalar(&mut self, array: &Array) {
        self.global(MULTIARRAY, "scalar");
        self.dtype(array.dtype());
        self.bytes(array.as_bytes());
        self.reduce(0x86);
    }

    pub(super) fn objects(&mut self, objects: &Objects) -> Result<(), Error> {
        self.begin_array();
        self.body.push(b'(');
        self.int(1);
        self.shape(objects.shape());
        match objects.string_type() {
            None => self.dtype(objects.dtype()),
            Some(strings) => {
                self.global("numpy._core._internal", "_convert_to_stringdtype_kwargs");
                self.int(strings.coerce.into());
                if let Some(missing) = &strings.missing {
                    self.value(missing)?;
                }
                self.reduce(if strings.missing.is_some() {
                    0x86
                } else {
                    0x85
                });
            }
        }
        self.boolean(objects.order == Order::Fortran);
        self.memoized_opcode(b']');
        self.batches(objects.items(), b'a', b'e')?;
        self.end_array();
        Ok(())
    }

    /// An array without items, whose state is set next.
    fn begin_array(&mut self) {
        self.global(MULTIARRAY, "_reconstruct");
        self.global("numpy", "ndarray");
        self.int(0);
        self.memoized_opcode(0x85);
        self.bytes(b"b");
        self.reduce(0x87);
    }

    fn end_array(&mut self) {
        self.memoized_opcode(b't');
        self.body.push(b'b');
    }

    fn shape(&mut self, shape: &[usize]) {
        let ints = |writer: &mut Writer| {
            shape.iter().for_each(|length| writer.int(*length as i64));
            Ok(())
        };
        // Integers are always written.
        let _ = self.tuple(shape.len(), ints);
    }

    pub(super) fn dtype(&mut self, dtype: &DType) {
        if let DType::Number(number, _) = dtype
            && number.is_extension()
        {
            // Without ml_dtypes, these are bytes.
            return self.dtype(&DType::Void(number.size() as u32));
        }
        self.global("numpy", "dtype");
        self.text(name(dtype).as_bytes());
        self.boolean(false);
        self.boolean(true);
        self.reduce(0x87);
        self.body.push(b'(');
        let step = match dtype {
            DType::Datetime(step, _) | DType::Timedelta(step, _) => Some(*step),
            _ => None,
        };
        self.int(if step.is_some() { 4 } else { 3 });
        self.text(order(dtype).as_bytes());
        match dtype {
            DType::Subarray(sub) => self.subarray(sub),
            DType::Record(record) => self.fields(record),
            _ => self.body.extend(b"NNN"),
        }
        let (size, flags) = match dtype {
            DType::Str(..) => (dtype.itemsize() as i64, 8),
            DType::Bytes(_) | DType::Void(_) => (dtype.itemsize() as i64, 0),
            DType::Subarray(_) => (
                dtype.itemsize() as i64,
                if dtype.has_object() { 63 } else { 0 },
            ),
            DType::Record(_) => (
                dtype.itemsize() as i64,
                if dtype.has_object() { 27 } else { 16 },
            ),
            DType::Object => (-1, 63),
            _ => (-1, 0),
        };
        self.int(size);
        self.int(if size < 0 {
            -1
        } else {
            dtype.alignment() as i64
        });
        self.int(flags);
        if let Some(step) = step {
            self.step(step);
        }
        self.memoized_opcode(b't');
        self.body.push(b'b');
    }

    fn subarray(&mut self, sub: &Subarray) {
        self.dtype(sub.base());
        self.shape(sub.shape());
        self.memoized_opcode(0x86);
        self.body.extend(b"NN");
    }

    /// No subarray, the names, and the fields.
    fn fields(&mut self, record: &Record) {
        self.body.push(b'N');
        let fields = record.fields();
        let names = |writer: &mut Writer| {
            fields
                .iter()
                .for_each(|field| writer.text(field.name.as_bytes()));
            Ok(())
        };
        let _ = self.tuple(fields.len(), names);
        self.memoized_opcode(b'}');
        self.body.push(b'(');
        for field in fields {
            // A title is another name of the field.
            for name in [Some(&field.name), field.title.as_ref()]
                .into_iter()
                .flatten()
            {
                self.text(name.as_bytes());
                self.dtype(&field.dtype);
                self.int(field.offset as i64);
                if let Some(title) = &field.title {
                    self.text(title.as_bytes());
                }
                self.memoized_opcode(if field.title.is_some() { 0x87 } else { 0x86 });
            }
        }
        self.body.push(b'u');
    }

    /// The metadata of a time: the unit that NumPy counts in.
    fn step(&mut self, step: TimeStep) {
        self.body.extend(b"N(");
        self.bytes(step.unit.symbol().as_bytes());
        self.int(step.count.into());
        self.int(1);
        self.int(1);
        self.memoized_opcode(b't');
        self.memoized_opcode(0x86);
    }
}

/// The name that, together with the state, gives the dtype.
fn name(dtype: &DType) -> String {
    match dtype {
        DType::Bool => "b1".to_owned(),
        DType::Number(number, _) => format!("{}{}", number.kind(), number.size()),
        DType::Bytes(length) => format!("S{length}"),
        DType::Str(length, _) => format!("U{length}"),
        DType::Datetime(..) => "M8".to_owned(),
        DType::Timedelta(..) => "m8".to_owned(),
        DType::Object => "O8".to_owned(),
        other => format!("V{}", other.itemsize()),
    }
}

/// The byte order as NumPy's character; `|` if there is none.
fn order(dtype: &DType) -> &'static str {
    let order = match dtype {
        DType::Number(number, order) if number.size() > 1 => *order,
        DType::Str(_, order) | DType::Datetime(_, order) | DType::Timedelta(_, order) => *order,
        _ => return "|",
    };
    match order {
        ByteOrder::Little => "<",
        ByteOrder::Big => ">",
    }
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::pickle;
    use flatfile::dtype::{ByteOrder, DType, Number};

    #[test]
    fn the_dtypes_of_ml_dtypes_are_written_as_bytes() {
        let numbers = Number::ALL.iter().filter(|number| number.is_extension());
        for number in numbers {
            let dtype = DType::number(*number, ByteOrder::NATIVE);
            let bytes = DType::Void(number.size() as u32);
            let written = pickle::to_bytes(&Value::DType(Box::new(dtype))).unwrap();
            let (read, _) = pickle::parse(&written).unwrap();
            assert_eq!(read.to_string(), Value::DType(Box::new(bytes)).to_string());
        }
    }
}
