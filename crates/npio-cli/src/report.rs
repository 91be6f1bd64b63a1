//! The report of `info` on a file: one line of `info --json`, whose form is a contract.

use crate::archive::{MemberKind, member_kinds, selected_members};
use crate::arrays::{self, NpyArrays};
use crate::expand::name_of;
use crate::source::{Input, InputError, InputKind, InputSource, OpenInput};
use crate::tensors;
use npio::RandomAccessFile;
use npio::header::Version;
use npio::npz::Archive;
use npio::safetensors::SafeTensors;
use npio::{Layout, Order};
use serde::{Serialize, Serializer};

/// Everything in the headers of a file.
#[derive(Default, Serialize)]
pub(crate) struct Report {
    pub(crate) path: String,
    pub(crate) kind: Option<&'static str>,
    pub(crate) bytes: Option<u64>,
    pub(crate) arrays: Vec<ArrayReport>,
    pub(crate) trailing_bytes: Option<u64>,
    pub(crate) others: Vec<OtherMember>,
    pub(crate) errors: Vec<String>,
    /// The texts in a file of safetensors.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_object")]
    pub(crate) metadata: Vec<(String, String)>,
    /// The size of all members in an archive, including the headers of `.npy`.
    #[serde(skip)]
    pub(crate) members_nbytes: u64,
    /// The size of the header of a file of safetensors, with its length.
    #[serde(skip)]
    pub(crate) header_nbytes: u64,
}

/// One array of a file.
#[derive(Serialize)]
pub(crate) struct ArrayReport {
    pub(crate) name: Option<String>,
    pub(crate) descr: String,
    /// The name that safetensors has for the dtype.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dtype: Option<&'static str>,
    pub(crate) shape: Vec<usize>,
    pub(crate) fortran_order: bool,
    pub(crate) version: Option<String>,
    pub(crate) data_offset: Option<u64>,
    pub(crate) nbytes: Option<u64>,
    pub(crate) storage: String,
    pub(crate) compressed_nbytes: Option<u64>,
    /// The offset of its header in a file.
    #[serde(skip)]
    pub(crate) begin: u64,
    /// The same for people.
    #[serde(skip)]
    pub(crate) layout: Layout,
}

/// A member of an archive that is not an array.
#[derive(Serialize)]
pub(crate) struct OtherMember {
    pub(crate) name: String,
    pub(crate) bytes: u64,
}

impl Report {
    /// The facts about a file; those that cannot be read are among the errors.
    pub(crate) fn new(input: &Input) -> Report {
        let mut report = Report {
            path: input.name.path().to_string_lossy().into_owned(),
            ..Report::default()
        };
        if let Err(error) = report.inspect(input) {
            report.errors.push(error.message);
        }
        report
    }

    fn inspect(&mut self, input: &Input) -> Result<(), InputError> {
        let opened = OpenInput::new(input)?;
        self.bytes = opened.length()?;
        self.kind = match opened.kind {
            InputKind::Npy => Some("npy"),
            InputKind::Npz => Some("npz"),
            InputKind::SafeTensors => Some("safetensors"),
            InputKind::Raw(_) => Some("raw"),
            InputKind::Text(_) | InputKind::Json => Some("text"),
            InputKind::Unknown => None,
        };
        let (storage, compression) = (opened.storage(), opened.compression);
        let mut source = opened.source()?;
        if let InputSource::Archive(archive) = &source {
            self.archive(archive, input)?;
            self.bytes = source.length()?;
            return Ok(());
        }
        if let InputSource::SafeTensors(file) = &source {
            self.safetensors(file, input)?;
            self.bytes = source.length()?;
            return Ok(());
        }
        if let Some(found) = NpyArrays::in_source(&mut source)? {
            let compressed_nbytes = compression.and_then(|compression| compression.bytes);
            return self.arrays(found, input, &storage, compressed_nbytes);
        }
        let array = source.array(input)?;
        let data_offset = array.data_offset();
        let entry = ArrayReport::new(array.into_layout()?, None, data_offset);
        let entry = ArrayReport {
            storage,
            compressed_nbytes: compression.and_then(|compression| compression.bytes),
            ..entry
        };
        let Some(bytes) = source.length()? else {
            // A text, whose items have other lengths than those in memory.
            self.arrays.push(entry);
            return Ok(());
        };
        self.bytes = Some(bytes);
        let available = bytes.saturating_sub(data_offset.unwrap_or(0));
        // Only the pickle itself tells where it ends.
        if let Some(expected) = entry.nbytes {
            self.trailing_bytes = available.checked_sub(expected);
            self.check_length(expected, available, "");
        }
        self.arrays.push(entry);
        Ok(())
    }

    /// The arrays of a `.npy`.
    fn arrays(
        &mut self,
        found: NpyArrays,
        input: &Input,
        storage: &str,
        compressed_nbytes: Option<u64>,
    ) -> Result<(), InputError> {
        self.bytes = Some(found.length);
        self.trailing_bytes = found.trailing_bytes();
        for index in found.selected(input.member.as_deref())? {
            let Some(array) = found.arrays.get(index) else {
                continue;
            };
            let (version, layout) = (array.header.version(), array.header.layout().clone());
            let entry = ArrayReport::new(layout, Some(version), Some(array.data_offset));
            // Only the pickle itself tells where it ends.
            if let Some(expected) = entry.nbytes {
                let available = found.length.saturating_sub(array.data_offset);
                let name = arrays::name(index);
                let place = name.map_or(String::new(), |name| format!("array {name}: "));
                self.check_length(expected, available, &place);
            }
            self.arrays.push(ArrayReport {
                name: arrays::name(index),
                storage: storage.to_owned(),
                compressed_nbytes,
                begin: array.begin,
                ..entry
            });
        }
        let error = found.error.filter(|_| input.member.is_none());
        self.errors.extend(error.map(|error| error.message));
        Ok(())
    }

    fn safetensors(
        &mut self,
        file: &SafeTensors<RandomAccessFile>,
        input: &Input,
    ) -> Result<(), InputError> {
        self.metadata = file.metadata().to_vec();
        self.header_nbytes = file.data_offset();
        for tensor in tensors::selected(file, input.member.as_deref())? {
            let name = tensor.name().to_owned();
            match tensor.layout() {
                Ok(layout) => self.arrays.push(ArrayReport {
                    name: Some(name),
                    dtype: Some(tensor.dtype_name()),
                    ..ArrayReport::new(layout, None, Some(tensor.data_offset()))
                }),
                // Several items in a byte are no array.
                Err(_) => {
                    let bytes = tensor.nbytes();
                    self.others.push(OtherMember { name, bytes });
                }
            }
        }
        Ok(())
    }

    fn archive(
        &mut self,
        archive: &Archive<RandomAccessFile>,
        input: &Input,
    ) -> Result<(), InputError> {
        let sizes = archive.members().map(|member| member.compressed_size());
        self.members_nbytes = sizes.fold(0, u64::saturating_add);
        let members = selected_members(archive, input.member.as_deref())?;
        for (member, kind) in members.iter().zip(member_kinds(&members)) {
            let array = match kind {
                MemberKind::Array(array) => array,
                MemberKind::Other => {
                    let (name, bytes) = (member.file_name().to_owned(), member.size());
                    self.others.push(OtherMember { name, bytes });
                    continue;
                }
                MemberKind::Unreadable(error) => {
                    self.errors.push(InputError::from(error).message);
                    continue;
                }
            };
            let version = Some(array.header.version());
            let entry = ArrayReport::new(array.header.into_layout(), version, array.data_offset);
            if let Some(expected) = entry.nbytes {
                let member = npio::dtype::python::quoted(member.name());
                let place = format!("member {member}: ");
                self.check_length(expected, array.data_size, &place);
            }
            self.arrays.push(ArrayReport {
                name: Some(name_of(archive, member).to_owned()),
                storage: member.compression_method().to_string(),
                compressed_nbytes: Some(member.compressed_size()),
                ..entry
            });
        }
        Ok(())
    }

    fn check_length(&mut self, expected: u64, available: u64, place: &str) {
        if available < expected {
            self.errors.push(format!(
                "{place}the data is too short: expected {expected} bytes, found {available}"
            ));
        }
    }
}

fn as_object<S: Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, text)| (name, text)))
}

impl ArrayReport {
    /// The array of a file.
    fn new(layout: Layout, version: Option<Version>, data_offset: Option<u64>) -> ArrayReport {
        let descr = layout.dtype().descr().to_string();
        ArrayReport {
            name: None,
            descr,
            dtype: None,
            shape: layout.shape().to_vec(),
            fortran_order: layout.order() == Order::Fortran,
            version: version.map(|version| version.to_string()),
            data_offset,
            nbytes: (!layout.dtype().has_object()).then_some(layout.nbytes() as u64),
            storage: "plain".to_owned(),
            compressed_nbytes: None,
            begin: 0,
            layout,
        }
    }
}
