//! What rings an alarm: codes that nobody enters, and codes that are guessed.

use std::time::Duration;

use rollcall::upkeep::{Alarms, alarms};
use serde_json::json;

use super::world::World;
use crate::support::Server;
use crate::support::channels::of;

#[tokio::test]
async fn codes_that_nobody_enters_and_codes_that_are_guessed_ring_an_alarm() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let add = async |number: usize| {
        let value = format!("+99455{:03}{number:04}", 201 + number / 40);
        server.add_channel(&ann, &of(&ann), "sms", &value).await;
        server.sms.wait_for_one(|sms| sms.to == value).await.code()
    };
    for number in 0..9_usize {
        let code = add(number).await;
        let priority = i64::try_from(number + 1).expect("a number");
        assert_eq!(server.verify(&ann, &of(&ann), priority, &code).await.status, 200);
    }
    for number in 9..49 {
        add(number).await;
    }
    let quiet = Alarms::default();
    assert_eq!(alarms(&server.app).await.expect("alarms"), quiet, "too few to tell");
    add(49).await;
    assert_eq!(alarms(&server.app).await.expect("alarms"), Alarms { unused: true, ..quiet }, "9 of 50");
    let code = add(50).await;
    assert_eq!(server.verify(&ann, &of(&ann), 51, &code).await.status, 200);
    let code = add(51).await;
    assert_eq!(server.verify(&ann, &of(&ann), 52, &code).await.status, 200);
    assert_eq!(alarms(&server.app).await.expect("alarms"), quiet, "11 of 52");
    let guess = json!({"email": "nobody@example.com", "confirmation_code": "000000"});
    for _ in 0..1_000 {
        server.patch("/v1/account").json(&guess).expect(422).await;
    }
    assert_eq!(alarms(&server.app).await.expect("alarms"), Alarms { guessing: true, ..quiet });
    server.advance(Duration::from_secs(2 * 3_600));
    assert_eq!(alarms(&server.app).await.expect("alarms"), quiet, "it is over");
}

#[tokio::test]
async fn ten_times_as_many_wrong_codes_as_in_the_week_before_ring_an_alarm_and_one_fewer_does_not() {
    let world = World::new("alarm").await;
    let server = &world.server;
    // The week ends before the hour before this one.
    for ago in 2..170 {
        world.tally(ago, 200).await;
    }
    // What is older does not count.
    world.tally(170, 1_000_000).await;
    world.tally(0, 1_998).await;
    let guess = json!({"email": "nobody@example.com", "confirmation_code": "000000"});
    server.patch("/v1/account").json(&guess).expect(422).await;
    assert_eq!(alarms(&server.app).await.expect("alarms"), Alarms::default(), "1,999 an hour after 200");
    server.patch("/v1/account").json(&guess).expect(422).await;
    let rings = Alarms { guessing: true, ..Alarms::default() };
    assert_eq!(alarms(&server.app).await.expect("alarms"), rings, "2,000 an hour after 200");
    // It rings through the hour after.
    server.advance(Duration::from_secs(3_600));
    assert_eq!(alarms(&server.app).await.expect("alarms"), rings, "the hour before");
    server.advance(Duration::from_secs(3_600));
    assert_eq!(alarms(&server.app).await.expect("alarms"), Alarms::default(), "it is over");
}
