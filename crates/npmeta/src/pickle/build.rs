//! BUILD: the state of a dtype, and of an array.

use super::call::latin1;
use super::dtype::with_state;
use super::global::UUID;
use super::machine::Machine;
use super::node::{ArrayState, Id, Node};
use crate::{Error, ErrorKind, Int};
use flatfile::dtype::{DType, MAX_DIMS, Order};
use std::borrow::Cow;

/// Sets the state of an object.
pub(super) fn build(machine: &mut Machine<'_>, object: Id, state: Id) -> Result<(), Error> {
    if matches!(machine.node(object), Node::Opaque(_)) {
        return build_opaque(machine, object, state);
    }
    let Node::Tuple(state) = machine.node(state) else {
        return Err(ErrorKind::Stack {
            expected: "a tuple that is a state",
        }
        .into());
    };
    if state.len() > 9 {
        return Err(ErrorKind::Stack {
            expected: "the state of an array or a dtype",
        }
        .into());
    }
    let state = state.to_vec();
    let built = match machine.node(object) {
        Node::DType(descr) => {
            let descr = descr.clone();
            Node::DType(Box::new(with_state(machine, &descr, &state)?))
        }
        Node::Array(array) if matches!(**array, ArrayState::Empty) => {
            Node::Array(Box::new(array_state(machine, &state)?))
        }
        _ => {
            return Err(ErrorKind::Stack {
                expected: "a new array or a dtype",
            }
            .into());
        }
    };
    if let Some(node) = machine.node_mut(object) {
        *node = built;
    }
    Ok(())
}

/// The state of an object of a class that is not on the list: an array if it is that of one, a text if it is the
/// number of a UUID, and anything else as it is.
fn build_opaque(machine: &mut Machine<'_>, object: Id, state: Id) -> Result<(), Error> {
    if let Some(text) = uuid(machine, object, state) {
        machine.budget.charge(text.len())?;
        if let Some(node) = machine.node_mut(object) {
            *node = Node::Str(Cow::Owned(text.into_bytes()));
        }
        return Ok(());
    }
    let array = match machine.node(state) {
        Node::Tuple(parts) if parts.len() == 5 => {
            let parts = parts.to_vec();
            array_state(machine, &parts).ok()
        }
        _ => None,
    };
    let array = match array {
        Some(array) => Some(machine.add(Node::Array(Box::new(array)))?),
        None => None,
    };
    match machine.node_mut(object) {
        Some(Node::Opaque(object)) if object.state.is_none() => {
            match array.filter(|_| object.args.is_empty()) {
                Some(array) => object.args.push(array),
                None => object.state = Some(state),
            }
            Ok(())
        }
        _ => Err(ErrorKind::Stack {
            expected: "an object without a state",
        }
        .into()),
    }
}

/// The number of attributes of a UUID: its number, and whether it was generated safely.
const MAX_UUID_PARTS: usize = 2;

/// The text of the UUID that this state makes of the object.
fn uuid(machine: &Machine<'_>, object: Id, state: Id) -> Option<String> {
    match (machine.node(object), machine.node(state)) {
        (Node::Opaque(object), Node::Dict(pairs))
            if object.class == UUID && pairs.len() <= 2 * MAX_UUID_PARTS =>
        {
            let is_int = |key: Id| matches!(machine.node(key), Node::Str(name) | Node::Python2Str(name) if **name == *b"int");
            let int = pairs.chunks_exact(2).find_map(|pair| match *pair {
                [key, value] if is_int(key) => Some(machine.node(value)),
                _ => None,
            })?;
            let int = match int {
                Node::Int(int) => Int::from(*int),
                Node::BigInt(int) => int.clone(),
                _ => return None,
            };
            // A seventeenth byte may hold the sign.
            let mut bytes = int.to_le_bytes();
            bytes.resize_with(bytes.len().max(17), Default::default);
            let (number, sign) = bytes.split_at_checked(16)?;
            if int.is_negative() || sign.iter().any(|byte| *byte != 0) {
                return None;
            }
            let number = u128::from_le_bytes(number.try_into().ok()?);
            let digits = format!("{number:032x}");
            let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| digits.get(range));
            let parts: Option<Vec<&str>> = parts.into_iter().collect();
            Some(parts?.join("-"))
        }
        _ => None,
    }
}

/// An array of `([version,] shape, dtype, is Fortran, items)`.
fn array_state<'a>(machine: &mut Machine<'a>, state: &[Id]) -> Result<ArrayState, Error> {
    let call_error = |expected| {
        Error::from(ErrorKind::Call {
            global: "ndarray",
            expected,
        })
    };
    let state = match state {
        [version, rest @ ..] if rest.len() == 4 => match machine.node(*version) {
            Node::Int(0 | 1) => rest,
            _ => return Err(call_error("the version 0 or 1 of its state")),
        },
        all => all,
    };
    let [shape, dtype, order, items] = *state else {
        return Err(call_error("its state in 5 parts"));
    };
    let shape = machine
        .shape(machine.node(shape))
        .ok_or_else(|| call_error("a shape"))?;
    let order = match machine.node(order) {
        Node::Bool(true) | Node::Int(1) => Order::Fortran,
        Node::Bool(false) | Node::Int(0) => Order::C,
        _ => return Err(call_error("an order")),
    };
    let (dtype, strings) = match machine.node(dtype) {
        Node::StringType(coerce, missing) => (DType::Object, Some((*coerce, *missing))),
        Node::DType(descr) if descr.dtype.has_object() => (descr.dtype.clone(), None),
        Node::DType(descr) => {
            let dtype = descr.dtype.clone();
            let axes = None;
            // Python 3 reads the bytes of Python 2 as text if told to.
            let decoded = match machine.node(items) {
                Node::Bytes(_) | Node::Python2Str(_) => None,
                Node::Str(text) => Some(latin1(text).ok_or_else(|| call_error("bytes"))?),
                _ => return Err(call_error("bytes")),
            };
            let bytes = match decoded {
                None => items,
                Some(decoded) => {
                    machine.budget.charge(decoded.len())?;
                    // Elsewhere it remains a text.
                    machine.add(Node::Bytes(Cow::Owned(decoded)))?
                }
            };
            return Ok(ArrayState::Items {
                dtype,
                shape,
                order,
                axes,
                bytes,
                is_native: true,
            });
        }
        _ => return Err(call_error("a dtype")),
    };
    match machine.node(items) {
        Node::List(_) => Ok(ArrayState::Objects {
            dtype,
            shape,
            order,
            items,
            strings,
        }),
        _ => Err(call_error("a list of objects")),
    }
}

impl Machine<'_> {
    /// The lengths of axes, or their numbers.
    pub(super) fn shape(&self, node: &Node<'_>) -> Option<Vec<usize>> {
        let axis = |node: &Node<'_>| match node {
            Node::Int(length) => usize::try_from(*length).ok(),
            _ => None,
        };
        match node {
            Node::Tuple(axes) if axes.len() <= MAX_DIMS => {
                axes.iter().map(|id| axis(self.node(*id))).collect()
            }
            _ => None,
        }
    }
}
