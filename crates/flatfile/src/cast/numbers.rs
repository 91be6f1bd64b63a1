//! The stages between numbers, through those that Rust has.

use super::loops::{self, Loop};
use super::stage::{Stage, StageOp};
use dtype::{DType, Number, NumberClass};

/// The type that numbers are converted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumericKind {
    Bool,
    Number(Number),
    /// An `i64`, except that a float becomes NaT if no integer is near.
    Time,
}

impl NumericKind {
    /// The kind of a bool, a number or a time.
    pub(super) fn of(dtype: &DType) -> Option<NumericKind> {
        match dtype {
            DType::Bool => Some(NumericKind::Bool),
            DType::Number(number, _) => Some(NumericKind::Number(*number)),
            DType::Datetime(..) | DType::Timedelta(..) => Some(NumericKind::Time),
            _ => None,
        }
    }

    /// The kind of the parts, if it is complex.
    fn part(self) -> Option<NumericKind> {
        match self {
            NumericKind::Number(number) if number.class() == NumberClass::Complex => {
                Some(NumericKind::Number(number.info().part))
            }
            _ => None,
        }
    }

    fn size(self) -> usize {
        match self {
            NumericKind::Bool => 1,
            NumericKind::Number(number) => number.size(),
            NumericKind::Time => 8,
        }
    }
}

/// Between native numbers. Of complex numbers the real part is taken, except by bool and by other complex numbers.
pub(super) fn number_stages(
    from: NumericKind,
    to: NumericKind,
    stages: &mut Vec<Stage>,
) -> Option<()> {
    let begin = stages.len();
    match (from.part(), to.part()) {
        (Some(part), Some(to)) => {
            real_stages(part, to, stages)?;
            stages
                .iter_mut()
                .skip(begin)
                .for_each(|stage| stage.parts = 2);
        }
        (Some(part), None) if to == NumericKind::Bool => {
            real_stages(part, to, stages)?;
            stages
                .iter_mut()
                .skip(begin)
                .for_each(|stage| stage.parts = 2);
            stages.push(Stage::new(2, 1, StageOp::Loop(loops::either)));
        }
        (Some(part), None) => {
            stages.push(Stage::new(from.size(), part.size(), StageOp::Resize));
            real_stages(part, to, stages)?;
        }
        (None, Some(part)) => {
            real_stages(from, part, stages)?;
            stages.push(Stage::new(part.size(), to.size(), StageOp::Resize));
        }
        (None, None) => real_stages(from, to, stages)?,
    }
    Some(())
}

/// Between native numbers that are not complex.
fn real_stages(from: NumericKind, to: NumericKind, stages: &mut Vec<Stage>) -> Option<()> {
    if from == to {
        return Some(());
    }
    let size = from.size();
    if let (NumericKind::Number(long), NumericKind::Number(other)) = (from, to)
        && let Some(convert) = loops::between_long(long, other)
    {
        stages.push(Stage::new(size, to.size(), StageOp::Loop(convert)));
        return Some(());
    }
    let now = match from {
        NumericKind::Bool => {
            stages.push(Stage::new(1, 1, StageOp::Loop(loops::bools)));
            Number::U8
        }
        NumericKind::Time => Number::I64,
        NumericKind::Number(number) => match loops::to_f64(number) {
            Some(convert) => {
                stages.push(Stage::new(size, 8, StageOp::Loop(convert)));
                Number::F64
            }
            None => match loops::to_byte(number) {
                Some(convert) => {
                    stages.push(Stage::new(1, 1, StageOp::Loop(convert)));
                    if number.class() == NumberClass::Signed {
                        Number::I8
                    } else {
                        Number::U8
                    }
                }
                None => number,
            },
        },
    };
    let (next, last) = match to {
        NumericKind::Bool => (now, Some(loops::to_bool(now)?)),
        NumericKind::Time if !now.is_integer() => (Number::F64, Some(loops::to_time as Loop)),
        NumericKind::Time => (Number::I64, None),
        NumericKind::Number(number) => match loops::from_f64(number) {
            Some(convert) => (Number::F64, Some(convert)),
            None if now.is_integer() => match loops::from_byte(number) {
                Some(convert) => (Number::I8, Some(convert)),
                None => (number, None),
            },
            None => match loops::nearest_small_int(number) {
                Some(convert) => (Number::F64, Some(convert)),
                None => (number, None),
            },
        },
    };
    if now != next {
        let convert = StageOp::Loop(loops::between(now, next)?);
        stages.push(Stage::new(now.size(), next.size(), convert));
    }
    if let Some(convert) = last {
        stages.push(Stage::new(next.size(), to.size(), StageOp::Loop(convert)));
    }
    Some(())
}
