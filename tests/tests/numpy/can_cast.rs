//! Whether casts are allowed, for every pair of dtypes at every level, against NumPy's answer.

use conformance::{NumPy, numpy_has};
use npio::dtype::{Casting, DType, can_cast};
use serde_json::json;

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
        .filter(|word| numpy_has(word))
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
