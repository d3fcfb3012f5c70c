//! How the service is set up: limits and what the operator decides. Made by `cli`, which knows flags and environment.
use std::time::Duration;

use crate::domain::names::Names;
use crate::filter;
use crate::suitability::requirement;

/// All of it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What one client, or all together, may ask for.
    pub limits: Limits,
    /// Whether a write must say which version it is based on.
    pub if_match: IfMatch,
    /// Whether a proxy stands in front and tells who asks.
    pub proxy: Proxy,
    /// Address by which people reach the service, when that is not what the `Host` header says (`https://park.example`).
    pub public_url: Option<String>,
    /// An operator's base map under the drawn one.
    pub base_map: Option<BaseMap>,
    /// Name of the installation.
    pub title: Names,
    /// Whom to ask: a mail address or telephone number.
    pub contact: Option<String>,
}

/// Limits with safe defaults. Each is a flag of `zaiti serve`.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Largest body, bytes.
    pub body_bytes: usize,
    /// Longest time for a client to send the head of a request.
    pub header_read: Duration,
    /// Longest time until an answer begins.
    pub request: Duration,
    /// Most requests at work at the same moment.
    pub concurrent_requests: usize,
    /// Most open connections.
    pub connections: usize,
    /// Requests per second that one address may make in the long run; 0 for any number.
    pub peer_requests_per_s: u32,
    /// Requests that one address may make at once before that.
    pub peer_burst: u32,
    /// Most rows of a page.
    pub page_rows: usize,
    /// Most vertices of a polygon given as `within`.
    pub within_vertices: usize,
    /// Most facets asked for at once.
    pub facets: usize,
    /// Most edits in a batch.
    pub edits_per_batch: usize,
    /// Most open change streams.
    pub streams: usize,
    /// Time between two signs of life on a change stream.
    pub heartbeat: Duration,
    /// Most heavy requests (facets, exports, low zooms) that may wait for their turn.
    pub heavy_queue: usize,
    /// Largest tile before compression, bytes.
    pub tile_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 2 << 20,
            header_read: Duration::from_secs(10),
            request: Duration::from_secs(30),
            concurrent_requests: 512,
            connections: 2048,
            peer_requests_per_s: 100,
            peer_burst: 500,
            page_rows: 10_000,
            within_vertices: 10_000,
            facets: 64,
            edits_per_batch: 500,
            streams: 256,
            heartbeat: Duration::from_secs(20),
            heavy_queue: 256,
            tile_bytes: 500_000,
        }
    }
}

/// What a write without `If-Match` gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// It is honoured when given (QGIS and other clients send none).
    Honoured,
    /// 428 without.
    Required,
}

impl Limits {
    /// Those that the reader of parameters keeps.
    pub fn of_filter(&self) -> filter::Limits {
        filter::Limits {
            most_rows: self.page_rows,
            vertices: self.within_vertices,
            ..filter::Limits::default()
        }
    }

    /// Limits of a requirement of the suitability search.
    pub fn of_requirement(&self) -> requirement::Limits {
        requirement::Limits {
            vertices: self.within_vertices,
            ..requirement::Limits::default()
        }
    }
}

/// Who says where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// The connection itself.
    None,
    /// A proxy, with the last value of `X-Forwarded-For` and with `X-Forwarded-Proto`. Only safe when nobody can go round it.
    Trusted,
}

/// Tiles of a raster map that the operator has a right to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseMap {
    /// `https://.../{z}/{x}/{y}.png`.
    pub tiles: Vec<String>,
    /// Text that must be shown with it.
    pub attribution: String,
}

impl BaseMap {
    /// Origins (`https://t0.example`) that the browser must be allowed to fetch from.
    pub fn origins(&self) -> Vec<String> {
        let origin = |url: &String| {
            let (scheme, rest) = url.split_once("://")?;
            let host = rest.split(['/', '?']).next()?;
            let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
            (plain && matches!(scheme, "http" | "https")).then(|| format!("{scheme}://{host}"))
        };
        let mut origins: Vec<_> = self.tiles.iter().filter_map(origin).collect();
        origins.sort_unstable();
        origins.dedup();
        origins
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_of_a_base_map_hold_nothing_that_could_widen_a_policy() {
        let map = |url: &str| BaseMap {
            tiles: vec![url.to_owned()],
            attribution: String::new(),
        };
        assert_eq!(
            map("https://t0.tianditu.gov.cn/vec_w/wmts?x={x}").origins(),
            ["https://t0.tianditu.gov.cn"]
        );
        assert_eq!(map("http://localhost:81/{z}/{x}/{y}.png").origins(), ["http://localhost:81"]);
        for bad in ["javascript://x", "https://a; script-src *", "/tiles/{z}", "https://*"] {
            assert!(map(bad).origins().is_empty(), "{bad}");
        }
    }
}
