//! Accounts and grants in memory.
use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::store::{Account, Grant, Store, StoreError};

/// What the store had at a time, and what this process has changed since.
#[derive(Clone, Default)]
pub struct Cache {
    /// When it was read.
    pub read_at: Timestamp,
    /// Accounts by name.
    pub accounts: HashMap<String, Arc<Account>>,
    /// Grants by what is kept of their secret.
    pub grants: HashMap<[u8; 32], Arc<Grant>>,
}

impl Cache {
    /// Reads all.
    pub async fn read(store: &dyn Store, now: Timestamp) -> Result<Self, StoreError> {
        let accounts = store.accounts().await?;
        let grants = store.grants().await?;
        Ok(Self {
            read_at: now,
            accounts: accounts
                .into_iter()
                .map(|account| (account.name.clone(), Arc::new(account)))
                .collect(),
            grants: grants.into_iter().map(|grant| (grant.secret_sha256, Arc::new(grant))).collect(),
        })
    }

    /// The grant, if it has not ended and its account may log in.
    pub fn valid(&self, kept: &[u8; 32], now: Timestamp) -> Option<(Arc<Grant>, Arc<Account>)> {
        let grant = self.grants.get(kept).filter(|grant| grant.expires_at > now)?;
        let account = self.accounts.get(&grant.account).filter(|account| !account.disabled)?;
        Some((grant.clone(), account.clone()))
    }

    /// The account of a grant, where the account was ended and the grant would hold otherwise.
    pub fn ended(&self, kept: &[u8; 32], now: Timestamp) -> Option<Arc<Account>> {
        let grant = self.grants.get(kept).filter(|grant| grant.expires_at > now)?;
        self.accounts.get(&grant.account).filter(|account| account.disabled).cloned()
    }
}
