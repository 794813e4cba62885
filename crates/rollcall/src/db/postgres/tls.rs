//! TLS to the database: libpq's `sslmode`, with rustls and aws-lc-rs.

use std::path::PathBuf;
use std::sync::Arc;

use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// Whose certificates a server may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trust {
    /// Anybody's: encrypted, but not proved. What libpq does up to `require`.
    Anybody,
    /// Of an authority that the system knows, for the host's name.
    System,
    /// Of an authority of this file, for the host's name.
    File(PathBuf),
}

/// What an `sslmode` asks for. A root certificate that is given is used.
pub(super) fn choose(mode: &str, root_certificate: Option<PathBuf>) -> Result<(SslMode, Trust), String> {
    let (ssl, otherwise) = match mode {
        "disable" => (SslMode::Disable, Trust::Anybody),
        "prefer" => (SslMode::Prefer, Trust::Anybody),
        "require" => (SslMode::Require, Trust::Anybody),
        "verify-full" => (SslMode::Require, Trust::System),
        other => return Err(format!("`sslmode={other}` is none of disable, prefer, require, verify-full")),
    };
    Ok((ssl, root_certificate.map_or(otherwise, Trust::File)))
}

/// What connects by it.
pub(super) fn connector(trust: &Trust) -> Result<MakeRustlsConnect, String> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let config = match trust {
        Trust::Anybody => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Unproved(provider)))
            .with_no_client_auth(),
        Trust::System => {
            return MakeRustlsConnect::with_native_certs().map(|(connector, _)| connector).map_err(|_| {
                "the system has no root certificates; name a file of them with sslrootcert".to_owned()
            });
        }
        Trust::File(path) => {
            let failed = || format!("sslrootcert: {} holds no certificates in PEM", path.display());
            let mut roots = RootCertStore::empty();
            let certificates = CertificateDer::pem_file_iter(path)
                .map_err(|error| format!("sslrootcert: {} cannot be read: {error}", path.display()))?;
            for certificate in certificates {
                roots.add(certificate.map_err(|_| failed())?).map_err(|_| failed())?;
            }
            if roots.is_empty() {
                return Err(failed());
            }
            builder.with_root_certificates(roots).with_no_client_auth()
        }
    };
    Ok(MakeRustlsConnect::new(config))
}

/// Takes any certificate, but only from who holds its key.
#[derive(Debug)]
struct Unproved(Arc<CryptoProvider>);

impl ServerCertVerifier for Unproved {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
