//! Passwords: argon2id, off the runtime's threads, few at a time.
use std::sync::Arc;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::error::AccountError;

/// Fewest characters of a password.
pub const LEAST_PASSWORD_CHARS: usize = 10;
/// Most characters of a password.
const MOST_PASSWORD_CHARS: usize = 200;

/// OWASP's second choice for argon2id: 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes that may be computed at once; more wait, so that log-ins cannot take all processors and memory.
const AT_ONCE: usize = 2;

/// Computes hashes.
pub struct Hasher {
    permits: Arc<Semaphore>,
    /// Hash of nothing that anybody knows: checked for unknown names, so that they take as long as known ones.
    decoy: String,
}

impl Hasher {
    /// A hasher.
    pub fn new() -> Result<Self, AccountError> {
        Ok(Self {
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            decoy: hash(&super::secret::make()?)?,
        })
    }

    /// What is kept of a password.
    pub async fn hash(&self, password: &str) -> Result<String, AccountError> {
        let given = password.chars().count();
        if !(LEAST_PASSWORD_CHARS..=MOST_PASSWORD_CHARS).contains(&given) {
            return Err(AccountError::BadPassword {
                given,
                least: LEAST_PASSWORD_CHARS,
                most: MOST_PASSWORD_CHARS,
            });
        }
        let password = password.to_owned();
        self.aside(move || hash(&password)).await?
    }

    /// Whether the password is the one of which this is kept; `None` takes as long and is always false.
    pub async fn verify(&self, password: &str, kept: Option<&str>) -> Result<bool, AccountError> {
        // A longer one is nobody's, and would only cost time.
        let password: String = password.chars().take(MOST_PASSWORD_CHARS + 1).collect();
        let is_known = kept.is_some();
        let kept = kept.unwrap_or(&self.decoy).to_owned();
        self.aside(move || is_known & matches(&password, &kept)).await
    }

    async fn aside<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, AccountError> {
        let failed = |reason: String| AccountError::Machine { reason };
        let permit = self
            .permits
            .clone()
            .acquire_owned()
            .await
            .map_err(|error| failed(error.to_string()))?;
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        done.await.map_err(|error| failed(error.to_string()))
    }
}

fn argon2() -> Result<Argon2<'static>, AccountError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| AccountError::Machine { reason: error.to_string() })?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str) -> Result<String, AccountError> {
    let hash = argon2()?.hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string())
        .map_err(|error| AccountError::Machine { reason: error.to_string() })
}

/// Parameters are those of the kept hash, so that old ones stay valid when ours grow.
fn matches(password: &str, kept: &str) -> bool {
    let Ok(kept) = PasswordHash::new(kept) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &kept).is_ok()
}
