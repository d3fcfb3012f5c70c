//! One line of the route table: what answers, and what is written about it.
use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware;
use axum::routing::{MethodFilter, MethodRouter, on};

use super::parameters::{self, Accepts};
use super::state::App;

/// A route: its documentation and what answers.
pub struct Route {
    /// What is written about it.
    pub doc: Doc,
    handler: MethodRouter<Arc<App>>,
}

/// What is written about a route; the `OpenAPI` document and the check of parameters are made from it.
#[derive(Clone, Debug)]
pub struct Doc {
    /// Method.
    pub method: Method,
    /// Path with `{names}`.
    pub path: &'static str,
    /// Names in the query string.
    pub accepts: Accepts,
    /// One line.
    pub about: &'static str,
    /// Schema of the body, if it takes one.
    pub body: Option<&'static str>,
    /// What comes back.
    pub answers: Answers,
}

/// What comes back when all is well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// JSON of this schema.
    Json(&'static str),
    /// `GeoJSON` of this schema.
    GeoJson(&'static str),
    /// A Mapbox vector tile.
    Tile,
    /// Server-sent events.
    Events,
    /// Text of this media type.
    Text(&'static str),
    /// A file to save, in the format asked for.
    File,
    /// Nothing (204).
    Nothing,
}

/// A route that reads.
pub fn get<H, T>(path: &'static str, handler: H) -> Route
where
    H: Handler<T, Arc<App>>,
    T: 'static,
{
    route(Method::GET, path, on(MethodFilter::GET, handler))
}

/// A route that makes something.
pub fn post<H, T>(path: &'static str, handler: H) -> Route
where
    H: Handler<T, Arc<App>>,
    T: 'static,
{
    route(Method::POST, path, on(MethodFilter::POST, handler))
}

/// A route that replaces something.
pub fn put<H, T>(path: &'static str, handler: H) -> Route
where
    H: Handler<T, Arc<App>>,
    T: 'static,
{
    route(Method::PUT, path, on(MethodFilter::PUT, handler))
}

/// A route that changes something.
pub fn patch<H, T>(path: &'static str, handler: H) -> Route
where
    H: Handler<T, Arc<App>>,
    T: 'static,
{
    route(Method::PATCH, path, on(MethodFilter::PATCH, handler))
}

/// A route that ends something.
pub fn delete<H, T>(path: &'static str, handler: H) -> Route
where
    H: Handler<T, Arc<App>>,
    T: 'static,
{
    route(Method::DELETE, path, on(MethodFilter::DELETE, handler))
}

fn route(method: Method, path: &'static str, handler: MethodRouter<Arc<App>>) -> Route {
    let doc = Doc {
        method,
        path,
        accepts: Accepts::Only(&[]),
        about: "",
        body: None,
        answers: Answers::Nothing,
    };
    Route { doc, handler }
}

impl Route {
    /// Says what it is for.
    pub fn about(mut self, about: &'static str) -> Self {
        self.doc.about = about;
        self
    }

    /// Takes these parameters and no others.
    pub fn takes(mut self, names: &'static [&'static str]) -> Self {
        self.doc.accepts = Accepts::Only(names);
        self
    }

    /// Takes these parameters and those of the search, order and page too.
    pub fn takes_search(mut self, names: &'static [&'static str]) -> Self {
        self.doc.accepts = Accepts::Search(names);
        self
    }

    /// Takes these parameters and the conditions of the search.
    pub fn takes_filters(mut self, names: &'static [&'static str]) -> Self {
        self.doc.accepts = Accepts::Filters(names);
        self
    }

    /// Leaves the query string to the page.
    pub fn leaves_query_to_page(mut self) -> Self {
        self.doc.accepts = Accepts::PageState;
        self
    }

    /// Takes a JSON body of this schema.
    pub fn body(mut self, schema: &'static str) -> Self {
        self.doc.body = Some(schema);
        self
    }

    /// Says what comes back.
    pub fn answers(mut self, answers: Answers) -> Self {
        self.doc.answers = answers;
        self
    }

    /// Puts it into a router, behind the check of its parameters.
    pub fn mount(self, router: Router<Arc<App>>) -> Router<Arc<App>> {
        let check = middleware::from_fn_with_state(self.doc.accepts, parameters::check);
        router.route(self.doc.path, self.handler.route_layer(check))
    }
}
