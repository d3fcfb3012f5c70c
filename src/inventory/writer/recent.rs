//! Receipts of late, so that an edit sent again is answered without a look into the store.
use std::collections::{HashMap, VecDeque};

use crate::domain::edit::{Receipt, Sent};
use crate::domain::ids::EditId;

/// The latest receipts, up to a number of them.
pub struct Recent {
    most: usize,
    order: VecDeque<EditId>,
    receipts: HashMap<EditId, Receipt>,
}

impl Recent {
    /// Keeps at most this many.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            order: VecDeque::new(),
            receipts: HashMap::new(),
        }
    }

    /// The receipt of an edit, if it is a late one.
    pub fn find(&self, edit: EditId) -> Option<&Receipt> {
        self.receipts.get(&edit)
    }

    /// Remembers a receipt; what was sent is in the store, only its digest is kept here.
    pub fn add(&mut self, receipt: &Receipt) {
        let kept = Receipt {
            sent: Sent {
                digest: receipt.sent.digest.clone(),
                ..Sent::default()
            },
            ..receipt.clone()
        };
        if self.receipts.insert(receipt.edit, kept).is_none() {
            self.order.push_back(receipt.edit);
        }
        while self.order.len() > self.most {
            if let Some(oldest) = self.order.pop_front() {
                self.receipts.remove(&oldest);
            }
        }
    }
}
