//! All items of a selection, chunk by chunk, from any item on, in either direction.

use super::selection::Part;
use crate::values::product;
use npio::Order;
use std::cmp::Ordering;
use std::ops::Range;

/// Chunks of the items of a shape, in the order of the memory or against it.
pub(crate) struct Walk {
    /// In the order in which the axes vary, the slowest first.
    shape: Vec<usize>,
    order: Order,
    /// The number of items in a chunk, at most.
    max_items: usize,
    /// The items that are left, by their numbers in this order.
    begin: usize,
    end: usize,
    backwards: bool,
}

/// One chunk: part of an axis, with all of those that vary faster, at one index of those that vary slower.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Chunk {
    pub(crate) parts: Vec<Part>,
    /// The number of its first item.
    pub(crate) begin: usize,
    pub(crate) count: usize,
}

impl Walk {
    pub(crate) fn new(shape: &[usize], order: Order, max_items: usize) -> Walk {
        let mut shape = shape.to_vec();
        if order == Order::Fortran {
            shape.reverse();
        }
        let end = product(&shape);
        Walk {
            shape,
            order,
            max_items: max_items.max(1),
            begin: 0,
            end,
            backwards: false,
        }
    }

    /// Only the items after the one at this index.
    pub(crate) fn after(mut self, index: &[usize]) -> Walk {
        self.begin = (self.number(index) + 1).min(self.end);
        self
    }

    /// Only the items before the one at this index, the last chunk first.
    pub(crate) fn before(mut self, index: &[usize]) -> Walk {
        self.end = self.number(index).min(self.end);
        self.backwards = true;
        self
    }

    /// The number of items that are left.
    pub(crate) fn item_count(&self) -> usize {
        self.end - self.begin
    }

    /// The number of the item at this index.
    fn number(&self, index: &[usize]) -> usize {
        let mut index = index.to_vec();
        if self.order == Order::Fortran {
            index.reverse();
        }
        let axes = self.shape.iter().zip(&index);
        axes.fold(0, |number, (length, i)| number * length + i)
    }

    /// The index of the item with this number.
    pub(crate) fn index(&self, mut number: usize) -> Vec<usize> {
        let mut index = Vec::new();
        for length in self.shape.iter().rev() {
            let length = (*length).max(1);
            index.push(number % length);
            number /= length;
        }
        if self.order == Order::C {
            index.reverse();
        }
        index
    }

    /// The slowest axis of which a chunk of at most `limit` items can begin, or end, at the item with this number, and
    /// the number of items in one index of it.
    fn axis_at(&self, number: usize, limit: usize) -> (usize, usize) {
        let mut found = (self.shape.len(), 1);
        let mut items = 1;
        for (axis, length) in self.shape.iter().enumerate().rev() {
            if items > limit || !number.is_multiple_of(items) {
                break;
            }
            found = (axis, items);
            items *= length;
        }
        found
    }

    /// The parts of the axes with this range of one of them, from the item with this number on.
    fn parts(&self, axis: usize, range: Range<usize>, begin: usize) -> Vec<Part> {
        let mut first = self.index(begin);
        if self.order == Order::Fortran {
            first.reverse();
        }
        let axes = first.into_iter().zip(&self.shape).enumerate();
        let mut parts: Vec<Part> = axes
            .map(|(i, (at, length))| match i.cmp(&axis) {
                Ordering::Less => Part::At(at),
                Ordering::Equal => Part::Range(range.clone()),
                Ordering::Greater => Part::Range(0..*length),
            })
            .collect();
        if self.order == Order::Fortran {
            parts.reverse();
        }
        parts
    }
}

impl Iterator for Walk {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        let limit = self.max_items.min(self.item_count());
        if limit == 0 {
            return None;
        }
        let at = if self.backwards { self.end } else { self.begin };
        let (axis, items) = self.axis_at(at, limit);
        let length = self.shape.get(axis).copied().unwrap_or(1);
        let most = limit / items;
        let i = at / items % length;
        let range = if self.backwards {
            let end = if i == 0 { length } else { i };
            end.saturating_sub(most)..end
        } else {
            i..length.min(i + most)
        };
        let count = range.len() * items;
        let begin = if self.backwards { at - count } else { at };
        if self.backwards {
            self.end = begin;
        } else {
            self.begin = begin + count;
        }
        Some(Chunk {
            parts: self.parts(axis, range, begin),
            begin,
            count,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of the items of each chunk, which all have to follow from its parts.
    fn check(walk: Walk, expected: Range<usize>, max_items: usize) {
        let numbers = |chunk: &Chunk, walk: &Walk| -> Vec<usize> {
            (0..walk.shape.iter().product())
                .filter(|number| {
                    let index = walk.index(*number);
                    index.iter().zip(&chunk.parts).all(|(i, part)| match part {
                        Part::At(at) => i == at,
                        Part::Range(range) => range.contains(i),
                    })
                })
                .collect()
        };
        let whole = Walk::new(&[], Order::C, 1);
        let all = Walk {
            shape: walk.shape.clone(),
            order: walk.order,
            ..whole
        };
        let backwards = walk.backwards;
        let mut found = Vec::new();
        for chunk in walk {
            assert!((1..=max_items).contains(&chunk.count));
            let numbers = numbers(&chunk, &all);
            assert_eq!(
                numbers,
                (chunk.begin..chunk.begin + chunk.count).collect::<Vec<_>>()
            );
            if backwards {
                found.splice(0..0, numbers);
            } else {
                found.extend(numbers);
            }
        }
        assert_eq!(found, expected.collect::<Vec<_>>());
    }

    #[test]
    fn every_item_once() {
        for shape in [&[][..], &[7], &[3, 4], &[2, 3, 4], &[2, 1, 5], &[0, 3]] {
            for order in [Order::C, Order::Fortran] {
                for max_items in [1, 2, 3, 5, 8, 100] {
                    let walk = || Walk::new(shape, order, max_items);
                    let count = shape.iter().product();
                    check(walk(), 0..count, max_items);
                    for number in 0..count {
                        let index = walk().index(number);
                        assert_eq!(walk().number(&index), number);
                        check(walk().after(&index), number + 1..count, max_items);
                        check(walk().before(&index), 0..number, max_items);
                    }
                }
            }
        }
    }
}
