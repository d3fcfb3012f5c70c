//! What a client is still sending when its request is refused already.
//!
//! A connection that is closed with bytes unread is reset, and the reset can overtake the answer: the client then sees a broken line where it was
//! told what is wrong. So the rest is read and thrown away, within limits; the connection can be used again too.
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use futures::StreamExt;
use hyper::body::{Frame, SizeHint};

/// Longest time that the rest of a body is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Times the largest body that are thrown away; whoever sends more is cut off.
const TIMES: usize = 8;

/// A body of which nothing stays unread.
struct Kept {
    body: Option<Body>,
    most_bytes: usize,
}

/// The same body; what its reader leaves is read in the background. `limit` is the largest body that is taken.
pub fn kept(body: Body, limit: usize) -> Body {
    if body.is_end_stream() {
        return body;
    }
    Body::new(Kept {
        body: Some(body),
        most_bytes: limit.saturating_mul(TIMES),
    })
}

impl HttpBody for Kept {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) else {
            return;
        };
        // Outside a runtime there is no connection to be kept.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let throwing_away = throw_away(body, self.most_bytes);
            runtime.spawn(async { drop(tokio::time::timeout(PATIENCE, throwing_away).await) });
        }
    }
}

async fn throw_away(body: Body, most_bytes: usize) {
    let mut pieces = body.into_data_stream();
    let mut read = 0;
    while let Some(Ok(piece)) = pieces.next().await {
        read += piece.len();
        if read > most_bytes {
            return;
        }
    }
}
