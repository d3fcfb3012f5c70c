//! The program `zaiti`; see [`zaiti::cli`].
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    zaiti::cli::run()
}
