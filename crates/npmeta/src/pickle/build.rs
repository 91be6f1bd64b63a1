//! BUILD: the state of a dtype, and of an array.

use super::call::latin1;
use super::dtype::with_state;
use super::machine::Machine;
use super::node::{ArrayState, Id, Node};
use crate::{Error, ErrorKind};
use flatfile::dtype::{DType, MAX_DIMS, Order};
use std::borrow::Cow;

/// Sets the state of an object.
pub(super) fn build(machine: &mut Machine<'_>, object: Id, state: Id) -> Result<(), Error> {
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

/// An array of `([version,] shape, dtype, is Fortran, items)`.
fn array_state<'a>(machine: &mut Machine<'a>, state: &[Id]) -> Result<ArrayState, Error> {
    let call_error = |expected| {
        Error::from(ErrorKind::Call {
            global: "ndarray",
            expected,
        })
    };
    let state = match state {
        [_, rest @ ..] if rest.len() == 4 => rest,
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
    let strings = match machine.node(dtype) {
        Node::StringType(coerce, missing) => Some((*coerce, *missing)),
        Node::DType(descr) if descr.dtype == DType::Object => None,
        Node::DType(descr) => {
            let dtype = descr.dtype.clone();
            let axes = None;
            // Python 3 reads the bytes of Python 2 as text if told to.
            let decoded = match machine.node(items) {
                Node::Bytes(_) | Node::Python2Str(_) => None,
                Node::Str(text) => {
                    Some((text.len(), latin1(text).ok_or_else(|| call_error("bytes"))?))
                }
                _ => return Err(call_error("bytes")),
            };
            if let Some((cost, decoded)) = decoded {
                machine.budget.charge(cost)?;
                if let Some(node) = machine.node_mut(items) {
                    *node = Node::Bytes(Cow::Owned(decoded));
                }
            }
            return Ok(ArrayState::Items {
                dtype,
                shape,
                order,
                axes,
                bytes: items,
            });
        }
        _ => return Err(call_error("a dtype")),
    };
    match machine.node(items) {
        Node::List(_) => Ok(ArrayState::Objects {
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
            Node::Int(_) => Some(vec![axis(node)?]),
            _ => None,
        }
    }
}
