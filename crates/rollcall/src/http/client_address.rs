//! The client's address: the peer's, or what trusted proxies say in `X-Forwarded-For`, read from its right end.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName};

use super::caller::ClientAddress;
use crate::app::App;
use crate::config::Policy;

/// The header of proxies.
pub const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Puts the client's address into the request.
pub async fn find(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        let address = client(&app.policy, peer.ip().to_canonical(), request.headers());
        request.extensions_mut().insert(ClientAddress(address));
    }
    next.run(request).await
}

/// From right to left past every trusted proxy: the first address that is none is the client's.
fn client(policy: &Policy, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let lists = headers.get_all(X_FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<_> = lists.flat_map(|list| list.split(',')).map(str::trim).collect();
    let mut address = peer;
    for hop in hops.into_iter().rev() {
        if !policy.trusts(address) {
            break;
        }
        // What is no address was made up beyond the last proxy that can be believed.
        let Ok(next) = hop.parse::<IpAddr>() else { break };
        address = next.to_canonical();
    }
    address
}
