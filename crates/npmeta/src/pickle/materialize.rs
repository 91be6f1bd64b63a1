//! The nodes that the machine built, as a value.

use super::MAX_DEPTH;
use super::machine::Machine;
use super::node::{ArrayState, Budget, Id, NODE_COST, Node, OpaqueNode, VALUE_COST};
use crate::value::{self, Dict, Objects, Opaque, StringType, Text, TextNumbers};
use crate::{Error, ErrorKind, Int, Value};
use flatfile::dtype::{ByteOrder, DType, Layout, Order};
use flatfile::{Array, Strided};
use std::collections::{HashMap, HashSet};

/// The value of this node.
pub(super) fn materialize(machine: Machine<'_>, top: Id) -> Result<Value, Error> {
    let Machine {
        nodes,
        budget,
        refuses_opaque,
        ..
    } = machine;
    let mut materializer = Materializer {
        nodes,
        budget,
        refuses_opaque,
        texts: HashMap::new(),
        numbers: TextNumbers::default(),
        ancestors: Vec::new(),
    };
    materializer.value(top)
}

struct Materializer<'a> {
    nodes: Vec<Node<'a>>,
    budget: Budget,
    refuses_opaque: bool,
    /// Texts made so far; one with many references is made once.
    texts: HashMap<Id, Text>,
    /// The numbers of those that are in keys.
    numbers: TextNumbers,
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
            | Node::Opaque(_)
            | Node::Slice(_)
            | Node::StringType(..)
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
            Node::Opaque(object) => self.opaque(object)?,
            Node::Slice(parts) => {
                self.budget.charge(3 * VALUE_COST)?;
                let [start, stop, step] = **parts;
                let parts = [self.value(start)?, self.value(stop)?, self.value(step)?];
                Value::Slice(Box::new(parts))
            }
            Node::StringType(coerce, missing) => self.string_type(*coerce, *missing)?,
            Node::Array(state) => self.array(state)?,
            _ => Value::None,
        })
    }

    fn opaque(&mut self, object: &OpaqueNode) -> Result<Value, Error> {
        self.budget
            .charge(object.class.len() + size_of::<Opaque>() + VALUE_COST)?;
        let mut value = Opaque::new(&object.class, self.values(&object.args)?);
        value.kwargs = self.dict(&object.kwargs)?;
        value.state = object.state.map(|state| self.value(state)).transpose()?;
        value.items = self.values(&object.items)?;
        value.entries = self.dict(&object.entries)?;
        Ok(value.into())
    }

    /// `StringDType` by itself.
    fn string_type(&mut self, coerce: bool, missing: Option<Id>) -> Result<Value, Error> {
        self.budget.charge(size_of::<Opaque>() + 5 * VALUE_COST)?;
        let mut value = Opaque::new("numpy.dtypes.StringDType", Vec::new());
        if let Some(missing) = missing {
            value.kwargs.insert("na_object", self.value(missing)?);
        }
        if !coerce {
            value.kwargs.insert("coerce", false);
        }
        Ok(value.into())
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
        let keys = key_cost(pairs.iter().map(|(key, _)| key));
        self.with_numbers(keys, |numbers| Dict::from_pairs_of(pairs, Some(numbers)))
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
        let keys = key_cost(values.iter());
        self.with_numbers(keys, |numbers| value::distinct(values, numbers))
    }

    /// Compares keys, and charges for this memory meanwhile.
    fn with_numbers<T>(
        &mut self,
        bytes: usize,
        work: impl FnOnce(&mut TextNumbers) -> Result<T, &'static str>,
    ) -> Result<T, Error> {
        let mut numbers = std::mem::take(&mut self.numbers);
        let before = numbers.size();
        let made = self.with_memory(bytes, || {
            work(&mut numbers).map_err(|name| ErrorKind::Unhashable(name).into())
        });
        self.budget.charge(numbers.size() - before)?;
        self.numbers = numbers;
        made
    }

    /// Does `work`, and charges for this memory meanwhile.
    fn with_memory<T>(
        &mut self,
        bytes: usize,
        work: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.budget.charge(bytes)?;
        let made = work();
        self.budget.refund(bytes);
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
            Node::Zone(offset) => {
                self.budget.charge(size_of::<Opaque>() + 2 * VALUE_COST)?;
                Opaque::new("datetime.timezone", vec![Value::Delta(*offset)]).into()
            }
            Node::DType(descr) => {
                self.budget.charge(descr.parts.saturating_mul(NODE_COST))?;
                Value::DType(Box::new(descr.dtype.clone()))
            }
            Node::Known(known) if self.refuses_opaque => {
                let what = format!("the function or class {} by itself", known.name());
                return Err(Error::unsupported(what));
            }
            Node::Known(known) => {
                let name = known.full_name();
                self.budget.charge(name.len() + VALUE_COST)?;
                Value::Name(name.into())
            }
            Node::Other(name) => {
                self.budget.charge(name.len() + VALUE_COST)?;
                Value::Name(Text::from_bytes(name.as_bytes()).unwrap_or_else(|_| Text::from("")))
            }
            Node::Range(parts) => {
                let size: usize = parts.iter().map(Int::size).sum();
                self.budget.charge(size + 3 * VALUE_COST)?;
                Value::Range(parts.clone())
            }
            // These are not leaves.
            Node::List(_)
            | Node::Tuple(_)
            | Node::Set(_)
            | Node::FrozenSet(_)
            | Node::Dict(_)
            | Node::Opaque(_)
            | Node::Slice(_)
            | Node::StringType(..)
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
                Ok(Value::Scalar(Box::new(array)))
            }
            ArrayState::ObjectScalar { array } => self.value(*array)?.into_item(),
            ArrayState::Items {
                dtype,
                shape,
                order,
                axes,
                bytes,
                is_native,
            } => {
                let axes = axes.as_deref();
                let mut array = self.items(dtype, shape, *order, axes, *bytes)?;
                if *is_native && !matches!(dtype, DType::Record(_) | DType::Subarray(_)) {
                    array.set_byte_order(ByteOrder::NATIVE);
                }
                Ok(array.into())
            }
            ArrayState::Objects {
                dtype,
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
                let shape_size = size_of_val(shape.as_slice());
                self.budget
                    .charge(size_of::<Objects>().saturating_add(shape_size))?;
                let mut objects = Objects::new(shape.clone(), self.values(&items)?)?;
                if let Some(strings) = &strings {
                    check_strings(&objects, strings)?;
                }
                if *dtype != DType::Object {
                    // Each item is tried as one of the dtype, in the size that it has there.
                    let size = dtype.itemsize().saturating_add(VALUE_COST);
                    let size = size.saturating_mul(objects.items().len());
                    let dtype = dtype.clone();
                    objects = self.with_memory(size, || objects.with_dtype(dtype))?;
                }
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

/// Checks that all items are texts, or missing.
fn check_strings(objects: &Objects, strings: &StringType) -> Result<(), Error> {
    let is_missing = |item: &Value| match (item, &strings.missing) {
        (Value::Float(item), Some(Value::Float(missing))) if missing.is_nan() => item.is_nan(),
        (item, missing) => missing.as_ref() == Some(item),
    };
    let is_item = |item: &Value| matches!(item, Value::Str(_)) || is_missing(item);
    if objects.items().iter().all(is_item) {
        return Ok(());
    }
    let (global, expected) = ("StringDType", "texts, or the value of missing ones");
    Err(ErrorKind::Call { global, expected }.into())
}

/// The memory in which these keys are compared, except for texts, of which it has the numbers.
fn key_cost<'v>(keys: impl Iterator<Item = &'v Value>) -> usize {
    let cost = |key: &Value| {
        value::key_size(key)
            .saturating_mul(2)
            .saturating_add(NODE_COST)
    };
    keys.map(cost).fold(0, usize::saturating_add)
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
