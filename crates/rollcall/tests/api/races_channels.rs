//! Races over channels: released at once, fifty rounds each.

use serde_json::json;

use crate::support::channels::{of, of_team};
use crate::support::races::{how_often, many, one_of, outcomes, race, rounds};
use crate::support::{Answer, Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_channels_created_at_once_get_eight_places() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let ann = server.person("Ann").await;
    for round in rounds() {
        let team = server.team(&ann, &format!("Team {round}")).await;
        let path = format!("{}/notification-channel", of_team(&team));
        let create = |number: usize| {
            let body = json!({"type": "email", "value": format!("c{number}@example.com")});
            server.post(&path).token(&ann.token).json(&body).send()
        };
        let answers = race((0..8).map(create).collect()).await;
        let mut places: Vec<_> = answers.iter().map(place).collect();
        places.sort_unstable();
        assert_eq!(places, [1, 2, 3, 4, 5, 6, 7, 8], "round {round}");
    }
}

fn place(answer: &Answer) -> i64 {
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["notification_channel"]["priority"].as_i64().expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_value_created_eight_times_at_once_is_there_once() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let ann = server.person("Ann").await;
    let path = format!("{}/notification-channel", of(&ann));
    for round in rounds() {
        let body = json!({"type": "email", "value": format!("round{round}@example.com")});
        let create = || server.post(&path).token(&ann.token).json(&body).send();
        let answers = race((0..8).map(|_| create()).collect()).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "round {round}");
        for loser in answers.iter().filter(|answer| answer.status != 201) {
            assert_eq!(loser.text("/code"), "duplicate_channel");
        }
        // There is no place for more than 999.
        server.delete(&format!("{path}?priority=1")).token(&ann.token).expect(200).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_forty_guesses_at_once_five_are_looked_at() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let ann = server.person("Ann").await;
    let path = format!("{}/notification-channel/verification", of(&ann));
    let mut hits = 0;
    for round in rounds() {
        let address = format!("round{round}@example.com");
        let added = server.add_channel(&ann, &of(&ann), "email", &address).await;
        let priority = place(&added);
        let code = server.code_for(&address, 1).await;
        let place_of_right = u32::try_from(round % 10).expect("a small number");
        let right: u32 = code.parse().expect("six digits");
        let guess = |number: u32| {
            // The right one stands at another place in each round, among the first or not.
            let guess = if number == place_of_right { right } else { (right + 1 + number) % 1_000_000 };
            let body = json!({"priority": priority, "code": format!("{guess:06}")});
            server.patch(&path).token(&ann.token).json(&body).send()
        };
        let answers = race((0..40).map(guess).collect()).await;
        let count = |status: u16, code: &str| {
            answers
                .iter()
                .filter(|answer| answer.status == status && (code.is_empty() || answer.body["code"] == code))
                .count()
        };
        let (right, wrong) = (count(200, ""), count(422, "code_invalid"));
        let (late, done) = (count(429, "attempts_exhausted"), count(409, "already_verified"));
        assert_eq!(right + wrong + late + done, 40, "round {round}");
        assert!(right <= 1 && right + wrong <= 5, "round {round}: {right} right, {wrong} wrong");
        assert!(if right == 1 { late == 0 } else { wrong == 5 && late == 35 }, "round {round}");
        let state = &server.channels(&ann, &of(&ann)).await[0]["verified"];
        assert_eq!(state, &json!(right == 1), "round {round}");
        hits += right;
        server
            .delete(&format!("{}/notification-channel?priority={priority}", of(&ann)))
            .token(&ann.token)
            .expect(200)
            .await;
    }
    println!("the right guess was among the first five in {hits} of {} rounds", how_often());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn channels_moved_at_once_keep_places_of_their_own() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let ann = server.person("Ann").await;
    for number in 1..=6 {
        server.add_channel(&ann, &of(&ann), "email", &format!("c{number}@example.com")).await;
    }
    let path = format!("{}/notification-channel", of(&ann));
    for round in rounds() {
        let moves = (1..=6).map(|from| {
            let body = json!({"priority": from, "new_priority": (from + round) % 6 + 1});
            server.patch(&path).token(&ann.token).json(&body).send()
        });
        for answer in race(moves.collect()).await {
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
        let places: Vec<_> =
            server.channels(&ann, &of(&ann)).await.iter().map(|row| row["priority"].clone()).collect();
        assert_eq!(places, (1..=6).map(|place| json!(place)).collect::<Vec<_>>(), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tests_at_once_stay_within_their_allowance() {
    let server = Server::raced(&[]).await;
    let ann = server.person("Ann").await;
    server.verified_webhook(&ann, &of(&ann), "/hook").await;
    let path = format!("{}/notification-channel/test", of(&ann));
    let body = json!({"priority": 1});
    let answers =
        race((0..12).map(|_| server.post(&path).token(&ann.token).json(&body).send()).collect()).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 5);
    assert_eq!(answers.iter().filter(|answer| answer.status == 429).count(), 7);
    assert_eq!(server.receiver.wait_for(6).await.len(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_place_asked_for_by_many_at_once_goes_to_one() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let ann = server.person("Ann").await;
    let path = format!("{}/notification-channel", of(&ann));
    for round in rounds() {
        let create = |number: usize| {
            let value = format!("r{round}n{number}@example.com");
            let body = json!({"type": "email", "value": value, "priority": 7});
            server.post(&path).token(&ann.token).json(&body).send()
        };
        let answers = race((0..many(round)).map(create).collect()).await;
        assert_eq!(outcomes(&answers), one_of(201, many(round), 409, "priority_taken"), "round {round}");
        server.delete(&format!("{path}?priority=7")).token(&ann.token).expect(200).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn channels_moved_deleted_and_created_at_once_keep_places_of_their_own() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let ann = server.person("Ann").await;
    let path = format!("{}/notification-channel", of(&ann));
    for round in rounds() {
        for number in 1..=4 {
            server.add_channel(&ann, &of(&ann), "email", &format!("r{round}n{number}@example.com")).await;
        }
        let racer = |number: usize| {
            let place = number / 3 % 4 + 1;
            match number % 3 {
                0 => {
                    let body = json!({"priority": place, "new_priority": (place + round) % 4 + 1});
                    server.patch(&path).token(&ann.token).json(&body).send()
                }
                1 => server.delete(&format!("{path}?priority={place}")).token(&ann.token).send(),
                _ => {
                    let body = json!({"type": "email", "value": format!("r{round}x{number}@example.com")});
                    server.post(&path).token(&ann.token).json(&body).send()
                }
            }
        };
        let answers = race((0..many(round).max(3)).map(racer).collect()).await;
        let (mut there, mut gone) = (4, 0);
        for (number, answer) in answers.iter().enumerate() {
            match (number % 3, answer.status.as_u16()) {
                (1, 200) => gone += 1,
                (2, 201) => there += 1,
                // Its place may have gone, or be empty just now.
                (0, 200) | (0 | 1, 404) => {}
                other => panic!("round {round}: {other:?}: {}", answer.body),
            }
        }
        let channels = server.channels(&ann, &of(&ann)).await;
        let mut places: Vec<_> =
            channels.iter().map(|row| row["priority"].as_i64().expect("a number")).collect();
        assert_eq!(places.len(), there - gone, "round {round}: {places:?}");
        places.dedup();
        assert!(
            places.len() == there - gone && places.iter().all(|place| *place >= 1),
            "round {round}: {places:?}"
        );
        let all = places.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        if !all.is_empty() {
            server.delete(&format!("{path}?priority={all}")).token(&ann.token).expect(200).await;
        }
    }
}
