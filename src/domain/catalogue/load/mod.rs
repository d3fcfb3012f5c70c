//! From files to the catalogue: everything is read, everything is checked, and every fault is told at once with its file and line.
mod attributes;
mod lifecycles;
mod lists;
mod places;
mod quantities;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::Arc;

use super::entries::{
    AttributeEntry, CollectionEntry, File, GroupEntry, LifecycleEntry, ListEntry, MappingEntry, OverlayFieldsEntry, QuantityEntry,
};
use super::error::{CatalogueError, Problem};
use super::model::{Catalogue, Collection, OverlayFields, PhotoWanted};
use crate::domain::ids::CollectionKey;
use places::{Faults, Placed, Source};

/// Entries of all files, each with the file it comes from.
#[derive(Default)]
struct Entries<'a> {
    collections: Vec<Placed<'a, CollectionEntry>>,
    groups: Vec<Placed<'a, GroupEntry>>,
    quantities: Vec<Placed<'a, QuantityEntry>>,
    lists: Vec<Placed<'a, ListEntry>>,
    mappings: Vec<Placed<'a, MappingEntry>>,
    lifecycles: Vec<Placed<'a, LifecycleEntry>>,
    attributes: Vec<Placed<'a, AttributeEntry>>,
    overlay_fields: Vec<Placed<'a, OverlayFieldsEntry>>,
}

impl Catalogue {
    /// Loads and checks a catalogue from files (name and text). Entries keep the order of files and of lines; attributes are then ordered by their groups.
    pub fn load(files: &[(String, String)]) -> Result<Self, CatalogueError> {
        let mut faults = Faults::default();
        let entries = read(files, &mut faults);
        faults.stop_here()?;
        let mut catalogue = Self::default();
        add_collections(&mut catalogue, &entries, &mut faults);
        quantities::add(&mut catalogue, &entries.quantities, &mut faults);
        lists::add(&mut catalogue, &entries.lists, &mut faults);
        lifecycles::add(&mut catalogue, &entries.lifecycles, &mut faults);
        lists::map(&mut catalogue, &entries.mappings, &mut faults);
        attributes::add(&mut catalogue, &entries.attributes, &mut faults);
        catalogue.index();
        lifecycles::check(&catalogue, &entries.lifecycles, &mut faults);
        attributes::check(&catalogue, &entries.attributes, &mut faults);
        faults.stop_here()?;
        Ok(catalogue)
    }
}

fn read<'a>(files: &'a [(String, String)], faults: &mut Faults) -> Entries<'a> {
    let mut all = Entries::default();
    for (name, text) in files {
        let source = Source { name, text };
        match toml::from_str::<File>(text) {
            Ok(file) => spread(source, file, &mut all),
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start);
                faults.add(source, offset, Problem::Form(error.message().replace('\n', " ")));
            }
        }
    }
    all
}

fn spread<'a>(source: Source<'a>, file: File, all: &mut Entries<'a>) {
    fn place<'a, T>(source: Source<'a>, entries: impl IntoIterator<Item = T>, into: &mut Vec<Placed<'a, T>>) {
        into.extend(entries.into_iter().map(|entry| Placed { source, entry }));
    }
    place(source, file.collection, &mut all.collections);
    place(source, file.group, &mut all.groups);
    place(source, file.quantity, &mut all.quantities);
    place(source, file.list, &mut all.lists);
    place(source, file.mapping, &mut all.mappings);
    place(source, file.lifecycle, &mut all.lifecycles);
    place(source, file.attribute, &mut all.attributes);
    place(source, file.overlay_fields, &mut all.overlay_fields);
}

fn add_collections(catalogue: &mut Catalogue, entries: &Entries<'_>, faults: &mut Faults) {
    let mut seen = HashSet::new();
    for Placed { source, entry } in &entries.collections {
        faults.key(*source, &entry.key);
        faults.once(*source, ("collection", &entry.key), &mut seen);
        catalogue.collections.push(Collection {
            key: CollectionKey::from(entry.key.get_ref().as_str()),
            names: faults.names(*source, &entry.names),
            overlay: None,
        });
        let photos = photos(*source, entry, faults);
        catalogue.photos.insert(CollectionKey::from(entry.key.get_ref().as_str()), photos);
    }
    let mut seen = HashSet::new();
    for Placed { source, entry } in &entries.groups {
        faults.key(*source, &entry.key);
        faults.once(*source, ("group", &entry.key), &mut seen);
        let key: Arc<str> = Arc::from(entry.key.get_ref().as_str());
        catalogue.groups.push((key, faults.names(*source, &entry.names)));
    }
    for Placed { source, entry } in &entries.overlay_fields {
        let groups: Vec<_> = catalogue.groups.iter().map(|(key, _)| key.to_string()).collect();
        faults.among(*source, ("group", &entry.group), &groups);
        catalogue.overlay_fields = OverlayFields {
            group: Arc::from(entry.group.get_ref().as_str()),
            max_chars: *entry.max_chars.get_ref(),
            visibility: entry.visibility,
            help: faults.names(*source, &entry.help),
        };
    }
}

fn photos(source: Source<'_>, entry: &CollectionEntry, faults: &mut Faults) -> Vec<PhotoWanted> {
    let mut seen = HashSet::new();
    let mut wanted = Vec::with_capacity(entry.photos.len());
    for photo in &entry.photos {
        faults.key(source, &photo.key);
        faults.once(source, ("photo", &photo.key), &mut seen);
        wanted.push(PhotoWanted {
            key: Arc::from(photo.key.get_ref().as_str()),
            names: faults.names(source, &photo.names),
            required: photo.required,
        });
    }
    wanted
}
