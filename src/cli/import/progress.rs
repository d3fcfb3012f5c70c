//! A bar for people who wait at a terminal.
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::inventory::import::Progress;

const TICK: Duration = Duration::from_millis(200);

/// A bar on standard error; none where nobody watches.
pub(super) fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::no_length();
    bar.set_style(style("{spinner} {human_pos} rows, {per_sec}, {elapsed} {msg}"));
    bar.enable_steady_tick(TICK);
    bar
}

/// Moves the bar.
pub(super) fn on(bar: &ProgressBar) -> Progress {
    let bar = bar.clone();
    Box::new(move |rows, about| {
        if let (Some(about), None) = (about, bar.length()) {
            bar.set_length(about);
            bar.set_style(style("{wide_bar} {human_pos} of {human_len} rows, {per_sec}, {eta} left {msg}"));
        }
        // The file may hold more rows than it says.
        if bar.length().is_some_and(|length| length < rows) {
            bar.set_length(rows);
        }
        bar.set_position(rows);
        if about == Some(rows) {
            bar.set_message("(writing)");
        }
    })
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_wrong_template| ProgressStyle::default_bar())
}
