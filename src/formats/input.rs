//! Bytes of a file, unpacked on the way when they are gzip, never more than the limits allow.
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use super::{FormatError, Limits, Place};

const BUFFER_BYTES: usize = 256 << 10;

/// Bytes that come in order.
pub type Input = Box<dyn BufRead + Send>;

/// What people call a file: its name without folders.
pub fn name_of(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Opens a plain file after looking at its size.
pub fn open_file(path: &Path, limits: &Limits) -> Result<File, FormatError> {
    let unreadable = |error: io::Error| FormatError::from_io(&name_of(path), &error);
    let file = File::open(path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    if !about.is_file() {
        return Err(unreadable(io::Error::other("it is not a file")));
    }
    if about.len() > limits.max_file_bytes {
        return Err(FormatError::Limit {
            place: Place::File,
            limit: "bytes of a file",
            allowed: limits.max_file_bytes,
            given: about.len().to_string(),
        });
    }
    Ok(file)
}

/// Opens a text file; gzip is known by its first two bytes, whatever the name says.
pub fn open_text(path: &Path, limits: &Limits) -> Result<Input, FormatError> {
    let mut packed = BufReader::with_capacity(BUFFER_BYTES, open_file(path, limits)?);
    let head = packed.fill_buf().map_err(|error| FormatError::from_io(&name_of(path), &error))?;
    if !head.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(packed));
    }
    Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, unpack_gzip(packed, limits))))
}

fn unpack_gzip(packed: BufReader<File>, limits: &Limits) -> impl Read + Send + use<> {
    let taken = Arc::new(AtomicU64::new(0));
    let counted = Counted {
        inner: packed,
        taken: Arc::clone(&taken),
    };
    Unpacked::new(MultiGzDecoder::new(counted), taken, limits)
}

/// Counts what is read through it.
pub struct Counted<R> {
    /// Where the bytes come from.
    pub inner: R,
    /// Bytes so far.
    pub taken: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.taken.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Stops unpacking when the limits are passed: a bomb costs no more than the limit.
pub struct Unpacked<R> {
    inner: R,
    packed_bytes: Arc<AtomicU64>,
    bytes: u64,
    limits: Limits,
}

impl<R> Unpacked<R> {
    /// Guards an unpacking reader; `packed_bytes` is counted by the [`Counted`] below it.
    pub fn new(inner: R, packed_bytes: Arc<AtomicU64>, limits: &Limits) -> Self {
        Self {
            inner,
            packed_bytes,
            bytes: 0,
            limits: limits.clone(),
        }
    }

    fn check(&self) -> Result<(), FormatError> {
        let beyond = |limit, allowed| FormatError::Limit {
            place: Place::File,
            limit,
            allowed,
            given: format!("more than {allowed}"),
        };
        if self.bytes > self.limits.max_decompressed_bytes {
            return Err(beyond("bytes of the unpacked file", self.limits.max_decompressed_bytes));
        }
        let packed = self.packed_bytes.load(Ordering::Relaxed).max(1);
        if self.bytes > self.limits.ratio_after_bytes && self.bytes / packed > self.limits.max_ratio {
            return Err(beyond("the ratio of unpacked to packed bytes", self.limits.max_ratio));
        }
        Ok(())
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes += count as u64;
        self.check().map_err(io::Error::other)?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip_file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut encoder = GzEncoder::new(&file, Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap();
        file
    }

    fn read_all(path: &Path, limits: &Limits) -> Result<Vec<u8>, FormatError> {
        let mut bytes = Vec::new();
        match open_text(path, limits)?.read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(error) => Err(FormatError::from_io("test", &error)),
        }
    }

    fn limit_of(result: Result<Vec<u8>, FormatError>) -> &'static str {
        match result {
            Err(FormatError::Limit { limit, .. }) => limit,
            other => panic!("expected a limit, got {other:?}"),
        }
    }

    #[test]
    fn gzip_is_known_by_its_bytes() {
        let file = gzip_file(b"{\"type\": 1}");
        assert_eq!(read_all(file.path(), &Limits::default()).unwrap(), b"{\"type\": 1}");
    }

    #[test]
    fn a_gzip_bomb_is_stopped_by_its_ratio() {
        let file = gzip_file(&vec![b' '; 4 << 20]);
        let limits = Limits {
            ratio_after_bytes: 1 << 20,
            ..Limits::default()
        };
        assert_eq!(limit_of(read_all(file.path(), &limits)), "the ratio of unpacked to packed bytes");
    }

    #[test]
    fn unpacked_bytes_are_limited() {
        let file = gzip_file(&vec![b' '; 4 << 20]);
        let limits = Limits {
            max_decompressed_bytes: 1 << 20,
            ..Limits::default()
        };
        assert_eq!(limit_of(read_all(file.path(), &limits)), "bytes of the unpacked file");
    }

    #[test]
    fn file_bytes_are_limited() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&[b' '; 100]).unwrap();
        let limits = Limits {
            max_file_bytes: 99,
            ..Limits::default()
        };
        assert_eq!(limit_of(read_all(file.path(), &limits)), "bytes of a file");
    }

    #[test]
    fn a_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(
            read_all(folder.path(), &Limits::default()),
            Err(FormatError::Unreadable { .. })
        ));
    }
}
