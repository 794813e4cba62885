//! TLS for the fakes: certificates for loopback, a good one and bad ones, signed by a root that only tests trust.

use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The root that signed the fakes' certificates, as PEM: trust it to be able to talk to them.
pub const ROOT_PEM: &str = include_str!("../data/root.pem");

/// What a fake shows of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsCertificate {
    /// For `localhost`, `127.0.0.1` and `hooks.example.com`, until 2120.
    Good,
    /// For `other.example.com` alone.
    OtherName,
    /// As the good one, but over since 2021.
    Expired,
}

/// Accepts TLS with a certificate.
pub(crate) fn acceptor(certificate: TlsCertificate) -> TlsAcceptor {
    let pem: &[u8] = match certificate {
        TlsCertificate::Good => include_bytes!("../data/server.pem"),
        TlsCertificate::OtherName => include_bytes!("../data/other-name.pem"),
        TlsCertificate::Expired => include_bytes!("../data/expired.pem"),
    };
    let certificate = CertificateDer::from_pem_slice(pem).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../data/server.key")).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the default versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a key that fits the certificate");
    TlsAcceptor::from(Arc::new(config))
}
