//! What happened in the example organization, in its order.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::calendar::Calendar;
use super::theatre::{Mood, Theatre};
use super::visitor::{Person, Visitor};

const SLACK: &str = "https://chat.example.com/services/T024DEMO/B024DEMO/platform";
const DISCORD: &str = "https://discord.example.com/api/webhooks/102400/old-server";
const WEBHOOK: &str = "https://hooks.example.com/rollcall?key=example";
const LEGACY: &str = "https://status.example.com/incoming/platform";
/// A browser's keys, from RFC 8291 §5.
const BROWSER: &str = r#"{"endpoint":"https://push.example.com/wpush/v2/ann","keys":{"p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4","auth":"BTBZMqHH6r4Tts7J_aSIgg"}}"#;
const ROUTING_KEY: &str = "0123456789abcdef0123456789abcdef";

/// The organization while it is made.
pub(super) struct Story<'a> {
    visitor: &'a Visitor,
    calendar: &'a Calendar,
    theatre: &'a Theatre,
}

/// Teams by their paths.
struct Teams {
    platform: String,
    payments: String,
}

impl<'a> Story<'a> {
    /// Tells the whole story, and gives the root.
    pub(super) async fn begin(
        visitor: &'a Visitor,
        calendar: &'a Calendar,
        theatre: &'a Theatre,
    ) -> anyhow::Result<Person> {
        let story = Self { visitor, calendar, theatre };
        let ann = visitor.sign_up("Ann", "Lee").await?;
        let teams = story.first_days(&ann).await?;
        let ben = story.people(&ann, &teams).await?;
        story.channels(&ann, &ben, &teams).await?;
        story.changes(&ann, &ben, &teams).await?;
        story.trouble(&ann, &ben, &teams).await?;
        story.today(&ann, &ben, &teams).await?;
        Ok(ann)
    }

    /// Moves on to so many hours before now, once everything due is done.
    async fn hours_ago(&self, hours: i64) -> anyhow::Result<()> {
        self.minutes_ago(hours * 60).await
    }

    async fn minutes_ago(&self, minutes: i64) -> anyhow::Result<()> {
        self.visitor.settle().await?;
        self.calendar.move_to(SignedDuration::from_mins(minutes));
        self.visitor.settle().await
    }

    async fn send(&self, method: &str, path: &str, by: &Person, body: Value) -> anyhow::Result<Value> {
        self.visitor.send(method, path, Some(by), &body).await
    }

    async fn first_days(&self, ann: &Person) -> anyhow::Result<Teams> {
        self.send("PATCH", "/v1/organization", ann, json!({"name": "Example Hosting"})).await?;
        self.visitor.channel(ann, &own(ann), "email", &ann.email).await?;
        self.hours_ago(285).await?;
        let teams = Teams {
            platform: self.visitor.team(ann, "Platform").await?,
            payments: self.visitor.team(ann, "Payment").await?,
        };
        self.visitor.team(ann, "Customer support").await?;
        for (team, names) in [
            (&teams.platform, &["Public website", "Status page", "DNS", "Container registry"][..]),
            (&teams.payments, &["Checkout", "Invoices"]),
        ] {
            for name in names {
                self.send("POST", "/v1/service", ann, json!({"name": name, "team_id": team})).await?;
            }
        }
        Ok(teams)
    }

    /// Who came, in which role, and who did not.
    async fn people(&self, ann: &Person, teams: &Teams) -> anyhow::Result<Person> {
        let visitor = self.visitor;
        let ben = visitor.join(ann, &teams.platform, "Ben", "Ode", "manager").await?;
        self.hours_ago(262).await?;
        let cleo = visitor.join(&ben, &teams.platform, "Cleo", "Ruiz", "user").await?;
        visitor.channel(&cleo, &own(&cleo), "email", &cleo.email).await?;
        visitor.join(ann, &teams.payments, "Dan", "Okafor", "manager").await?;
        self.hours_ago(240).await?;
        let eva = visitor.join(&ben, &teams.platform, "Eva", "Lindqvist", "user").await?;
        visitor.channel(&eva, &own(&eva), "sms", "+12015550144").await?;
        let jon = visitor.join(ann, &teams.platform, "Jon", "Bell", "manager").await?;
        let ivo = visitor.join(&jon, &teams.platform, "Ivo", "Marek", "user").await?;
        self.hours_ago(230).await?;
        visitor.invite(&ben, &teams.platform, "frank@example.com", "user").await?;
        let declined = visitor.invite(&ben, &teams.platform, "gita@example.com", "user").await?;
        visitor.send("POST", "/v1/invitation/decline", None, &json!({"token": declined})).await?;
        self.hours_ago(214).await?;
        let hana = visitor.sign_up("Hana", "Mori").await?;
        self.send("PATCH", "/v1/organization", &hana, json!({"name": "Harbour Consulting"})).await?;
        let guest = visitor.invite(ann, &teams.platform, &hana.email, "user").await?;
        self.send("POST", "/v1/invitation/accept", &hana, json!({"token": guest})).await?;
        self.hours_ago(190).await?;
        let moved = member(&teams.platform, &ivo);
        self.send("PATCH", &moved, ann, json!({"new_team_id": teams.payments})).await?;
        let reason = json!({"reason": "I have found another job", "comment": "Thank you all."});
        self.send("DELETE", "/v1/customer", &jon, reason).await?;
        self.send("PATCH", &member(&teams.platform, &eva), ann, json!({"role": "manager"})).await?;
        Ok(ben)
    }

    /// How people and teams are reached.
    async fn channels(&self, ann: &Person, ben: &Person, teams: &Teams) -> anyhow::Result<()> {
        let visitor = self.visitor;
        self.hours_ago(170).await?;
        for (kind, value) in [("sms", "+12015550123"), ("push-notification", BROWSER)] {
            let key = if kind == "sms" { value } else { "https://push.example.com/wpush/v2/ann" };
            visitor.channel_at(ann, &own(ann), kind, value, key).await?;
        }
        visitor.channel(ben, &own(ben), "email", &ben.email).await?;
        let platform = team(&teams.platform);
        visitor.channel_at(ben, &platform, "pagerduty", ROUTING_KEY, ROUTING_KEY).await?;
        for (kind, value) in
            [("slack", SLACK), ("email", "platform-oncall@example.com"), ("webhook", WEBHOOK)]
        {
            visitor.channel(ben, &platform, kind, value).await?;
        }
        let telegram = "123456789:AAExampleExampleExampleExample@-1001234567890";
        visitor.channel_at(ben, &platform, "telegram", telegram, "-1001234567890").await?;
        visitor.channel(ben, &platform, "phone", "+12015550188").await?;
        visitor.channel(ben, &platform, "discord", DISCORD).await?;
        visitor.channel(ben, &platform, "ntfy", "https://ntfy.example.com/platform-oncall").await?;
        visitor.channel(ann, &team(&teams.payments), "email", "payments-oncall@example.com").await
    }

    /// What was done on quiet days.
    async fn changes(&self, ann: &Person, ben: &Person, teams: &Teams) -> anyhow::Result<()> {
        let (platform, payments) = (team(&teams.platform), team(&teams.payments));
        self.hours_ago(140).await?;
        self.send("PUT", &payments, ann, json!({"name": "Payments"})).await?;
        for priority in [1, 2, 3] {
            let path = format!("{platform}/notification-channel/test");
            self.send("POST", &path, ben, json!({"priority": priority})).await?;
        }
        self.notify(
            ann,
            &platform,
            "info",
            "Maintenance tonight",
            "The registry is read-only from 22:00 to 23:00 UTC.",
        )
        .await?;
        self.hours_ago(120).await?;
        let wrong = json!({"email": ann.email, "password": "not the password"});
        self.visitor.refused("POST", "/v1/auth", &wrong).await?;
        let order = json!({"priority": 6, "new_priority": 2});
        self.send("PATCH", &format!("{platform}/notification-channel"), ben, order).await?;
        let idea = json!({"message": "A calendar of who is on call would help us.", "category": "idea", "rating": 4});
        self.send("POST", "/v1/customer/feedback", ben, idea).await?;
        Ok(())
    }

    /// Receivers that fail, each in its way.
    async fn trouble(&self, ann: &Person, ben: &Person, teams: &Teams) -> anyhow::Result<()> {
        let platform = team(&teams.platform);
        self.hours_ago(96).await?;
        self.theatre.be(DISCORD, Some(Mood::Gone));
        self.notify(ann, &platform, "warning", "Disk of db-3 is 85 % full", "It grows by 2 % a day.").await?;
        self.hours_ago(50).await?;
        self.theatre.be(WEBHOOK, Some(Mood::Down));
        let text = "5 % of the requests of the last ten minutes were answered 502.\nThe registry's storage restarts.";
        self.notify(ben, &platform, "critical", "Public website answers with errors", text).await?;
        for minutes in [2_999, 2_990, 2_950, 2_800] {
            self.minutes_ago(minutes).await?;
        }
        self.notify(ben, &platform, "info", "Public website works again", "All requests are answered.")
            .await?;
        self.hours_ago(30).await?;
        self.visitor
            .channel(ben, &platform, "ms-teams", "https://teams.example.com/workflows/platform")
            .await?;
        self.visitor.channel(ben, &platform, "slack", LEGACY).await?;
        self.theatre.be(LEGACY, Some(Mood::Lost));
        self.notify(ann, &platform, "info", "Certificates were renewed", "Nothing is to be done.").await
    }

    /// What still waits for somebody.
    async fn today(&self, ann: &Person, ben: &Person, teams: &Teams) -> anyhow::Result<()> {
        let (platform, payments) = (team(&teams.platform), team(&teams.payments));
        self.hours_ago(20).await?;
        self.visitor.invite(ben, &teams.platform, "kim@example.com", "user").await?;
        self.visitor.invite(ann, &teams.payments, "lena@example.com", "manager").await?;
        self.hours_ago(3).await?;
        self.send(
            "POST",
            &format!("{platform}/invitation/reminder"),
            ben,
            json!({"channel_value": "kim@example.com"}),
        )
        .await?;
        let by_sms = json!({"channel_value": "+12015550177", "channel_type": "sms", "role": "user"});
        self.send("POST", &format!("{platform}/invitation"), ben, by_sms).await?;
        self.visitor.add(ben, &platform, "email", "night-shift@example.com").await?;
        let disabled = json!({"priority": 1, "enabled": false});
        self.send("PUT", &format!("{payments}/notification-channel/enabled"), ann, disabled).await?;
        self.send("PUT", "/v1/customer/username", ann, json!({"email": "ann.lee@example.com"})).await?;
        self.visitor.sign_in(&ann.email).await?;
        self.minutes_ago(25).await?;
        self.notify(ann, &platform, "warning", "DNS answers slowly", "A lookup takes 400 ms at the median.")
            .await?;
        self.minutes_ago(0).await
    }

    async fn notify(
        &self,
        by: &Person,
        team: &str,
        severity: &str,
        title: &str,
        body: &str,
    ) -> anyhow::Result<()> {
        let body = json!({"title": title, "body": body, "severity": severity});
        self.send("POST", &format!("{team}/notification"), by, body).await?;
        self.visitor.settle().await
    }
}

fn own(person: &Person) -> String {
    format!("/v1/customer/{}", person.customer_id)
}

fn team(id: &str) -> String {
    format!("/v1/team/{id}")
}

fn member(team: &str, person: &Person) -> String {
    format!("/v1/team/{team}/member/{}", person.customer_id)
}
