//! Secrets of sessions and tokens.
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::error::AccountError;

/// Random bytes of a secret.
const BYTES: usize = 32;

/// A new secret, as it is given out once.
pub fn make() -> Result<String, AccountError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| AccountError::Machine { reason: error.to_string() })?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// What is kept of it. A fast hash is enough: nobody can guess 256 random bits.
pub fn kept(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
