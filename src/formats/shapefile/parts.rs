//! The files that together are one shapefile, in a folder or in a zip.
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use crate::formats::input::{self, Counted, Input, Unpacked};
use crate::formats::{FormatError, Limits, Options, Place};

/// The parts by their ending in lower case.
pub(super) struct Parts {
    parts: BTreeMap<String, Part>,
    limits: Limits,
}

enum Part {
    File(PathBuf),
    Member(Member),
}

/// A file inside a zip, read straight from its place so that several can be read side by side.
struct Member {
    zip: PathBuf,
    /// Where its local header begins.
    header_start: u64,
    packed_bytes: u64,
    is_deflated: bool,
}

impl Parts {
    /// Finds the parts of the shapefile at a path, which is its `.shp` or a `.zip` around it.
    pub(super) fn find(path: &Path, options: &Options) -> Result<Self, FormatError> {
        let is_zip = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"));
        let parts = if is_zip {
            find_in_zip(path, options)?
        } else {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            choose(BTreeMap::from([(stem, find_in_folder(path)?)]), options.layer.as_deref())?
        };
        Ok(Self {
            parts,
            limits: options.limits.clone(),
        })
    }

    /// Opens a part to be read from its beginning; `None` where there is none with this ending.
    pub(super) fn open(&self, ending: &str) -> Result<Option<Input>, FormatError> {
        let Some(part) = self.parts.get(ending) else { return Ok(None) };
        Ok(Some(match part {
            Part::File(path) => Box::new(BufReader::with_capacity(BUFFER_BYTES, input::open_file(path, &self.limits)?)),
            Part::Member(member) => member.open(&self.limits)?,
        }))
    }

    /// A small text part: `.prj` or `.cpg`.
    pub(super) fn text(&self, ending: &str) -> Result<Option<String>, FormatError> {
        let Some(input) = self.open(ending)? else { return Ok(None) };
        let mut bytes = Vec::new();
        input
            .take(MAX_TEXT_BYTES)
            .read_to_end(&mut bytes)
            .map_err(|error| FormatError::from_io(&format!("the .{ending}"), &error))?;
        Ok(Some(
            String::from_utf8_lossy(&bytes).trim().trim_start_matches('\u{feff}').to_owned(),
        ))
    }
}

const BUFFER_BYTES: usize = 128 << 10;
const MAX_TEXT_BYTES: u64 = 64 << 10;

fn find_in_folder(path: &Path) -> Result<BTreeMap<String, Part>, FormatError> {
    let unreadable = |error| FormatError::from_io(&input::name_of(path), &error);
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut parts = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let other = entry.map_err(unreadable)?.path();
        if other.file_stem() == path.file_stem()
            && let Some(ending) = other.extension()
        {
            parts.insert(ending.to_string_lossy().to_lowercase(), Part::File(other));
        }
    }
    // The very file that was named, should there be `A.SHP` beside `A.shp`.
    parts.insert("shp".to_owned(), Part::File(path.to_owned()));
    Ok(parts)
}

fn find_in_zip(path: &Path, options: &Options) -> Result<BTreeMap<String, Part>, FormatError> {
    let broken = |reason: String| FormatError::broken(Place::File, reason, "a zip archive that can be read");
    let file = input::open_file(path, &options.limits)?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| broken(error.to_string()))?;
    let mut layers: BTreeMap<String, BTreeMap<String, Part>> = BTreeMap::new();
    for index in 0..archive.len() {
        let member = archive.by_index_raw(index).map_err(|error| broken(error.to_string()))?;
        let name = member.name().map_err(|error| broken(error.to_string()))?.into_owned();
        let Some((stem, ending)) = name.rsplit_once('.') else { continue };
        if name.starts_with("__MACOSX/") || !member.is_file() {
            continue;
        }
        if member.encrypted() {
            return Err(broken(format!("`{name}` is encrypted")));
        }
        let is_deflated = match member.compression() {
            CompressionMethod::Stored => false,
            CompressionMethod::Deflated => true,
            other => return Err(broken(format!("`{name}` is packed by {other}"))),
        };
        let part = Part::Member(Member {
            zip: path.to_owned(),
            header_start: member.header_start(),
            packed_bytes: member.compressed_size(),
            is_deflated,
        });
        layers.entry(stem.to_owned()).or_default().insert(ending.to_lowercase(), part);
    }
    layers.retain(|_, parts| parts.contains_key("shp"));
    choose(layers, options.layer.as_deref())
}

fn choose(mut layers: BTreeMap<String, BTreeMap<String, Part>>, asked: Option<&str>) -> Result<BTreeMap<String, Part>, FormatError> {
    let names: Vec<String> = layers.keys().cloned().collect();
    let chosen = match asked {
        Some(asked) => names.iter().find(|name| *name == asked || name.rsplit('/').next() == Some(asked)),
        None if names.len() == 1 => names.first(),
        None => None,
    };
    chosen.and_then(|name| layers.remove(name)).ok_or_else(|| FormatError::Layer {
        given: asked.unwrap_or("(none)").to_owned(),
        layers: names.clone(),
    })
}

impl Member {
    fn open(&self, limits: &Limits) -> Result<Input, FormatError> {
        let mut file = input::open_file(&self.zip, limits)?;
        self.seek(&mut file)
            .map_err(|error| FormatError::from_io(&input::name_of(&self.zip), &error))?;
        let packed = file.take(self.packed_bytes);
        if !self.is_deflated {
            return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, packed)));
        }
        let taken = Arc::new(AtomicU64::new(0));
        let counted = Counted {
            inner: BufReader::new(packed),
            taken: Arc::clone(&taken),
        };
        let unpacked = Unpacked::new(DeflateDecoder::new(counted), taken, limits);
        Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, unpacked)))
    }

    /// Goes behind the local header, whose length is told by its own two length fields (APPNOTE 4.3.7).
    fn seek(&self, file: &mut File) -> std::io::Result<()> {
        let mut header = [0; 30];
        file.seek(SeekFrom::Start(self.header_start))?;
        file.read_exact(&mut header)?;
        let name_bytes = u16::from_le_bytes([header[26], header[27]]);
        let extra_bytes = u16::from_le_bytes([header[28], header[29]]);
        let data_start = self.header_start + 30 + u64::from(name_bytes) + u64::from(extra_bytes);
        file.seek(SeekFrom::Start(data_start)).map(|_| ())
    }
}
