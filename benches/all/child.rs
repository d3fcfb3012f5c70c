//! Work in a process of its own, so that its memory can be told from what others left behind.
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use zaiti::domain::catalogue::Catalogue;
use zaiti::inventory::{Inventory, Settings};

use super::line::seconds;
use super::place::Options;

/// What a child found out: seconds until it was ready, those of its processors, and bytes of memory at the end.
pub struct Found {
    pub seconds: f64,
    pub processor_seconds: f64,
    pub bytes: f64,
}

/// Opens a store in a new process.
pub fn open(path: &std::path::Path) -> Found {
    let program = std::env::current_exe().unwrap();
    let said = Command::new(program).arg("--child").arg("open").arg(path).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let mut numbers = said.split_whitespace().map(|word| word.parse().unwrap());
    Found {
        seconds: numbers.next().unwrap(),
        processor_seconds: numbers.next().unwrap(),
        bytes: numbers.next().unwrap(),
    }
}

/// Does the work and says what was found.
pub fn run(work: &[String], _options: &Options) {
    let [what, path] = work else {
        panic!("given {work:?}, expected open PATH")
    };
    assert_eq!(what, "open");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (took, inventory) = seconds(|| runtime.block_on(ready(path)));
    let processor_s = processor_seconds();
    come_to_rest();
    println!("{took} {processor_s} {}", resident_bytes());
    drop(inventory);
}

/// Lets the allocator give back what loading left over: it does so some time later, and only when something is freed.
fn come_to_rest() {
    const LATER: Duration = Duration::from_millis(1_500);
    for _ in 0..2 {
        std::thread::sleep(LATER);
        std::thread::scope(|scope| {
            scope.spawn(|| drop(std::hint::black_box(vec![1u8; 1 << 24])));
        });
        drop(std::hint::black_box(vec![vec![1u8; 1 << 12]; 1 << 12]));
    }
}

async fn ready(path: &str) -> Arc<Inventory> {
    let store = zaiti::store::open(path).await.unwrap();
    Inventory::open(store, Catalogue::builtin().unwrap(), Settings::default())
        .await
        .unwrap()
}

/// Processor time of this process and all its threads.
pub fn processor_seconds() -> f64 {
    const TICKS_PER_S: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit(')').next().unwrap().split_whitespace();
    // User and system time are the 14th and 15th field, the 12th and 13th after the name.
    fields.skip(11).take(2).map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / TICKS_PER_S
}

/// Memory of this process.
fn resident_bytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib * 1_024.0
}
