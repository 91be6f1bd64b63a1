//! Casts of every pair of dtypes, against NumPy's.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use conformance::NumPy;
use npio::dtype::{ByteOrder, Casting, DType, TimeStep, TimeUnit, can_cast};
use npio::flatfile::Cast;
use serde_json::json;
use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::str;

const LEVELS: [Casting; 5] = [
    Casting::No,
    Casting::Equiv,
    Casting::Safe,
    Casting::SameKind,
    Casting::Unsafe,
];

/// The dtypes whose pairs [`can_cast`] is asked about.
fn dtypes() -> Vec<String> {
    let simple = "? i1 u1 <i2 >i2 <u2 <i4 >i4 <u4 <i8 >i8 <u8 >u8 <f2 >f2 <f4 <f8 >f8 <f16 >f16 \
        <c8 <c16 >c16 <c32 O S0 S1 S3 S4 S5 S11 S12 S20 S21 S32 S64 <U0 <U1 >U3 <U3 <U4 <U11 <U21 \
        <U32 <U48 <U96 V0 V1 V3 V4 V8 V12 V16 V32 (2,)<i4 (1,)<i4 (2,)>i4 (2,)<i8 (2,2)<i4 (2,)S3 \
        (2,)<M8[s] (2,)O";
    let records = "[('a','<i4')] [('a','>i4')] [('b','<i4')] [('a','<i8')] [('a','S3')] [('a','S0')] \
        [('a','V4')] [('a','<i4',(2,))] [('a','<i8',(2,))] [('a','<i4'),('','V4')] \
        [(('t','a'),'<i4')] [('a',[('x','<i4')])] [('a',[('x','<i8'),('y','<f4')])] \
        [('a','<i4'),('b','<f8')] [('b','<i4'),('a','<f8')] [('a','<f8'),('b','<i4')] \
        [('a','i1'),('','V3'),('b','<i4')] [('a','i1'),('b','<i4')] [('a','i1'),('','V1'),('b','<i4')] \
        [('a','<M8[s]')] [('a','?')] [('a','O')] []";
    let steps = "Y M W D h m s ms us ns ps fs as 2Y 12M 24M 7D 14D 24h 2s 25s 1000ms 3000ms 2001ms \
        1000000us 1000000000ns 1000000000ps 500ms";
    let times = ["<M8", ">M8", "<m8"].map(|kind| {
        let units = steps.split(' ').map(move |step| format!("{kind}[{step}]"));
        units.chain([kind.to_owned()])
    });
    let words = simple.split_whitespace().chain(records.split_whitespace());
    words
        .map(str::to_owned)
        .chain(times.into_iter().flatten())
        .collect()
}

#[test]
fn casts_are_allowed_as_in_numpy() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let ask = "
types = [npformat.descr_to_dtype(eval(t)) if t[0] == '[' else np.dtype(t) for t in args[0]]
answer = [''.join(str(sum(np.can_cast(a, b, l) for l in args[1])) for b in types) for a in types]
";
    let names = dtypes();
    let levels = LEVELS.map(|level| level.to_string());
    let answer = numpy.ask(ask, &[json!(names), json!(levels)]).unwrap();
    let types: Vec<DType> = names.iter().map(|name| name.parse().unwrap()).collect();
    let mut wrong = Vec::new();
    for (from, row) in types.iter().zip(answer.as_array().unwrap()) {
        for (to, numpys) in types.iter().zip(row.as_str().unwrap().bytes()) {
            let ours = LEVELS
                .iter()
                .filter(|level| can_cast(from, to, **level))
                .count();
            if ours != usize::from(numpys - b'0') {
                wrong.push(format!(
                    "{from} to {to}: {ours} levels, NumPy {}",
                    numpys as char
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Why a cast is another than NumPy's on purpose: `docs/compatibility.md` has the same list.
fn deliberate(
    from: &DType,
    to: &DType,
    item: &[u8],
    ours: &Result<Vec<u8>, String>,
) -> Option<&'static str> {
    use DType::{Bytes, Datetime, Number, Str, Timedelta, Void};
    let long = |dtype: &DType| {
        matches!(dtype, Number(..))
            && dtype.to_string().ends_with("16")
            && !dtype.to_string().ends_with("c16")
            || dtype.to_string().ends_with("c32")
    };
    let as_f64 = || {
        let cast = Cast::new(from, &DType::F64, Casting::Unsafe).unwrap();
        let mut value = [0; 8];
        cast.apply(item, &mut value).unwrap();
        f64::from_ne_bytes(value)
    };
    let count = || match from.is_native() {
        true => i64::from_ne_bytes(item.try_into().unwrap()),
        false => i64::from_ne_bytes(item.try_into().unwrap()).swap_bytes(),
    };
    let is_huge = || count().unsigned_abs() > 1 << 61;
    let is_text = |dtype: &DType| matches!(dtype, Bytes(_) | Str(..));
    Some(match (from, to) {
        (Number(float, _), Number(int, _))
            if "fc".contains(float.kind()) && "iu".contains(int.kind()) && {
                let bits = 8 * int.size() as i32;
                let (low, high) = match int.kind() {
                    'u' => (0.0, 2f64.powi(bits)),
                    _ => (-2f64.powi(bits - 1), 2f64.powi(bits - 1)),
                };
                !(low..high).contains(&as_f64().trunc())
            } =>
        {
            "a float out of the integer's range: the nearest integer, and 0 for NaN"
        }
        (from, to) if is_text(from) && long(to) => "texts are long doubles as they are f8",
        (from, to) if long(from) != long(to) => "long doubles go by way of f8",
        (Void(_), _) if ours.is_err() => "void is not parsed as a text",
        (Datetime(step, _), to) if is_text(to) && step.unit == TimeUnit::Year => {
            "NumPy cuts the last digit of a year that just has room, and wraps around"
        }
        (Datetime(..), to) if is_text(to) && is_huge() => "NumPy wraps around",
        (Timedelta(..), to) if is_text(to) => {
            "NumPy cuts the text at 21 characters, and wraps around"
        }
        (Datetime(a, _), Datetime(b, _)) | (Timedelta(a, _), Timedelta(b, _)) => {
            let value = count() as f64 * seconds(*a) / seconds(*b);
            match (a.unit, ours) {
                (TimeUnit::Generic, Ok(_)) => "a count without a unit stays the count",
                (_, Err(_)) if value.abs() >= 9.2e18 => "NumPy wraps around",
                (_, Ok(_)) if is_huge() => "NumPy wraps around",
                (_, Ok(_)) if value.abs() * f64::from(b.count) >= 9.2e18 => "NumPy wraps around",
                (_, Ok(_)) if seconds(*a).min(seconds(*b)) < 1e-17 => {
                    "NumPy has no factor so large"
                }
                _ => return None,
            }
        }
        (from, Datetime(step, _)) if is_text(from) => match ours {
            Err(error) if step.unit == TimeUnit::Generic => {
                assert!(error.contains("expected NaT, or a unit"), "{error}");
                "all dates of an array have one unit, which is not found out from their texts"
            }
            Err(error) if error.contains("in the range of the unit") => "NumPy wraps around",
            Ok(_) if item.iter().filter(|byte| byte.is_ascii_digit()).count() > 18 => {
                "NumPy wraps around"
            }
            _ => return None,
        },
        (from, Timedelta(..)) if is_text(from) && ours.is_err() => "NumPy saturates",
        _ => return None,
    })
}

/// Roughly.
fn seconds(step: TimeStep) -> f64 {
    let unit = match step.unit {
        TimeUnit::Year => 31_556_952.0,
        TimeUnit::Month => 2_629_746.0,
        TimeUnit::Week => 604_800.0,
        TimeUnit::Day => 86_400.0,
        TimeUnit::Hour => 3600.0,
        TimeUnit::Minute => 60.0,
        TimeUnit::Second | TimeUnit::Generic => 1.0,
        unit => 1000f64.powi(TimeUnit::Second as i32 - unit as i32),
    };
    unit * f64::from(step.count)
}

const TYPES: &str = "? i1 u1 <i2 >i2 <u2 <i4 >i4 <u4 <i8 >i8 <u8 >u8 <f2 >f2 <f4 >f4 <f8 >f8 <f16 >f16 \
    <c8 <c16 >c16 <c32 S S1 S4 S30 U <U1 <U4 <U30 >U30 V V1 V4 V8 V20 <M8 <M8[Y] <M8[M] <M8[W] <M8[D] \
    >M8[s] <M8[25s] <M8[ms] <M8[ns] <M8[as] <m8 <m8[Y] <m8[D] >m8[s] <m8[25s] <m8[ns]";

/// An item whose bits are no more than its value: every NaN is the same one, and the bytes that a long
/// double does not use are 0.
fn canonical(dtype: &DType, item: &[u8]) -> Vec<u8> {
    let DType::Number(number, order) = dtype else {
        return item.to_vec();
    };
    let parts = item.chunks(number.part_size()).map(|part| {
        let mut part = part.to_vec();
        if *order == ByteOrder::Big {
            part.reverse();
        }
        let is_nan = match (number.kind(), &mut part[..]) {
            ('f' | 'c', [low, high]) => u16::from_le_bytes([*low, *high]) & 0x7fff > 0x7c00,
            ('f' | 'c', [a, b, c, d]) => f32::from_le_bytes([*a, *b, *c, *d]).is_nan(),
            ('f' | 'c', part @ [_, _, _, _, _, _, _, _]) => {
                f64::from_le_bytes(part[..8].try_into().unwrap()).is_nan()
            }
            ('f' | 'c', part) => {
                part[10..].fill(0);
                let mantissa = u64::from_le_bytes(part[..8].try_into().unwrap());
                u16::from_le_bytes([part[8], part[9]]) & 0x7fff == 0x7fff && mantissa << 1 != 0
            }
            _ => false,
        };
        if is_nan { b"nan".to_vec() } else { part }
    });
    parts.collect::<Vec<_>>().concat()
}

/// One field of what `cast.py` writes.
fn field<'a>(cases: &mut &'a [u8]) -> &'a [u8] {
    let (length, rest) = cases.split_first_chunk::<4>().unwrap();
    let (field, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
    *cases = rest;
    field
}

fn text<'a>(cases: &mut &'a [u8]) -> &'a str {
    str::from_utf8(field(cases)).unwrap()
}

#[test]
fn every_pair_is_cast_as_in_numpy() {
    let Some(python) = conformance::python() else {
        return;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cast.py");
    let mut command = Command::new(python);
    let output = command
        .args([script, TYPES])
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success());
    let (mut cases, mut count, mut wrong) = (output.stdout.as_slice(), 0, Vec::new());
    let mut reasons = BTreeSet::new();
    while !cases.is_empty() {
        let name = text(&mut cases);
        let from: DType = name.parse().unwrap();
        let items: usize = text(&mut cases).parse().unwrap();
        let bytes = field(&mut cases);
        for _ in TYPES.split_whitespace() {
            let target: DType = text(&mut cases).parse().unwrap();
            let result = text(&mut cases);
            let cast = Cast::new(&from, &target, Casting::Unsafe);
            if let (Ok(cast), Ok(result)) = (&cast, result.parse::<DType>())
                && *cast.dtype() != result
            {
                wrong.push(format!(
                    "{from} to {target} is {}, NumPy's {result}",
                    cast.dtype()
                ));
            }
            for i in 0..items {
                let size = from.itemsize();
                let item = &bytes[i * size..][..size];
                let (mark, numpys) = field(&mut cases).split_first().unwrap();
                let ours = cast.as_ref().map_err(ToString::to_string).and_then(|cast| {
                    let mut out = vec![0; cast.dtype().itemsize()];
                    cast.apply(item, &mut out)
                        .map_err(|error| error.to_string())?;
                    Ok(out)
                });
                count += 1;
                let same = match &ours {
                    Ok(ours) => {
                        let to = cast.as_ref().unwrap().dtype();
                        *mark == b'+' && canonical(to, ours) == canonical(to, numpys)
                    }
                    Err(_) => *mark == b'-',
                };
                if same {
                    continue;
                }
                if let Some(reason) = deliberate(&from, &target, item, &ours) {
                    reasons.insert(reason);
                    continue;
                }
                let numpys = match mark {
                    b'+' => format!("{numpys:02x?}"),
                    _ => String::from_utf8_lossy(numpys).into_owned(),
                };
                wrong.push(format!(
                    "{from} to {target}: {item:02x?}\n  ours {ours:02x?}\n  NumPy {numpys}"
                ));
            }
        }
    }
    let some = wrong[..wrong.len().min(20)].join("\n");
    assert!(wrong.is_empty(), "{} of {count}:\n{some}", wrong.len());
    assert_eq!(
        reasons.len(),
        11,
        "a difference that is none any more: {reasons:#?}"
    );
}
