//! A catalogue directory of the test's own: the built-in files, and what is written beside them.
use std::path::{Path, PathBuf};

use zaiti::domain::catalogue::Catalogue;

/// Copies `data/catalogue` into a folder and adds a file.
pub fn with_file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let directory = folder.join("catalogue");
    std::fs::create_dir_all(&directory).unwrap();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/catalogue");
    for entry in std::fs::read_dir(own).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            std::fs::copy(&path, directory.join(path.file_name().unwrap())).unwrap();
        }
    }
    std::fs::write(directory.join(name), text).unwrap();
    directory
}

/// Reads such a directory.
pub fn read(directory: &Path) -> Catalogue {
    let mut files: Vec<(String, String)> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                std::fs::read_to_string(path).unwrap(),
            )
        })
        .collect();
    files.sort();
    Catalogue::load(&files).unwrap()
}

/// An attribute of carriers with these lines of its own.
pub fn attribute(key: &str, collections: &str, lines: &str) -> String {
    let has = |name: &str| lines.lines().any(|line| line.starts_with(name));
    let visibility = if has("visibility") { "" } else { "visibility = \"public\"\n" };
    format!(
        "[[attribute]]\nkey = \"{key}\"\nin = [{collections}]\n{lines}\n{visibility}\
         names = {{ zh = \"新{key}\", en = \"New {key}\", de = \"Neu {key}\" }}\n\
         help = {{ zh = \"帮助\", en = \"Help\", de = \"Hilfe\" }}\n\
         group = \"construction\"\nsource = \"Practice\"\neditable_by = \"surveyor\"\nmerge = \"conflict\"\n"
    )
}
