//! How tries of one-time codes are spent: each code has five, so that further ones are asked for on the way.

use std::sync::atomic::Ordering;
use std::time::Duration;

use http::Method;
use serde_json::json;

use super::spend::waits;
use super::world::{AGAIN, Turn, World};
use crate::support::channels::of;
use crate::support::{Answer, PASSWORD, Person};

impl World {
    /// The channel whose code is tried: the subject; the same address in another organization; another address in the same.
    fn site(&self, turn: &Turn<'_>) -> (&Person, i64) {
        match turn.other {
            0 => (&self.people[0], 2),
            1 => (&self.people[1], 1),
            _ => (&self.people[0], 1),
        }
    }

    /// Asks for the code of a channel again.
    pub(super) async fn resend(&self, turn: &Turn<'_>) -> Answer {
        let (by, priority) = self.site(turn);
        let by = self.server.again(by).await;
        let path = format!("{}/notification-channel/verification", of(&by));
        self.server.post(&path).token(&by.token).json(&json!({"priority": priority})).send().await
    }

    /// Tries the code that is out.
    pub(super) async fn wrong_code_now(&self, turn: &Turn<'_>) -> Option<Duration> {
        let (by, priority) = self.site(turn);
        let by = self.server.again(by).await;
        waits(&self.server.verify(&by, &of(&by), priority, "000000").await, 422)
    }

    /// Whether a code is asked for before this try: the one before was tried five times, or has ended. Lets a while go by where it was tried.
    fn due(&self, turn: &Turn<'_>, wait: Duration) -> bool {
        let tried = turn.number > 0 && turn.number.is_multiple_of(5) && self.once(turn.number);
        if tried {
            self.server.advance(wait);
        }
        let ended = self.stale.swap(false, Ordering::Relaxed);
        tried || ended || turn.other > 0
    }

    /// Five tries for each code; twenty a day where they are counted over days.
    pub(super) async fn wrong_channel_code(&self, what: &str, turn: &Turn<'_>) -> Option<Duration> {
        let next_day = what == "wrong_channel_code_in_a_row" && turn.number.is_multiple_of(20);
        if self.due(turn, if next_day { AGAIN + Duration::from_secs(24 * 3_600) } else { AGAIN }) {
            let fresh = self.resend(turn).await;
            assert_eq!(fresh.status, 200, "{}", fresh.body);
        }
        self.wrong_code_now(turn).await
    }

    /// For a forgotten password.
    pub(super) async fn wrong_reset_code(&self, turn: &Turn<'_>) -> Option<Duration> {
        let path = "/v1/account/password";
        if self.due(turn, AGAIN) || turn.number == 0 {
            self.server.post(path).json(&json!({"email": turn.as_who})).expect(200).await;
        }
        let body = json!({"email": turn.as_who, "code": "000000", "password": PASSWORD});
        waits(&self.open(Method::PATCH, path, &body, "").await, 422)
    }

    /// For another username, which colleagues may wish for as well.
    pub(super) async fn wrong_username_code(&self, turn: &Turn<'_>) -> Option<Duration> {
        let by = self.server.again(&self.people[turn.other]).await;
        if self.due(turn, AGAIN) || turn.number == 0 {
            let asked = self.username(&by, "new@example.org").await;
            assert_eq!(asked.status, 200, "{}", asked.body);
        }
        let body = json!({"code": "000000"});
        waits(&self.server.patch("/v1/customer/username").token(&by.token).json(&body).send().await, 422)
    }
}
