//! Objects of classes that are not plain values: [`Opaque`].

use super::{Dict, Text, Value};

/// An object in a pickle of which nothing is known but what the pickle says: its class, or the function that would
/// make it, and what that would be given. Nothing is looked up, called or run.
///
/// It prints as `<class(args) state>`:
///
/// ```
/// use npmeta::{Value, pickle};
/// let bytes = b"ctypes\nSimpleNamespace\n)R}\x8c\x01aK\x01sb.";
/// let (value, _) = pickle::parse(bytes)?;
/// assert_eq!(value.to_string(), "<types.SimpleNamespace {'a': 1}>");
/// let Value::Opaque(object) = value else { unreachable!() };
/// assert_eq!(object.class(), "types.SimpleNamespace");
/// assert_eq!(object.state().and_then(Value::as_dict).unwrap().get("a"), Some(&Value::from(1)));
/// # Ok::<(), npmeta::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Opaque {
    class: Box<str>,
    args: Vec<Value>,
    pub(crate) kwargs: Dict,
    pub(crate) state: Option<Value>,
    pub(crate) items: Vec<Value>,
    pub(crate) entries: Dict,
}

impl Opaque {
    pub(crate) fn new(class: &str, args: Vec<Value>) -> Opaque {
        Opaque {
            class: class.into(),
            args,
            kwargs: Dict::new(),
            state: None,
            items: Vec::new(),
            entries: Dict::new(),
        }
    }

    /// The class, or the function that would make the object: its module, a dot, and its name. It is `operator.call`
    /// for what would be made by calling the first argument.
    pub fn class(&self) -> &str {
        &self.class
    }

    /// The arguments by position.
    pub fn args(&self) -> &[Value] {
        &self.args
    }

    /// The arguments by name.
    pub fn kwargs(&self) -> &Dict {
        &self.kwargs
    }

    /// What `__setstate__` would be given: usually a dict of the attributes.
    pub fn state(&self) -> Option<&Value> {
        self.state.as_ref()
    }

    /// The items that would be appended, if the class is like a list or a set.
    pub fn items(&self) -> &[Value] {
        &self.items
    }

    /// The keys and values that would be set, if the class is like a dict.
    pub fn entries(&self) -> &Dict {
        &self.entries
    }
}

impl From<Opaque> for Value {
    fn from(object: Opaque) -> Value {
        Value::Opaque(Box::new(object))
    }
}

/// A name in a text of Python's own form: `Ellipsis`, or `<numpy.float64>`.
pub(super) fn shown_name(name: &Text) -> Option<&'static str> {
    match name.as_str() {
        Some("builtins.Ellipsis") => Some("Ellipsis"),
        Some("builtins.NotImplemented") => Some("NotImplemented"),
        _ => None,
    }
}
