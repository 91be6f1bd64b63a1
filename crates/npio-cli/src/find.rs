//! `npio find`: the items of arrays that meet a condition, and where they are.

use crate::address::ErrorContext;
use crate::array::{InputArray, open_array};
use crate::condition::{Condition, Matcher};
use crate::expand::{for_each_in, reported};
use crate::keys::BYTE_ORDER;
use crate::output::{json_escaped, write_stdout};
use crate::progress::Progress;
use crate::source::Input;
use crate::{Outcome, Status};
use npio::dtype::python::{quoted, quoted_bytes};
use npio::dtype::{trim_nuls, unravel_index};
use npio::flatfile::{Slice, show};
use npio::{Array, DType, Layout, Order};
use serde::Serialize;

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FindOutput {
    /// The index and the value of each item that is found.
    Items,
    /// Their number in each array.
    Counts,
    /// The addresses of the arrays that have one.
    Addresses,
}

/// Lines of at least this many bytes are written at once.
const BUFFERED: usize = 64 << 10;

/// A search in several arrays.
pub(crate) struct Find<'o> {
    pub(crate) condition: &'o Condition,
    pub(crate) slice: Option<&'o Slice>,
    pub(crate) output: FindOutput,
    pub(crate) json: bool,
}

/// One line of `find --json`; the value of an item is added to it.
#[derive(Serialize)]
struct FoundLine<'a> {
    path: &'a str,
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<&'a [usize]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
}

impl Find<'_> {
    /// Searches all arrays at these addresses. It is a failure if one cannot be read, and an issue if nothing is found.
    pub(crate) fn run(&self, inputs: &[Input]) -> Outcome {
        let progress = Progress::growing();
        let mut found = 0;
        let mut status = Status::Success;
        for input in inputs {
            let searched = self.search(input, &progress, &mut found);
            status = status.max(reported(searched)?);
        }
        Ok(match (status, found) {
            (Status::Success, 0) => Status::Issues,
            (status, _) => status,
        })
    }

    /// Searches the arrays at one address. Those of an archive for whose items the condition has no meaning are left
    /// out, unless that is so for all.
    fn search(&self, input: &Input, progress: &Progress, found: &mut usize) -> Outcome {
        let mut source = input.open()?;
        let is_several = input.is_several(&source);
        let is_one = !is_several.map_err(|error| error.in_file(&input.name))?;
        let (mut searched, mut refused) = (0, None);
        let status = for_each_in(input, &mut source, |source, address| {
            let array = open_array(source, address)?;
            match Matcher::new(array.dtype(), self.condition) {
                Ok(matcher) => {
                    searched += 1;
                    *found += self.search_array(array, &matcher, progress)?;
                }
                Err(why) if is_one => return Err(address.error(why)),
                Err(why) => {
                    refused.get_or_insert_with(|| address.error(why));
                }
            }
            Ok(Status::Success)
        })?;
        match refused {
            Some(error) if searched == 0 => Err(error),
            _ => Ok(status),
        }
    }

    /// Prints what is found in one array, and returns its number.
    fn search_array(
        &self,
        array: InputArray<'_>,
        matcher: &Matcher,
        progress: &Progress,
    ) -> anyhow::Result<usize> {
        let input = array.input;
        let conversion = input.value_conversion().byte_order(BYTE_ORDER);
        let mut blocks = array.items(self.slice, Some(Order::C), conversion)?;
        progress.expect(blocks.nbytes().unwrap_or(0));
        let shape = match blocks.open_layout() {
            // Only the lengths of the axes after the first matter.
            Some(layout) => {
                let axes = layout.shape().iter().skip(1);
                [usize::MAX].iter().chain(axes).copied().collect()
            }
            None => blocks.layout()?.shape().to_vec(),
        };
        let (mut seen, mut found) = (0, 0);
        let mut lines = String::new();
        let print = |lines: &mut String| {
            let printed = progress.paused(|| write_stdout(lines.as_bytes()));
            lines.clear();
            printed
        };
        for block in blocks.blocks {
            let block = block?;
            let count = block.layout().count();
            matcher.find(block.as_bytes(), count, |index, item| {
                found += 1;
                if self.output == FindOutput::Items {
                    let index = unravel_index(seen + index, &shape);
                    lines.push_str(&self.item_line(input, &index, block.dtype(), item)?);
                    if lines.len() >= BUFFERED {
                        print(&mut lines)?;
                    }
                }
                Ok(self.output != FindOutput::Addresses)
            })?;
            seen += count;
            progress.add(block.as_bytes().len() as u64);
            if found > 0 && self.output == FindOutput::Addresses {
                break;
            }
        }
        match self.output {
            FindOutput::Items => {}
            FindOutput::Counts if self.json => lines = json_line(input, None, Some(found))? + "\n",
            FindOutput::Counts => lines = format!("{input}: {found}\n"),
            FindOutput::Addresses if found == 0 => {}
            FindOutput::Addresses if self.json => lines = json_line(input, None, None)? + "\n",
            FindOutput::Addresses => lines = format!("{input}\n"),
        }
        print(&mut lines)?;
        Ok(found)
    }

    fn item_line(
        &self,
        input: &Input,
        index: &[usize],
        dtype: &DType,
        item: &[u8],
    ) -> anyhow::Result<String> {
        let array = Array::new(Layout::new(dtype.clone(), [], Order::C)?, item)?;
        if self.json {
            let mut value = Vec::new();
            show::json(&array.strided(), &mut value)?;
            let value = json_escaped(&String::from_utf8_lossy(&value));
            let line = json_line(input, Some(index), None)?;
            let line = line.strip_suffix('}').unwrap_or(&line);
            return Ok(format!("{line},\"value\":{value}}}\n"));
        }
        let text = match dtype {
            DType::Str(..) => quoted(&array.to_string()).to_string(),
            DType::Bytes(_) => quoted_bytes(trim_nuls(item)).to_string(),
            _ => array.to_string(),
        };
        // The item of a 0-d array has NumPy's empty index.
        let index = match index {
            [] => "()".to_owned(),
            axes => axes
                .iter()
                .map(usize::to_string)
                .collect::<Vec<_>>()
                .join(", "),
        };
        Ok(format!("{input}[{index}]: {text}\n"))
    }
}

fn json_line(
    input: &Input,
    index: Option<&[usize]>,
    count: Option<usize>,
) -> anyhow::Result<String> {
    let line = serde_json::to_string(&FoundLine {
        path: &input.name.path().to_string_lossy(),
        name: input.member.as_deref(),
        index,
        count,
    })?;
    Ok(json_escaped(&line))
}
