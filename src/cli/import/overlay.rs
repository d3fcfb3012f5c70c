//! The flags that make a collection that does not exist a new overlay.
use std::path::Path;

use anyhow::bail;
use clap::{Args, ValueEnum};

use crate::domain::catalogue::{Effect, Overlay};
use crate::domain::names::Names;
use crate::domain::viewer::{Role, Viewer};
use crate::inventory::Inventory;
use crate::inventory::import::NewOverlay;

/// What a new overlay is.
#[derive(Args)]
#[command(next_help_heading = "New overlay")]
pub(super) struct OverlayFlags {
    /// What lying inside it means for a site; makes COLLECTION a new overlay
    #[arg(long, value_enum, value_name = "EFFECT")]
    effect: Option<EffectKind>,
    /// Width added around its shapes, metres
    #[arg(long, value_name = "METRES", default_value_t = 0.0, requires = "effect", value_parser = width)]
    buffer_m: f64,
    /// Its Chinese name; its key when left out, as for the other two
    #[arg(long, value_name = "TEXT", requires = "effect")]
    name_zh: Option<String>,
    /// Its English name
    #[arg(long, value_name = "TEXT", requires = "effect")]
    name_en: Option<String>,
    /// Its German name
    #[arg(long, value_name = "TEXT", requires = "effect")]
    name_de: Option<String>,
    /// Where it comes from; the name of the file when left out
    #[arg(long, value_name = "TEXT", requires = "effect")]
    source: Option<String>,
    /// It is drawn as part of the base map (water, roads, places), for everyone
    #[arg(long, requires = "effect")]
    base_map: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EffectKind {
    /// Cannot be built on
    Exclude,
    /// Not for every industry
    Restrict,
    /// Worth a look
    Warn,
    /// Only said
    Info,
}

impl OverlayFlags {
    /// The overlay to define. One that exists already must mean the same.
    pub(super) fn new_overlay(&self, (key, file): (&str, &Path), inventory: &Inventory) -> anyhow::Result<Option<NewOverlay>> {
        let Some(effect) = self.effect else { return Ok(None) };
        let named = |name: &Option<String>| name.as_deref().unwrap_or(key).into();
        let new = NewOverlay {
            names: Names {
                zh: named(&self.name_zh),
                en: named(&self.name_en),
                de: named(&self.name_de),
            },
            overlay: Overlay {
                effect: effect.into(),
                buffer_m: self.buffer_m,
                source: self.source.clone().unwrap_or_else(|| file_name(file)),
                base_map: self.base_map,
            },
        };
        let admin = Viewer {
            role: Role::Admin,
            account: None,
        };
        let view = inventory.view(&admin);
        let Some(there) = view.catalogue().collection(key) else {
            return Ok(Some(new));
        };
        let Some(is) = &there.overlay else {
            bail!(
                "--effect makes a new overlay, but {key} is a collection of the catalogue: leave it out, or name another key with --into"
            );
        };
        let same = [
            is.effect == new.overlay.effect,
            is.buffer_m.total_cmp(&new.overlay.buffer_m).is_eq(),
            is.base_map == new.overlay.base_map,
            self.source.is_none() || is.source == new.overlay.source,
            self.name_zh.is_none() || there.names.zh == new.names.zh,
            self.name_en.is_none() || there.names.en == new.names.en,
            self.name_de.is_none() || there.names.de == new.names.de,
        ];
        if same.contains(&false) {
            bail!(
                "there is an overlay {key} already, with {}; given {}: leave --effect and what belongs to it out, or name another key with --into",
                words(&there.names, is),
                words(&new.names, &new.overlay)
            );
        }
        Ok(None)
    }
}

fn words(names: &Names, overlay: &Overlay) -> String {
    format!(
        "effect {:?}, buffer {} m, names {} / {} / {}, source {}, {}",
        overlay.effect,
        overlay.buffer_m,
        names.zh,
        names.en,
        names.de,
        overlay.source,
        if overlay.base_map {
            "part of the base map"
        } else {
            "no part of the base map"
        }
    )
}

fn file_name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn width(text: &str) -> Result<f64, String> {
    /// Wider than any protection zone.
    const MOST_M: f64 = 100_000.0;
    let width = text.parse().ok().filter(|width| (0.0..=MOST_M).contains(width));
    width.ok_or_else(|| format!("expected metres from 0 to {MOST_M}"))
}

impl From<EffectKind> for Effect {
    fn from(kind: EffectKind) -> Self {
        match kind {
            EffectKind::Exclude => Self::Exclude,
            EffectKind::Restrict => Self::Restrict,
            EffectKind::Warn => Self::Warn,
            EffectKind::Info => Self::Info,
        }
    }
}
