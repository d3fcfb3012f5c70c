//! Overlays that an import defines.
use super::fields::Fields;
use super::mapping::Mapping;
use crate::domain::catalogue::{Collection, Names, Overlay};
use crate::domain::ids::CollectionKey;
use crate::store::OverlayDefinition;

/// An overlay that does not exist yet.
#[derive(Clone, Debug, PartialEq)]
pub struct NewOverlay {
    /// What people call it.
    pub names: Names,
    /// What lying inside it means, and where it comes from.
    pub overlay: Overlay,
}

/// Endings that are search parameters and so cannot end the key of an attribute.
const RESERVED_ENDINGS: [&str; 6] = ["_min", "_max", "_unit", "_unknown", "_scheme", "_tax"];

/// The overlay with a text attribute for each of these fields.
pub(super) fn define(key: &CollectionKey, new: &NewOverlay, fields: &[String]) -> OverlayDefinition {
    let mut keys: Vec<(String, String)> = Vec::with_capacity(fields.len());
    for (position, field) in fields.iter().enumerate() {
        let mut key = key_of(field).unwrap_or_else(|| format!("field_{}", position + 1));
        if keys.iter().any(|(taken, _)| *taken == key) {
            key = format!("{key}_{}", position + 1);
        }
        keys.push((key, field.clone()));
    }
    OverlayDefinition {
        collection: Collection {
            key: key.clone(),
            names: new.names.clone(),
            overlay: Some(new.overlay.clone()),
        },
        overlay: new.overlay.clone(),
        fields: keys,
    }
}

/// `Osm ID` is `osm_id`; `None` where nothing of ASCII is left to make a key of.
fn key_of(field: &str) -> Option<String> {
    let lower = field.trim().to_ascii_lowercase();
    let key: String = lower.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let key = key.trim_matches('_').to_owned();
    if !key.starts_with(|c: char| c.is_ascii_lowercase()) || !lower.is_ascii() {
        return None;
    }
    let is_reserved = RESERVED_ENDINGS.iter().any(|ending| key.ends_with(ending));
    Some(if is_reserved { format!("{key}_field") } else { key })
}

/// Codes of an overlay's features begin with its key, since codes are unique in the whole store; features without a name of their own are told apart by their outlines.
pub(super) fn name_features(mapping: &mut Mapping, key: &CollectionKey, fields: &Fields) {
    if mapping.code.is_empty() {
        mapping.code.extend(fields.code.as_ref().map(|field| format!("{key}-{{{field}}}")));
        mapping.code.push(format!("{key}-{{geometry}}"));
    }
}

/// Whether this can be the key of a collection: it stands in addresses and names tables.
pub(super) fn is_key(key: &CollectionKey) -> bool {
    let key = key.as_str();
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    key.starts_with(|c: char| c.is_ascii_lowercase()) && key.len() <= KEY_BYTES && key.chars().all(is_plain)
}

/// Longest key: a database cuts longer names, and views are named after it.
const KEY_BYTES: usize = 48;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::Effect;

    #[test]
    fn fields_get_keys_that_can_be_search_parameters() {
        let new = NewOverlay {
            names: Names::default(),
            overlay: Overlay {
                effect: Effect::Exclude,
                buffer_m: 0.0,
                source: String::new(),
                base_map: false,
            },
        };
        let fields = ["Osm ID", "名称", "depth_min", "osm-id", "2nd"].map(str::to_owned);
        let keys: Vec<_> = define(&"water".into(), &new, &fields)
            .fields
            .into_iter()
            .map(|(key, _)| key)
            .collect();
        assert_eq!(keys, ["osm_id", "field_2", "depth_min_field", "osm_id_4", "field_5"]);
    }
}
