//! Real files that lie beside the checkout, where there are any.
use std::path::PathBuf;

/// Path of a real file under `../shared/data`. Where it is not there, says in so many words what does not run.
///
/// The lines begin with `not run:` so that `make test` can count them at its end.
pub fn shared_data(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    let place = std::thread::current().name().unwrap_or("a check").to_owned();
    report(&format!(
        "not run: {place} needs ../shared/data/{name}, which is not beside this checkout"
    ));
    None
}

/// Appends to the file that `ZAITI_NOT_RUN` names, because the test harness swallows what passing tests print.
#[expect(clippy::print_stdout, reason = "it is told to people")]
pub fn report(line: &str) {
    println!("{line}");
    let Some(list) = std::env::var_os("ZAITI_NOT_RUN") else { return };
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(list)
        .expect("ZAITI_NOT_RUN names a writable file");
    std::io::Write::write_all(&mut file, format!("{line}\n").as_bytes()).expect("ZAITI_NOT_RUN names a writable file");
}
