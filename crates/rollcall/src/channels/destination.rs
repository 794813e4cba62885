//! Where a channel may lead: types that this server can send to, URLs that the outbound guard lets through.

use notify::guard::check_url;
use notify::web_push::{decode_key, is_public_key};
use notify::{Destination, Transport};

use crate::app::App;
use crate::domain::channel_type::ChannelType;
use crate::domain::channel_value::ChannelValue;
use crate::domain::invalid::Invalid;

/// Asks whether messages of a type can leave this server.
///
/// # Errors
/// `type_unavailable`.
pub(super) fn available(app: &App, kind: ChannelType) -> Result<ChannelType, Invalid> {
    if app.transports.available(transport(kind)) {
        return Ok(kind);
    }
    let message = format!("This server does not send to {} channels. Choose another type.", kind.as_str());
    Err(Invalid::new("type_unavailable", message))
}

/// By what messages of a type go.
fn transport(kind: ChannelType) -> Transport {
    match kind {
        ChannelType::Email => Transport::Email,
        ChannelType::Sms => Transport::Sms,
        ChannelType::Phone => Transport::Phone,
        ChannelType::Webhook => Transport::Webhook,
        ChannelType::Slack => Transport::Slack,
        ChannelType::MsTeams => Transport::MsTeams,
        ChannelType::Discord => Transport::Discord,
        ChannelType::Telegram => Transport::Telegram,
        ChannelType::PagerDuty => Transport::PagerDuty,
        ChannelType::Ntfy => Transport::Ntfy,
        ChannelType::PushNotification => Transport::Push,
    }
}

/// Reads a value of a type and asks the guard about a URL. The guard decides again at each attempt.
///
/// # Errors
/// What its type refuses; `destination_refused`; `phone_country_refused`.
pub(super) fn parse(app: &App, kind: ChannelType, text: &str) -> Result<ChannelValue, Invalid> {
    let value = ChannelValue::parse(kind, text)?;
    if let Some(url) = value.url() {
        check_url(&app.transports.guard, url).map_err(|_| {
            Invalid::new(
                "destination_refused",
                "Messages may not be sent there. Give a public https URL without user name and fragment.",
            )
        })?;
    }
    if let ChannelValue::Phone(number) = &value {
        app.policy.may_reach(number)?;
    }
    if let ChannelValue::Push(subscription) = &value
        && !decode_key(subscription.p256dh()).is_some_and(|key| is_public_key(&key))
    {
        return Err(Invalid::new("subscription_invalid", "keys.p256dh is no public key of a browser."));
    }
    Ok(value)
}

/// Who gets messages to a value. `secret` signs those to a webhook.
pub(super) fn receiver(kind: ChannelType, value: &ChannelValue, secret: Option<String>) -> Destination {
    let text = value.as_str().to_owned();
    match (value, kind) {
        (ChannelValue::Email(_), _) => Destination::Email(text),
        (ChannelValue::Phone(_), ChannelType::Phone) => Destination::Phone(text),
        (ChannelValue::Phone(_), _) => Destination::Sms(text),
        (ChannelValue::Web(_), ChannelType::Slack) => Destination::Slack(text),
        (ChannelValue::Web(_), ChannelType::MsTeams) => Destination::MsTeams(text),
        (ChannelValue::Web(_), ChannelType::Discord) => Destination::Discord(text),
        (ChannelValue::Web(_), ChannelType::Ntfy) => Destination::Ntfy(text),
        (ChannelValue::Web(_), _) => Destination::Webhook { url: text, secrets: Vec::from_iter(secret) },
        (ChannelValue::Telegram(chat), _) => {
            Destination::Telegram { token: chat.token().to_owned(), chat: chat.chat().to_owned() }
        }
        (ChannelValue::PagerDuty(_), _) => Destination::PagerDuty(text),
        (ChannelValue::Push(subscription), _) => Destination::Push(notify::Subscription {
            endpoint: subscription.endpoint().to_owned(),
            p256dh: subscription.p256dh().to_owned(),
            auth: subscription.auth().to_owned(),
        }),
    }
}
