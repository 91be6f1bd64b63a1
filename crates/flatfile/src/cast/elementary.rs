//! The stages between types that are not made of others.

use super::loops;
use super::numbers::{NumericKind, number_stages};
use super::stage::{Stage, StageOp};
use super::text::{FormatText, ParseText, ParsedKind, TextEncoding};
use super::time::UnitConversion;
use crate::longdouble::LongDouble;
use dtype::{ByteOrder, DType, NumberClass, TimeUnit};

/// The stages, at least one; `None` if there is no conversion.
pub(super) fn elementary_stages(
    from: &DType,
    to: &DType,
    stated: Option<LongDouble>,
) -> Option<Vec<Stage>> {
    match stated.and_then(|stated| stated_long_double_stages(from, to, stated)) {
        Some(stages) => stages,
        None => default_stages(from, to),
    }
}

/// The same if the format of long doubles is stated: they first become x87 numbers without padding.
fn stated_long_double_stages(
    from: &DType,
    to: &DType,
    stated: LongDouble,
) -> Option<Option<Vec<Stage>>> {
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
    push_swap(from, &to_native(from), &mut stages)?;
    let parts = from.itemsize().checked_div(size)?;
    let (mut convert, native) = (
        Stage::new(size, size, StageOp::Loop(convert)),
        to_native(from),
    );
    convert.parts = parts;
    stages.push(convert);
    if native == *to {
        return Some(Some(stages));
    }
    let rest = default_stages(&native, to);
    Some(rest.map(|rest| stages.into_iter().chain(rest).collect()))
}

/// The same if it is not stated.
fn default_stages(from: &DType, to: &DType) -> Option<Vec<Stage>> {
    let (size, to_size) = (from.itemsize(), to.itemsize());
    let mut stages = Vec::new();
    let texts = (TextEncoding::of(from), TextEncoding::of(to));
    match (from, to, texts) {
        _ if from == to => stages.push(Stage::new(size, size, StageOp::Resize)),
        (DType::Str(_, order), DType::Str(..), _) => {
            stages.push(Stage::new(size, to_size, StageOp::Resize));
            push_swap(&to.with_byte_order(*order), to, &mut stages)?;
        }
        (DType::Bytes(_), DType::Bytes(_), _) => {
            stages.push(Stage::new(size, to_size, StageOp::Resize));
        }
        (DType::Bytes(_), DType::Str(_, order), _) => {
            stages.push(Stage::new(size, to_size, StageOp::Decode(*order)));
        }
        (DType::Str(_, order), DType::Bytes(_), _) => {
            stages.push(Stage::new(size, to_size, StageOp::Encode(*order)));
        }
        (_, DType::Void(_), _) => {
            push_swap(from, &to_native(from), &mut stages)?;
            stages.push(Stage::new(size, to_size, StageOp::Resize));
        }
        (DType::Void(_), ..) => return None,
        (_, _, (None, Some(encoding))) => {
            let format = FormatText {
                from: from.clone(),
                to: encoding,
            };
            stages.push(Stage::new(size, to_size, StageOp::FormatText(format)));
        }
        (_, _, (Some(encoding), None)) => {
            push_parse(size, encoding, to, &mut stages)?;
            push_swap(&to_native(to), to, &mut stages)?;
        }
        (DType::Datetime(a, _), DType::Datetime(b, _), _)
        | (DType::Timedelta(a, _), DType::Timedelta(b, _), _)
            if a != b && a.unit != TimeUnit::Generic =>
        {
            let dates = matches!(from, DType::Datetime(..));
            push_swap(from, &to_native(from), &mut stages)?;
            stages.push(Stage::new(
                8,
                8,
                StageOp::UnitConversion(UnitConversion::new(*a, *b, dates)),
            ));
            push_swap(&to_native(to), to, &mut stages)?;
        }
        _ => {
            push_swap(from, &to_native(from), &mut stages)?;
            number_stages(NumericKind::of(from)?, NumericKind::of(to)?, &mut stages)?;
            push_swap(&to_native(to), to, &mut stages)?;
        }
    }
    if stages.is_empty() {
        stages.push(Stage::new(size, to_size, StageOp::Resize));
    }
    Some(stages)
}

fn to_native(dtype: &DType) -> DType {
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
        let swap = StageOp::Loop(loops::swap(width)?);
        stages.push(Stage::new(from.itemsize(), to.itemsize(), swap));
    }
    Some(())
}

/// From texts of `size` bytes to a native number or time.
fn push_parse(size: usize, from: TextEncoding, to: &DType, stages: &mut Vec<Stage>) -> Option<()> {
    let (kind, parsed) = match to {
        DType::Bool => (ParsedKind::Bool, DType::Bool),
        DType::Datetime(step, _) => (ParsedKind::Date(*step), to_native(to)),
        DType::Timedelta(..) => (ParsedKind::Delta, to_native(to)),
        DType::Number(number, _) => match number.class() {
            NumberClass::Signed | NumberClass::Unsigned => {
                (ParsedKind::Int(*number), to_native(to))
            }
            NumberClass::Complex => (ParsedKind::Complex, DType::C128),
            NumberClass::Float => (ParsedKind::Float, DType::F64),
        },
        _ => return None,
    };
    let parse = ParseText { from, to: kind };
    stages.push(Stage::new(
        size,
        parsed.itemsize(),
        StageOp::ParseText(parse),
    ));
    number_stages(NumericKind::of(&parsed)?, NumericKind::of(to)?, stages)
}
