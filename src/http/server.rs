//! Connections: accepted, limited, and closed in an orderly way.
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::extract::connect_info::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

use super::metrics::Metrics;
use super::settings::Limits;

/// Longest time for requests at work to end once the service is told to stop.
const DRAIN: Duration = Duration::from_secs(20);

/// Largest head of a request, bytes: the longest address, and headers.
const HEAD_BYTES: usize = 128 << 10;

/// Pause when the system has no more file handles.
const PAUSE: Duration = Duration::from_millis(50);

/// Answers until `stop` is done; then takes no more connections and lets those at work end.
pub async fn serve(listener: TcpListener, router: Router, guards: (Limits, Arc<Metrics>), stop: impl Future<Output = ()>) {
    let (limits, metrics) = guards;
    let room = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let place = Arc::clone(&room).acquire_owned();
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = async { (place.await, listener.accept().await) } => accepted,
        };
        let (place, (stream, peer)) = match accepted {
            (Ok(place), Ok(accepted)) => (place, accepted),
            (_, failed) => {
                tracing::warn!(error = ?failed.err(), "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let open = Open::new(Arc::clone(&metrics));
        let connection = answer((stream, peer), router.clone(), limits.header_read, graceful.watcher());
        tokio::spawn(async move {
            connection.await;
            drop((open, place));
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!(waited_s = DRAIN.as_secs(), "some requests had not ended and are broken off");
    }
}

async fn answer(connection: (TcpStream, SocketAddr), router: Router, header_read: Duration, watcher: Watcher) {
    let (stream, peer) = connection;
    // Without this, small chunks wait up to 40 ms for an acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_read)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(served).await {
        tracing::debug!(%error, "a connection broke off");
    }
}

struct Open(Arc<Metrics>);

impl Open {
    fn new(metrics: Arc<Metrics>) -> Self {
        metrics.connections.fetch_add(1, Relaxed);
        Self(metrics)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let connections: &AtomicI64 = &self.0.connections;
        connections.fetch_sub(1, Relaxed);
    }
}
