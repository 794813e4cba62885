//! The page of an invitation: it says what stands in the way before anything is typed, and looking at it changes nothing.

use crate::console::Browser;
use crate::support::{PASSWORD, Server};

#[tokio::test]
async fn somebody_new_accepts_and_is_signed_in() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Platform").await;
    let token = server.invite(&ann, &team, "ben@example.com", "manager").await;
    let mut browser = Browser::new(&server);
    let link = format!("/invitation?token={token}");
    for _ in 0..3 {
        let page = browser.get(&link).await;
        assert_eq!(page.status, 200);
        for text in ["Ann Tester", "Platform", "Manager", "ben@example.com", "name=\"password\""] {
            assert!(page.html.contains(text), "{text} in {}", page.html);
        }
        assert!(!page.html.contains("name=\"email\""), "the address is known");
    }
    let invitations = server.listed(&ann, &format!("/v1/team/{team}/invitations")).await;
    assert_eq!(invitations[0]["status"], "pending", "a look accepts nothing");
    let fields = [("token", token.as_str()), ("name", "Ben"), ("surname", "Ode"), ("password", PASSWORD)];
    let page = browser.post(&link, "/invitation/accept", &fields).await;
    assert_eq!((page.status, page.header("location")), (303, "/"), "{}", page.html);
    assert!(browser.get("/account").await.html.contains("ben@example.com"));
    assert!(browser.get(&link).await.html.contains("This invitation was accepted"));
}

#[tokio::test]
async fn the_wrong_account_is_told_so_before_anything_is_typed() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let cleo = server.person("Cleo").await;
    let team = server.team(&ann, "Platform").await;
    let token = server.invite(&ann, &team, "ben@example.com", "user").await;
    let mut browser = Browser::new(&server);
    browser.sign_in(&cleo.email).await;
    let link = format!("/invitation?token={token}");
    let page = browser.get(&link).await;
    assert!(page.html.contains("You are signed in as cleo@example.com"), "{}", page.html);
    assert!(!page.html.contains("/invitation/accept"));
    let page = browser.post(&link, "/invitation/accept", &[("token", &token)]).await;
    assert_eq!(page.status, 403);
    let page = browser.post(&link, "/sign-out", &[("next", &link)]).await;
    assert_eq!(page.header("location"), link);
}

#[tokio::test]
async fn an_address_with_an_account_is_sent_to_sign_in_and_comes_back_to_accept() {
    let server = Server::start().await;
    let (ann, ben) = (server.person("Ann").await, server.person("Ben").await);
    let team = server.team(&ann, "Platform").await;
    let token = server.invite(&ann, &team, &ben.email, "user").await;
    let mut browser = Browser::new(&server);
    let link = format!("/invitation?token={token}");
    let page = browser.get(&link).await;
    assert!(page.html.contains("/sign-in?next=%2Finvitation%3Ftoken%3D"), "{}", page.html);
    assert!(!page.html.contains("name=\"password\""));
    let fields = [("email", ben.email.as_str()), ("password", PASSWORD), ("next", &link)];
    let page = browser.post("/sign-in", "/sign-in", &fields).await;
    assert_eq!(page.header("location"), link);
    let page = browser.post(&link, "/invitation/accept", &[("token", &token)]).await;
    assert_eq!(page.status, 303, "{}", page.html);
    assert_eq!(server.roles(&ann, &team).await.len(), 2);
}

#[tokio::test]
async fn links_that_are_spent_say_what_became_of_them() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Platform").await;
    let mut browser = Browser::new(&server);
    let declined = server.invite(&ann, &team, "ben@example.com", "user").await;
    let link = format!("/invitation?token={declined}");
    let page = browser.post(&link, "/invitation/decline", &[("token", &declined)]).await;
    assert_eq!(page.status, 303);
    assert!(browser.get(&link).await.html.contains("This invitation was declined"));
    let withdrawn = server.invite(&ann, &team, "cleo@example.com", "user").await;
    let body = serde_json::json!({"channel_value": "cleo@example.com"});
    server.delete(&format!("/v1/team/{team}/invitation")).token(&ann.token).json(&body).expect(200).await;
    let page = browser.get(&format!("/invitation?token={withdrawn}")).await;
    assert!(page.html.contains("no longer holds") && !page.html.contains("/invitation/accept"));
    let expired = server.invite(&ann, &team, "dan@example.com", "user").await;
    server.advance(std::time::Duration::from_secs(8 * 24 * 60 * 60));
    assert!(browser.get(&format!("/invitation?token={expired}")).await.html.contains("has expired"));
    for unknown in ["", "rci_x", &format!("{declined}x")] {
        let page = browser.get(&format!("/invitation?token={unknown}")).await;
        assert_eq!(page.status, 404);
        assert!(page.html.contains("no link of an invitation"), "{}", page.html);
    }
}
