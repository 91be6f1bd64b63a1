//! REDUCE: the value that each name on the list makes of its arguments.

use super::dtype::dtype_by_name;
use super::global::{Known, Meaning};
use super::machine::Machine;
use super::node::{ArrayState, Id, Node, SLOT_COST};
use crate::value::{Date, DateTime, Delta, Text, Time};
use crate::{Error, ErrorKind, Int};
use flatfile::dtype::Order;
use std::borrow::Cow;

/// The maximum number of arguments of a name on the list that does not take any number.
const MAX_ARGUMENTS: usize = 7;

/// The name under which Python calls something that has no name: its first argument.
const CALL: &str = "operator.call";

/// The value that the function or class makes of these arguments.
pub(super) fn call<'a>(
    machine: &mut Machine<'a>,
    function: Id,
    arguments: Vec<Id>,
) -> Result<Node<'a>, Error> {
    let known = match machine.node(function) {
        Node::Known(known) => *known,
        Node::Other(class) => {
            let class = class.clone();
            return machine.opaque(&class, arguments);
        }
        // What was made of something unknown is called.
        Node::Opaque(_) => {
            let arguments = [vec![function], arguments].concat();
            return machine.opaque(CALL, arguments);
        }
        _ => {
            let expected = "a name to call";
            return Err(ErrorKind::Stack { expected }.into());
        }
    };
    call_known(machine, known, arguments)
}

/// The value that a name on the list makes of these arguments.
fn call_known<'a>(
    machine: &mut Machine<'a>,
    known: &'static Known,
    arguments: Vec<Id>,
) -> Result<Node<'a>, Error> {
    if arguments.len() > MAX_ARGUMENTS && !known.takes_any_number() {
        return Err(known.call_error("fewer arguments"));
    }
    let cost = arguments.iter().map(|id| cost(machine.node(*id))).sum();
    machine.budget.charge(cost)?;
    if let Some(made) = make_with_machine(machine, known, &arguments)? {
        return Ok(made);
    }
    let nodes: Vec<&Node<'a>> = arguments.iter().map(|id| machine.node(*id)).collect();
    match (known.meaning, nodes.as_slice()) {
        (Meaning::Set, []) => Ok(Node::Set(Vec::new())),
        (Meaning::FrozenSet, []) => Ok(Node::FrozenSet(Vec::new())),
        (Meaning::List, []) => Ok(Node::List(Vec::new())),
        (Meaning::Tuple, []) => Ok(Node::Tuple(Box::default())),
        (Meaning::Set, [items]) => copy_items(items, known, Node::Set),
        (Meaning::FrozenSet, [items]) => copy_items(items, known, Node::FrozenSet),
        (Meaning::List, [items]) => copy_items(items, known, Node::List),
        (Meaning::Tuple, [items]) => copy_items(items, known, |items| Node::Tuple(items.into())),
        (Meaning::Dict | Meaning::OrderedDict, []) => Ok(Node::Dict(Vec::new())),
        (Meaning::OrderedDict, [Node::List(pairs)]) => ordered_dict(pairs, machine, known),
        // What makes its missing values.
        (
            Meaning::DefaultDict,
            [] | [Node::None | Node::Known(_) | Node::Other(_) | Node::Opaque(_)],
        ) => Ok(Node::Dict(Vec::new())),
        (Meaning::Counter, []) => Ok(Node::Dict(Vec::new())),
        (Meaning::Counter, [Node::Dict(pairs)]) => Ok(Node::Dict(pairs.clone())),
        (Meaning::Deque, []) => Ok(Node::List(Vec::new())),
        (Meaning::Deque, [items] | [items, Node::None | Node::Int(_)]) => {
            copy_items(items, known, Node::List)
        }
        (Meaning::Bytes, []) => Ok(Node::Bytes(Cow::Borrowed(b""))),
        (Meaning::ByteArray, []) => Ok(Node::Bytes(Cow::Borrowed(b""))),
        (Meaning::ByteArray, [Node::Bytes(bytes)]) => Ok(Node::Bytes(bytes.clone())),
        (
            Meaning::Encode | Meaning::ByteArray,
            [Node::Str(text), Node::Str(codec) | Node::Python2Str(codec)],
        ) => {
            if !matches!(&**codec, b"latin1" | b"latin-1" | b"iso-8859-1") {
                return Err(known.call_error("the encoding latin1"));
            }
            let bytes = latin1(text).ok_or_else(|| known.call_error("characters of latin1"))?;
            Ok(Node::Bytes(Cow::Owned(bytes)))
        }
        (Meaning::Complex, [real, imaginary]) => match (float(real), float(imaginary)) {
            (Some(real), Some(imaginary)) => Ok(Node::Complex(Box::new([real, imaginary]))),
            _ => Err(known.call_error("two floats")),
        },
        (Meaning::Date, [state]) => {
            let date = bytes(state).and_then(|state| date(&state));
            date.map(Node::Date)
                .ok_or_else(|| known.call_error("four bytes that are a date"))
        }
        (Meaning::Time, [state, zone @ ..]) => {
            let time = bytes(state).and_then(|state| time(&state, 0x80));
            let time = time.and_then(|time| in_zone(time, zone));
            let time =
                time.ok_or_else(|| known.call_error("six bytes that are a time, and a timezone"))?;
            Ok(Node::Time(Box::new(time)))
        }
        (Meaning::DateTime, [state, zone @ ..]) => {
            let datetime = bytes(state).and_then(|state| datetime(&state, zone));
            let expected = "ten bytes that are a date and a time, and a timezone";
            let datetime = datetime.ok_or_else(|| known.call_error(expected))?;
            Ok(Node::DateTime(Box::new(datetime)))
        }
        (Meaning::Delta, [Node::Int(days), Node::Int(seconds), Node::Int(microseconds)]) => {
            let seconds = i128::from(*days) * 86_400 + i128::from(*seconds);
            let delta = Delta::from_microseconds(seconds * 1_000_000 + i128::from(*microseconds));
            delta
                .map(Node::Delta)
                .ok_or_else(|| known.call_error("less than a billion days"))
        }
        // A zone's name does not take part in comparisons.
        (Meaning::Zone, [Node::Delta(offset)] | [Node::Delta(offset), Node::Str(_)]) => {
            const DAY: u128 = 86_400_000_000;
            match offset.microseconds().unsigned_abs() {
                ..DAY => Ok(Node::Zone(*offset)),
                _ => Err(known.call_error("an offset of less than a day")),
            }
        }
        (Meaning::DType, [name, ..]) => {
            let name = dtype_name(name).ok_or_else(|| known.call_error("other arguments"))?;
            let descr = dtype_by_name(&name);
            Ok(Node::DType(Box::new(
                descr.ok_or_else(|| known.call_error("the name of a dtype"))?,
            )))
        }
        (
            Meaning::StringType,
            [coerce @ (Node::Int(0 | 1) | Node::Bool(_))]
            | [coerce @ (Node::Int(0 | 1) | Node::Bool(_)), _],
        ) => {
            let coerce = matches!(coerce, Node::Int(1) | Node::Bool(true));
            Ok(Node::StringType(coerce, arguments.get(1).copied()))
        }
        (Meaning::Reconstruct, [Node::Known(class), ..]) if class.meaning == Meaning::NdArray => {
            Ok(Node::Array(Box::new(ArrayState::Empty)))
        }
        (Meaning::Scalar, [Node::DType(descr), Node::Bytes(_) | Node::Python2Str(_)]) => {
            let bytes = arguments.get(1).copied().unwrap_or_default();
            let dtype = descr.dtype.clone();
            Ok(Node::Array(Box::new(ArrayState::Scalar { dtype, bytes })))
        }
        (Meaning::Scalar, [Node::DType(_), Node::Array(_)]) => {
            let array = arguments.get(1).copied().unwrap_or_default();
            Ok(Node::Array(Box::new(ArrayState::ObjectScalar { array })))
        }
        (
            Meaning::FromBuffer,
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
                .ok_or_else(|| known.call_error("a shape"))?;
            let axes = match axes {
                [] | [Node::None] => None,
                [axes] => Some(
                    machine
                        .shape(axes)
                        .ok_or_else(|| known.call_error("the order of axes"))?,
                ),
                _ => return Err(known.call_error("fewer arguments")),
            };
            let (order, axes) = match (&**order, axes) {
                (b"C", _) => (Order::C, None),
                (b"F", _) => (Order::Fortran, None),
                (b"K", axes) => (Order::C, axes),
                _ => return Err(known.call_error("the order C, F or K")),
            };
            let bytes = arguments.first().copied().unwrap_or_default();
            Ok(Node::Array(Box::new(ArrayState::Items {
                dtype,
                shape,
                order,
                axes,
                bytes,
                is_native: false,
            })))
        }
        (Meaning::Range, [start, stop, step]) => match (int(start), int(stop), int(step)) {
            (Some(start), Some(stop), Some(step)) if step != Int::from(0) => {
                Ok(Node::Range(Box::new([start, stop, step])))
            }
            _ => Err(known.call_error("three integers, of which the last is not 0")),
        },
        (Meaning::Slice, _) => match *arguments {
            [start, stop, step] => Ok(Node::Slice(Box::new([start, stop, step]))),
            _ => Err(known.call_error("a start, a stop and a step")),
        },
        (Meaning::Decimal, [text @ (Node::Str(digits) | Node::Python2Str(digits))]) => {
            if !is_decimal(digits) {
                return Err(known.call_error("the text of a decimal number"));
            }
            let digits = digits.clone();
            match text {
                Node::Str(_) => Ok(Node::Str(digits)),
                _ => Ok(Node::Python2Str(digits)),
            }
        }
        (Meaning::TypeOnly | Meaning::NdArray | Meaning::RecordType | Meaning::MlDType, _) => {
            Err(known.call_error("no call at all"))
        }
        _ => Err(known.call_error("other arguments")),
    }
}

/// What needs more than its arguments: a value in it that is new, or an object that stays opaque.
fn make_with_machine<'a>(
    machine: &mut Machine<'a>,
    known: &'static Known,
    arguments: &[Id],
) -> Result<Option<Node<'a>>, Error> {
    let nodes: Vec<&Node<'a>> = arguments.iter().map(|id| machine.node(*id)).collect();
    Ok(Some(match (known.meaning, nodes.as_slice()) {
        // A subclass of ndarray that may hold more than an array.
        (Meaning::Reconstruct, [Node::Other(class), ..]) => {
            let class = class.clone();
            machine.opaque(&class, Vec::new())?
        }
        (Meaning::DateTime | Meaning::Time, [_, Node::Opaque(_)]) => {
            let zone = arguments.get(1).copied();
            let first = arguments.iter().copied().take(1).collect();
            let without_zone = call_known(machine, known, first)?;
            let without_zone = machine.add(without_zone)?;
            let arguments = [Some(without_zone), zone].into_iter().flatten().collect();
            machine.opaque(&known.full_name(), arguments)?
        }
        (
            Meaning::GetAttr,
            [
                owner @ (Node::Known(_) | Node::Other(_)),
                Node::Str(name) | Node::Python2Str(name),
            ],
        ) => {
            let owner = match owner {
                Node::Known(owner) => owner.full_name(),
                Node::Other(owner) => owner.to_string(),
                _ => String::new(),
            };
            let name = format!("{owner}.{}", String::from_utf8_lossy(name));
            machine.budget.charge(name.len())?;
            Node::Other(name.into())
        }
        // A method of a value.
        (Meaning::GetAttr, [_, Node::Str(_) | Node::Python2Str(_)]) => {
            machine.opaque(&known.full_name(), arguments.to_vec())?
        }
        (Meaning::Reconstructor, [Node::Other(class), base, _]) => {
            let is_object = matches!(base, Node::Known(base) if base.name() == "object");
            let (class, skipped) = (class.clone(), if is_object { 3 } else { 2 });
            let arguments = arguments.iter().copied().skip(skipped).collect();
            machine.opaque(&class, arguments)?
        }
        (Meaning::NewObject, [Node::Other(class), ..]) => {
            let class = class.clone();
            machine.opaque(&class, arguments.iter().copied().skip(1).collect())?
        }
        (Meaning::Decimal, [node]) if !matches!(node, Node::Str(_) | Node::Python2Str(_)) => {
            machine.opaque(&known.full_name(), arguments.to_vec())?
        }
        (Meaning::PosixPath | Meaning::WindowsPath, parts) => {
            let parts: Option<Vec<&[u8]>> = parts.iter().map(|part| text_bytes(part)).collect();
            let join = match known.meaning {
                Meaning::PosixPath => join_posix,
                _ => join_windows,
            };
            match parts.and_then(|parts| join(&parts)) {
                Some(path) => {
                    machine.budget.charge(path.len())?;
                    Node::Str(Cow::Owned(path))
                }
                None => machine.opaque(&known.full_name(), arguments.to_vec())?,
            }
        }
        _ => return Ok(None),
    }))
}

/// Whether it is the text of a decimal number, as `str` writes it: `-1.5E+400`, `NaN12`, `Infinity`.
fn is_decimal(text: &[u8]) -> bool {
    let number = text.strip_prefix(b"-").unwrap_or(text);
    let all_digits = |digits: &[u8]| digits.iter().all(u8::is_ascii_digit);
    for nan in [b"NaN".as_slice(), b"sNaN"] {
        if let Some(payload) = number.strip_prefix(nan) {
            return all_digits(payload);
        }
    }
    let mut parts = number.splitn(2, |byte| *byte == b'E');
    let digits = parts.next().unwrap_or_default();
    let is_exponent = |exponent: &[u8]| match exponent {
        [b'+' | b'-', digits @ ..] => !digits.is_empty() && all_digits(digits),
        _ => false,
    };
    let (whole, fraction) = match digits.iter().position(|byte| *byte == b'.') {
        Some(at) => digits.split_at(at),
        None => (digits, b".0".as_slice()),
    };
    let fraction = fraction.get(1..).unwrap_or_default();
    let is_number =
        !whole.is_empty() && !fraction.is_empty() && all_digits(whole) && all_digits(fraction);
    number == b"Infinity" || is_number && parts.next().is_none_or(is_exponent)
}

/// The name of the dtype that an argument of `numpy.dtype` stands for: a text, or a scalar type.
fn dtype_name<'n>(node: &'n Node<'_>) -> Option<Cow<'n, str>> {
    match node {
        Node::Known(known) => match known.meaning {
            Meaning::RecordType => Some(Cow::Borrowed("V0")),
            Meaning::MlDType => Some(Cow::Borrowed(known.name())),
            _ => None,
        },
        node => text_bytes(node).map(String::from_utf8_lossy),
    }
}

fn text_bytes<'n>(node: &'n Node<'_>) -> Option<&'n [u8]> {
    match node {
        Node::Str(text) | Node::Python2Str(text) => Some(text),
        _ => None,
    }
}

/// The path of these parts, as `str(pathlib.PurePosixPath(*parts))`.
fn join_posix(parts: &[&[u8]]) -> Option<Vec<u8>> {
    let last_root = parts.iter().rposition(|part| part.first() == Some(&b'/'));
    let mut joined = Vec::new();
    for part in parts.get(last_root.unwrap_or(0)..)? {
        if !matches!(joined.last(), None | Some(b'/')) {
            joined.push(b'/');
        }
        joined.extend_from_slice(part);
    }
    let slashes = joined.iter().take_while(|byte| **byte == b'/').count();
    // POSIX gives two slashes, but not three, a meaning of their own.
    let root: &[u8] = match slashes {
        0 => b"",
        2 => b"//",
        _ => b"/",
    };
    let names = joined.split(|byte| *byte == b'/');
    let names: Vec<&[u8]> = names.filter(|name| !matches!(*name, b"" | b".")).collect();
    match [root, &names.join(&b'/')].concat() {
        empty if empty.is_empty() => Some(b".".to_vec()),
        path => Some(path),
    }
}

/// The path of these parts, each a name but for the first, which may be a drive and a root; `None` if they are not.
fn join_windows(parts: &[&[u8]]) -> Option<Vec<u8>> {
    let Some((first, names)) = parts.split_first() else {
        return Some(b".".to_vec());
    };
    let is_name = |name: &[u8]| {
        !name.is_empty() && name != b"." && !name.iter().any(|byte| b"/\\:".contains(byte))
    };
    let is_anchor = match first {
        [drive, b':'] => drive.is_ascii_alphabetic(),
        [drive, b':', b'\\'] => drive.is_ascii_alphabetic(),
        other => *other == b"\\",
    };
    if !(is_anchor || is_name(first)) || !names.iter().all(|name| is_name(name)) {
        return None;
    }
    let names = names.join(&b'\\');
    let separator: &[u8] = if is_anchor || names.is_empty() {
        b""
    } else {
        b"\\"
    };
    Some([first, separator, &names].concat())
}

/// The number of bytes that may be copied from an argument.
fn cost(node: &Node<'_>) -> usize {
    match node {
        Node::List(items) => items.len().saturating_mul(2 * SLOT_COST),
        Node::Dict(pairs) => pairs.len().saturating_mul(SLOT_COST),
        Node::BigInt(int) => int.size(),
        Node::Tuple(items) => items.len().saturating_mul(SLOT_COST),
        Node::Str(text) | Node::Python2Str(text) => text.len(),
        Node::Bytes(Cow::Owned(bytes)) => bytes.len(),
        _ => 0,
    }
}

/// The items of a list or a tuple, in another container.
fn copy_items<'a>(
    items: &Node<'a>,
    known: &Known,
    node: impl FnOnce(Vec<Id>) -> Node<'a>,
) -> Result<Node<'a>, Error> {
    match items {
        Node::List(items) => Ok(node(items.clone())),
        Node::Tuple(items) => Ok(node(items.to_vec())),
        _ => Err(known.call_error("a list")),
    }
}

/// The argument of an `OrderedDict` in Python 2: a list of lists of two.
fn ordered_dict<'a>(pairs: &[Id], machine: &Machine<'a>, known: &Known) -> Result<Node<'a>, Error> {
    let mut items = Vec::with_capacity(2 * pairs.len());
    for pair in pairs {
        match machine.node(*pair) {
            Node::List(pair) if pair.len() == 2 => items.extend_from_slice(pair),
            Node::Tuple(pair) if pair.len() == 2 => items.extend_from_slice(pair),
            _ => return Err(known.call_error("a list of pairs")),
        }
    }
    Ok(Node::Dict(items))
}

fn int(node: &Node<'_>) -> Option<Int> {
    match node {
        Node::Int(value) => Some(Int::from(*value)),
        Node::BigInt(value) => Some(value.clone()),
        _ => None,
    }
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
