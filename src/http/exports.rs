//! `GET /api/v1/exports`: all that matches, as a file, written while it is read.
use std::convert::Infallible;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

use super::asking::{AT, Asking};
use super::conditional::bytes;
use super::problem::{self, Problem};
use crate::inventory::{Export, ExportFormat};

/// Parameters that are not the filter's.
pub const OWN: &[&str] = &["collection", "format", AT];

/// Pieces that wait for a slow reader; the writing thread waits with them, the revision stays in memory until then.
const PIECES_AHEAD: usize = 4;

/// A file of all that matches.
pub async fn write(asking: Asking) -> Result<Response, Problem> {
    let collection = asking.collection()?.to_owned();
    let query = asking.query(&collection, OWN)?;
    let (format, kind, extension) = format(asking.asked.value("format"))?;
    let name = format!("attachment; filename=\"zaiti-{collection}-{}.{extension}\"", asking.view.revision());
    let export = asking.weighed(true, move |asking| asking.view.export(&query, format)).await??;
    let mut response = bytes(kind, stream(export));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

fn stream(export: Export) -> Body {
    let (pieces, waiting) = mpsc::channel(PIECES_AHEAD);
    tokio::task::spawn_blocking(move || {
        for piece in export {
            // Whoever asked has gone.
            if pieces.blocking_send(Bytes::from(piece)).is_err() {
                return;
            }
        }
    });
    Body::from_stream(ReceiverStream::new(waiting).map(Ok::<_, Infallible>))
}

fn format(given: Option<&str>) -> Result<(ExportFormat, &'static str, &'static str), Problem> {
    match given {
        None | Some("geojson") => Ok((ExportFormat::GeoJson, "application/geo+json", "geojson")),
        Some("csv") => Ok((ExportFormat::Csv, "text/csv; charset=utf-8", "csv")),
        Some(other) => Err(Problem::new(problem::BAD_PARAMETER, "there is no such format")
            .about("format")
            .given(other)
            .expected("geojson or csv")),
    }
}
