//! Bytes under a name, in a folder beside the file: `park.gpkg.photos/3f/3f9a...`. What was added is synced before it is said.
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::store::StoreError;

/// The folder.
pub struct Photos {
    folder: PathBuf,
    store: String,
    /// One writer at a time: the end of a file must be where it was when it was looked at.
    writing: Mutex<()>,
}

impl Photos {
    /// The folder of the file at this path; it is made with the first bytes.
    pub fn beside(path: &Path, store: &str) -> Self {
        let mut name = path.as_os_str().to_owned();
        name.push(".photos");
        Self {
            folder: name.into(),
            store: store.to_owned(),
            writing: Mutex::default(),
        }
    }

    /// Bytes under a name.
    pub fn size(&self, name: &str) -> Result<Option<u64>, StoreError> {
        match std::fs::metadata(self.path(name)?) {
            Ok(found) => Ok(Some(found.len())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.cannot(&error)),
        }
    }

    /// Adds bytes at the end, which must be at `start`.
    pub fn append(&self, name: &str, start: u64, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path(name)?;
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let end = self.size(name)?.unwrap_or(0);
        if end != start {
            return Err(StoreError::Duplicate {
                what: "place in the blob",
                value: end.to_string(),
            });
        }
        let add = || {
            let folder = path.parent().unwrap_or(&self.folder);
            std::fs::create_dir_all(folder)?;
            let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
            let added = file.write_all(bytes).and_then(|()| file.sync_data());
            if added.is_err() {
                // What is half there would stand in the way of the same bytes sent again.
                drop(file.set_len(start));
            }
            added?;
            if start == 0 { self.sync_folders(folder) } else { Ok(()) }
        };
        add().map_err(|error| self.cannot(&error))
    }

    /// At most `most` bytes from `start`.
    pub fn read(&self, name: &str, start: u64, most: usize) -> Result<Vec<u8>, StoreError> {
        let read = |path: PathBuf| -> std::io::Result<Vec<u8>> {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            file.take(most as u64).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        match read(self.path(name)?) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            read => read.map_err(|error| self.cannot(&error)),
        }
    }

    /// Gives what is under a name another one; what was under that is replaced.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), StoreError> {
        let (from, to) = (self.path(from)?, self.path(to)?);
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = to.parent().unwrap_or(&self.folder).to_owned();
        let moved = std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::rename(from, to))
            .and_then(|()| self.sync_folders(&folder));
        moved.map_err(|error| self.cannot(&error))
    }

    /// Removes what is under a name, if anything is.
    pub fn remove(&self, name: &str) -> Result<(), StoreError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        match std::fs::remove_file(self.path(name)?) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.cannot(&error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Makes new names durable: those of the files in a folder, of the folder, and of the folder around it.
    fn sync_folders(&self, folder: &Path) -> std::io::Result<()> {
        let around = self.folder.parent().filter(|around| !around.as_os_str().is_empty());
        for each in [folder, &self.folder, around.unwrap_or(Path::new("."))] {
            File::open(each)?.sync_all()?;
        }
        Ok(())
    }

    /// Names are made by the program; one that could lead out of the folder is refused all the same.
    fn path(&self, name: &str) -> Result<PathBuf, StoreError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
        if name.len() < 3 || name.starts_with('.') || !name.bytes().all(plain) || name.contains("..") {
            return Err(StoreError::Refused {
                store: self.store.clone(),
                reason: format!("given the name {name:?} of a blob, expected lower-case letters, digits, - and ."),
            });
        }
        Ok(self.folder.join(&name[..2]).join(name))
    }

    fn cannot(&self, error: &std::io::Error) -> StoreError {
        let store = self.store.clone();
        let reason = format!("{}: {error}", self.folder.display());
        if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
            StoreError::Full { store, reason }
        } else {
            StoreError::Unavailable { store, reason }
        }
    }
}
