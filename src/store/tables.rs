//! The tables that hold records, the same in every store.

/// A table of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Collection `parcels`.
    Parcels,
    /// Collection `buildings`.
    Buildings,
    /// Collection `units`.
    Units,
    /// All overlays; a column names the collection.
    OverlayFeatures,
}

impl Table {
    /// All of them, in the order in which they are loaded.
    pub const ALL: [Self; 4] = [Self::Parcels, Self::Buildings, Self::Units, Self::OverlayFeatures];

    /// Where a collection's records lie.
    pub fn of(collection: &str) -> Self {
        match collection {
            "parcels" => Self::Parcels,
            "buildings" => Self::Buildings,
            "units" => Self::Units,
            _ => Self::OverlayFeatures,
        }
    }

    /// Its name in SQL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parcels => "parcels",
            Self::Buildings => "buildings",
            Self::Units => "units",
            Self::OverlayFeatures => "overlay_features",
        }
    }

    /// Columns between the code and the version: typed core values, or the overlay's key.
    pub fn middle(self) -> &'static [&'static str] {
        match self {
            Self::Parcels | Self::Buildings | Self::Units => &["status", "available_from", "area"],
            Self::OverlayFeatures => &["collection"],
        }
    }
}

/// Name of the view that shows a collection's attributes as columns.
pub fn view_of(collection: &str) -> String {
    match Table::of(collection) {
        Table::Parcels | Table::Buildings | Table::Units => format!("{collection}_view"),
        Table::OverlayFeatures => format!("overlay_{collection}"),
    }
}
