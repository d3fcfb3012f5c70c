//! The service on loopback. Clients and server share the machine's processors, ours and the baseline's alike.
use std::hint::black_box;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use zaiti::accounts::Accounts;
use zaiti::devices::{Devices, PhotoLimits};
use zaiti::domain::names::Names;
use zaiti::domain::viewer::Viewer;
use zaiti::http::{IfMatch, Limits, Proxy, Settings};
use zaiti::inventory::{GeometryChoice, Inventory};
use zaiti::survey::Survey;

use super::line::{Line, each_us, quantile};
use super::place::Place;
use super::store;

const CLIENTS: usize = 16;
const LASTING: Duration = Duration::from_secs(3);
const ROUNDS: usize = 3;

pub fn run(place: &Place) {
    let runtime = Runtime::new().unwrap();
    let (served, inventory) = runtime.block_on(serve(place.file().to_owned()));
    let paths = paths(place.options.parcels);
    in_process(&inventory, &paths);
    let mut client = Client::new(served);
    let sizes: Vec<usize> = paths.iter().map(|path| client.get(path)).collect();
    let size = sizes.iter().sum::<usize>() / sizes.len();
    let fixed = runtime.block_on(serve_static(size));
    let (mut ours, mut theirs, mut slow) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        theirs.push(load(fixed, &["/".to_owned()]).0);
        let (rate, p99) = load(served, &paths);
        ours.push(rate);
        slow.push(p99);
    }
    let middle = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Line::rate(
        format!("search, 100 features of GeoJSON, {} kB, {CLIENTS} connections", size / 1_000),
        middle(ours),
    )
    .against("handler of as many static bytes", middle(theirs))
    .goal_ratio(0.5)
    .print();
    Line::cost("the same, p99", middle(slow), "ms").print();
}

/// One thread, without a connection: the question read, the search, its text.
fn in_process(inventory: &Inventory, paths: &[String]) {
    let read = |path: &String| -> Vec<(String, String)> {
        let query = path.split_once('?').unwrap().1.replace("collection=parcels&", "");
        let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap());
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    let asked: Vec<_> = paths.iter().map(read).collect();
    let limits = zaiti::filter::Limits::default();
    let view = inventory.view(&Viewer::public());
    let query = |asked: &Vec<(String, String)>| view.query("parcels", asked, &limits).unwrap();
    let queries: Vec<_> = asked.iter().map(query).collect();
    let texts: Vec<_> = queries
        .iter()
        .map(|query| view.search(query).unwrap().to_geojson(GeometryChoice::Full))
        .collect();
    let again = || asked.iter().cycle().take(2_000);
    let parsing = each_us(again(), |asked| drop(black_box(query(asked))));
    let searching = each_us(queries.iter().cycle().take(2_000), |query| {
        drop(black_box(view.search(query).unwrap()));
    });
    let whole = each_us(again(), |asked| {
        drop(black_box(view.search(&query(asked)).unwrap().to_geojson(GeometryChoice::Full)));
    });
    let copying = each_us(texts.iter().cycle().take(2_000), |text| drop(black_box(text.clone())));
    let middle = |times: &[f64]| quantile(times, 0.5);
    Line::cost("a search and its text in process, one thread, median", middle(&whole), "us")
        .against("copying such an answer", middle(&copying))
        .print();
    Line::cost("of that, reading the question", middle(&parsing), "us").print();
    Line::cost("of that, the search", middle(&searching), "us").print();
}

async fn serve(file: PathBuf) -> (SocketAddr, Arc<Inventory>) {
    let store = zaiti::store::open(file.to_str().unwrap()).await.unwrap();
    let inventory = Inventory::open(
        Arc::clone(&store),
        zaiti::domain::catalogue::Catalogue::builtin().unwrap(),
        zaiti::inventory::Settings::default(),
    );
    let inventory = inventory.await.unwrap();
    let surroundings = zaiti::inventory::of_machine();
    let devices = Devices::open(Arc::clone(&store), surroundings.clone(), PhotoLimits::default())
        .await
        .unwrap();
    let survey = Survey::open(Arc::clone(&store), surroundings.clone(), zaiti::survey::Settings::default())
        .await
        .unwrap();
    let accounts = Accounts::open(store, surroundings.clock).await.unwrap();
    let name = || Arc::from("bench");
    let settings = Settings {
        limits: Limits {
            peer_requests_per_s: 0,
            ..Limits::default()
        },
        if_match: IfMatch::Honoured,
        proxy: Proxy::None,
        public_url: None,
        base_map: None,
        title: Names {
            zh: name(),
            en: name(),
            de: name(),
        },
        contact: None,
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(zaiti::http::run(
        listener,
        zaiti::http::service((Arc::clone(&inventory), accounts, devices, survey), settings),
        std::future::pending(),
    ));
    (address, inventory)
}

async fn serve_static(size: usize) -> SocketAddr {
    let body = Bytes::from(vec![b'x'; size]);
    let answer = move || {
        let body = body.clone();
        async move { ([(CONTENT_TYPE, "application/geo+json")], body) }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router: Router = Router::new().route("/", get(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Searches around parcels all over the land, each with a full page.
fn paths(parcels: usize) -> Vec<String> {
    let records = store::sample(parcels);
    let around = |record: &zaiti::domain::record::Record| {
        let middle = zaiti::domain::geometry::bounds(&record.geometry).unwrap().center();
        let half = 0.008;
        format!(
            "/api/v1/search?collection=parcels&limit=100&bbox={:.6},{:.6},{:.6},{:.6}",
            middle.x - half,
            middle.y - half,
            middle.x + half,
            middle.y + half
        )
    };
    let spread = records.iter().step_by((records.len() / 400).max(1));
    spread.map(around).collect()
}

/// Requests a second of all clients together, and the 99th percentile of an answer in milliseconds.
fn load(address: SocketAddr, paths: &[String]) -> (f64, f64) {
    let start = Instant::now();
    let work = |first: usize| {
        let mut client = Client::new(address);
        let mut times = Vec::new();
        for path in paths.iter().cycle().skip(first * paths.len() / CLIENTS) {
            if start.elapsed() > LASTING {
                break;
            }
            let sent = Instant::now();
            client.get(path);
            times.push(sent.elapsed().as_secs_f64() * 1e3);
        }
        times
    };
    let mut times: Vec<f64> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|first| scope.spawn(move || work(first))).collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    times.sort_by(f64::total_cmp);
    (times.len() as f64 / start.elapsed().as_secs_f64(), quantile(&times, 0.99))
}

/// A connection that stays open.
struct Client {
    stream: BufReader<TcpStream>,
    line: String,
    body: Vec<u8>,
}

impl Client {
    fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream: BufReader::with_capacity(1 << 17, stream),
            line: String::new(),
            body: Vec::new(),
        }
    }

    /// Asks and reads the whole answer; gives its length.
    fn get(&mut self, path: &str) -> usize {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        self.read_line();
        assert!(self.line.starts_with("HTTP/1.1 200"), "{path}: {}", self.line);
        let mut length = 0;
        while !self.line.trim().is_empty() {
            self.read_line();
            if let Some(told) = self.line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = told.trim().parse().unwrap();
            }
        }
        assert!(length > 0, "{path}: no length told");
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body).unwrap();
        length
    }

    fn read_line(&mut self) {
        self.line.clear();
        self.stream.read_line(&mut self.line).unwrap();
    }
}
