//! The catalogue that is compiled in.
use super::error::CatalogueError;
use super::model::Catalogue;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/catalogue/", $name)))),*]
    };
}

/// Names and texts of the files in `data/catalogue`, in order of name.
const FILES: &[(&str, &str)] = files![
    "buildings.toml",
    "codes.toml",
    "collections.toml",
    "land_use.toml",
    "lifecycles.toml",
    "parcels.toml",
    "quantities.toml",
    "shared.toml",
    "units.toml",
];

impl Catalogue {
    /// The catalogue that is compiled in, `data/catalogue`.
    pub fn builtin() -> Result<Self, CatalogueError> {
        let files: Vec<_> = FILES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Self::load(&files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_compiled_in() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/catalogue");
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| name != "README.md")
            .collect();
        names.sort();
        assert_eq!(names, FILES.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>());
    }
}
