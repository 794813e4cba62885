//! Secrets of every kind, told to a running program where they belong, and looked for where they do not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use notify_fakes::{FakeSmtp, FakeTwilio};
use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::json;

use crate::process::{PASSWORD, Program};

/// Whom texts and calls come from.
pub(crate) const SENDER: &str = "+15005550006";
/// Where they go.
pub(crate) const NUMBER: &str = "994557654321";
/// The name of a team, which is no secret.
pub(crate) const TEAM: &str = "Platypus watch";
const PUSH_AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

/// What messages arrive at.
pub(crate) struct Receivers {
    pub(crate) mail: FakeSmtp,
    pub(crate) sms: FakeTwilio,
    pub(crate) phone: FakeTwilio,
}

impl Receivers {
    pub(crate) async fn start() -> Self {
        Self {
            mail: FakeSmtp::start().await,
            sms: FakeTwilio::start().await,
            phone: FakeTwilio::start().await,
        }
    }
}

/// The secrets of a life with Rollcall.
#[derive(Default)]
pub(crate) struct Secrets {
    /// Each unmistakable.
    whole: Vec<String>,
    /// Six digits: only where they are no part of a longer word or number.
    codes: Vec<String>,
}

impl Secrets {
    pub(crate) fn add<'a>(&mut self, secrets: impl IntoIterator<Item = &'a str>) {
        for secret in secrets {
            assert!(secret.len() >= 6, "{secret} could be anything");
            self.whole.push(secret.to_owned());
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.whole.len() + self.codes.len()
    }

    /// Lives: signs up, gives every kind of secret to channels, invites, signs in to the console, and gets things wrong with the secrets in
    /// them. Gives all that was answered to mistakes.
    pub(crate) async fn live(&mut self, program: &Program, receivers: &Receivers) -> String {
        let token = self.sign_up(program, receivers).await;
        let session = json!({"email": "quokka@example.com", "password": PASSWORD});
        let session = program.send("POST", "/v1/auth", "", &session, 200).await;
        let me = session["customer"]["customer_id"].as_str().expect("an id").to_owned();
        self.add(["access_token", "refresh_token"].map(|field| session[field].as_str().expect("a token")));
        self.fill_channels(program, receivers, &token, &me).await;
        self.invite(program, receivers, &token).await;
        self.open_the_console(program).await;
        let gateway = receivers.sms.url(SENDER);
        let account =
            gateway.split_once("//").and_then(|(_, rest)| rest.split_once('@')).expect("an account").0;
        self.add([token.as_str(), PASSWORD, PUSH_AUTH, account.split_once(':').expect("a token").1]);
        // As the gateway gets it.
        self.add([STANDARD.encode(account).as_str()]);
        self.mistakes(program, &token).await
    }

    async fn sign_up(&mut self, program: &Program, receivers: &Receivers) -> String {
        let email = "quokka@example.com";
        let account = json!({"name": "Quokka", "surname": "Tester", "email": email, "password": PASSWORD});
        program.send("POST", "/v1/account", "", &account, 201).await;
        let mail = receivers.mail.wait_for(|mail| mail.to.iter().any(|to| to == email)).await;
        let code = mail.code().expect("the mail brings a code");
        let proof = json!({"email": email, "confirmation_code": code});
        program.send("PATCH", "/v1/account", "", &proof, 200).await;
        self.codes.push(code);
        program.sign_in(email).await
    }

    async fn fill_channels(&mut self, program: &Program, receivers: &Receivers, token: &str, me: &str) {
        let owner = format!("/v1/customer/{me}/notification-channel");
        let push = json!({"endpoint": "https://push.example.com/send/quokka-push-endpoint", "keys": {
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": PUSH_AUTH}});
        for (kind, value, secret) in [
            ("webhook", "https://hooks.example.com/quokka-webhook-path", "quokka-webhook-path"),
            ("slack", "https://slack.example.com/services/quokka-slack-path", "quokka-slack-path"),
            ("telegram", "123456:quokkaTelegramTokenquokkaTelegramTo@-100200300", "quokkaTelegramToken"),
            ("pagerduty", "quokkapagerdutykey00000000000000", "quokkapagerdutykey"),
            ("push-notification", &push.to_string(), "quokka-push-endpoint"),
        ] {
            let made = program.send("POST", &owner, token, &json!({"type": kind, "value": value}), 201).await;
            if let Some(signing) = made["signing_secret"].as_str() {
                self.add([signing.trim_start_matches("whsec_")]);
            }
            self.add([secret]);
        }
        for (kind, gateway) in [("sms", &receivers.sms), ("phone", &receivers.phone)] {
            let channel = json!({"type": kind, "value": format!("+{NUMBER}")});
            program.send("POST", &owner, token, &channel, 201).await;
            self.codes.push(gateway.wait_for(1).await[0].code());
        }
    }

    /// Both kinds of link: the one that is sent, and the one to hand over.
    async fn invite(&mut self, program: &Program, receivers: &Receivers, token: &str) {
        let team = program.send("POST", "/v1/team", token, &json!({"name": TEAM}), 201).await;
        let path = format!("/v1/team/{}/invitation", team["team"]["team_id"].as_str().expect("an id"));
        let vic = "vic@example.com";
        let invitation = json!({"channel_type": "email", "channel_value": vic});
        program.send("POST", &path, token, &invitation, 201).await;
        let mail = receivers.mail.wait_for(|mail| mail.to.iter().any(|to| to == vic)).await;
        let link = format!("{path}/link");
        let handed = program.send("POST", &link, token, &json!({"channel_value": vic}), 200).await;
        for text in [mail.text.as_deref().expect("a text"), handed["link"].as_str().expect("a link")] {
            let (_, rest) = text.split_once("/invitation?token=").expect("a link");
            let secret = rest.split_whitespace().next().expect("a token");
            program.send("POST", "/v1/invitation/preview", "", &json!({"token": secret}), 200).await;
            self.add([secret]);
        }
    }

    /// Signs in as a browser does: what its cookies and its forms hold.
    async fn open_the_console(&mut self, program: &Program) {
        let no_further = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().no_proxy().redirect(no_further).build().expect("a client");
        let url = |path: &str| format!("{}{path}", program.url);
        let asked = http.get(url("/sign-in")).send().await.expect("an answer");
        let visit = cookie(&asked);
        let form_token = form_token(&asked.text().await.expect("a page"));
        let fields = [
            ("email", "quokka@example.com"),
            ("password", PASSWORD),
            ("next", "/"),
            ("form_token", &form_token),
        ];
        let form = http.post(url("/sign-in")).form(&fields).header("origin", &program.url);
        let form = form.header("sec-fetch-site", "same-origin").header(COOKIE, &visit);
        let signed_in = form.send().await.expect("an answer");
        assert_eq!(signed_in.status().as_u16(), 303);
        let session = cookie(&signed_in);
        let page = http.get(url("/account")).header(COOKIE, &session).send().await.expect("an answer");
        assert_eq!(page.status().as_u16(), 200);
        let inside = self::form_token(&page.text().await.expect("a page"));
        let value = |cookie: &str| cookie.split_once('=').expect("a value").1.to_owned();
        self.add([value(&session).as_str(), &value(&visit), &form_token, &inside]);
    }

    async fn mistakes(&self, program: &Program, token: &str) -> String {
        let mut answers = String::new();
        let ask = |method: &str, path: &str| {
            let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
            program
                .http
                .request(method, format!("{}{path}", program.url))
                .header("content-type", "application/json")
        };
        let secret = &self.whole[2];
        for request in [
            ask("POST", "/v1/auth")
                .body(format!("{{\"email\": \"quokka@example.com\", \"password\": \"{secret}\"}}")),
            ask("POST", "/v1/auth").body(format!("{{\"password\": \"{PASSWORD}\", \"email\": 7}}")),
            ask("POST", "/v1/auth").body(format!("{{{PASSWORD}")),
            ask("POST", "/v1/auth/refresh").body(format!("{{\"refresh_token\": \"{token}\"}}")),
            ask("GET", "/v1/teams").bearer_auth(format!("{token}x")),
            ask("GET", &format!("/v1/teams?cursor={token}")).bearer_auth(token),
            ask("POST", "/v1/invitation/accept").body(format!("{{\"token\": \"{token}\"}}")),
            ask("PUT", "/v1/account/password")
                .bearer_auth(token)
                .body(format!("{{\"current_password\": \"{PASSWORD}\", \"password\": \"short\"}}")),
        ] {
            let answer = request.send().await.expect("an answer");
            assert!(answer.status().is_client_error(), "{}", answer.status());
            answers += &answer.text().await.expect("a body");
        }
        answers
    }

    /// None of them stands in these bytes, in which something else is found.
    pub(crate) fn are_not_in(&self, what: &str, bytes: &[u8], something_else: &str) -> usize {
        assert!(holds(bytes, something_else), "{something_else} is not found in {what}");
        for secret in &self.whole {
            assert!(!holds(bytes, secret), "{what} holds {secret}");
        }
        for code in &self.codes {
            assert!(!holds_alone(bytes, code), "{what} holds the code {code}");
        }
        bytes.len()
    }
}

/// The first cookie that an answer sets.
fn cookie(answer: &reqwest::Response) -> String {
    let header = answer.headers().get(SET_COOKIE).expect("a cookie").to_str().expect("ASCII");
    header.split(';').next().expect("a pair").to_owned()
}

fn form_token(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"form_token\" value=\"").expect("a form");
    rest.split('"').next().expect("a value").to_owned()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Whether the digits stand by themselves: not within a word, a longer number or a fraction of a second.
fn holds_alone(bytes: &[u8], digits: &str) -> bool {
    let within = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let windows = bytes.windows(digits.len()).enumerate();
    windows.filter(|(_, window)| *window == digits.as_bytes()).any(|(at, _)| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        !within(before) && before != Some(&b'.') && !within(bytes.get(at + digits.len()))
    })
}

#[test]
fn a_code_is_found_by_itself_alone() {
    for found in ["087608", "code: 087608.", "\u{0}087608\u{0}", "{\"code\":\"087608\"}"] {
        assert!(holds_alone(found.as_bytes(), "087608"), "{found}");
    }
    for other in ["1087608", "0876081", "x087608", "22:23:31.087608Z", "a3f087608"] {
        assert!(!holds_alone(other.as_bytes(), "087608"), "{other}");
    }
}
