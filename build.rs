//! Makes sure that there is a web app to embed: a page that says how to build it, where nobody has built it yet.
use std::io;
use std::path::Path;

const PLACEHOLDER: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>Zaiti</title>
<p>This server was built without its web app. Run <code>make build</code> and start it again. The <a href=\"/api/v1/openapi.json\">API</a> works.
";

fn main() -> io::Result<()> {
    let dist = Path::new("web/dist");
    if !dist.join("index.html").exists() {
        std::fs::create_dir_all(dist)?;
        std::fs::write(dist.join("index.html"), PLACEHOLDER)?;
    }
    println!("cargo::rerun-if-changed=web/dist");
    Ok(())
}
