//! REDUCE: the value that each name on the list makes of its arguments.

use super::dtype::dtype_by_name;
use super::global::Global;
use super::machine::Machine;
use super::node::{ArrayState, Id, Node, SLOT_COST};
use crate::value::{Date, DateTime, Delta, Text, Time};
use crate::{Error, ErrorKind};
use flatfile::dtype::Order;
use std::borrow::Cow;

/// The value that `global` makes of these arguments.
pub(super) fn call<'a>(
    machine: &mut Machine<'a>,
    global: Id,
    arguments: Id,
) -> Result<Node<'a>, Error> {
    let Node::Global(global) = machine.node(global) else {
        return Err(ErrorKind::Stack {
            expected: "a name to call",
        }
        .into());
    };
    let global = *global;
    let Node::Tuple(arguments) = machine.node(arguments) else {
        return Err(ErrorKind::Stack {
            expected: "a tuple of arguments",
        }
        .into());
    };
    if arguments.len() > 7 {
        return Err(global.call_error("fewer arguments"));
    }
    let arguments = arguments.to_vec();
    let cost = arguments.iter().map(|id| cost(machine.node(*id))).sum();
    machine.budget.charge(cost)?;
    let nodes: Vec<&Node<'a>> = arguments.iter().map(|id| machine.node(*id)).collect();
    match (global, nodes.as_slice()) {
        (Global::Set, []) => Ok(Node::Set(Vec::new())),
        (Global::FrozenSet, []) => Ok(Node::FrozenSet(Vec::new())),
        (Global::List, []) => Ok(Node::List(Vec::new())),
        (Global::Tuple, []) => Ok(Node::Tuple(Box::default())),
        (Global::Set, [items]) => copy_items(items, global, Node::Set),
        (Global::FrozenSet, [items]) => copy_items(items, global, Node::FrozenSet),
        (Global::List, [items]) => copy_items(items, global, Node::List),
        (Global::Tuple, [items]) => copy_items(items, global, |items| Node::Tuple(items.into())),
        (Global::Dict | Global::OrderedDict, []) => Ok(Node::Dict(Vec::new())),
        (Global::OrderedDict, [Node::List(pairs)]) => ordered_dict(pairs, machine),
        (Global::DefaultDict, [] | [Node::None] | [Node::Global(_)]) => Ok(Node::Dict(Vec::new())),
        (Global::Deque, []) => Ok(Node::List(Vec::new())),
        (Global::Deque, [items] | [items, Node::None | Node::Int(_)]) => {
            copy_items(items, global, Node::List)
        }
        (Global::Bytes, []) => Ok(Node::Bytes(Cow::Borrowed(b""))),
        (Global::ByteArray, []) => Ok(Node::Bytes(Cow::Borrowed(b""))),
        (Global::ByteArray, [Node::Bytes(bytes)]) => Ok(Node::Bytes(bytes.clone())),
        (
            Global::Encode | Global::ByteArray,
            [Node::Str(text), Node::Str(codec) | Node::Python2Str(codec)],
        ) => {
            if !matches!(&**codec, b"latin1" | b"latin-1" | b"iso-8859-1") {
                return Err(global.call_error("the encoding latin1"));
            }
            let bytes = latin1(text).ok_or_else(|| global.call_error("characters of latin1"))?;
            Ok(Node::Bytes(Cow::Owned(bytes)))
        }
        (Global::Complex, [real, imaginary]) => match (float(real), float(imaginary)) {
            (Some(real), Some(imaginary)) => Ok(Node::Complex(Box::new([real, imaginary]))),
            _ => Err(global.call_error("two floats")),
        },
        (Global::Date, [state]) => {
            let date = bytes(state).and_then(|state| date(&state));
            date.map(Node::Date)
                .ok_or_else(|| global.call_error("four bytes that are a date"))
        }
        (Global::Time, [state, zone @ ..]) => {
            let time = bytes(state).and_then(|state| time(&state, 0x80));
            let time = time.and_then(|time| in_zone(time, zone));
            let time =
                time.ok_or_else(|| global.call_error("six bytes that are a time, and a timezone"))?;
            Ok(Node::Time(Box::new(time)))
        }
        (Global::DateTime, [state, zone @ ..]) => {
            let datetime = bytes(state).and_then(|state| datetime(&state, zone));
            let expected = "ten bytes that are a date and a time, and a timezone";
            let datetime = datetime.ok_or_else(|| global.call_error(expected))?;
            Ok(Node::DateTime(Box::new(datetime)))
        }
        (Global::Delta, [Node::Int(days), Node::Int(seconds), Node::Int(microseconds)]) => {
            let seconds = i128::from(*days) * 86_400 + i128::from(*seconds);
            let delta = Delta::from_microseconds(seconds * 1_000_000 + i128::from(*microseconds));
            delta
                .map(Node::Delta)
                .ok_or_else(|| global.call_error("less than a billion days"))
        }
        // A zone's name does not take part in comparisons.
        (Global::Zone, [Node::Delta(offset)] | [Node::Delta(offset), Node::Str(_)]) => {
            Ok(Node::Zone(*offset))
        }
        (Global::DType, [Node::Str(name) | Node::Python2Str(name), ..]) => {
            let descr = dtype_by_name(&String::from_utf8_lossy(name));
            Ok(Node::DType(Box::new(descr.ok_or_else(|| {
                global.call_error("the name of a dtype")
            })?)))
        }
        (Global::StringType, [Node::Int(0 | 1) | Node::Bool(_)]) => {
            let coerce = matches!(nodes.first(), Some(Node::Int(1) | Node::Bool(true)));
            Ok(Node::StringType(coerce, None))
        }
        (Global::StringType, [Node::Int(0 | 1) | Node::Bool(_), _]) => {
            let coerce = matches!(nodes.first(), Some(Node::Int(1) | Node::Bool(true)));
            Ok(Node::StringType(coerce, arguments.get(1).copied()))
        }
        (Global::Reconstruct, [Node::Global(Global::NdArray), ..]) => {
            Ok(Node::Array(Box::new(ArrayState::Empty)))
        }
        (Global::Scalar, [Node::DType(descr), Node::Bytes(_) | Node::Python2Str(_)]) => {
            let bytes = arguments.get(1).copied().unwrap_or_default();
            let dtype = descr.dtype.clone();
            Ok(Node::Array(Box::new(ArrayState::Scalar { dtype, bytes })))
        }
        (
            Global::FromBuffer,
            [
                Node::Bytes(_),
                Node::DType(descr),
                shape,
                Node::Str(order),
                axes @ ..,
            ],
        ) => {
            let dtype = descr.dtype.clone();
            let shape = machine
                .shape(shape)
                .ok_or_else(|| global.call_error("a shape"))?;
            let axes = match axes {
                [] | [Node::None] => None,
                [axes] => Some(
                    machine
                        .shape(axes)
                        .ok_or_else(|| global.call_error("the order of axes"))?,
                ),
                _ => return Err(global.call_error("fewer arguments")),
            };
            let (order, axes) = match (&**order, axes) {
                (b"C", _) => (Order::C, None),
                (b"F", _) => (Order::Fortran, None),
                (b"K", axes) => (Order::C, axes),
                _ => return Err(global.call_error("the order C, F or K")),
            };
            let bytes = arguments.first().copied().unwrap_or_default();
            Ok(Node::Array(Box::new(ArrayState::Items {
                dtype,
                shape,
                order,
                axes,
                bytes,
            })))
        }
        (Global::TypeOnly | Global::NdArray, _) => Err(global.call_error("no call at all")),
        _ => Err(global.call_error("other arguments")),
    }
}

/// The number of bytes that may be copied from an argument.
fn cost(node: &Node<'_>) -> usize {
    match node {
        Node::List(items) => items.len().saturating_mul(2 * SLOT_COST),
        Node::Tuple(items) => items.len().saturating_mul(SLOT_COST),
        Node::Str(text) => text.len(),
        Node::Bytes(Cow::Owned(bytes)) => bytes.len(),
        _ => 0,
    }
}

/// The items of a list or a tuple, in another container.
fn copy_items<'a>(
    items: &Node<'a>,
    global: Global,
    node: impl FnOnce(Vec<Id>) -> Node<'a>,
) -> Result<Node<'a>, Error> {
    match items {
        Node::List(items) => Ok(node(items.clone())),
        Node::Tuple(items) => Ok(node(items.to_vec())),
        _ => Err(global.call_error("a list")),
    }
}

/// The argument of an `OrderedDict` in Python 2: a list of lists of two.
fn ordered_dict<'a>(pairs: &[Id], machine: &Machine<'a>) -> Result<Node<'a>, Error> {
    let mut items = Vec::with_capacity(2 * pairs.len());
    for pair in pairs {
        match machine.node(*pair) {
            Node::List(pair) if pair.len() == 2 => items.extend_from_slice(pair),
            Node::Tuple(pair) if pair.len() == 2 => items.extend_from_slice(pair),
            _ => return Err(Global::OrderedDict.call_error("a list of pairs")),
        }
    }
    Ok(Node::Dict(items))
}

fn float(node: &Node<'_>) -> Option<f64> {
    match node {
        Node::Float(value) => Some(*value),
        _ => None,
    }
}

/// The characters as bytes, if all are Latin-1.
pub(super) fn latin1(text: &[u8]) -> Option<Vec<u8>> {
    let text = Text::from_bytes(text).ok()?;
    text.points()
        .map(|point| u8::try_from(point).ok())
        .collect()
}

/// The bytes of the state of a date or a time, in any spelling, if they are short enough.
fn bytes(node: &Node<'_>) -> Option<Vec<u8>> {
    match node {
        Node::Bytes(bytes) | Node::Python2Str(bytes) if bytes.len() <= 10 => Some(bytes.to_vec()),
        Node::Str(text) if text.len() <= 20 => latin1(text),
        _ => None,
    }
}

fn date(state: &[u8]) -> Option<Date> {
    let [high, low, month, day] = *state else {
        return None;
    };
    Date::new(u16::from_be_bytes([high, low]), month, day)
}

/// The bit `fold` is in the first byte of these.
fn time(state: &[u8], fold: u8) -> Option<Time> {
    let [hour, minute, second, a, b, c] = *state else {
        return None;
    };
    let microsecond = u32::from_be_bytes([0, a, b, c]);
    let mut time = Time::new(hour & !fold, minute, second, microsecond)?;
    time.fold = hour & fold != 0;
    Some(time)
}

fn datetime(state: &[u8], zone: &[&Node<'_>]) -> Option<DateTime> {
    let (day, clock) = state.split_at_checked(4)?;
    let [high, low, month, day] = *day else {
        return None;
    };
    let date = Date::new(u16::from_be_bytes([high, low]), month & 0x7f, day)?;
    let mut time = in_zone(time(clock, 0)?, zone)?;
    time.fold = month & 0x80 != 0;
    Some(DateTime { date, time })
}

fn in_zone(mut time: Time, zone: &[&Node<'_>]) -> Option<Time> {
    time.offset = match zone {
        [] | [Node::None] => None,
        [Node::Zone(offset)] => Some(*offset),
        _ => return None,
    };
    Some(time)
}
