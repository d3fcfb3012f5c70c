//! The committed requirements, kept as investment staff would keep them, so that the desk has examples to open.
use serde_json::Value as Json;

use crate::domain::viewer::{Role, Viewer};
use crate::inventory::Inventory;
use crate::suitability::requirement::Limits;

macro_rules! committed {
    ($($name:literal),* $(,)?) => {
        [$(include_str!(concat!("../../../data/demo/requirements/", $name, ".json"))),*]
    };
}

/// In the order in which they are kept.
const REQUIREMENTS: [&str; 6] = committed!(
    "a_medical_silicone",
    "b_auto_parts",
    "c_lithium_cells",
    "d_precision_optics",
    "e_small_firm",
    "f_ic_packaging",
);

/// Keeps those that are not kept yet, each with the answer that it has now; gives how many.
pub async fn keep(inventory: &Inventory) -> anyhow::Result<usize> {
    let staff = Viewer {
        role: Role::Staff,
        account: Some("staff".into()),
    };
    let kept = inventory.requirements(&staff).await?;
    let is_kept = |name: &Json| {
        let mut all = kept["requirements"].as_array().into_iter().flatten();
        all.any(|one| one["name"] == *name && one["author"] == "staff")
    };
    let mut count = 0;
    for text in REQUIREMENTS {
        let document: Json = serde_json::from_str(text)?;
        if !is_kept(&document["name"]) {
            inventory.save_requirement(&staff, &document, &Limits::default()).await?;
            count += 1;
        }
    }
    Ok(count)
}
