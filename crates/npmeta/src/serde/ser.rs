//! A serializer whose output is a value.

use crate::pickle::MAX_DEPTH;
use crate::value::Dict;
use crate::{Error, ErrorKind, Value};
use ::serde::ser::{self, Serialize};

/// The serializer of a value at this depth.
#[derive(Clone, Copy, Default)]
pub(super) struct Serializer {
    depth: usize,
}

impl Serializer {
    fn inner(self) -> Result<Serializer, Error> {
        let depth = self.depth + 1;
        if depth < MAX_DEPTH {
            Ok(Serializer { depth })
        } else {
            Err(ErrorKind::Limit("more than 100 levels of values").into())
        }
    }

    fn part<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Error> {
        value.serialize(self.inner()?)
    }

    fn compound(self, variant: Option<&'static str>, is_tuple: bool) -> Compound {
        Compound {
            serializer: self,
            variant,
            is_tuple,
            items: Vec::new(),
            pairs: Vec::new(),
            key: None,
        }
    }
}

/// A container of which some parts are complete.
pub(super) struct Compound {
    serializer: Serializer,
    variant: Option<&'static str>,
    is_tuple: bool,
    items: Vec<Value>,
    pairs: Vec<(Value, Value)>,
    key: Option<Value>,
}

impl Compound {
    fn in_variant(variant: Option<&'static str>, value: Value) -> Value {
        match variant {
            Some(name) => Value::from([(name, value)].into_iter().collect::<Dict>()),
            None => value,
        }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.items.push(self.serializer.part(value)?);
        Ok(())
    }

    fn list(self) -> Value {
        let value = if self.is_tuple {
            Value::Tuple(self.items)
        } else {
            Value::List(self.items)
        };
        Compound::in_variant(self.variant, value)
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        self.pairs.push((name.into(), self.serializer.part(value)?));
        Ok(())
    }

    fn dict(self) -> Result<Value, Error> {
        let dict = Dict::from_pairs(self.pairs).map_err(ErrorKind::Unhashable)?;
        Ok(Compound::in_variant(self.variant, dict.into()))
    }
}

macro_rules! primitives {
    ($($serialize:ident $type:ty;)*) => {$(
        fn $serialize(self, value: $type) -> Result<Value, Error> {
            Ok(value.into())
        }
    )*};
}

impl ser::Serializer for Serializer {
    type Ok = Value;
    type Error = Error;
    type SerializeSeq = Compound;
    type SerializeTuple = Compound;
    type SerializeTupleStruct = Compound;
    type SerializeTupleVariant = Compound;
    type SerializeMap = Compound;
    type SerializeStruct = Compound;
    type SerializeStructVariant = Compound;

    primitives! {
        serialize_bool bool; serialize_f32 f32; serialize_f64 f64; serialize_str &str;
        serialize_i8 i8; serialize_i16 i16; serialize_i32 i32; serialize_i64 i64; serialize_i128 i128;
        serialize_u8 u8; serialize_u16 u16; serialize_u32 u32; serialize_u64 u64; serialize_u128 u128;
    }

    fn serialize_char(self, value: char) -> Result<Value, Error> {
        Ok(value.to_string().into())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Value, Error> {
        Ok(Value::Bytes(value.to_vec()))
    }

    fn serialize_none(self) -> Result<Value, Error> {
        Ok(Value::None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Error> {
        self.part(value)
    }

    fn serialize_unit(self) -> Result<Value, Error> {
        Ok(Value::None)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, Error> {
        Ok(Value::None)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value, Error> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Value, Error> {
        self.part(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, Error> {
        Ok(Compound::in_variant(Some(variant), self.part(value)?))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound, Error> {
        Ok(self.compound(None, false))
    }

    fn serialize_tuple(self, _: usize) -> Result<Compound, Error> {
        Ok(self.compound(None, true))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Compound, Error> {
        Ok(self.compound(None, true))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound, Error> {
        Ok(self.inner()?.compound(Some(variant), true))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound, Error> {
        Ok(self.compound(None, false))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Compound, Error> {
        Ok(self.compound(None, false))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound, Error> {
        Ok(self.inner()?.compound(Some(variant), false))
    }
}

macro_rules! lists {
    ($($trait:ident $serialize:ident;)*) => {$(
        impl ser::$trait for Compound {
            type Ok = Value;
            type Error = Error;

            fn $serialize<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.item(value)
            }

            fn end(self) -> Result<Value, Error> {
                Ok(self.list())
            }
        }
    )*};
}

lists! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

macro_rules! structs {
    ($($trait:ident)*) => {$(
        impl ser::$trait for Compound {
            type Ok = Value;
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Error> {
                self.field(name, value)
            }

            fn end(self) -> Result<Value, Error> {
                self.dict()
            }
        }
    )*};
}

structs! { SerializeStruct SerializeStructVariant }

impl ser::SerializeMap for Compound {
    type Ok = Value;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key = Some(self.serializer.part(key)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let key = self.key.take().unwrap_or_default();
        self.pairs.push((key, self.serializer.part(value)?));
        Ok(())
    }

    fn end(self) -> Result<Value, Error> {
        self.dict()
    }
}
