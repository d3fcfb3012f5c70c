//! Bytes under a name, in a folder beside the file: `park.gpkg.photos/3f/3f9a...`. What was added is synced before it is said.
use std::collections::BTreeMap;
use std::fs::{DirEntry, File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::store::{StoreError, UNFINISHED};

/// The folder.
pub struct Photos {
    folder: PathBuf,
    store: String,
    /// One writer at a time: the end of a file must be where it was when it was looked at.
    writing: Mutex<Sizes>,
}

/// Bytes under each name that is unfinished; `None` until the folder was looked through for them. Nobody else writes there, so they stay true.
type Sizes = Option<BTreeMap<String, u64>>;

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
        let mut sizes = self.writer();
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
        let added = add();
        if added.is_err() {
            // How much is there now is to be looked at, not guessed.
            *sizes = None;
        } else if let Some(sizes) = sizes.as_mut().filter(|_| name.ends_with(UNFINISHED)) {
            sizes.insert(name.to_owned(), start + bytes.len() as u64);
        }
        added.map_err(|error| self.cannot(&error))
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

    /// Gives what is under a name another one; what was under that is replaced. `false` where nothing is.
    pub fn rename(&self, from: &str, to: &str) -> Result<bool, StoreError> {
        let (old, new) = (self.path(from)?, self.path(to)?);
        let mut sizes = self.writer();
        if self.size(from)?.is_none() {
            return Ok(false);
        }
        let folder = new.parent().unwrap_or(&self.folder).to_owned();
        let moved = std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::rename(old, new))
            .and_then(|()| self.sync_folders(&folder));
        match sizes.as_mut() {
            Some(sizes) if moved.is_ok() => drop(sizes.remove(from)),
            _ => *sizes = None,
        }
        moved.map(|()| true).map_err(|error| self.cannot(&error))
    }

    /// Removes what is under a name, if anything is.
    pub fn remove(&self, name: &str) -> Result<(), StoreError> {
        self.take_away(name, &mut self.writer())
    }

    fn take_away(&self, name: &str, sizes: &mut Sizes) -> Result<(), StoreError> {
        match std::fs::remove_file(self.path(name)?) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(self.cannot(&error)),
            Ok(()) | Err(_) => {}
        }
        if let Some(sizes) = sizes {
            sizes.remove(name);
        }
        Ok(())
    }

    /// Bytes under unfinished names with this ending.
    pub fn unfinished(&self, ending: &str) -> Result<u64, StoreError> {
        let mut sizes = self.writer();
        if sizes.is_none() {
            let size = |entry: DirEntry| Some((name_of(&entry), entry.metadata().ok()?.len()));
            *sizes = Some(self.unfinished_files()?.into_iter().filter_map(size).collect());
        }
        let own = sizes.iter().flatten().filter(|(name, _)| name.ends_with(ending));
        Ok(own.map(|(_, bytes)| bytes).sum())
    }

    /// Removes unfinished names to which nothing was added for so long; how many bytes each had. The file system notes when that was.
    pub fn remove_idle(&self, idle: Duration) -> Result<Vec<u64>, StoreError> {
        let mut removed = Vec::new();
        for entry in self.unfinished_files()? {
            // Its sender may come back meanwhile: looked at and removed while nobody writes.
            let mut sizes = self.writer();
            let Ok(found) = entry.metadata() else { continue };
            // A time that is still to come is not long ago.
            let age = found.modified().map(|at| SystemTime::now().duration_since(at).unwrap_or_default());
            if age.is_ok_and(|age| age > idle) {
                self.take_away(&name_of(&entry), &mut sizes)?;
                removed.push(found.len());
            }
        }
        Ok(removed)
    }

    fn unfinished_files(&self) -> Result<Vec<DirEntry>, StoreError> {
        let list = |folder: &Path| match std::fs::read_dir(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            listed => listed.and_then(Iterator::collect::<std::io::Result<Vec<DirEntry>>>),
        };
        let is_ours = |entry: &DirEntry| {
            let name = name_of(entry);
            name.ends_with(UNFINISHED) && self.path(&name).is_ok_and(|path| path == entry.path())
        };
        let look = || {
            let mut found = Vec::new();
            for folder in list(&self.folder)? {
                if folder.file_type()?.is_dir() {
                    found.extend(list(&folder.path())?.into_iter().filter(is_ours));
                }
            }
            Ok(found)
        };
        look().map_err(|error| self.cannot(&error))
    }

    fn writer(&self) -> MutexGuard<'_, Sizes> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
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

fn name_of(entry: &DirEntry) -> String {
    entry.file_name().to_string_lossy().into_owned()
}
