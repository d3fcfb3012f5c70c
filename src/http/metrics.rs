//! Counts and durations, told in the text format of Prometheus.
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper edges of the latency histogram, seconds.
const EDGES_S: [f64; 14] = [
    0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

/// What is counted while the service runs.
#[derive(Default)]
pub struct Metrics {
    routes: Mutex<BTreeMap<String, Route>>,
    /// Requests at work.
    pub in_flight: AtomicI64,
    /// Heavy requests that wait for their turn.
    pub heavy_waiting: AtomicI64,
    /// Open change streams.
    pub streams: AtomicI64,
    /// Open connections.
    pub connections: AtomicI64,
    /// Requests refused because one address made too many.
    pub refused_peer: AtomicU64,
    /// Requests refused because all together made too many.
    pub refused_busy: AtomicU64,
}

#[derive(Default, Clone)]
struct Route {
    statuses: BTreeMap<u16, u64>,
    buckets: [u64; EDGES_S.len()],
    count: u64,
    sum_s: f64,
}

/// A value that is read when the metrics are asked for.
pub struct Gauge {
    /// Name with the prefix `zaiti_`.
    pub name: &'static str,
    /// What it is, with its unit.
    pub help: &'static str,
    /// Label and its value, with the gauge's value.
    pub values: Vec<(Option<(&'static str, String)>, f64)>,
}

impl Gauge {
    /// One value without a label.
    pub fn one(name: &'static str, help: &'static str, value: f64) -> Self {
        Self {
            name,
            help,
            values: vec![(None, value)],
        }
    }
}

impl Metrics {
    /// Counts one answered request. `route` is the path in the route table, never what was asked for.
    pub fn answered(&self, route: &str, status: u16, took: Duration) {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        // Looked up by reference first, so that only the first request of a route costs memory.
        if !routes.contains_key(route) {
            routes.insert(route.to_owned(), Route::default());
        }
        let Some(counts) = routes.get_mut(route) else { return };
        let took_s = took.as_secs_f64();
        *counts.statuses.entry(status).or_default() += 1;
        counts.count += 1;
        counts.sum_s += took_s;
        if let Some(bucket) = EDGES_S.iter().position(|edge| took_s <= *edge) {
            counts.buckets[bucket] += 1;
        }
    }

    /// All of it as text, with gauges that only others know.
    pub fn render(&self, others: &[Gauge]) -> String {
        let mut out = String::with_capacity(16 << 10);
        self.render_requests(&mut out);
        let own = [
            ("zaiti_requests_in_flight", "Requests at work", &self.in_flight),
            (
                "zaiti_heavy_waiting",
                "Heavy requests that wait for their turn",
                &self.heavy_waiting,
            ),
            ("zaiti_streams_open", "Open change streams", &self.streams),
            ("zaiti_connections_open", "Open connections", &self.connections),
        ];
        for (name, help, value) in own {
            head(&mut out, name, help, "gauge");
            line(&mut out, name, None, value.load(Relaxed));
        }
        head(&mut out, "zaiti_requests_refused_total", "Requests refused by a limit", "counter");
        for (reason, value) in [("peer", &self.refused_peer), ("busy", &self.refused_busy)] {
            line(
                &mut out,
                "zaiti_requests_refused_total",
                Some(("reason", reason)),
                value.load(Relaxed),
            );
        }
        for gauge in others {
            head(&mut out, gauge.name, gauge.help, "gauge");
            for (label, value) in &gauge.values {
                line(
                    &mut out,
                    gauge.name,
                    label.as_ref().map(|(name, text)| (*name, text.as_str())),
                    value,
                );
            }
        }
        out
    }

    fn render_requests(&self, out: &mut String) {
        head(out, "zaiti_requests_total", "Answered requests by route and status", "counter");
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (route, counts) in &routes {
            for (status, count) in &counts.statuses {
                let _ = writeln!(out, "zaiti_requests_total{{route=\"{route}\",status=\"{status}\"}} {count}");
            }
        }
        let name = "zaiti_request_seconds";
        head(out, name, "Time until the answer began, seconds", "histogram");
        for (route, counts) in &routes {
            let mut below = 0;
            for (edge, count) in EDGES_S.iter().zip(counts.buckets) {
                below += count;
                let _ = writeln!(out, "{name}_bucket{{route=\"{route}\",le=\"{edge}\"}} {below}");
            }
            let _ = writeln!(out, "{name}_bucket{{route=\"{route}\",le=\"+Inf\"}} {}", counts.count);
            let _ = writeln!(out, "{name}_sum{{route=\"{route}\"}} {}", counts.sum_s);
            let _ = writeln!(out, "{name}_count{{route=\"{route}\"}} {}", counts.count);
        }
    }
}

fn head(out: &mut String, name: &str, help: &str, kind: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn line(out: &mut String, name: &str, label: Option<(&str, &str)>, value: impl std::fmt::Display) {
    let _ = match label {
        Some((key, text)) => writeln!(out, "{name}{{{key}=\"{text}\"}} {value}"),
        None => writeln!(out, "{name} {value}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up_and_labels_are_told() {
        let metrics = Metrics::default();
        metrics.answered("/api/v1/search", 200, Duration::from_micros(90));
        metrics.answered("/api/v1/search", 200, Duration::from_micros(700));
        metrics.answered("/api/v1/search", 400, Duration::from_secs(9));
        let text = metrics.render(&[Gauge::one("zaiti_revision", "Revision", 7.0)]);
        for expected in [
            "zaiti_requests_total{route=\"/api/v1/search\",status=\"200\"} 2",
            "zaiti_request_seconds_bucket{route=\"/api/v1/search\",le=\"0.001\"} 2",
            "zaiti_request_seconds_bucket{route=\"/api/v1/search\",le=\"+Inf\"} 3",
            "zaiti_request_seconds_count{route=\"/api/v1/search\"} 3",
            "zaiti_revision 7",
        ] {
            assert!(text.contains(expected), "{expected} not in\n{text}");
        }
    }
}
