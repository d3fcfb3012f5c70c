//! Texts in the three languages that people read.
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A text in the three languages. All three are required.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// Chinese.
    pub zh: Arc<str>,
    /// English.
    pub en: Arc<str>,
    /// German.
    pub de: Arc<str>,
}
