//! `npio convert`: the same array in another form.

use crate::address::{Address, ErrorContext, FileArg};
use crate::archive::{MemberSlots, write_array_member};
use crate::args::{ByteOrder, ConvertArgs, MemoryOrder, NewShape, WantedDType, WriteArgs};
use crate::array::{InputArray, npy_header, open_array};
use crate::array_blocks::ArrayBlocks;
use crate::convert_archive::convert_archive;
use crate::output::escaped;
use crate::progress::Progress;
use crate::source::{Input, InputSource};
use crate::target::{
    Output, Target, check_overwrite, save_error, save_options, write_error, write_result,
};
use crate::text::{TextOutput, delimiter};
use crate::{Outcome, Status, tensors};
use anyhow::{bail, ensure};
use npio::compressed::inner_name;
use npio::dtype::did_you_mean;
use npio::encoding::Encoding;
use npio::flatfile::npy::Appender;
use npio::flatfile::{Conversion, Error, ErrorKind};
use npio::header::Header;
use npio::npz::WriteOptions;
use npio::{Array, Order, Slice, layout_in_name};
use std::io::Write;

/// The output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OutputFormat {
    Npy,
    Npz,
    /// Arrays by name, without compression.
    SafeTensors,
    Raw,
    /// Raw, with the layout in the file name.
    NamedRaw,
    Json,
    /// Text. Tables for exchange have this delimiter, NumPy's have a space.
    Text(Option<char>),
}

/// The names of formats, and of suffixes.
const FORMATS: [&str; 7] = ["npy", "npz", "safetensors", "txt", "csv", "tsv", "json"];

/// The name of a member whose source has none: the one that NumPy's `savez` gives.
pub(crate) const DEFAULT_MEMBER: &str = "arr_0";

pub(crate) fn run(options: &ConvertArgs) -> Outcome {
    let format = output_format(&options.output, &options.write)?;
    let name = &options.output.name;
    let is_rearranged = options.shape.is_some() || options.transpose.is_some();
    let (values, separator) = (&options.values, options.write.sep.as_deref());
    let input = values.salvaged_input(options.salvage, separator)?;
    let mut slice = values.slice();
    if format == OutputFormat::SafeTensors {
        ensure!(
            !is_rearranged,
            name.error("--shape and --transpose are not for .safetensors: convert to .npy first")
        );
        ensure!(
            !matches!(options.order, MemoryOrder::Fortran)
                && !matches!(options.byteorder, ByteOrder::Big),
            name.error("the items in a file of safetensors are in C order, and little endian")
        );
        let (_, conversion) = output_conversion(options, input.copy_conversion());
        return tensors::write(&input, slice, conversion, options);
    }
    let mut opened = None;
    if format == OutputFormat::Npz && options.output.member.is_none() {
        let source = input.open()?;
        let is_several = input.is_several(&source);
        if is_several.map_err(|error| error.in_file(&input.name))? {
            ensure!(
                !is_rearranged,
                input.error(
                    "--shape and --transpose are for one array: give a member as FILE::MEMBER"
                )
            );
            return convert_all(options, &input, source);
        }
        // A pipe cannot be opened again.
        opened = Some(source);
    }
    let output = ArrayOutput::new(&options.output, &options.write, values.input.stem())?;
    let mut source = opened.map_or_else(|| input.open(), Ok)?;
    let mut array = open_array(&mut source, &input)?;
    let status = array.report_missing();
    let (mut order, conversion) = output_conversion(options, output.conversion(&input));
    if is_rearranged {
        // Without --order C stays C, although the same bytes would be the result in Fortran order.
        let own = if options.shape.is_some() {
            Order::C
        } else {
            array.order()
        };
        order = Some(order.unwrap_or(own));
        array = array.arranged(slice, options.transpose.as_ref())?;
        slice = None;
    }
    let blocks = match &options.shape {
        Some(NewShape(shape)) => {
            let blocks = array.items(slice, Some(Order::C), conversion)?;
            let blocks = blocks.reshaped(shape).map_err(|error| input.error(error))?;
            if order == Some(Order::Fortran) {
                let array = blocks.into_array()?.to_order(Order::Fortran);
                ArrayBlocks::whole(array.map_err(|error| input.error(error))?)
            } else {
                blocks
            }
        }
        None => output.blocks(array, slice, order, conversion)?,
    };
    output.write(&input, blocks)?.finish(source)?;
    Ok(status)
}

/// A file or a member that is to be written, and how.
pub(crate) struct ArrayOutput<'a> {
    name: FileArg,
    member: String,
    format: OutputFormat,
    args: &'a WriteArgs,
    text: Option<TextOutput>,
    slots: Option<MemberSlots>,
}

impl<'a> ArrayOutput<'a> {
    /// Finds the place, before anything is written. A member has this name unless the address names it.
    pub(crate) fn new(
        address: &Address,
        args: &'a WriteArgs,
        member: Option<String>,
    ) -> anyhow::Result<ArrayOutput<'a>> {
        let format = output_format(address, args)?;
        let Address {
            name,
            member: given,
        } = address;
        let member = given.clone().or(member);
        let member = member.unwrap_or_else(|| DEFAULT_MEMBER.to_owned());
        let slots = match format {
            OutputFormat::Npz if !name.is_stdio() => {
                let members = std::slice::from_ref(&member);
                Some(MemberSlots::find(name, members, args.force)?)
            }
            OutputFormat::SafeTensors => {
                bail!(name.error("only npio convert writes .safetensors"))
            }
            _ => {
                check_overwrite(name, args.force)?;
                None
            }
        };
        let text = match format {
            OutputFormat::Text(delimiter) => Some(text_output(args, delimiter)?),
            _ => None,
        };
        Ok(ArrayOutput {
            name: name.clone(),
            member,
            format,
            args,
            text,
            slots,
        })
    }

    /// Whether it is a member of an archive in a file.
    pub(crate) fn is_member(&self) -> bool {
        self.slots.is_some()
    }

    /// How the items are read: text needs their values.
    pub(crate) fn conversion(&self, input: &Input) -> Conversion {
        match self.format {
            OutputFormat::Text(_) | OutputFormat::Json => input.value_conversion(),
            _ => input.copy_conversion(),
        }
    }

    /// The blocks of an array that this format is written from; text and JSON are in C order.
    pub(crate) fn blocks<'s>(
        &self,
        array: InputArray<'s>,
        slice: Option<&Slice>,
        order: Option<Order>,
        conversion: Conversion,
    ) -> anyhow::Result<ArrayBlocks<'s>> {
        match self.format {
            OutputFormat::Text(_) => array.rows(slice, conversion),
            OutputFormat::Json | OutputFormat::NamedRaw => {
                let conversion = order.into_iter().fold(conversion, Conversion::order);
                Ok(ArrayBlocks::whole(array.load(slice, conversion)?))
            }
            _ => array.items(slice, order, conversion),
        }
    }

    /// Writes an array, which `source` names in errors.
    pub(crate) fn write(
        self,
        source: &Input,
        mut blocks: ArrayBlocks<'_>,
    ) -> anyhow::Result<Written> {
        let (name, args) = (&self.name, self.args);
        let compression = args.compress.compression();
        let output = match (self.format, self.text, self.slots) {
            (OutputFormat::NamedRaw, ..) => {
                return Ok(Written::Named {
                    name: self.name,
                    array: Box::new(blocks.into_array()?),
                    force: args.force,
                });
            }
            (_, Some(text), _) => {
                let rows = blocks.by_rows()?;
                Output::Target(write_text(
                    name,
                    rows,
                    &text,
                    args.out_encoding,
                    args.force,
                )?)
            }
            (OutputFormat::Json, ..) => {
                let array = blocks.into_array()?;
                Output::Target(write_json(name, &array, args)?)
            }
            (OutputFormat::Npz, _, Some(slots)) => {
                let size = blocks.layout()?.nbytes() as u64;
                let mut blocks = Some(blocks);
                slots.write(source, &[size], compression, |_| Ok(blocks.take()))?
            }
            (OutputFormat::Npz, ..) => {
                let progress = Progress::new(blocks.nbytes());
                let archive_options =
                    WriteOptions::new().compression(compression.unwrap_or_default());
                let mut writer = Target::create(name, args.force)?.archive(&archive_options)?;
                let file_name = format!("{}.npy", self.member);
                write_array_member(name, &mut writer, &file_name, source, blocks, &progress)?;
                Output::Target(write_result(name, writer.finish())?)
            }
            (format, ..) => Output::Target(write(name, source, blocks, format, args.force)?),
        };
        Ok(Written::Output(output))
    }
}

/// What was written, and gets its name at the end.
pub(crate) enum Written {
    Output(Output),
    /// Raw items in a file whose name gives their layout.
    Named {
        name: FileArg,
        array: Box<Array>,
        force: bool,
    },
}

impl Written {
    /// Gives the file its name; `readers` as for [`Target::finish`].
    pub(crate) fn finish(self, readers: impl Sized) -> anyhow::Result<()> {
        match self {
            Written::Output(output) => output.finish(readers),
            Written::Named { name, array, force } => {
                // It may be the file that is replaced.
                drop(readers);
                save_raw_named(&name, &array, force)
            }
        }
    }
}

/// All arrays of an archive or of a file of safetensors, or those that match a pattern, in an archive.
fn convert_all(options: &ConvertArgs, input: &Input, source: InputSource) -> Outcome {
    let InputSource::Archive(archive) = &source else {
        let conversion = output_conversion(options, input.copy_conversion());
        return tensors::into_archive(input, source, options.values.slice(), conversion, options);
    };
    let target = convert_archive(options, input, archive)?;
    target.finish(source)?;
    Ok(Status::Success)
}

/// The items' new order, if it is another one, and how they are read.
pub(crate) fn output_conversion(
    options: &ConvertArgs,
    conversion: Conversion,
) -> (Option<Order>, Conversion) {
    let order = match options.order {
        MemoryOrder::C => Some(Order::C),
        MemoryOrder::Fortran => Some(Order::Fortran),
        MemoryOrder::Keep => None,
    };
    let byte_order = match options.byteorder {
        ByteOrder::Little => Some(npio::ByteOrder::Little),
        ByteOrder::Big => Some(npio::ByteOrder::Big),
        ByteOrder::Native => Some(npio::ByteOrder::NATIVE),
        ByteOrder::Keep => None,
    };
    let conversion = match &options.dtype {
        Some(WantedDType::Given(dtype)) => conversion.astype(dtype.clone(), options.casting),
        Some(WantedDType::Inferred) | None => conversion,
    };
    let conversion = byte_order
        .into_iter()
        .fold(conversion, Conversion::byte_order);
    (order, conversion)
}

/// Writes a file of one array, with a header or without.
fn write(
    name: &FileArg,
    input: &Input,
    mut blocks: ArrayBlocks<'_>,
    format: OutputFormat,
    force: bool,
) -> anyhow::Result<Target> {
    let mut target = Target::create(name, force)?;
    if format == OutputFormat::Npy {
        let open_layout = blocks.open_layout().cloned();
        if let Some(layout) = open_layout.filter(|_| !target.is_stream()) {
            let header = npy_header(input, &layout)?;
            return write_rows(name, target, &header, blocks);
        }
        let header = npy_header(input, blocks.layout()?)?.encode();
        let header = header.map_err(|error| input.escaped_error(error))?;
        write_result(name, target.write_all(&header))?;
    }
    let progress = Progress::new(blocks.nbytes());
    Target::write_blocks(name, &mut target, blocks, &progress)?;
    Ok(target)
}

/// Writes a `.npy` whose number of rows is known only at the end: an array without rows, which grows.
fn write_rows(
    name: &FileArg,
    mut target: Target,
    header: &Header,
    blocks: ArrayBlocks<'_>,
) -> anyhow::Result<Target> {
    let progress = Progress::new(None);
    let rows = Appender::create(&mut target, header);
    let mut rows = rows.map_err(|error| output_error(name, error))?;
    for block in blocks.blocks {
        let block = block?;
        rows.push(&block)
            .map_err(|error| output_error(name, error))?;
        progress.add(block.as_bytes().len() as u64);
    }
    rows.commit().map_err(|error| output_error(name, error))?;
    Ok(target)
}

/// Writes the items as text, some rows at a time.
fn write_text(
    name: &FileArg,
    blocks: ArrayBlocks<'_>,
    text: &TextOutput,
    encoding: Option<Encoding>,
    force: bool,
) -> anyhow::Result<Target> {
    let mut target = Target::create(name, force || name.is_stdio())?;
    target.write_encoded(encoding, |target| {
        text.write(target, blocks.blocks, |error| output_error(name, error))
    })?;
    Ok(target)
}

/// Writes the values as JSON, on one line.
fn write_json(name: &FileArg, array: &Array, args: &WriteArgs) -> anyhow::Result<Target> {
    let mut target = Target::create(name, args.force || name.is_stdio())?;
    target.write_encoded(args.out_encoding, |target| {
        let shown = args.nan.write_json(&array.strided(), &mut *target);
        shown.map_err(|error| output_error(name, error))?;
        write_result(name, target.write_all(b"\n"))
    })?;
    Ok(target)
}

/// An array that cannot be written here.
fn output_error(name: &FileArg, error: Error) -> anyhow::Error {
    match error.into_kind() {
        ErrorKind::Io(error) => write_error(name, error),
        kind => name.escaped_error(Error::from(kind)),
    }
}

/// How text is written: as a sequence if a separator is given, else as a table.
fn text_output(options: &WriteArgs, delimiter: Option<char>) -> anyhow::Result<TextOutput> {
    let format = options.format.as_deref();
    match &options.sep {
        Some(separator) => TextOutput::flat(separator, format),
        None => Ok(TextOutput::table(delimiter, format, &options.table)),
    }
}

/// Saves the array under a name that gives its layout, which has to match.
fn save_raw_named(name: &FileArg, array: &Array, force: bool) -> anyhow::Result<()> {
    let saved = save_options(force).save_raw(name.path(), array);
    saved.map_err(|error| save_error(name, error))
}

/// The output format, before anything is read: from `--to`, or else from the name.
fn output_format(address: &Address, options: &WriteArgs) -> anyhow::Result<OutputFormat> {
    let Address { name, member } = address;
    let path = inner_name(name.path());
    let suffix = path.extension();
    let suffix = suffix.map(|suffix| suffix.to_string_lossy());
    let misuse = |what: &str| name.error(what);
    let is_named = layout_in_name(name.path()).is_some();
    let is_raw = matches!(options.to.as_deref(), Some("raw" | ".raw"));
    let format = match options.to.as_deref().or(suffix.as_deref()) {
        Some(to @ ("npy" | ".npy" | "npz" | ".npz")) if is_named => {
            let to = to.trim_start_matches('.');
            bail!(misuse(&format!(
                "the name gives a raw layout, but --to is .{to}"
            )))
        }
        Some("npy" | ".npy") => OutputFormat::Npy,
        Some("npz" | ".npz") => OutputFormat::Npz,
        Some("safetensors" | ".safetensors") => OutputFormat::SafeTensors,
        // The name gives everything, and saving reads it there.
        _ if is_named && (is_raw || options.to.is_none()) => OutputFormat::NamedRaw,
        _ if is_raw => OutputFormat::Raw,
        Some("json" | ".json") => OutputFormat::Json,
        Some(other) => match delimiter(other) {
            Some(delimiter) => OutputFormat::Text(delimiter),
            None => bail!(misuse(&format!(
                "cannot write .{}: only .npy, .npz, .safetensors, .txt, .csv, .tsv, .json, a name such as x_int32_4_5.dat, or --to raw{}",
                escaped(other),
                escaped(&did_you_mean(other, FORMATS))
            ))),
        },
        None => bail!(misuse("unknown format: give it, as in --to npy")),
    };
    ensure!(
        matches!(format, OutputFormat::Npz | OutputFormat::SafeTensors) || member.is_none(),
        misuse("only archives have members: use a name that ends with .npz, or --to npz")
    );
    ensure!(
        format == OutputFormat::Npz || options.compress.compression().is_none(),
        misuse(
            "--compress is for members of archives; a file is compressed if its name ends in .gz"
        )
    );
    ensure!(
        matches!(format, OutputFormat::Text(_) | OutputFormat::Json)
            || options.out_encoding.is_none(),
        misuse("only text has an encoding")
    );
    ensure!(
        matches!(format, OutputFormat::Text(_)) || !options.table.has_dialect(),
        misuse(
            "only tables have --out-delimiter, --out-quote and --out-decimal: use .txt, .csv or .tsv"
        )
    );
    Ok(format)
}
