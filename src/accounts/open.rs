//! Logging in and out, and who is behind a secret.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Handle;

use crate::domain::surroundings::Clock;
use crate::domain::viewer::{Role, Viewer};
use crate::store::{Account, Grant, Store, StoreError};

use super::cache::Cache;
use super::error::AccountError;
use super::password::Hasher;
use super::secret;
use super::throttle::{PER_ACCOUNT, PER_PEER, Throttle};

/// A session ends this long after its last use.
const SESSION: SignedDuration = SignedDuration::from_hours(24 * 14);
/// It is prolonged only when this much of it has passed, so that not every request writes.
const PROLONG_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// What other processes have changed is seen after this long.
const READ_AGAIN: SignedDuration = SignedDuration::from_secs(60);
/// Longest life of a token, days.
const MOST_TOKEN_DAYS: u32 = 366;
const HOURS_PER_DAY: i64 = 24;

/// Accounts, sessions and tokens.
pub struct Accounts {
    store: Arc<dyn Store>,
    clock: Clock,
    cache: ArcSwap<Cache>,
    /// Held while the cache is changed, across the store's answer: two changes must not lose one another.
    changing: tokio::sync::Mutex<()>,
    hasher: Hasher,
    tries: Mutex<(Throttle, Throttle)>,
    runtime: Handle,
}

/// A person or program to be added.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Log-in name; is made lower case.
    pub name: String,
    /// Name to show.
    pub display_name: String,
    /// What it may do; not public.
    pub role: Role,
    /// The password.
    pub password: String,
}

/// A session just begun.
#[derive(Clone, Debug)]
pub struct Session {
    /// Given out once, as a cookie.
    pub secret: String,
    /// When it ends, if it is not used.
    pub expires_at: Timestamp,
    /// Whose it is.
    pub viewer: Viewer,
    /// Name to show.
    pub display_name: String,
}

/// A token just made.
#[derive(Clone, Debug)]
pub struct Token {
    /// Given out once.
    pub secret: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Accounts {
    /// Reads the accounts of a store. Must be called within a runtime.
    pub async fn open(store: Arc<dyn Store>, clock: Clock) -> Result<Arc<Self>, AccountError> {
        let cache = Cache::read(&*store, clock()).await?;
        Ok(Arc::new(Self {
            hasher: Hasher::new()?,
            cache: ArcSwap::from_pointee(cache),
            changing: tokio::sync::Mutex::default(),
            tries: Mutex::new((Throttle::new(PER_ACCOUNT), Throttle::new(PER_PEER))),
            runtime: Handle::current(),
            store,
            clock,
        }))
    }

    /// Begins a session. `peer` is the address that asks; tries are counted by it and by the name.
    pub async fn log_in(&self, name: &str, password: &str, peer: &str) -> Result<Session, AccountError> {
        let name = name.trim().to_lowercase();
        self.take_try(&name, peer)?;
        self.read_if_old().await?;
        let account = self.cache.load().accounts.get(&name).filter(|account| !account.disabled).cloned();
        let kept = account.as_ref().map(|account| account.password_hash.as_str());
        if !self.hasher.verify(password, kept).await? {
            return Err(AccountError::WrongPassword);
        }
        let account = account.ok_or(AccountError::WrongPassword)?;
        self.tries().0.forgive(&name);
        let expires_at = later((self.clock)(), SESSION);
        let secret = self.grant(&account.name, None, expires_at).await?;
        Ok(Session {
            secret,
            expires_at,
            viewer: viewer(&account),
            display_name: account.display_name.clone(),
        })
    }

    /// Who is behind a secret of a session or token; `None` when it is unknown or has ended. Using a session prolongs it.
    pub fn viewer_of(self: &Arc<Self>, secret: &str) -> Option<Viewer> {
        let now = (self.clock)();
        let cache = self.cache.load();
        if now.duration_since(cache.read_at) > READ_AGAIN {
            self.aside(|accounts| async move { accounts.read_if_old().await.map_err(AccountError::from) });
        }
        let (grant, account) = cache.valid(&secret::kept(secret), now)?;
        if let Some(prolonged) = due(&grant, now) {
            self.aside(move |accounts| async move { accounts.prolong(&grant, prolonged).await });
        }
        Some(viewer(&account))
    }

    /// How long the session of this secret lasts once it is used now, where that prolongs it; whoever keeps the secret must keep it as long.
    pub fn prolonged(&self, secret: &str) -> Option<SignedDuration> {
        let now = (self.clock)();
        let (grant, _) = self.cache.load().valid(&secret::kept(secret), now)?;
        due(&grant, now).map(|_| SESSION)
    }

    /// Who is behind a name, and whether the account was ended.
    pub fn known(&self, account: &str) -> Option<(Viewer, bool)> {
        let cache = self.cache.load();
        let account = cache.accounts.get(account)?;
        Some((viewer(account), account.disabled))
    }

    /// Name to show of an account.
    pub fn display_name(&self, account: &str) -> Option<String> {
        self.cache.load().accounts.get(account).map(|account| account.display_name.clone())
    }

    /// Ends a session or token. An unknown one has ended already.
    pub async fn log_out(&self, secret: &str) -> Result<(), AccountError> {
        let kept = secret::kept(secret);
        let _changing = self.changing.lock().await;
        self.store.end_grant(kept).await?;
        self.change(|cache| drop(cache.grants.remove(&kept)));
        Ok(())
    }

    /// Makes a token for programs, that lasts some days.
    pub async fn make_token(&self, account: &str, label: &str, days: u32) -> Result<Token, AccountError> {
        if !(1..=MOST_TOKEN_DAYS).contains(&days) {
            return Err(AccountError::BadDays {
                given: days,
                most: MOST_TOKEN_DAYS,
            });
        }
        let name = || account.to_owned();
        match self.cache.load().accounts.get(account) {
            None => return Err(AccountError::UnknownAccount { name: name() }),
            Some(known) if known.disabled => return Err(AccountError::Disabled { name: name() }),
            Some(_) => {}
        }
        let expires_at = later((self.clock)(), SignedDuration::from_hours(HOURS_PER_DAY * i64::from(days)));
        let secret = self.grant(account, Some(label.trim().to_owned()), expires_at).await?;
        Ok(Token { secret, expires_at })
    }

    /// Adds an account.
    pub async fn add_account(&self, new: NewAccount) -> Result<(), AccountError> {
        let name = new.name.trim().to_lowercase();
        if new.role == Role::Public {
            return Err(AccountError::BadRole);
        }
        if !is_name(&name) {
            return Err(AccountError::BadName { given: name });
        }
        let password_hash = self.hasher.hash(&new.password).await?;
        let _changing = self.changing.lock().await;
        self.read().await?;
        if self.cache.load().accounts.contains_key(&name) {
            return Err(AccountError::Exists { name });
        }
        let shown = new.display_name.trim();
        self.put(Account {
            display_name: if shown.is_empty() { name.clone() } else { shown.to_owned() },
            name,
            role: new.role,
            password_hash,
            disabled: false,
        })
        .await
    }

    /// Gives an account a new password and ends its sessions and tokens.
    pub async fn set_password(&self, name: &str, password: &str) -> Result<(), AccountError> {
        let password_hash = self.hasher.hash(password).await?;
        let _changing = self.changing.lock().await;
        let account = Account {
            password_hash,
            ..self.fresh(name).await?
        };
        self.put(account).await?;
        self.end_all(name).await
    }

    /// Gives an account another role, at once.
    pub async fn set_role(&self, name: &str, role: Role) -> Result<(), AccountError> {
        if role == Role::Public {
            return Err(AccountError::BadRole);
        }
        let _changing = self.changing.lock().await;
        let account = Account {
            role,
            ..self.fresh(name).await?
        };
        self.put(account).await
    }

    /// Ends an account: nobody can log in with it, and its sessions and tokens let nobody in. What it wrote stays. Its secrets are kept until they run
    /// out, so that what a phone still holds can be handed in: see [`Self::ended_account_of`].
    pub async fn disable(&self, name: &str) -> Result<(), AccountError> {
        let _changing = self.changing.lock().await;
        let account = Account {
            disabled: true,
            ..self.fresh(name).await?
        };
        self.put(account).await
    }

    /// The ended account to which a secret belonged that has not run out. It may do nothing but hand in what was recorded before, for a person to
    /// look at.
    pub fn ended_account_of(&self, secret: &str) -> Option<Arc<str>> {
        let account = self.cache.load().ended(&secret::kept(secret), (self.clock)())?;
        Some(account.name.as_str().into())
    }

    /// All accounts by name, without what is kept of their passwords.
    pub fn list(&self) -> Vec<Account> {
        let accounts = self
            .cache
            .load()
            .accounts
            .values()
            .map(|account| Account {
                password_hash: String::new(),
                ..Account::clone(account)
            })
            .collect();
        sorted(accounts)
    }

    /// The account as the store has it now. The caller holds `changing`.
    async fn fresh(&self, name: &str) -> Result<Account, AccountError> {
        self.read().await?;
        let found = self.cache.load().accounts.get(name).map(|account| Account::clone(account));
        found.ok_or_else(|| AccountError::UnknownAccount { name: name.to_owned() })
    }

    async fn put(&self, account: Account) -> Result<(), AccountError> {
        self.store.put_account(account.clone()).await?;
        self.change(|cache| drop(cache.accounts.insert(account.name.clone(), Arc::new(account))));
        Ok(())
    }

    async fn end_all(&self, name: &str) -> Result<(), AccountError> {
        let grants: Vec<_> = self
            .cache
            .load()
            .grants
            .values()
            .filter(|grant| grant.account == name)
            .cloned()
            .collect();
        for grant in grants {
            self.store.end_grant(grant.secret_sha256).await?;
            self.change(|cache| drop(cache.grants.remove(&grant.secret_sha256)));
        }
        Ok(())
    }

    async fn grant(&self, account: &str, token_label: Option<String>, expires_at: Timestamp) -> Result<String, AccountError> {
        let secret = secret::make()?;
        let grant = Grant {
            secret_sha256: secret::kept(&secret),
            account: account.to_owned(),
            token_label,
            expires_at,
        };
        let _changing = self.changing.lock().await;
        self.keep(grant).await?;
        Ok(secret)
    }

    async fn prolong(&self, grant: &Grant, expires_at: Timestamp) -> Result<(), AccountError> {
        let _changing = self.changing.lock().await;
        let known = self.cache.load().grants.get(&grant.secret_sha256).cloned();
        match known {
            // Ended, or prolonged by another request, meanwhile.
            Some(known) if known.expires_at == grant.expires_at => {
                self.keep(Grant {
                    expires_at,
                    ..grant.clone()
                })
                .await
            }
            Some(_) | None => Ok(()),
        }
    }

    async fn keep(&self, grant: Grant) -> Result<(), AccountError> {
        self.store.put_grant(grant.clone()).await?;
        self.change(|cache| drop(cache.grants.insert(grant.secret_sha256, Arc::new(grant))));
        Ok(())
    }

    async fn read_if_old(&self) -> Result<(), StoreError> {
        let is_old = || (self.clock)().duration_since(self.cache.load().read_at) > READ_AGAIN;
        if !is_old() {
            return Ok(());
        }
        let _changing = self.changing.lock().await;
        if is_old() { self.read().await } else { Ok(()) }
    }

    /// Reads all anew and ends what is over. The caller holds `changing`.
    async fn read(&self) -> Result<(), StoreError> {
        let now = (self.clock)();
        let mut cache = Cache::read(&*self.store, now).await?;
        let over: Vec<_> = cache
            .grants
            .values()
            .filter(|grant| grant.expires_at <= now)
            .map(|grant| grant.secret_sha256)
            .collect();
        for kept in over {
            cache.grants.remove(&kept);
            self.store.end_grant(kept).await?;
        }
        self.cache.store(Arc::new(cache));
        Ok(())
    }

    fn change(&self, change: impl FnOnce(&mut Cache)) {
        let mut cache = Cache::clone(&self.cache.load());
        change(&mut cache);
        self.cache.store(Arc::new(cache));
    }

    /// Work that a request does not wait for. Its failure leaves things as they were, and the next request tries again.
    fn aside<F>(self: &Arc<Self>, work: impl FnOnce(Arc<Self>) -> F)
    where
        F: Future<Output = Result<(), AccountError>> + Send + 'static,
    {
        let work = work(self.clone());
        self.runtime.spawn(async move {
            if let Err(error) = work.await {
                tracing::warn!(%error, "sessions could not be brought up to date");
            }
        });
    }

    fn take_try(&self, name: &str, peer: &str) -> Result<(), AccountError> {
        let now = (self.clock)();
        let mut tries = self.tries();
        let (by_account, by_peer) = &mut *tries;
        by_peer
            .take(peer, now)
            .and_then(|()| by_account.take(name, now))
            .map_err(|after_s| AccountError::TooMany { after_s })
    }

    fn tries(&self) -> MutexGuard<'_, (Throttle, Throttle)> {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn viewer(account: &Account) -> Viewer {
    Viewer {
        role: account.role,
        account: Some(Arc::from(account.name.as_str())),
    }
}

/// When a session ends that is used now, where that is to be written.
fn due(grant: &Grant, now: Timestamp) -> Option<Timestamp> {
    let prolonged = later(now, SESSION);
    let is_due = grant.token_label.is_none() && prolonged.duration_since(grant.expires_at) > PROLONG_AFTER;
    is_due.then_some(prolonged)
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-@".contains(c))
}

fn sorted(mut accounts: Vec<Account>) -> Vec<Account> {
    accounts.sort_by(|left, right| left.name.cmp(&right.name));
    accounts
}
