//! Where a channel may lead: types that this server can send to, URLs that the outbound guard lets through.

use notify::Transport;
use notify::guard::check_url;

use crate::app::App;
use crate::domain::channel_type::ChannelType;
use crate::domain::channel_value::ChannelValue;
use crate::domain::invalid::Invalid;
use crate::outbox::Receiver;

/// Asks whether messages of a type can leave this server.
///
/// # Errors
/// `type_unavailable`.
pub(super) fn available(app: &App, kind: ChannelType) -> Result<ChannelType, Invalid> {
    let transport = match kind {
        ChannelType::Email => Some(Transport::Email),
        ChannelType::Sms => Some(Transport::Sms),
        ChannelType::Phone => Some(Transport::Phone),
        ChannelType::Webhook => Some(Transport::Webhook),
        _ => None,
    };
    if transport.is_some_and(|transport| app.transports.available(transport)) {
        return Ok(kind);
    }
    let message = format!("This server does not send to {} channels. Choose another type.", kind.as_str());
    Err(Invalid::new("type_unavailable", message))
}

/// Reads a value of a type and asks the guard about a URL. The guard decides again at each attempt.
///
/// # Errors
/// What its type refuses; `destination_refused`.
pub(super) fn parse(app: &App, kind: ChannelType, text: &str) -> Result<ChannelValue, Invalid> {
    let value = ChannelValue::parse(kind, text)?;
    if let ChannelValue::Web(address) = &value {
        check_url(&app.transports.guard, address.as_str()).map_err(|_| {
            Invalid::new(
                "destination_refused",
                "Messages may not be sent there. Give a public https URL without user name and fragment.",
            )
        })?;
    }
    Ok(value)
}

/// Who gets messages to a value. `secret` signs those to a webhook.
pub(super) fn receiver(kind: ChannelType, value: &ChannelValue, secret: Option<String>) -> Receiver {
    let text = value.as_str().to_owned();
    match (value, kind) {
        (ChannelValue::Email(_), _) => Receiver::Email { address: text },
        (ChannelValue::Phone(_), ChannelType::Phone) => Receiver::Phone { number: text },
        (ChannelValue::Phone(_), _) => Receiver::Sms { number: text },
        (ChannelValue::Web(_), _) => Receiver::Webhook { url: text, secrets: Vec::from_iter(secret) },
    }
}
