//! The stages between numbers, through those that Rust has.

use super::loops::{self, Loop};
use super::stage::{Run, Stage};
use dtype::{DType, Number, NumberClass};

/// The type that numbers are converted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Number(Number),
    /// An `i64`, except that a float becomes NaT if no integer is near.
    Time,
}

impl Kind {
    /// The kind of a bool, a number or a time.
    pub(super) fn of(dtype: &DType) -> Option<Kind> {
        match dtype {
            DType::Bool => Some(Kind::Bool),
            DType::Number(number, _) => Some(Kind::Number(*number)),
            DType::Datetime(..) | DType::Timedelta(..) => Some(Kind::Time),
            _ => None,
        }
    }

    /// The kind of the parts, if it is complex.
    fn part(self) -> Option<Kind> {
        match self {
            Kind::Number(number) if number.class() == NumberClass::Complex => {
                Some(Kind::Number(number.info().part))
            }
            _ => None,
        }
    }

    fn size(self) -> usize {
        match self {
            Kind::Bool => 1,
            Kind::Number(number) => number.size(),
            Kind::Time => 8,
        }
    }
}

/// Between native numbers. Of complex numbers the real part is taken, except by bool and by other complex numbers.
pub(super) fn numbers(from: Kind, to: Kind, stages: &mut Vec<Stage>) -> Option<()> {
    let begin = stages.len();
    match (from.part(), to.part()) {
        (Some(part), Some(to)) => {
            reals(part, to, stages)?;
            stages
                .iter_mut()
                .skip(begin)
                .for_each(|stage| stage.parts = 2);
        }
        (Some(part), None) if to == Kind::Bool => {
            reals(part, to, stages)?;
            stages
                .iter_mut()
                .skip(begin)
                .for_each(|stage| stage.parts = 2);
            stages.push(Stage::new(2, 1, Run::Loop(loops::either)));
        }
        (Some(part), None) => {
            stages.push(Stage::new(from.size(), part.size(), Run::Resize));
            reals(part, to, stages)?;
        }
        (None, Some(part)) => {
            reals(from, part, stages)?;
            stages.push(Stage::new(part.size(), to.size(), Run::Resize));
        }
        (None, None) => reals(from, to, stages)?,
    }
    Some(())
}

/// Between native numbers that are not complex.
fn reals(from: Kind, to: Kind, stages: &mut Vec<Stage>) -> Option<()> {
    if from == to {
        return Some(());
    }
    let size = from.size();
    if let (Kind::Number(long), Kind::Number(other)) = (from, to)
        && let Some(convert) = loops::between_long(long, other)
    {
        stages.push(Stage::new(size, to.size(), Run::Loop(convert)));
        return Some(());
    }
    let now = match from {
        Kind::Bool => {
            stages.push(Stage::new(1, 1, Run::Loop(loops::bools)));
            Number::U8
        }
        Kind::Time => Number::I64,
        Kind::Number(number) => match loops::to_f64(number) {
            Some(convert) => {
                stages.push(Stage::new(size, 8, Run::Loop(convert)));
                Number::F64
            }
            None => number,
        },
    };
    let (next, last) = match to {
        Kind::Bool => (now, Some(loops::to_bool(now)?)),
        Kind::Time if !now.is_integer() => (Number::F64, Some(loops::to_time as Loop)),
        Kind::Time => (Number::I64, None),
        Kind::Number(number) => match loops::from_f64(number) {
            Some(convert) => (Number::F64, Some(convert)),
            None => (number, None),
        },
    };
    if now != next {
        let convert = Run::Loop(loops::between(now, next)?);
        stages.push(Stage::new(now.size(), next.size(), convert));
    }
    if let Some(convert) = last {
        stages.push(Stage::new(next.size(), to.size(), Run::Loop(convert)));
    }
    Some(())
}
