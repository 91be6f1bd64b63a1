//! Python values: [`Value`].

mod describe;
mod dict;
mod indexed;
mod int;
mod item;
mod key;
mod objects;
mod opaque;
mod plain;
mod repr;
mod text;
mod time;

pub use dict::Dict;
pub use int::{Int, MAX_INT_BYTES, NotInt};
pub use objects::{Objects, StringType};
pub use opaque::Opaque;
pub use text::Text;
pub use time::{Date, DateTime, Delta, Time};

pub(crate) use describe::{Description, Part};
pub(crate) use item::{check_lists, item, value_from_bytes};
pub(crate) use key::{TextNumbers, distinct, key_size};
pub(crate) use plain::array_of;

use flatfile::Array;
use flatfile::dtype::DType;

/// A Python value made of plain parts, as metadata is.
///
/// It prints as Python's `repr` does:
///
/// ```
/// use npmeta::{Dict, Value};
/// let mdata: Dict = [("author", Value::from("Emma")), ("age", Value::from(1.5))].into_iter().collect();
/// assert_eq!(mdata.get("age"), Some(&Value::Float(1.5)));
/// assert_eq!(Value::from(mdata).to_string(), "{'author': 'Emma', 'age': 1.5}");
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Value {
    /// `None`
    #[default]
    None,
    /// `bool`
    Bool(bool),
    /// `int`, of any size
    Int(Int),
    /// `float`
    Float(f64),
    /// `complex`: its real and its imaginary part
    Complex(f64, f64),
    /// `str`
    Str(Text),
    /// `bytes`, and `bytearray`
    Bytes(Vec<u8>),
    /// `list`, and `deque`
    List(Vec<Value>),
    /// `tuple`
    Tuple(Vec<Value>),
    /// `set`
    Set(Vec<Value>),
    /// `frozenset`
    FrozenSet(Vec<Value>),
    /// `dict`, `OrderedDict`, `defaultdict` and `Counter`
    Dict(Dict),
    /// `datetime.date`
    Date(Date),
    /// `datetime.time`
    Time(Time),
    /// `datetime.datetime`
    DateTime(Box<DateTime>),
    /// `datetime.timedelta`
    Delta(Delta),
    /// A NumPy array
    Array(Box<Array>),
    /// A NumPy scalar, as a 0-d array: `np.float32(1.5)`; [`into_item`](Value::into_item) is the Python value in it
    Scalar(Box<Array>),
    /// A NumPy array of objects, of records that have some, or of `StringDType`
    Objects(Box<Objects>),
    /// A NumPy dtype
    DType(Box<DType>),
    /// `range`: start, stop and step
    Range(Box<[Int; 3]>),
    /// `slice`: start, stop and step
    Slice(Box<[Value; 3]>),
    /// A class, a function, or anything else that a pickle refers to by its module and name: `numpy.float64`
    Name(Text),
    /// An object of any other class
    Opaque(Box<Opaque>),
}

impl Value {
    /// The text, if it is one without surrogates.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(text) => text.as_str(),
            _ => None,
        }
    }

    /// The dict, if it is one.
    pub fn as_dict(&self) -> Option<&Dict> {
        match self {
            Value::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    /// The number, if it is one that an `f64` holds exactly or as Python's `float` does; also a NumPy scalar's.
    pub fn to_f64(&self) -> Option<f64> {
        match self {
            Value::Float(value) => Some(*value),
            Value::Int(int) => int.to_i128().map(|int| int as f64),
            Value::Scalar(array) => match item(array) {
                Ok(Value::Scalar(_)) | Err(_) => None,
                Ok(value) => value.to_f64(),
            },
            _ => None,
        }
    }

    /// NumPy's `x.item()` of a value with one item: a 0-d array and a NumPy scalar become the Python value in them, or,
    /// for what would be lost (`longdouble`, `datetime64[ns]`, NaT), a [`Scalar`](Value::Scalar). Any other value is
    /// unchanged.
    ///
    /// ```
    /// use npmeta::Value;
    /// let author = flatfile::Array::from_slice(&[1.5f64], [])?;
    /// assert_eq!(Value::from(author).into_item()?, Value::Float(1.5));
    /// # Ok::<(), npmeta::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Array`: memory that cannot be allocated.
    pub fn into_item(self) -> Result<Value, crate::Error> {
        match self {
            Value::Array(array) if array.shape().is_empty() => item(&array),
            Value::Scalar(array) => item(&array),
            Value::Objects(objects) if objects.shape().is_empty() => {
                Ok(objects.into_items().pop().unwrap_or_default())
            }
            other => Ok(other),
        }
    }

    /// Python's name of its type, for messages.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Value::None => "None",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Complex(..) => "complex",
            Value::Str(_) => "str",
            Value::Bytes(_) => "bytes",
            Value::List(_) => "list",
            Value::Tuple(_) => "tuple",
            Value::Set(_) => "set",
            Value::FrozenSet(_) => "frozenset",
            Value::Dict(_) => "dict",
            Value::Date(_) => "date",
            Value::Time(_) => "time",
            Value::DateTime(_) => "datetime",
            Value::Delta(_) => "timedelta",
            Value::Array(_) => "array",
            Value::Scalar(_) => "NumPy scalar",
            Value::Objects(_) => "array of objects",
            Value::DType(_) => "dtype",
            Value::Range(_) => "range",
            Value::Slice(_) => "slice",
            Value::Name(_) => "name",
            Value::Opaque(_) => "opaque object",
        }
    }
}

/// Values of different types are never equal, and NaN equals nothing; arrays are equal if dtype, layout and
/// bytes are.
impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::None, Value::None) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a == b,
            (Value::Complex(a, b), Value::Complex(c, d)) => (a, b) == (c, d),
            (Value::Str(a), Value::Str(b)) => a == b,
            (Value::Bytes(a), Value::Bytes(b)) => a == b,
            (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => a == b,
            (Value::Set(a), Value::Set(b)) | (Value::FrozenSet(a), Value::FrozenSet(b)) => {
                a.len() == b.len() && a.iter().all(|item| b.contains(item))
            }
            (Value::Dict(a), Value::Dict(b)) => a == b,
            (Value::Date(a), Value::Date(b)) => a == b,
            (Value::Time(a), Value::Time(b)) => a == b,
            (Value::DateTime(a), Value::DateTime(b)) => a == b,
            (Value::Delta(a), Value::Delta(b)) => a == b,
            (Value::Array(a), Value::Array(b)) | (Value::Scalar(a), Value::Scalar(b)) => {
                a.layout() == b.layout() && a.as_bytes() == b.as_bytes()
            }
            (Value::Objects(a), Value::Objects(b)) => a == b,
            (Value::DType(a), Value::DType(b)) => a == b,
            (Value::Range(a), Value::Range(b)) => a == b,
            (Value::Slice(a), Value::Slice(b)) => a == b,
            (Value::Name(a), Value::Name(b)) => a == b,
            (Value::Opaque(a), Value::Opaque(b)) => a == b,
            _ => false,
        }
    }
}

macro_rules! from {
    ($($type:ty => $value:ident;)*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Value {
                Value::$value(value.into())
            }
        }
    )*};
}

from! {
    bool => Bool; f64 => Float; f32 => Float; Int => Int; &str => Str; String => Str; Text => Str;
    i8 => Int; i16 => Int; i32 => Int; i64 => Int; isize => Int; i128 => Int;
    u8 => Int; u16 => Int; u32 => Int; u64 => Int; usize => Int; u128 => Int;
    Vec<u8> => Bytes; Vec<Value> => List; Dict => Dict; Array => Array; Objects => Objects;
    Date => Date; Time => Time; DateTime => DateTime; Delta => Delta;
}
