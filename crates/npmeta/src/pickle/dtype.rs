//! Dtypes in pickles: a name, and then a state with the rest.

use super::machine::Machine;
use super::node::{Id, NODE_COST, Node, SizedDType};
use crate::{Error, ErrorKind};
use flatfile::dtype::{self, ByteOrder, DType, Field, Record, Subarray};
use std::borrow::Cow;
use std::collections::HashMap;

/// The longest name that NumPy writes is shorter: `V2147483647`.
const MAX_NAME: usize = 32;

/// The maximum number of fields, including nested ones.
const MAX_PARTS: usize = 1 << 16;

/// The dtype of this name: `f8`, `V20`, `O8`.
pub(super) fn dtype_by_name(name: &str) -> Option<SizedDType> {
    let dtype = (name.len() <= MAX_NAME).then(|| name.parse().ok())??;
    Some(SizedDType {
        dtype,
        depth: 0,
        parts: 1,
    })
}

/// The dtype with its state applied: `(version, byte order, subarray, names, fields, itemsize, alignment,
/// flags[, metadata])`.
pub(super) fn with_state(
    machine: &mut Machine<'_>,
    descr: &SizedDType,
    state: &[Id],
) -> Result<SizedDType, Error> {
    let call_error = |expected| {
        Error::from(ErrorKind::Call {
            global: "dtype",
            expected,
        })
    };
    let nodes: Vec<&Node<'_>> = state.iter().map(|id| machine.node(*id)).collect();
    let [
        Node::Int(1..=4),
        order,
        subarray,
        names,
        fields,
        size,
        Node::Int(_alignment),
        flags,
        metadata @ ..,
    ] = nodes.as_slice()
    else {
        return Err(call_error("its state in 8 or 9 parts"));
    };
    let order = text(order).ok_or_else(|| call_error("a byte order"))?;
    let order = match &*order {
        ">" => ByteOrder::Big,
        "<" => ByteOrder::Little,
        "|" | "=" => ByteOrder::NATIVE,
        _ => return Err(call_error("a byte order")),
    };
    let built = match (subarray, names) {
        (Node::None, Node::None) if !matches!(fields, Node::None) => {
            return Err(call_error("names of its fields"));
        }
        (Node::None, Node::None) => {
            let dtype = with_time_unit(&descr.dtype, metadata, machine);
            let dtype = dtype
                .ok_or_else(|| call_error("a unit of time"))?
                .with_byte_order(order);
            check_size(&dtype, size).ok_or_else(|| call_error("its own size"))?;
            SizedDType {
                dtype,
                ..descr.clone()
            }
        }
        (Node::None, Node::Tuple(names)) => record(machine, names, fields, size)?,
        (Node::Tuple(parts), _) => subarray_of(machine, parts)?,
        _ => return Err(call_error("a subarray or names")),
    };
    check_flags(&built.dtype, flags).ok_or_else(|| call_error("its own flags"))?;
    if built.depth > dtype::MAX_DEPTH || built.parts > MAX_PARTS {
        return Err(ErrorKind::Limit("a dtype of too many fields or levels").into());
    }
    machine
        .budget
        .charge(built.parts.saturating_mul(NODE_COST))?;
    Ok(built)
}

/// Checks that a dtype without parts is given no other size.
fn check_size(dtype: &DType, size: &Node<'_>) -> Option<()> {
    let Node::Int(size) = size else {
        return None;
    };
    // NumPy believes the size that a text has here.
    let has_size = matches!(dtype, DType::Bytes(_) | DType::Str(..) | DType::Void(_));
    let is_own_size = *size == -1 && !has_size || usize::try_from(*size) == Ok(dtype.itemsize());
    is_own_size.then_some(())
}

/// Checks that the flags of objects are set if there are any: that items have references, and are pickled as a list.
fn check_flags(dtype: &DType, flags: &Node<'_>) -> Option<()> {
    const OF_OBJECTS: i64 = 1 | 2;
    let Node::Int(flags) = flags else {
        return None;
    };
    let expected = if dtype.has_object() { OF_OBJECTS } else { 0 };
    (flags & OF_OBJECTS == expected).then_some(())
}

/// A text, or bytes that are ASCII.
fn text<'n>(node: &'n Node<'_>) -> Option<Cow<'n, str>> {
    match node {
        Node::Str(text) | Node::Python2Str(text) | Node::Bytes(text) => {
            Some(String::from_utf8_lossy(text))
        }
        _ => None,
    }
}

/// The same dtype with the unit from the metadata: `(…, (unit, count, 1, 1))`. The others would be a divisor of the unit,
/// and a number of events.
fn with_time_unit(dtype: &DType, metadata: &[&Node<'_>], machine: &Machine<'_>) -> Option<DType> {
    let kind = match dtype {
        DType::Datetime(..) => "M8",
        DType::Timedelta(..) => "m8",
        _ => return Some(dtype.clone()),
    };
    let [Node::Tuple(parts)] = metadata else {
        return Some(dtype.clone());
    };
    let Node::Tuple(parts) = machine.node(*parts.get(1)?) else {
        return None;
    };
    let parts: Vec<&Node<'_>> = parts.iter().map(|id| machine.node(*id)).collect();
    let [unit, Node::Int(count), Node::Int(1), Node::Int(1)] = *parts.as_slice() else {
        return None;
    };
    let unit = text(unit).filter(|unit| unit.len() < 8)?;
    match &*unit {
        "generic" => Some(dtype.clone()),
        unit => format!("{kind}[{count}{unit}]").parse().ok(),
    }
}

fn record(
    machine: &Machine<'_>,
    names: &[Id],
    fields: &Node<'_>,
    size: &Node<'_>,
) -> Result<SizedDType, Error> {
    let call_error = || {
        Error::from(ErrorKind::Call {
            global: "dtype",
            expected: "fields with their offsets",
        })
    };
    let (Node::Dict(pairs), Node::Int(size)) = (fields, size) else {
        return Err(call_error());
    };
    // Each field is there under its name, and perhaps its title. More would be looked through again for each dtype.
    if pairs.len() > 4 * names.len() {
        return Err(call_error());
    }
    let (mut list, mut depth, mut parts) = (Vec::new(), 0, 1usize);
    let known: HashMap<_, _> = pairs
        .chunks_exact(2)
        .filter_map(|pair| match pair {
            [name, field] => Some((text(machine.node(*name))?, *field)),
            _ => None,
        })
        .collect();
    for name in names.iter().take(MAX_PARTS) {
        let name = text(machine.node(*name)).ok_or_else(call_error)?;
        let Some(Node::Tuple(field)) = known.get(&name).map(|field| machine.node(*field)) else {
            return Err(call_error());
        };
        let field: Vec<&Node<'_>> = field.iter().map(|id| machine.node(*id)).collect();
        let [Node::DType(descr), Node::Int(offset), title @ ..] = field.as_slice() else {
            return Err(call_error());
        };
        let title = title.first().and_then(|title| text(title));
        depth = depth.max(descr.depth + 1);
        parts = parts.saturating_add(descr.parts);
        if parts > MAX_PARTS {
            break;
        }
        list.push(Field {
            name: name.into_owned(),
            title: title.map(Cow::into_owned),
            dtype: descr.dtype.clone(),
            offset: usize::try_from(*offset).map_err(|_| call_error())?,
        });
    }
    let size = usize::try_from(*size).map_err(|_| call_error())?;
    let dtype = if parts > MAX_PARTS {
        DType::Void(0)
    } else {
        Record::new(list, size)?.into()
    };
    Ok(SizedDType {
        dtype,
        depth,
        parts,
    })
}

fn subarray_of(machine: &Machine<'_>, parts: &[Id]) -> Result<SizedDType, Error> {
    let call_error = || {
        Error::from(ErrorKind::Call {
            global: "dtype",
            expected: "a base and a shape",
        })
    };
    let [base, shape] = *parts else {
        return Err(call_error());
    };
    let Node::DType(base) = machine.node(base) else {
        return Err(call_error());
    };
    let shape = match machine.node(shape) {
        Node::Int(length) => usize::try_from(*length).ok().map(|length| vec![length]),
        shape => machine.shape(shape),
    };
    let shape = shape.ok_or_else(call_error)?;
    Ok(SizedDType {
        dtype: Subarray::dtype(base.dtype.clone(), shape)?,
        depth: base.depth + 1,
        parts: base.parts.saturating_add(1),
    })
}
