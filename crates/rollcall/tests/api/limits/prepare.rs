//! What has to be there before a limit can be spent, for the subject and for the others beside it.

use std::time::Duration;

use rollcall::db::Error;
use rollcall::domain::event::{By, Event};
use serde_json::json;

use super::world::{AGAIN, Counted, World};
use crate::support::channels::{of, of_team};
use crate::support::notifications::alert;
use crate::support::{PASSWORD, Person};

impl World {
    pub(super) async fn prepare(&self, spend: &str) {
        let (server, ann, bea) = (&self.server, &self.people[0], &self.people[1]);
        let team = of_team(&self.teams[0]);
        match spend {
            "forgotten" | "wrong_reset_code" => {
                for email in [Counted::Address.spelled(0), Counted::Address.another()] {
                    self.account(email).await;
                }
            }
            "resend_sign_up" => {
                for email in [Counted::Address.spelled(0), Counted::Address.another()] {
                    self.sign_up(email, "").await;
                }
                // Mails to an address are counted too: their window is to end before this limit does.
                server.advance(Duration::from_secs(570));
            }
            "tries" | "resend" | "resend_gap" | "wrong_channel_code" | "wrong_channel_code_in_a_row" => {
                server.add_channel(bea, &of(bea), "email", "ops@example.org").await;
                server.add_channel(ann, &of(ann), "email", "pager@example.org").await;
                // The others may ask for another code while the subject may not.
                server.advance(AGAIN);
                server.add_channel(ann, &of(ann), "email", "ops@example.org").await;
            }
            "test" | "test_hourly" | "notify" => {
                server.verified_email(ann, &of(ann), "ops@example.org").await;
                server.verified_email(ann, &team, "pager@example.org").await;
            }
            "notify_daily" => {
                server.verified_email(ann, &of(ann), "ops@example.org").await;
                server.verified_email(bea, &of(bea), "ops@example.org").await;
            }
            "test_daily" => {
                for number in 0..5 {
                    server.verified_email(ann, &of(ann), &format!("ops{number}@example.org")).await;
                }
                server.verified_email(bea, &of(bea), "ops@example.org").await;
            }
            "retry" => {
                server.verified_webhook(ann, &of(ann), "/hook").await;
                server.verified_webhook(ann, &team, "/pager").await;
                server.receiver.always(notify_fakes::Answer::status(503));
                server.notify(ann, &of(ann), &alert()).await;
                server.notify(ann, &team, &alert()).await;
            }
            "notify_number" => {
                self.verified_number(ann, &of(ann), "+994551234567").await;
                self.verified_number(bea, &of(bea), "+994551234567").await;
                self.verified_number(ann, &team, "+994502345678").await;
            }
            "remind" => {
                for email in [Counted::Address.spelled(0), Counted::Address.another()] {
                    self.server.inviting(ann, &self.teams[0], "email", email).expect(201).await;
                }
            }
            "client_wrong_codes" => {
                for number in 0..2 {
                    server.add_channel(ann, &of(ann), "email", &format!("ops{number}@example.org")).await;
                }
            }
            "wrong_code_of_anybody" => self.tally(0, 999).await,
            _ => {}
        }
    }

    /// An account with an address that no host name of tests has.
    async fn account(&self, email: &str) {
        let account = json!({"name": "Zoe", "surname": "Lee", "email": email, "password": PASSWORD});
        self.server.post("/v1/account").json(&account).expect(201).await;
        let domain_in_ascii = email.replace("bücher", "xn--bcher-kva");
        let to = |mail: &notify_fakes::Mail| mail.to.iter().any(|to| to == email || *to == domain_in_ascii);
        let code = self.server.smtp.wait_for(to).await.code().expect("a code");
        self.server
            .patch("/v1/account")
            .json(&json!({"email": email, "confirmation_code": code}))
            .expect(200)
            .await;
    }

    /// A verified channel for texts to a number, the only one of its owner.
    pub(super) async fn verified_number(&self, by: &Person, owner: &str, number: &str) {
        let server = &self.server;
        let sent = server.sms.requests().len();
        server.add_channel(by, owner, "sms", number).await;
        let code = server.sms.wait_for(sent + 1).await[sent].code();
        let verified = server.verify(by, owner, 1, &code).await;
        assert_eq!(verified.status, 200, "{}", verified.body);
    }

    /// So many wrong codes in the hour so many hours ago.
    pub(super) async fn tally(&self, ago: i64, wrong: i64) {
        let now = self.server.app.now();
        let written = self.server.app.db.write(move |tx| {
            let hour = now.as_second().div_euclid(3_600) - ago;
            tx.execute("insert into code_tally (hour, wrong) values ($1, $2)", (hour, wrong))?;
            tx.commit(&By::service("upkeep"), now, Event::upkeep(), Ok::<_, Error>(()))
        });
        written.await.expect("written").expect("written");
    }
}
