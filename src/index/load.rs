//! Fills a first snapshot from a store, several parts side by side, without making a record of any row.
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::arena::Outline;
use super::json::{self, Hints};
use super::layer::Layer;
use super::lookup::Closed;
use super::schema::Schema;
use super::snapshot::{Inner, Snapshot};
use super::table::{Sources, Stamp, Table};
use super::wkb_reader;
use crate::domain::catalogue::Catalogue;
use crate::domain::ids::{AttributeKey, Revision};
use crate::domain::record::{Provenance, RawRecord, Record};

/// Takes the records of a store and makes a snapshot of them.
pub struct Builder {
    catalogue: Arc<Catalogue>,
    schemas: Arc<Vec<Arc<Schema>>>,
    parts: Vec<Arc<Mutex<Part>>>,
}

/// Rows of a table of the load. Few enough that its parts grow without being moved about in large pieces, and that the shards can have their memory later.
const TABLE_ROWS: usize = 8_192;

/// What one sink has taken, by layer.
#[derive(Default)]
struct Part {
    layers: Vec<LayerPart>,
    sources: HashMap<String, Sources>,
    outline: Outline,
}

#[derive(Default)]
struct LayerPart {
    /// Full ones.
    tables: Vec<Table>,
    table: Table,
    hints: Hints,
    closed: Vec<Arc<Record>>,
    revision: Revision,
}

/// As `store::Sink`, spelled out because that lies a floor above.
pub type Fill = Box<dyn FnMut(RawRecord<'_>) -> Result<(), String> + Send>;

impl Builder {
    /// A builder that is filled through this many sinks side by side.
    pub fn new(catalogue: Arc<Catalogue>, parts: usize) -> Self {
        let schemas: Vec<_> = catalogue
            .collections
            .iter()
            .map(|each| Arc::new(Schema::new(&catalogue, &each.key)))
            .collect();
        let layer = |schema: &Arc<Schema>| LayerPart {
            table: Table::new(schema),
            ..LayerPart::default()
        };
        let part = || Part {
            layers: schemas.iter().map(layer).collect(),
            ..Part::default()
        };
        Self {
            parts: (0..parts.max(1)).map(|_| Arc::new(Mutex::new(part()))).collect(),
            catalogue,
            schemas: Arc::new(schemas),
        }
    }

    /// One sink per part, for `Store::load`. Every record must be given once, to any of them.
    pub fn sinks(&self) -> Vec<Fill> {
        let sink = |part: &Arc<Mutex<Part>>| -> Fill {
            let (part, schemas) = (Arc::clone(part), Arc::clone(&self.schemas));
            Box::new(move |raw| {
                let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
                part.take(&schemas, &raw).map_err(|reason| format!("record {}: {reason}", raw.code))
            })
        };
        self.parts.iter().map(sink).collect()
    }

    /// The snapshot of all that was given, at this revision.
    pub fn finish(self, revision: Revision) -> Snapshot {
        let mut tables: Vec<Vec<Table>> = self.schemas.iter().map(|_| Vec::new()).collect();
        let mut closed = vec![Closed::default(); self.schemas.len()];
        let mut revisions = vec![Revision(0); self.schemas.len()];
        for part in &self.parts {
            let part = std::mem::take(&mut *part.lock().unwrap_or_else(PoisonError::into_inner));
            for (number, layer) in part.layers.into_iter().enumerate() {
                tables[number].extend(layer.tables);
                tables[number].push(layer.table);
                layer.closed.into_iter().for_each(|record| closed[number].insert(record));
                revisions[number] = revisions[number].max(layer.revision);
            }
        }
        let finished = self.schemas.iter().zip(tables).zip(closed.into_iter().zip(revisions));
        let layers = finished.map(|((schema, tables), (closed, revision))| {
            let mut layer = Layer::build(Arc::clone(schema), &tables);
            drop(tables);
            layer.closed = closed;
            layer.revision = revision;
            Arc::new(layer)
        });
        Snapshot(Arc::new(Inner {
            revision,
            layers: layers.collect(),
            catalogue: self.catalogue,
        }))
    }
}

impl Part {
    fn take(&mut self, schemas: &[Arc<Schema>], raw: &RawRecord<'_>) -> Result<(), String> {
        // A collection that the catalogue lacks (an overlay taken out) stays in the store, unseen.
        let Some(number) = schemas.iter().position(|schema| schema.collection.as_str() == raw.collection) else {
            return Ok(());
        };
        self.outline.clear();
        wkb_reader::scan(raw.wkb, &mut |kind, points| self.outline.ring(kind, points))?;
        let stamp = Stamp {
            version: raw.version,
            revision: raw.revision,
            changed_at_us: raw.changed_at_us,
            sources: self.sources(raw.provenance)?,
        };
        Timestamp::from_microsecond(raw.changed_at_us).map_err(|error| error.to_string())?;
        let part = &mut self.layers[number];
        part.revision = part.revision.max(raw.revision);
        let schema = &schemas[number];
        if !raw.closed.is_empty() {
            let mut alone = Table::new(schema);
            let row = alone.begin(raw.id, raw.code, stamp);
            alone.push_shape(&self.outline);
            json::put(&mut alone, schema, &mut part.hints, (row, raw.attributes))?;
            let mut record = alone.record(schema, row);
            record.closed = Some(serde_json::from_str(raw.closed).map_err(|error| error.to_string())?);
            part.closed.push(Arc::new(record));
            return Ok(());
        }
        if part.table.len() >= TABLE_ROWS {
            part.tables.push(std::mem::replace(&mut part.table, Table::new(schema)));
        }
        let row = part.table.begin(raw.id, raw.code, stamp);
        part.table.push_shape(&self.outline);
        json::put(&mut part.table, schema, &mut part.hints, (row, raw.attributes))
    }

    /// Rows imported together mostly say the same: their text is read once.
    fn sources(&mut self, text: &str) -> Result<Option<Sources>, String> {
        const REMEMBERED: usize = 4096;
        if text.is_empty() {
            return Ok(None);
        }
        if let Some(known) = self.sources.get(text) {
            return Ok(Some(Arc::clone(known)));
        }
        let sources: BTreeMap<AttributeKey, Provenance> = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let sources = Arc::new(sources);
        if self.sources.len() < REMEMBERED {
            self.sources.insert(text.to_owned(), Arc::clone(&sources));
        }
        Ok((!sources.is_empty()).then_some(sources))
    }
}
