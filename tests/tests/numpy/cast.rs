//! Casts of every pair of dtypes, against NumPy's.

use conformance::{NumPy, numpy_has};
use npio::dtype::{ByteOrder, Casting, DType, TimeStep, TimeUnit};
use npio::flatfile::Cast;
use serde_json::json;
use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::{env, str};

/// Why a cast differs from NumPy's on purpose: `docs/compatibility.md` has the same list.
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
    let count = || {
        if from.is_native() {
            i64::from_ne_bytes(item.try_into().unwrap())
        } else {
            i64::from_ne_bytes(item.try_into().unwrap()).swap_bytes()
        }
    };
    let letters: Vec<u8> = item.iter().copied().filter(|byte| *byte != 0).collect();
    let is_clock = letters == b"now" || letters == b"today";
    let is_arabic = matches!(letters[..], [0x61, 0x06] | [0x06, 0x61]);
    let is_more_than = |limit| count().unsigned_abs() > limit;
    let is_huge = || is_more_than(1 << 61);
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
        (from, _) if is_text(from) && ours.is_err() && is_arabic => "digits are those of ASCII",
        (from, Datetime(..)) if is_text(from) && is_clock => "nothing asks the clock",
        (from, to) if is_text(from) && long(to) => "texts are long doubles as they are f8",
        (from, to) if long(from) != long(to) => "long doubles go by way of f8",
        (Void(_), _) if ours.is_err() => "void is not parsed as a text",
        (Datetime(step, _), Bytes(4) | Str(4, _)) if step.unit == TimeUnit::Year => {
            "NumPy cuts the last digit of a year that just has room"
        }
        (Datetime(..), to) if is_text(to) && is_huge() => "NumPy wraps around",
        (Timedelta(..), to) if is_text(to) && is_huge() => "NumPy wraps around",
        (Timedelta(..), Bytes(22..) | Str(22.., _)) => "NumPy cuts the text at 21 characters",
        (Datetime(a, _), Datetime(b, _)) | (Timedelta(a, _), Timedelta(b, _)) => {
            let value = count() as f64 * seconds(*a) / seconds(*b);
            match (a.unit, ours) {
                (TimeUnit::Generic, Ok(_)) => "a count without a unit stays the count",
                (_, Err(_)) if value.abs() >= 9.2e18 => "NumPy wraps around",
                (_, Ok(_)) if is_huge() => "NumPy wraps around",
                // 146,097 days are 400 years.
                (TimeUnit::Year | TimeUnit::Month, Ok(_))
                    if is_more_than(i64::MAX as u64 / 146_097) =>
                {
                    "NumPy wraps around"
                }
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
            Ok(_) if letters.len() > 11 && letters[1..].iter().all(u8::is_ascii_digit) => {
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

/// An item reduced to its value: every NaN is the same one, and the unused bytes of a long double are 0.
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

/// One field of the output of `cast.py`.
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
    let random = env::var("NPIO_CAST_CASES").unwrap_or_else(|_| "10".to_owned());
    let mut command = Command::new(python);
    let types = TYPES.split_whitespace().filter(|name| numpy_has(name));
    let types: Vec<&str> = types.collect();
    let output = command
        .args([script, &types.join(" "), &random])
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
        for _ in &types {
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
        13,
        "a difference that is none any more: {reasons:#?}"
    );
}

/// Records whose fields have the same names in the same order, and pairs with a record on one side only.
const RECORDS: &str = "
[('a','<i4'),('b','>f8')] -> [('a','>f4'),('b','<i2')]
[('a','<i4'),('b','>f8')] -> [('a','S3'),('b','<U5')]
[('a','u1'),('','V3'),('b','<M8[D]')] -> [('a','<f2'),('b','>M8[h]')]
[('a',[('x','<i2'),('y','S2')]),('b','?')] -> [('a',[('x','>f8'),('y','S4')]),('b','<c8')]
[('a','<i2',(2,)),('b','u1',(2,2))] -> [('a','<f4',(2,)),('b','>i8',(2,2))]
[('a','<i2',(1,))] -> [('a','<f4',(3,))]
[('a','<i2',(1,))] -> [('a','<f4')]
[('a','<i2')] -> [('a','<f4',(2,3))]
[('a','<i2')] -> <f8
[('a','>i2')] -> V4
[('a','<i2')] -> (2,)<f8
[('a',[('x','<i2')])] -> <i8
<i2 -> [('a','<f4'),('b','S4')]
<i2 -> [('a',[('x','<i4'),('y','<f4')]),('b','>M8[D]',(2,))]
>i2 -> (2,3)<f4
<U3 -> [('a','<U1'),('b','S2')]
V4 -> [('a','V2'),('b','V6')]
<i4 -> []
[('a','<i4'),('b','<i4')] -> [('a','<i4')]
[('a','<i4'),('b','<i4')] -> <i4
[('a','<i4'),('b','<i4')] -> V8
V4 -> [('a','<i4')]";

#[test]
fn records_are_cast_as_in_numpy() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let ask = "
types = [npformat.descr_to_dtype(eval(t)) if t[0] == '[' else np.dtype(t) for t in args[:2]]
x = np.frombuffer(bytes.fromhex(args[2]), types[0])
answer = x.astype(types[1]).tobytes().hex()
";
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    for pair in RECORDS.trim().lines() {
        let (from, to) = pair.split_once(" -> ").unwrap();
        let (old, new): (DType, DType) = (from.parse().unwrap(), to.parse().unwrap());
        // Numbers that every type can hold.
        let items: Vec<u8> = (0..3 * old.itemsize())
            .map(|i| u8::from(i % 3 == 0))
            .collect();
        let items = if from == "<U3" {
            [b'a', 0, 0, 0].repeat(9)
        } else {
            items
        };
        let ours = Cast::new(&old, &new, Casting::Unsafe).and_then(|cast| {
            let mut out = vec![0; 3 * new.itemsize()];
            cast.apply(&items, &mut out).map(|()| hex(&out))
        });
        let numpys = numpy.ask(ask, &[json!(from), json!(to), json!(hex(&items))]);
        match (ours, numpys) {
            (Ok(ours), Ok(numpys)) => assert_eq!(json!(ours), numpys, "{pair}"),
            (Err(_), Err(_)) => {}
            // Fields are found by name, so others may be dropped.
            (Ok(_), Err(_)) if pair.ends_with(",('b','<i4')] -> [('a','<i4')]") => {}
            (ours, numpys) => panic!("{pair}: {ours:?}, but NumPy {numpys:?}"),
        }
    }
}
