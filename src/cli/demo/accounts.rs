//! The accounts of the demo park. Their passwords are known to everybody: a store that has accounts of its own does not get them.
use std::sync::Arc;

use super::super::{print, say};
use crate::accounts::{Accounts, NewAccount};
use crate::domain::viewer::Role;
use crate::inventory;
use crate::store::Store;

/// Log-in name, role, name to show, password.
const ACCOUNTS: [(&str, Role, &str, &str); 4] = [
    ("surveyor", Role::Surveyor, "演示调查员 Demo surveyor", "demo-surveyor"),
    ("staff", Role::Staff, "演示招商员 Demo staff", "demo-staff-2027"),
    ("steward", Role::Steward, "演示管理员 Demo steward", "demo-steward"),
    ("admin", Role::Admin, "演示系统员 Demo admin", "demo-admin-2027"),
];

/// Makes those that are missing.
pub async fn make(store: Arc<dyn Store>) -> anyhow::Result<()> {
    let accounts = Accounts::open(store, inventory::of_machine().clock).await?;
    let known: Vec<String> = accounts.list().into_iter().map(|account| account.name).collect();
    let is_ours = |name: &String| ACCOUNTS.iter().any(|(ours, ..)| ours == name);
    if !known.iter().all(is_ours) {
        say("this store has accounts of its own: the demo accounts, whose passwords everybody knows, are not made");
        return Ok(());
    }
    for (name, role, shown, password) in ACCOUNTS {
        if known.iter().any(|known| known == name) {
            continue;
        }
        let new = NewAccount {
            name: name.to_owned(),
            display_name: shown.to_owned(),
            role,
            password: password.to_owned(),
        };
        accounts.add_account(new).await?;
    }
    Ok(())
}

/// Prints who can log in and what to try.
pub fn hint() {
    print("Demo accounts (passwords that everybody knows: for trying out only):");
    for (name, role, _, password) in ACCOUNTS {
        print(&format!("  {name:<10} password {password:<16} role {role}"));
    }
    print(include_str!("../../../data/demo/try.txt").trim_end());
}
