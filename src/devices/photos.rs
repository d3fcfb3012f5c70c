//! Photos come in chunks, so that a link that drops loses one chunk at most. Only bytes with the SHA-256 that was said become a photo.
//!
//! Each account sends its own copy: who knows no more than a photo's name cannot claim to have taken it.
use bytes::Bytes;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::error::DeviceError;
use super::event::Event;
use super::images::{self, Size};
use super::service::{Devices, name};
use crate::store::{StoreError, UNFINISHED};

/// Bytes read from the store at once.
const PIECE: usize = 1 << 20;

/// A part of a photo.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// SHA-256 of the whole photo.
    pub sha256: String,
    /// Bytes before this part.
    pub offset: u64,
    /// Bytes of the whole photo.
    pub total: u64,
    /// The part.
    pub bytes: Bytes,
}

/// How much of a photo is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// Bytes from its beginning.
    pub bytes: u64,
    /// All are here and have the SHA-256 that was said.
    pub verified: bool,
}

impl Devices {
    /// Takes a chunk; the last one makes the photo whole and checks it. A chunk of a photo that is whole changes nothing.
    ///
    /// Chunks of one account are taken one after the other, checks included: who looks at a photo finds it whole or unfinished, never on its way.
    pub async fn take_chunk(&self, account: &str, chunk: Chunk) -> Result<Received, DeviceError> {
        check_name(&chunk.sha256)?;
        let turn = self.turn_of(account);
        let _turn = turn.lock().await;
        let state = self.state().await?;
        if let Some(photo) = state.photos.get(&chunk.sha256).filter(|photo| photo.senders.contains(account)) {
            return Ok(Received {
                bytes: photo.bytes,
                verified: true,
            });
        }
        self.check(&chunk)?;
        let part = part_name(account, &chunk.sha256);
        let end = chunk.offset + chunk.bytes.len() as u64;
        if chunk.bytes.is_empty() {
            // Asks for the check of what is here: the answer to the last chunk was lost with the process.
            let received = self.store.blob_size(part.clone()).await?.unwrap_or(0);
            if received != chunk.offset {
                return Err(DeviceError::WrongOffset { received });
            }
        } else {
            match self.add(account, &chunk, &part).await {
                Err(DeviceError::Store(StoreError::Duplicate { .. })) => return self.repeated(account, &chunk, part).await,
                done => done?,
            }
        }
        if end < chunk.total {
            return Ok(Received {
                bytes: end,
                verified: false,
            });
        }
        self.verify(account, &chunk, part).await
    }

    /// Removes photos that nobody went on with for too long, of whichever account; gives how many and how many bytes they had. Whole photos are never touched.
    pub async fn remove_idle(&self) -> Result<(usize, u64), DeviceError> {
        let Some(idle) = self.limits.idle else { return Ok((0, 0)) };
        let removed = self.store.remove_idle_blobs(idle).await?;
        Ok((removed.len(), removed.iter().sum()))
    }

    /// How much of a photo an account has sent.
    pub async fn received(&self, account: &str, sha256: &str) -> Result<Received, DeviceError> {
        check_name(sha256)?;
        let state = self.state().await?;
        if let Some(photo) = state.photos.get(sha256).filter(|photo| photo.senders.contains(account)) {
            return Ok(Received {
                bytes: photo.bytes,
                verified: true,
            });
        }
        let bytes = self.store.blob_size(part_name(account, sha256)).await?.unwrap_or(0);
        Ok(Received { bytes, verified: false })
    }

    /// The bytes of a photo as they were sent.
    pub async fn original(&self, sha256: &str) -> Result<Vec<u8>, DeviceError> {
        self.whole(sha256.to_owned()).await
    }

    /// A photo made smaller, upright and without anything but its pixels; made when it is first asked for. Heavy work: the caller has waited for its turn.
    pub async fn smaller(&self, sha256: &str, size: Size) -> Result<Vec<u8>, DeviceError> {
        let kept = format!("{sha256}.{}", size.name());
        if self.store.blob_size(kept.clone()).await?.is_some() {
            return self.whole(kept).await;
        }
        let original = self.whole(sha256.to_owned()).await?;
        let most = self.limits.pixels;
        let made = aside(move || images::smaller(&original, size, most)).await??;
        // Written beside its place first: whoever reads meanwhile must not find half of it.
        let beside = format!("{kept}.{}{UNFINISHED}", Uuid::new_v4().simple());
        self.store.append_blob(beside.clone(), 0, Bytes::from(made.clone())).await?;
        self.store.rename_blob(beside, kept).await?;
        Ok(made)
    }

    fn check(&self, chunk: &Chunk) -> Result<(), DeviceError> {
        let (given, most) = (chunk.total, self.limits.bytes);
        if given == 0 || given > most {
            return Err(DeviceError::BadSize { given, most });
        }
        let (given, left) = (chunk.bytes.len() as u64, chunk.total.saturating_sub(chunk.offset));
        let most = self.limits.chunk_bytes.min(left);
        if given > most || chunk.offset > chunk.total {
            return Err(DeviceError::BadChunk { given, most });
        }
        if chunk.offset == 0 && !chunk.bytes.is_empty() {
            images::kind(&chunk.bytes)?;
        }
        Ok(())
    }

    /// Adds a chunk to what is here, where the account has room for it.
    async fn add(&self, account: &str, chunk: &Chunk, part: &str) -> Result<(), DeviceError> {
        if let Err(error) = self.check_room(account, chunk).await {
            // A chunk that is here already needs no room.
            if self.store.blob_size(part.to_owned()).await?.unwrap_or(0) == chunk.offset {
                return Err(error);
            }
        }
        Ok(self.store.append_blob(part.to_owned(), chunk.offset, chunk.bytes.clone()).await?)
    }

    /// Whether the account may send this photo, and keep this much of it unfinished.
    async fn check_room(&self, account: &str, chunk: &Chunk) -> Result<(), DeviceError> {
        let bounded = |most: u64| if most == 0 { u64::MAX } else { most };
        let sent = self.state().await?.sent_bytes.get(account).copied().unwrap_or(0);
        let (given, most) = (sent + chunk.total, bounded(self.limits.account_bytes));
        if given > most {
            return Err(DeviceError::TooMuchSent { given, most });
        }
        let most = bounded(self.limits.unfinished_bytes);
        let size = chunk.bytes.len() as u64;
        // The last chunk ends a photo's being unfinished: for that there is always room.
        if most == u64::MAX || chunk.offset + size == chunk.total {
            return Ok(());
        }
        let here = self.store.unfinished_bytes(ending(account)).await?;
        // Begun is only what could be finished.
        let given = here + if chunk.offset == 0 { chunk.total } else { size };
        if given > most {
            return Err(DeviceError::TooMuchUnfinished { given, most });
        }
        Ok(())
    }

    /// The chunk does not begin at the end of what is here. One that came before and whose answer was lost is answered again.
    async fn repeated(&self, account: &str, chunk: &Chunk, part: String) -> Result<Received, DeviceError> {
        let received = self.store.blob_size(part.clone()).await?.unwrap_or(0);
        let end = chunk.offset + chunk.bytes.len() as u64;
        if end != received || self.store.read_blob(part.clone(), chunk.offset, chunk.bytes.len()).await? != chunk.bytes {
            return Err(DeviceError::WrongOffset { received });
        }
        if end == chunk.total {
            return self.verify(account, chunk, part).await;
        }
        Ok(Received {
            bytes: received,
            verified: false,
        })
    }

    async fn verify(&self, account: &str, chunk: &Chunk, part: String) -> Result<Received, DeviceError> {
        let bytes = self.whole(part.clone()).await?;
        let (size, most) = (bytes.len() as u64, self.limits.pixels);
        if size != chunk.total {
            // Another process has moved it to its place, or begun it anew.
            return Err(DeviceError::WrongOffset { received: size });
        }
        let sha256 = chunk.sha256.clone();
        let checked = aside(move || examine(&bytes, &sha256, most)).await?;
        let (kind, pixels) = match checked {
            Ok(checked) => checked,
            Err(error) => {
                self.store.remove_blob(part).await?;
                return Err(error);
            }
        };
        // Where the same chunk was sent twice at once, the other one has put the same bytes there.
        let is_here =
            self.store.rename_blob(part, chunk.sha256.clone()).await? || self.store.blob_size(chunk.sha256.clone()).await? == Some(size);
        if !is_here {
            return Err(DeviceError::WrongOffset { received: 0 });
        }
        let event = Event::PhotoVerified {
            sha256: chunk.sha256.clone(),
            bytes: size,
            media_type: kind.media_type().to_owned(),
            pixels,
        };
        let id = name(&format!("photo {} {account}", chunk.sha256));
        self.append(account, id, &event).await?;
        Ok(Received {
            bytes: size,
            verified: true,
        })
    }

    async fn whole(&self, name: String) -> Result<Vec<u8>, DeviceError> {
        let mut bytes = Vec::new();
        loop {
            let piece = self.store.read_blob(name.clone(), bytes.len() as u64, PIECE).await?;
            let is_last = piece.len() < PIECE;
            bytes.extend(piece);
            if is_last {
                return Ok(bytes);
            }
        }
    }
}

fn examine(bytes: &[u8], sha256: &str, most_pixels: u64) -> Result<(images::Kind, [u32; 2]), DeviceError> {
    let found = hex(&Sha256::digest(bytes));
    if found != sha256 {
        return Err(DeviceError::WrongHash { found });
    }
    let kind = images::kind(bytes)?;
    Ok((kind, images::pixels(bytes, kind, most_pixels)?))
}

/// Work for a processor, off the threads that answer requests.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, DeviceError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| DeviceError::BrokeOff { reason: error.to_string() })
}

fn check_name(sha256: &str) -> Result<(), DeviceError> {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if sha256.len() == 64 && sha256.bytes().all(digit) {
        return Ok(());
    }
    let given = sha256.chars().take(80).collect();
    Err(DeviceError::BadName { given })
}

/// Where an account's bytes gather until they are all there.
fn part_name(account: &str, sha256: &str) -> String {
    format!("{sha256}{}", ending(account))
}

/// What the names of all such places of an account end with.
fn ending(account: &str) -> String {
    format!("-{}{UNFINISHED}", &hex(&Sha256::digest(account))[..16])
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |byte: u8| char::from(DIGITS[usize::from(byte)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
