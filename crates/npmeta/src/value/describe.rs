//! Values that neither JSON nor serde has a form for, as a map: [`Description`].

use super::{Dict, Text, Value};

/// A part of a value that is described.
pub(crate) enum Part<'v> {
    Text(&'v Text),
    Name(String),
    Value(&'v Value),
    List(&'v [Value]),
    /// A list that is made for the description.
    Made(Vec<Value>),
    Dict(&'v Dict),
}

/// The parts of a dtype, a range, a slice, a name, or an opaque object under their names: `__class__`, `args` and
/// `state`, and if there are any `kwargs`, `items` and `entries`; of a name only `__name__`.
pub(crate) struct Description<'v>(pub(crate) Vec<(&'static str, Part<'v>)>);

impl<'v> Description<'v> {
    /// `None` for values of other kinds.
    pub(crate) fn of(value: &'v Value) -> Option<Description<'v>> {
        let object = |class: &str, args| {
            Description(vec![
                ("__class__", Part::Name(class.to_owned())),
                ("args", args),
                ("state", Part::Value(&Value::None)),
            ])
        };
        Some(match value {
            Value::DType(dtype) => {
                let descr = Value::from(dtype.to_string());
                object("numpy.dtype", Part::Made(vec![descr]))
            }
            Value::Range(parts) => {
                let parts = parts.iter().cloned().map(Value::Int).collect();
                object("builtins.range", Part::Made(parts))
            }
            Value::Slice(parts) => object("builtins.slice", Part::List(&**parts)),
            Value::Name(name) => Description(vec![("__name__", Part::Text(name))]),
            Value::Opaque(opaque) => {
                let mut described = object(opaque.class(), Part::List(opaque.args()));
                if let (Some(state), Some((_, part))) = (opaque.state(), described.0.last_mut()) {
                    *part = Part::Value(state);
                }
                let dicts = [("kwargs", opaque.kwargs()), ("entries", opaque.entries())];
                for (name, dict) in dicts.into_iter().filter(|(_, dict)| !dict.is_empty()) {
                    described.0.push((name, Part::Dict(dict)));
                }
                if !opaque.items().is_empty() {
                    described.0.push(("items", Part::List(opaque.items())));
                }
                described
            }
            _ => return None,
        })
    }
}
