//! The nodes that the machine built, as a value.

use super::MAX_DEPTH;
use super::machine::Machine;
use super::node::{ArrayState, Budget, Id, NODE_COST, Node, VALUE_COST};
use crate::value::{self, Dict, Objects, StringType, Text};
use crate::{Error, ErrorKind, Int, Value};
use flatfile::dtype::{DType, Layout, Order};
use flatfile::{Array, Strided};
use std::collections::{HashMap, HashSet};

/// The value of this node.
pub(super) fn materialize(machine: Machine<'_>, top: Id) -> Result<Value, Error> {
    let Machine { nodes, budget, .. } = machine;
    let mut materializer = Materializer {
        nodes,
        budget,
        texts: HashMap::new(),
        ancestors: Vec::new(),
    };
    materializer.value(top)
}

struct Materializer<'a> {
    nodes: Vec<Node<'a>>,
    budget: Budget,
    /// Texts made so far; one with many references is made once.
    texts: HashMap<Id, Text>,
    /// The nodes whose parts are being made.
    ancestors: Vec<Id>,
}

impl Materializer<'_> {
    /// The value of a node, whose own place is already charged.
    fn value(&mut self, id: Id) -> Result<Value, Error> {
        if self.ancestors.contains(&id) {
            return Err(ErrorKind::Cycle.into());
        }
        if self.ancestors.len() >= MAX_DEPTH {
            return Err(ErrorKind::Limit("more than 100 levels of values").into());
        }
        let Some(node) = self.nodes.get_mut(id as usize) else {
            return Ok(Value::None);
        };
        // A container is put back when its parts are complete, for other references to it.
        let node = match node {
            Node::List(_)
            | Node::Tuple(_)
            | Node::Set(_)
            | Node::FrozenSet(_)
            | Node::Dict(_)
            | Node::Array(_) => std::mem::replace(node, Node::None),
            _ => return self.leaf(id),
        };
        self.ancestors.push(id);
        let value = self.container(&node);
        self.ancestors.pop();
        if let Some(slot) = self.nodes.get_mut(id as usize) {
            *slot = node;
        }
        value
    }

    fn container(&mut self, node: &Node<'_>) -> Result<Value, Error> {
        Ok(match node {
            Node::List(items) => Value::List(self.values(items)?),
            Node::Tuple(items) => Value::Tuple(self.values(items)?),
            Node::Set(items) => Value::Set(self.distinct(items)?),
            Node::FrozenSet(items) => Value::FrozenSet(self.distinct(items)?),
            Node::Dict(items) => self.dict(items)?.into(),
            Node::Array(state) => self.array(state)?,
            _ => Value::None,
        })
    }

    fn dict(&mut self, items: &[Id]) -> Result<Dict, Error> {
        self.budget.charge(items.len().saturating_mul(VALUE_COST))?;
        let mut pairs = Vec::with_capacity(items.len() / 2);
        for pair in items.chunks_exact(2) {
            if let [name, value] = *pair {
                let name = self.value(name)?;
                pairs.push((name, self.value(value)?));
            }
        }
        self.with_keys(pairs.len(), || {
            Dict::from_pairs(pairs).map_err(|name| ErrorKind::Unhashable(name).into())
        })
    }

    fn values(&mut self, items: &[Id]) -> Result<Vec<Value>, Error> {
        self.budget.charge(items.len().saturating_mul(VALUE_COST))?;
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.push(self.value(*item)?);
        }
        Ok(values)
    }

    /// The items of a set, without duplicates.
    fn distinct(&mut self, items: &[Id]) -> Result<Vec<Value>, Error> {
        let values = self.values(items)?;
        self.with_keys(values.len(), || {
            value::distinct(values).map_err(|name| ErrorKind::Unhashable(name).into())
        })
    }

    /// Does `work`, and charges for `count` keys meanwhile.
    fn with_keys<T>(
        &mut self,
        count: usize,
        work: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.budget.charge(count.saturating_mul(NODE_COST))?;
        let made = work();
        self.budget.refund(count.saturating_mul(NODE_COST));
        made
    }

    fn leaf(&mut self, id: Id) -> Result<Value, Error> {
        let node = self.nodes.get(id as usize).unwrap_or(&Node::None);
        Ok(match node {
            Node::None => Value::None,
            Node::Bool(value) => Value::Bool(*value),
            Node::Int(value) => Value::Int(Int::from(*value)),
            Node::BigInt(int) => {
                self.budget.charge(int.size())?;
                Value::Int(int.clone())
            }
            Node::Float(value) => Value::Float(*value),
            Node::Complex(parts) => {
                let [real, imaginary] = **parts;
                Value::Complex(real, imaginary)
            }
            Node::Str(bytes) => Value::Str(match self.texts.get(&id) {
                Some(text) => text.clone(),
                None => {
                    self.budget
                        .charge(bytes.len().saturating_add(2 * VALUE_COST))?;
                    let text = Text::from_bytes(bytes).unwrap_or_else(|_| Text::from(""));
                    self.texts.insert(id, text.clone());
                    text
                }
            }),
            Node::Python2Str(bytes) => {
                self.budget.charge(bytes.len())?;
                match std::str::from_utf8(bytes) {
                    Ok(text) if text.is_ascii() => Value::from(text),
                    _ => Value::Bytes(bytes.to_vec()),
                }
            }
            Node::Bytes(bytes) => {
                self.budget.charge(bytes.len())?;
                Value::Bytes(bytes.to_vec())
            }
            Node::Date(date) => Value::Date(*date),
            Node::Time(time) => Value::Time(**time),
            Node::DateTime(time) => Value::DateTime(time.clone()),
            Node::Delta(delta) => Value::Delta(*delta),
            Node::Zone(_) => return Err(Error::unsupported("a time zone by itself")),
            Node::DType(_) | Node::StringType(..) => {
                return Err(Error::unsupported("a dtype by itself"));
            }
            Node::Global(global) => {
                let what = format!("the function or class {} by itself", global.name());
                return Err(Error::unsupported(what));
            }
            // These are not leaves.
            Node::List(_)
            | Node::Tuple(_)
            | Node::Set(_)
            | Node::FrozenSet(_)
            | Node::Dict(_)
            | Node::Array(_) => {
                return Err(ErrorKind::Cycle.into());
            }
        })
    }

    fn array(&mut self, state: &ArrayState) -> Result<Value, Error> {
        match state {
            ArrayState::Empty => Err(Error::unsupported("an array that was given no items")),
            ArrayState::Scalar { dtype, bytes } => {
                let array = self.items(dtype, &[], Order::C, None, *bytes)?;
                value::item(&array)
            }
            ArrayState::Items {
                dtype,
                shape,
                order,
                axes,
                bytes,
            } => {
                let axes = axes.as_deref();
                Ok(self.items(dtype, shape, *order, axes, *bytes)?.into())
            }
            ArrayState::Objects {
                shape,
                order,
                items,
                strings,
            } => {
                let strings = match strings {
                    Some((coerce, missing)) => Some(StringType {
                        coerce: *coerce,
                        missing: missing.map(|missing| self.value(missing)).transpose()?,
                    }),
                    None => None,
                };
                let Some(Node::List(items)) =
                    self.nodes.get_mut(*items as usize).map(|node| &*node)
                else {
                    // It is already being made.
                    return Err(ErrorKind::Cycle.into());
                };
                let items = items.clone();
                let mut objects = Objects::new(shape.clone(), self.values(&items)?)?;
                objects.order = *order;
                objects.strings = strings;
                Ok(objects.into())
            }
        }
    }

    fn items(
        &mut self,
        dtype: &DType,
        shape: &[usize],
        order: Order,
        axes: Option<&[usize]>,
        bytes: Id,
    ) -> Result<Array, Error> {
        let layout = Layout::new(dtype.clone(), shape, order)?;
        let Some(Node::Bytes(bytes) | Node::Python2Str(bytes)) = self.nodes.get(bytes as usize)
        else {
            return Err(ErrorKind::Call {
                global: "ndarray",
                expected: "bytes",
            }
            .into());
        };
        self.budget
            .charge(bytes.len().saturating_add(8 * VALUE_COST))?;
        let view = Array::new(layout, &**bytes)?;
        match axes {
            None => Ok(view.to_order(order)?),
            Some(axes) => Ok(transposed(&view.strided(), axes, bytes)?.to_array(Order::C)?),
        }
    }
}

/// The items with their axes permuted, as by NumPy's `transpose`.
fn transposed<'b>(
    view: &Strided<'_>,
    axes: &[usize],
    bytes: &'b [u8],
) -> Result<Strided<'b>, Error> {
    let call_error = || ErrorKind::Call {
        global: "ndarray",
        expected: "each axis once",
    };
    if axes.len() != view.ndim() || axes.iter().collect::<HashSet<_>>().len() != axes.len() {
        return Err(call_error().into());
    }
    let axis = |axis: &usize| {
        view.shape()
            .get(*axis)
            .copied()
            .zip(view.strides().get(*axis).copied())
    };
    let pairs: Option<Vec<(usize, isize)>> = axes.iter().map(axis).collect();
    let (shape, strides): (Vec<_>, Vec<_>) = pairs.ok_or_else(call_error)?.into_iter().unzip();
    Ok(Strided::new(
        view.dtype().clone(),
        shape,
        strides,
        bytes,
        0,
    )?)
}
