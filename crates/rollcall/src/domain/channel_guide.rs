//! What people are asked for and told about each type of channel, as data: forms need not know the types.

use super::channel_type::ChannelType;

/// How a type is offered and how its value is put together.
#[derive(Debug, Clone, Copy)]
pub struct Guide {
    /// Its name.
    pub label: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// What its value is.
    pub value: &'static str,
    /// The value, with the name of each field in braces.
    pub template: &'static str,
    /// What is to be filled in.
    pub fields: &'static [Field],
    /// How the code arrives that proves it.
    pub verification: &'static str,
}

/// One field of a form.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name in the template.
    pub name: &'static str,
    /// What stands before it.
    pub label: &'static str,
    /// What helps to fill it in.
    pub hint: &'static str,
    /// An example.
    pub placeholder: &'static str,
    /// A regular expression that the whole must match (ECMAScript, `v` flag), where one says more than the input does.
    pub pattern: Option<&'static str>,
    /// What kind of input it takes.
    pub input: Input,
    /// Whether it is kept from those who may not change the channel.
    pub secret: bool,
}

/// Kinds of input; all but the last are those of HTML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Tel,
    /// A URL.
    Url,
    /// Any text.
    Text,
    /// A browser's subscription: a page asks the browser for it, with the key of `GET /v1/push/public-key`.
    PushSubscription,
}

impl Input {
    /// The words.
    pub const WORDS: [&str; 5] = ["email", "tel", "url", "text", "push-subscription"];

    /// The word of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        Self::WORDS[self as usize]
    }
}

/// A field that is the whole value.
const fn whole(
    label: &'static str,
    hint: &'static str,
    placeholder: &'static str,
    input: Input,
    secret: bool,
) -> Field {
    Field { name: "value", label, hint, placeholder, pattern: None, input, secret }
}

const NUMBER: Field = whole(
    "Phone number",
    "With the country code. Blanks, dots, dashes and brackets do not matter.",
    "+1 415 555 2671",
    Input::Tel,
    false,
);

const ROUTING_KEY: Field = Field {
    pattern: Some("[0-9A-Za-z]{32}"),
    ..whole(
        "Integration key",
        "Of an Events API v2 integration: Services, your service, Integrations.",
        "R0123456789ABCDEFGHIJKLMNOPQRSTU",
        Input::Text,
        true,
    )
};

const BOT_TOKEN: Field = Field {
    name: "bot_token",
    label: "Bot token",
    hint: "Ask @BotFather for a bot; it answers with the token.",
    placeholder: "123456789:AAExampleTokenOfYourBot",
    pattern: Some("[0-9]+:[0-9A-Za-z_\\-]+"),
    input: Input::Text,
    secret: true,
};

const CHAT_ID: Field = Field {
    name: "chat_id",
    label: "Chat",
    hint: "The chat's number (negative for groups), or the @name of a public channel. The bot must be in it.",
    placeholder: "-1001234567890",
    pattern: Some("-?[0-9]+|@[0-9A-Za-z_]+"),
    input: Input::Text,
    secret: false,
};

impl ChannelType {
    /// How the type is offered.
    #[must_use]
    pub const fn guide(self) -> Guide {
        match self {
            Self::Email => EMAIL,
            Self::Sms => SMS,
            Self::Phone => PHONE,
            Self::Webhook => WEBHOOK,
            Self::Slack => SLACK,
            Self::MsTeams => MS_TEAMS,
            Self::Discord => DISCORD,
            Self::Telegram => TELEGRAM,
            Self::PagerDuty => PAGERDUTY,
            Self::Ntfy => NTFY,
            Self::PushNotification => PUSH_NOTIFICATION,
        }
    }
}

const EMAIL: Guide = Guide {
    label: "E-mail",
    description: "A mail to a person or a list.",
    value: "An e-mail address.",
    template: "{value}",
    fields: const { &[whole("Address", "It may be that of a list.", "ops@example.com", Input::Email, false)] },
    verification: "A mail brings a six-digit code.",
};

const SMS: Guide = Guide {
    label: "SMS",
    description: "A text message to a mobile phone.",
    value: "A phone number with its country code (E.164).",
    template: "{value}",
    fields: &[NUMBER],
    verification: "A text message brings a six-digit code.",
};

const PHONE: Guide = Guide {
    label: "Phone call",
    description: "A call that reads the message out.",
    value: "A phone number with its country code (E.164).",
    template: "{value}",
    fields: &[NUMBER],
    verification: "A call reads a six-digit code out, twice.",
};

const WEBHOOK: Guide = Guide {
    label: "Webhook",
    description: "A signed POST of JSON to a server of yours (Standard Webhooks).",
    value: "An https URL.",
    template: "{value}",
    fields: const {
        &[whole(
            "URL",
            "The secret that messages are signed with is shown once, when the channel is made.",
            "https://hooks.example.com/rollcall",
            Input::Url,
            true,
        )]
    },
    verification: "The JSON of a channel.verification event holds a six-digit code in data.code.",
};

const SLACK: Guide = Guide {
    label: "Slack",
    description: "A message in a Slack channel.",
    value: "The URL of an incoming webhook.",
    template: "{value}",
    fields: const {
        &[whole(
            "Webhook URL",
            "In Slack: your app, Incoming Webhooks, Add New Webhook. The URL is a secret.",
            "https://hooks.slack.com/services/T…/B…/…",
            Input::Url,
            true,
        )]
    },
    verification: "A message in the channel brings a six-digit code.",
};

const MS_TEAMS: Guide = Guide {
    label: "Microsoft Teams",
    description: "A card in a Teams channel or chat.",
    value: "The URL of a workflow.",
    template: "{value}",
    fields: const {
        &[whole(
            "Workflow URL",
            "In Teams: the channel's menu, Workflows, \"Send webhook alerts to a channel\". The URL is a secret.",
            "https://….logic.azure.com/workflows/…",
            Input::Url,
            true,
        )]
    },
    verification: "A card in the channel brings a six-digit code.",
};

const DISCORD: Guide = Guide {
    label: "Discord",
    description: "A message in a Discord channel.",
    value: "The URL of a webhook.",
    template: "{value}",
    fields: const {
        &[whole(
            "Webhook URL",
            "In Discord: the channel's settings, Integrations, Webhooks. The URL is a secret.",
            "https://discord.com/api/webhooks/…/…",
            Input::Url,
            true,
        )]
    },
    verification: "A message in the channel brings a six-digit code.",
};

const TELEGRAM: Guide = Guide {
    label: "Telegram",
    description: "A message from a bot of yours to a chat.",
    value: "The bot's token and the chat's id, with an @ between.",
    template: "{bot_token}@{chat_id}",
    fields: &[BOT_TOKEN, CHAT_ID],
    verification: "A message from the bot brings a six-digit code.",
};

const PAGERDUTY: Guide = Guide {
    label: "PagerDuty",
    description: "An incident on a PagerDuty service.",
    value: "The routing key of an Events API v2 integration: 32 characters.",
    template: "{value}",
    fields: &[ROUTING_KEY],
    verification: "An incident of severity info, resolved at once, has a six-digit code in its summary.",
};

const NTFY: Guide = Guide {
    label: "ntfy",
    description: "A notification to all who follow a topic on an ntfy server.",
    value: "The URL of a topic.",
    template: "{value}",
    fields: const {
        &[whole(
            "Topic URL",
            "Server and topic. Whoever knows a topic can read it: choose a name that nobody guesses.",
            "https://ntfy.sh/a-name-nobody-guesses",
            Input::Url,
            true,
        )]
    },
    verification: "A notification brings a six-digit code.",
};

const PUSH_NOTIFICATION: Guide = Guide {
    label: "Browser notification",
    description: "A notification of this browser, also while the page is closed (Web Push).",
    value: "The browser's push subscription as JSON text.",
    template: "{value}",
    fields: const {
        &[whole(
            "This browser",
            "The browser asks whether notifications are allowed.",
            "{\"endpoint\": \"https://…\", \"keys\": {\"p256dh\": \"…\", \"auth\": \"…\"}}",
            Input::PushSubscription,
            true,
        )]
    },
    verification: "A notification brings a six-digit code.",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_stands_once_in_its_template_and_every_text_says_something() {
        for kind in ChannelType::ALL {
            let guide = kind.guide();
            assert!(!guide.fields.is_empty(), "{kind:?}");
            for field in guide.fields {
                let place = format!("{{{}}}", field.name);
                assert_eq!(guide.template.matches(&place).count(), 1, "{kind:?}");
                for text in [field.label, field.hint, field.placeholder] {
                    assert!(!text.is_empty(), "{kind:?}");
                }
            }
            for text in [guide.label, guide.description, guide.value, guide.verification] {
                assert!(!text.is_empty(), "{kind:?}");
            }
        }
        assert_eq!(Input::PushSubscription.as_str(), "push-subscription");
        assert_eq!(Input::Email.as_str(), "email");
    }
}
