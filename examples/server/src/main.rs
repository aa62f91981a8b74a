//! A small web server: one page rendered whole, one streamed.
//!
//! `pages.rs` is the Gravure side: templates in the program, a filter, a
//! function, objects. Here is the rest: routes, a stream of pieces as a body,
//! errors that are logged and not shown.

mod pages;

use axum::{
    Router,
    body::Body,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use pages::Site;
use std::{collections::HashMap, io, sync::Arc};
use tokio::{net::TcpListener, sync::mpsc};
use tokio_stream::wrappers::ReceiverStream;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let stop = async {
        // Without a signal there is nothing to wait for but the end.
        let _ = tokio::signal::ctrl_c().await;
    };
    axum::serve(listener, app(Site::new()?))
        .with_graceful_shutdown(stop)
        .await?;
    Ok(())
}

fn app(site: Site) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/log", get(log))
        .with_state(Arc::new(site))
}

type Parameters = Query<HashMap<String, String>>;

/// Rendered at once: a short page takes microseconds, less than handing it to
/// another thread would.
async fn home(
    State(site): State<Arc<Site>>,
    Query(query): Parameters,
) -> Result<Html<String>, Failed> {
    Ok(Html(site.home(&query)?))
}

/// Streamed: the first rows are on their way while the last are rendered.
///
/// Rendering works on a thread that may block, since a piece waits until the
/// reader wants it. If the reader goes away, so does the render.
async fn log(State(site): State<Arc<Site>>, Query(query): Parameters) -> Response {
    let (sender, receiver) = mpsc::channel::<io::Result<String>>(4);
    tokio::task::spawn_blocking(move || {
        let n_rows = query.get("rows").and_then(|it| it.parse().ok());
        let sent = site.log(n_rows.unwrap_or(10_000), |piece| {
            sender.blocking_send(Ok(piece)).is_ok()
        });
        if let Err(error) = sent {
            eprintln!("{}", error.report());
            // The head is sent already: a broken body is all that can be said.
            let _ = sender.blocking_send(Err(io::Error::other("the page broke off")));
        }
    });
    let body = Body::from_stream(ReceiverStream::new(receiver));
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response()
}

/// What went wrong is for the log; the reader gets a status.
struct Failed(gravure::Error);

impl From<gravure::Error> for Failed {
    fn from(error: gravure::Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        eprintln!("{}", self.0.report());
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        (status, "this page cannot be shown").into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{Read as _, Write as _},
        net::{SocketAddr, TcpStream},
    };

    /// What the server sends, head and body.
    fn ask(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn pages_are_served() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = axum::serve(listener, app(Site::new().unwrap()));
        let server = tokio::spawn(server.into_future());
        tokio::task::spawn_blocking(move || {
            let home = ask(address, "/?name=%3CAda%3E");
            assert!(home.starts_with("HTTP/1.1 200 OK"), "{home}");
            assert!(home.contains("Hello &lt;Ada&gt;!"), "{home}");
            assert!(home.contains("visit number 1"), "{home}");
            assert!(ask(address, "/").contains("visit number 2"));

            let log = ask(address, "/log?rows=2000");
            assert!(log.contains("transfer-encoding: chunked"), "{log}");
            assert_eq!(log.matches("<td>").count(), 3 * 2_000);
            assert!(log.trim_end().ends_with("0"), "the last chunk");

            assert!(ask(address, "/other").starts_with("HTTP/1.1 404"));
        })
        .await
        .unwrap();
        server.abort();
    }
}
