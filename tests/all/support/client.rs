//! A small HTTP client, and a raw connection where a client would be in the way.
#![expect(clippy::panic, reason = "here that is how a test fails")]
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::{HeaderMap, Method, Request};

/// Longest wait for an answer; only a fault makes a test wait that long.
const PATIENCE: Duration = Duration::from_mins(1);

/// Asks one server, perhaps with a token.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    url: String,
    token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Name and value of headers.
pub type Headers<'a> = &'a [(&'a str, &'a str)];

impl Client {
    pub fn new(url: &str, token: Option<&str>) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE));
        Self {
            agent: config.build().into(),
            url: url.to_owned(),
            token: token.map(str::to_owned),
        }
    }

    /// Reads.
    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    /// Reads with these headers.
    pub fn get_with(&self, path: &str, headers: Headers<'_>) -> Answer {
        self.ask(("GET", path), headers, None).unwrap()
    }

    /// Reads JSON that must be there.
    pub fn read(&self, path: &str) -> Value {
        self.get(path).ok()
    }

    /// Sends JSON.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(("POST", path), &[], body)
    }

    /// Changes a record.
    pub fn patch(&self, code: &str, body: &Value) -> Answer {
        self.send(("PATCH", &format!("/api/v1/carriers/{code}")), &[], body)
    }

    /// Sends JSON with these headers.
    pub fn send(&self, request: (&str, &str), headers: Headers<'_>, body: &Value) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend(headers);
        self.ask(request, &all, Some(body.to_string().as_bytes())).unwrap()
    }

    /// Sends edits that can all be read; one receipt each.
    pub fn edit(&self, edits: &[Value]) -> Vec<Value> {
        let answer = self.post("/api/v1/edits", &json!({ "edits": edits })).ok();
        answer["receipts"].as_array().unwrap().clone()
    }

    /// Sends edits that must all be applied.
    pub fn apply(&self, edits: &[Value]) {
        for receipt in edits.chunks(500).flat_map(|part| self.edit(part)) {
            assert_eq!(receipt["outcome"], "applied", "{receipt}");
        }
    }

    /// Any request; `Err` when no answer came.
    pub fn ask(&self, (method, path): (&str, &str), headers: Headers<'_>, body: Option<&[u8]>) -> Result<Answer, ureq::Error> {
        let method: Method = method.parse().unwrap();
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = match body {
            None => self.agent.run(request.body(()).unwrap())?,
            Some(body) => self.agent.run(request.body(body).unwrap())?,
        };
        let body = response.body_mut().with_config().limit(1 << 30).read_to_vec()?;
        Ok(Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body,
        })
    }
}

impl Answer {
    /// The JSON of an answer that must be a good one.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header, empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The problem document of a refusal of this status and kind.
    #[track_caller]
    pub fn problem(&self, status: u16, kind: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{kind}"), "{problem}");
        assert_eq!(problem["status"], status);
        problem
    }
}

/// A connection on which anything can be said.
pub struct Raw(BufReader<TcpStream>);

impl Raw {
    /// Connects and says this.
    pub fn open(address: &str, said: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut raw = Self(BufReader::new(stream));
        raw.say(said);
        raw
    }

    /// Opens a stream of changes, and returns once it is open.
    pub fn stream(address: &str, headers: &str) -> Self {
        let mut raw = Self::open(
            address,
            &format!("GET /api/v1/changes/stream HTTP/1.1\r\nhost: {address}\r\n{headers}\r\n"),
        );
        assert!(raw.line().unwrap().contains(" 200 "));
        raw.until("");
        raw
    }

    pub fn say(&mut self, said: &str) {
        self.0.get_mut().write_all(said.as_bytes()).unwrap();
    }

    /// The next line without its end; `None` when the connection is closed.
    pub fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let length = self.0.read_line(&mut line).unwrap();
        (length > 0).then(|| line.trim_end().to_owned())
    }

    /// The first line that begins so, an empty one for "".
    #[track_caller]
    pub fn until(&mut self, beginning: &str) -> String {
        let is_it = |line: &String| {
            if beginning.is_empty() {
                line.is_empty()
            } else {
                line.starts_with(beginning)
            }
        };
        loop {
            let line = self.line().unwrap_or_else(|| panic!("the connection ended before {beginning:?}"));
            if is_it(&line) {
                return line;
            }
        }
    }

    /// The data of the next event.
    #[track_caller]
    pub fn event(&mut self) -> Value {
        serde_json::from_str(self.until("data:").trim_start_matches("data:").trim()).unwrap()
    }

    /// All that is still said until the other side closes. A reset is an end too.
    pub fn rest(mut self) -> String {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Err(error) if error.kind() != std::io::ErrorKind::ConnectionReset => panic!("not closed: {error}"),
            _ => String::from_utf8_lossy(&rest).into_owned(),
        }
    }
}

/// A value for the query string.
pub fn coded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
