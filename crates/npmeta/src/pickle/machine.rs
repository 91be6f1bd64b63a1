//! The machine: a stack, a memo, and the opcodes that assemble values.

use super::build;
use super::byte_reader::ByteReader;
use super::call;
use super::check::Frames;
use super::global;
use super::literal::literal;
use super::node::{Budget, Id, NODE_COST, Node, OpaqueNode, SLOT_COST};
use crate::{Error, ErrorKind};
use std::collections::HashMap;

/// The running machine, and the nodes that it has built.
pub(super) struct Machine<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) budget: Budget,
    /// Whether names that are not on the list are an error, and names by themselves.
    pub(super) refuses_opaque: bool,
    stack: Vec<Id>,
    /// The height of the stack at each mark.
    marks: Vec<usize>,
    /// The memo entries numbered consecutively from 0, and all others.
    memo: Vec<Id>,
    sparse_memo: HashMap<u64, Id>,
    frames: Frames,
}

/// Runs the pickle at the beginning of `bytes`, and returns the node of its value, and its length.
pub(super) fn run(bytes: &[u8], refuses_opaque: bool) -> Result<(Machine<'_>, Id, usize), Error> {
    let mut input = ByteReader::new(bytes);
    let mut machine = Machine {
        nodes: Vec::new(),
        budget: Budget::for_pickle(bytes.len()),
        refuses_opaque,
        stack: Vec::new(),
        marks: Vec::new(),
        memo: Vec::new(),
        sparse_memo: HashMap::new(),
        frames: Frames::default(),
    };
    loop {
        let at = input.offset();
        let top = input.byte().and_then(|code| {
            let top = machine.step(code, &mut input)?;
            let end = input.offset() as u64;
            machine.frames.check(code, at as u64, end)?;
            Ok(top)
        });
        if let Some(top) = top.map_err(|error| error.with_offset(at as u64))? {
            return Ok((machine, top, input.offset()));
        }
    }
}

impl<'a> Machine<'a> {
    /// Executes this opcode; returns the value if it is the last.
    fn step(&mut self, code: u8, input: &mut ByteReader<'a>) -> Result<Option<Id>, Error> {
        if let Some(node) = literal(code, input)? {
            if let Node::Str(text) | Node::Python2Str(text) = &node {
                // Literals with escapes are copies.
                self.budget.charge(if code == b'V' || code == b'S' {
                    text.len()
                } else {
                    0
                })?;
            }
            self.push_new(node)?;
            return Ok(None);
        }
        match code {
            b'.' => return self.pop().map(Some),
            0x80 => match input.byte()? {
                ..=5 => {}
                _ => {
                    return Err(ErrorKind::Syntax {
                        expected: "a protocol of at most 5",
                    }
                    .into());
                }
            },
            // Frames only help programs that read from a file; but they must add up.
            0x95 => {
                let start = input.offset() as u64 - 1;
                let length = input.number(8)?;
                input.check_available(length)?;
                self.frames.begin(start, input.offset() as u64, length)?;
            }
            b'(' => {
                self.budget.charge(SLOT_COST)?;
                self.marks.push(self.stack.len());
            }
            b'0' => {
                if self.marks.last() == Some(&self.stack.len()) {
                    self.marks.pop();
                } else {
                    self.pop()?;
                }
            }
            b'1' => drop(self.pop_to_mark()?),
            b'2' => self.push(self.top()?)?,
            b'p' => self.memo_put(memo_number(input.text()?)?)?,
            b'q' => self.memo_put(input.number(1)?)?,
            b'r' => self.memo_put(input.number(4)?)?,
            0x94 => self.memo_put((self.memo.len() + self.sparse_memo.len()) as u64)?,
            b'g' => self.memo_get(memo_number(input.text()?)?)?,
            b'h' => self.memo_get(input.number(1)?)?,
            b'j' => self.memo_get(input.number(4)?)?,
            b']' => self.push_new(Node::List(Vec::new()))?,
            b'}' => self.push_new(Node::Dict(Vec::new()))?,
            0x8f => self.push_new(Node::Set(Vec::new()))?,
            b')' => self.push_new(Node::Tuple(Box::default()))?,
            b'l' => self.push_collected(Node::List)?,
            b't' => self.push_collected(|items| Node::Tuple(items.into()))?,
            0x91 => self.push_collected(Node::FrozenSet)?,
            b'd' => {
                let items = self.pop_to_mark()?;
                check_pairs(&items)?;
                self.push_many(Node::Dict, items)?;
            }
            0x85..=0x87 => {
                let count = usize::from(code - 0x84);
                let mut items = vec![0; count];
                for item in items.iter_mut().rev() {
                    *item = self.pop()?;
                }
                self.push_many(|items| Node::Tuple(items.into()), items)?;
            }
            b'a' => {
                let item = self.pop()?;
                self.append(&[item])?;
            }
            b'e' => {
                let items = self.pop_to_mark()?;
                self.append(&items)?;
            }
            0x90 => {
                let items = self.pop_to_mark()?;
                self.add_items(&items)?;
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.set_items(&[key, value])?;
            }
            b'u' => {
                let items = self.pop_to_mark()?;
                check_pairs(&items)?;
                self.set_items(&items)?;
            }
            b'c' => {
                let (module, name) = (input.name()?, input.name()?);
                self.push_name(module, name)?;
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (module, name) = (self.name(module)?, self.name(name)?);
                self.push_name(&module, &name)?;
            }
            b'i' => {
                let (module, name) = (input.name()?, input.name()?);
                let args = self.pop_to_mark()?;
                self.push_name(module, name)?;
                let class = self.pop()?;
                self.push_object(class, args, Vec::new())?;
            }
            b'o' => {
                let mut args = self.pop_to_mark()?.into_iter();
                let expected = "a class";
                let class = args.next().ok_or(ErrorKind::Stack { expected })?;
                self.push_object(class, args.collect(), Vec::new())?;
            }
            0x81 => {
                let (args, class) = (self.pop()?, self.pop()?);
                let args = self.tuple(args)?;
                self.push_object(class, args, Vec::new())?;
            }
            0x92 => {
                let (kwargs, args, class) = (self.pop()?, self.pop()?, self.pop()?);
                let args = self.tuple(args)?;
                let Node::Dict(kwargs) = self.node(kwargs) else {
                    return Err(ErrorKind::Stack {
                        expected: "a dict of arguments",
                    }
                    .into());
                };
                let kwargs = kwargs.clone();
                self.push_object(class, args, kwargs)?;
            }
            b'R' => {
                let (arguments, function) = (self.pop()?, self.pop()?);
                let arguments = self.tuple(arguments)?;
                let node = call::call(self, function, arguments)?;
                self.push_new(node)?;
            }
            b'b' => {
                let state = self.pop()?;
                let object = self.top()?;
                build::build(self, object, state)?;
            }
            other => return Err(ErrorKind::Opcode(other).into()),
        }
        Ok(None)
    }

    /// The node of this number.
    pub(super) fn node(&self, id: Id) -> &Node<'a> {
        self.nodes.get(id as usize).unwrap_or(&Node::None)
    }

    pub(super) fn node_mut(&mut self, id: Id) -> Option<&mut Node<'a>> {
        self.nodes.get_mut(id as usize)
    }

    fn push(&mut self, id: Id) -> Result<(), Error> {
        self.budget.charge(SLOT_COST)?;
        self.stack.push(id);
        Ok(())
    }

    fn push_new(&mut self, node: Node<'a>) -> Result<(), Error> {
        self.budget.charge(NODE_COST)?;
        let id = Id::try_from(self.nodes.len()).map_err(|_| ErrorKind::Limit("too many values"))?;
        self.nodes.push(node);
        self.push(id)
    }

    fn push_many(
        &mut self,
        node: impl FnOnce(Vec<Id>) -> Node<'a>,
        items: Vec<Id>,
    ) -> Result<(), Error> {
        self.budget.charge(items.len().saturating_mul(SLOT_COST))?;
        self.push_new(node(items))
    }

    fn push_collected(&mut self, node: impl FnOnce(Vec<Id>) -> Node<'a>) -> Result<(), Error> {
        let items = self.pop_to_mark()?;
        self.push_many(node, items)
    }

    fn top(&self) -> Result<Id, Error> {
        let floor = self.marks.last().copied().unwrap_or(0);
        let top = self.stack.last().filter(|_| self.stack.len() > floor);
        top.copied().ok_or(
            ErrorKind::Stack {
                expected: "a value",
            }
            .into(),
        )
    }

    fn pop(&mut self) -> Result<Id, Error> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Id>, Error> {
        let mark = self
            .marks
            .pop()
            .ok_or(ErrorKind::Stack { expected: "a mark" })?;
        Ok(self.stack.split_off(mark.min(self.stack.len())))
    }

    /// Stores the top of the stack in the memo under this number.
    fn memo_put(&mut self, number: u64) -> Result<(), Error> {
        let top = self.top()?;
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        if let Some(stored) = self.memo.get_mut(index) {
            *stored = top;
        } else if index == self.memo.len() {
            self.budget.charge(SLOT_COST)?;
            self.memo.push(top);
            self.sparse_memo.remove(&number);
        } else {
            self.budget.charge(NODE_COST)?;
            self.sparse_memo.insert(number, top);
        }
        Ok(())
    }

    fn memo_get(&mut self, number: u64) -> Result<(), Error> {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        let stored = self
            .memo
            .get(index)
            .or_else(|| self.sparse_memo.get(&number));
        let stored = *stored.ok_or(ErrorKind::Memo { number })?;
        self.push(stored)
    }

    /// Adds to the container on top, of which `items_of` has the items if it is one of those that are expected.
    fn extend(
        &mut self,
        items: &[Id],
        expected: &'static str,
        items_of: impl for<'n> FnOnce(&'n mut Node<'a>) -> Option<&'n mut Vec<Id>>,
    ) -> Result<(), Error> {
        self.budget.charge(items.len().saturating_mul(SLOT_COST))?;
        let top = self.top()?;
        let container = self.node_mut(top).and_then(items_of);
        container
            .ok_or(ErrorKind::Stack { expected })?
            .extend_from_slice(items);
        Ok(())
    }

    fn append(&mut self, items: &[Id]) -> Result<(), Error> {
        self.extend(items, "a list", |node| match node {
            Node::List(list) => Some(list),
            Node::Opaque(object) => Some(&mut object.items),
            _ => None,
        })
    }

    fn add_items(&mut self, items: &[Id]) -> Result<(), Error> {
        self.extend(items, "a set", |node| match node {
            Node::Set(set) => Some(set),
            Node::Opaque(object) => Some(&mut object.items),
            _ => None,
        })
    }

    /// Keys and values in turn.
    fn set_items(&mut self, items: &[Id]) -> Result<(), Error> {
        self.extend(items, "a dict", |node| match node {
            Node::Dict(dict) => Some(dict),
            Node::Opaque(object) => Some(&mut object.entries),
            _ => None,
        })
    }

    /// What this name stands for; names that are not on the list are values too, if they are accepted.
    fn push_name(&mut self, module: &str, name: &str) -> Result<(), Error> {
        match global::find(module, name) {
            Some(known) if !(self.refuses_opaque && known.is_for_opaque()) => {
                return self.push_new(Node::Known(known));
            }
            _ if self.refuses_opaque => return Err(global::unknown(module, name)),
            _ => {}
        }
        self.budget.charge(module.len() + name.len())?;
        let module = global::module_name(module);
        self.push_new(Node::Other(format!("{module}.{name}").into()))
    }

    /// An object of this class: what its `__new__` makes of the arguments.
    fn push_object(&mut self, class: Id, args: Vec<Id>, kwargs: Vec<Id>) -> Result<(), Error> {
        // The classes on the list are called, and so never made this way but without arguments.
        if let Node::Known(known) = self.node(class)
            && !(args.is_empty() && kwargs.is_empty())
        {
            return Err(known.call_error("no arguments of `__new__`"));
        }
        let mut node = call::call(self, class, args)?;
        if let Node::Opaque(object) = &mut node {
            self.budget.charge(kwargs.len().saturating_mul(SLOT_COST))?;
            object.kwargs = kwargs;
        }
        self.push_new(node)
    }

    /// An object of a class that is not on the list.
    pub(super) fn opaque(&mut self, class: &str, args: Vec<Id>) -> Result<Node<'a>, Error> {
        let size = size_of::<OpaqueNode>() + class.len() + args.len().saturating_mul(SLOT_COST);
        self.budget.charge(size)?;
        Ok(Node::Opaque(Box::new(OpaqueNode {
            class: class.to_owned(),
            args,
            ..OpaqueNode::default()
        })))
    }

    /// A new node that is not on the stack.
    pub(super) fn add(&mut self, node: Node<'a>) -> Result<Id, Error> {
        self.push_new(node)?;
        self.pop()
    }

    /// The items of a tuple.
    fn tuple(&mut self, id: Id) -> Result<Vec<Id>, Error> {
        let Node::Tuple(items) = self.node(id) else {
            let expected = "a tuple of arguments";
            return Err(ErrorKind::Stack { expected }.into());
        };
        let items = items.to_vec();
        self.budget.charge(items.len().saturating_mul(SLOT_COST))?;
        Ok(items)
    }

    /// The name of a module, or of something in it.
    fn name(&mut self, id: Id) -> Result<String, Error> {
        let expected = "the name of a module and of what is in it";
        match self.node(id) {
            Node::Str(text) | Node::Python2Str(text) => {
                let text = String::from_utf8_lossy(text).into_owned();
                self.budget.charge(text.len())?;
                Ok(text)
            }
            _ => Err(ErrorKind::Stack { expected }.into()),
        }
    }
}

/// The number of a memo entry, as protocol 0 writes it.
fn memo_number(text: &str) -> Result<u64, Error> {
    let expected = "the number of a place in the memo";
    text.parse()
        .map_err(|_| ErrorKind::Syntax { expected }.into())
}

/// Keys and values come in pairs.
fn check_pairs(items: &[Id]) -> Result<(), Error> {
    match items.len() % 2 {
        0 => Ok(()),
        _ => Err(ErrorKind::Stack {
            expected: "a value for each key",
        }
        .into()),
    }
}
