//! The stages between types that are not made of others.

use super::loops;
use super::numbers::{Kind, numbers};
use super::stage::{Run, Stage};
use super::text::{Encoding, Parse, Print, Value};
use super::time::Steps;
use crate::longdouble::LongDouble;
use dtype::{ByteOrder, DType, NumberClass, TimeUnit};

/// The stages, at least one; `None` if there is no conversion.
pub(super) fn leaf(from: &DType, to: &DType, stated: Option<LongDouble>) -> Option<Vec<Stage>> {
    match stated.and_then(|stated| long_doubles(from, to, stated)) {
        Some(stages) => stages,
        None => unstated(from, to),
    }
}

/// The same if the format of long doubles is stated: they first become x87 numbers without padding.
fn long_doubles(from: &DType, to: &DType, stated: LongDouble) -> Option<Option<Vec<Stage>>> {
    let DType::Number(number, _) = from else {
        return None;
    };
    // Numbers that are converted through f8 must be rounded only once.
    let is_last = match to {
        DType::Number(to, _) => to.part_size() > 8,
        _ => true,
    };
    let size = number.part_size();
    let convert = loops::long_double(*number, stated, is_last)?;
    let mut stages = Vec::new();
    push_swap(from, &native(from), &mut stages)?;
    let parts = from.itemsize().checked_div(size)?;
    let (mut convert, native) = (Stage::new(size, size, Run::Loop(convert)), native(from));
    convert.parts = parts;
    stages.push(convert);
    if native == *to {
        return Some(Some(stages));
    }
    let rest = unstated(&native, to);
    Some(rest.map(|rest| stages.into_iter().chain(rest).collect()))
}

fn unstated(from: &DType, to: &DType) -> Option<Vec<Stage>> {
    let (size, to_size) = (from.itemsize(), to.itemsize());
    let mut stages = Vec::new();
    let texts = (Encoding::of(from), Encoding::of(to));
    match (from, to, texts) {
        _ if from == to => stages.push(Stage::new(size, size, Run::Resize)),
        (DType::Str(_, order), DType::Str(..), _) => {
            stages.push(Stage::new(size, to_size, Run::Resize));
            push_swap(&to.with_byte_order(*order), to, &mut stages)?;
        }
        (DType::Bytes(_), DType::Bytes(_), _) => {
            stages.push(Stage::new(size, to_size, Run::Resize));
        }
        (DType::Bytes(_), DType::Str(_, order), _) => {
            stages.push(Stage::new(size, to_size, Run::Decode(*order)));
        }
        (DType::Str(_, order), DType::Bytes(_), _) => {
            stages.push(Stage::new(size, to_size, Run::Encode(*order)));
        }
        (_, DType::Void(_), _) => {
            push_swap(from, &native(from), &mut stages)?;
            stages.push(Stage::new(size, to_size, Run::Resize));
        }
        (DType::Void(_), ..) => return None,
        (_, _, (None, Some(encoding))) => {
            let print = Print {
                from: from.clone(),
                to: encoding,
            };
            stages.push(Stage::new(size, to_size, Run::Print(print)));
        }
        (_, _, (Some(encoding), None)) => {
            parse(size, encoding, to, &mut stages)?;
            push_swap(&native(to), to, &mut stages)?;
        }
        (DType::Datetime(a, _), DType::Datetime(b, _), _)
        | (DType::Timedelta(a, _), DType::Timedelta(b, _), _)
            if a != b && a.unit != TimeUnit::Generic =>
        {
            let dates = matches!(from, DType::Datetime(..));
            push_swap(from, &native(from), &mut stages)?;
            stages.push(Stage::new(8, 8, Run::Steps(Steps::new(*a, *b, dates))));
            push_swap(&native(to), to, &mut stages)?;
        }
        _ => {
            push_swap(from, &native(from), &mut stages)?;
            numbers(Kind::of(from)?, Kind::of(to)?, &mut stages)?;
            push_swap(&native(to), to, &mut stages)?;
        }
    }
    if stages.is_empty() {
        stages.push(Stage::new(size, to_size, Run::Resize));
    }
    Some(stages)
}

fn native(dtype: &DType) -> DType {
    dtype.with_byte_order(ByteOrder::NATIVE)
}

/// Between types that differ at most in their byte order.
fn push_swap(from: &DType, to: &DType, stages: &mut Vec<Stage>) -> Option<()> {
    let width = match to {
        DType::Number(number, _) => number.part_size(),
        DType::Str(..) => 4,
        _ => 8,
    };
    if from != to && width > 1 {
        let swap = Run::Loop(loops::swap(width)?);
        stages.push(Stage::new(from.itemsize(), to.itemsize(), swap));
    }
    Some(())
}

/// From texts of `size` bytes to a native number or time.
fn parse(size: usize, from: Encoding, to: &DType, stages: &mut Vec<Stage>) -> Option<()> {
    let (value, parsed) = match to {
        DType::Bool => (Value::Bool, DType::Bool),
        DType::Datetime(step, _) => (Value::Date(*step), native(to)),
        DType::Timedelta(..) => (Value::Delta, native(to)),
        DType::Number(number, _) => match number.class() {
            NumberClass::Signed | NumberClass::Unsigned => (Value::Int(*number), native(to)),
            NumberClass::Complex => (Value::Complex, DType::C128),
            NumberClass::Float => (Value::Float, DType::F64),
        },
        _ => return None,
    };
    let parse = Parse { from, to: value };
    stages.push(Stage::new(size, parsed.itemsize(), Run::Parse(parse)));
    numbers(Kind::of(&parsed)?, Kind::of(to)?, stages)
}
