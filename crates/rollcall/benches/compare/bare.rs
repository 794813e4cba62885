//! The ceiling: hyper alone, with the same head and body for every request.

use std::convert::Infallible;
use std::path::Path;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::contestant::{Contestant, Folder};

/// Starts one that sends what the contestant answers to this path: same status, header fields and body.
pub(crate) async fn start(
    name: &'static str,
    like: &Contestant,
    path: &str,
    if_none_match: Option<&str>,
) -> Contestant {
    let mut request = reqwest::Client::new().get(format!("{}{path}", like.base)).bearer_auth(&like.token);
    if let Some(tag) = if_none_match {
        request = request.header("if-none-match", tag);
    }
    let answer = request.send().await.expect("an answer");
    let mut text = format!("{}\n", answer.status().as_u16());
    for (name, value) in answer.headers() {
        // Both are hyper's own to write.
        if name != "date" && name != "content-length" {
            text.extend([name.as_str(), ": ", value.to_str().expect("ASCII"), "\n"]);
        }
    }
    text += "\n";
    text += &answer.text().await.expect("its text");
    let folder = Folder::new("bare");
    let file = folder.path().join("answer");
    std::fs::write(&file, text).expect("written");
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.arg("serve-bare").arg(file);
    Contestant::start(name, &mut command, like.token.clone(), path.to_owned(), Some(folder)).await
}

/// Sends the answer in the file to everything, until it is killed.
pub(crate) async fn serve(file: &Path) {
    let text = std::fs::read_to_string(file).expect("an answer");
    let (head, body) = text.split_once("\n\n").expect("head and body");
    let (status, fields) = head.split_once('\n').unwrap_or((head, ""));
    let status: u16 = status.parse().expect("a status");
    let headers: HeaderMap = fields.lines().filter_map(|line| line.split_once(": ")).map(field).collect();
    let body = Bytes::from(body.to_owned());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("http://{}", listener.local_addr().expect("an address"));
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        stream.set_nodelay(true).expect("a socket option");
        let (headers, body) = (headers.clone(), body.clone());
        let service = service_fn(move |_| {
            let mut response = Response::new(Full::new(body.clone()));
            *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
            *response.headers_mut() = headers.clone();
            async move { Ok::<_, Infallible>(response) }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move { drop(connection.await) });
    }
}

fn field((name, value): (&str, &str)) -> (HeaderName, HeaderValue) {
    (name.parse().expect("a name"), value.parse().expect("a value"))
}
