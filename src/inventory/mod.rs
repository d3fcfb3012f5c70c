//! The inventory: everything that reads or changes records goes through here.
//!
//! [`Inventory`] owns the published state and its one writer. A reader takes a [`View`] (one snapshot, and the projection of what its viewer may see)
//! and keeps it from start to end; it never waits for the writer. A writer's edit is judged, committed to the store together with others that wait,
//! then published, then answered: a receipt is given only for what is durable and visible.
//!
//! Read in this order: [`Inventory`], `request` (what is sent), `incoming` (how it comes in), `writer` (how it is judged and committed), `inbox` (what waits for a person), `view`
//! (what may be read), `past` (what it was), `ground` and
//! `suit` (what suits a project).
//!
//! Deliberately absent: HTTP, SQL, file formats, and any list of attributes (the catalogue has it).
mod contradictions;
mod error;
mod families;
mod followers;
mod freshness;
mod ground;
pub mod import;
mod inbox;
mod incoming;
mod open;
mod outline;
mod past;
mod published;
mod request;
mod settings;
mod suit;
mod tile_cache;
mod view;
mod writer;

pub use error::{EditError, OpenError, ReadError};
pub use ground::GroundLimits;
pub use inbox::{DECIDERS, Decided, DecisionRequest, EditStatus, InboxPage, InboxQuery};
pub use incoming::IncomingEdit;
pub use open::{AsOf, Inventory, Warnings};
pub use past::{At, PastError};
pub use published::Change;
pub use request::{CloseRequest, CreateRequest, EditRequest, Hand};
pub use settings::{Settings, of_machine};
pub use suit::{KEEPERS, RequirementError, SuitError, Suited, UnfitRequirement, suit};
pub use view::{
    Around, ChangeLine, ChangePage, Export, ExportFormat, FacetPage, GeometryChoice, HistoryLine, Item, Page, Spot, Tile, TileAddress, View,
};
pub use writer::{Bulk, BulkReport, Held, Refused};
pub use writer::{Hold, NOT_ALONE};
