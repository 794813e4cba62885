//! A word to the people who run the server.

use askama::Template;
use http::Method;
use serde_json::json;

use crate::console::forms::{Form, Posted};
use crate::console::frame::{Answer, Frame, go_saying, page};
use crate::console::visit::Member;

const CATEGORIES: [&str; 4] = ["idea", "bug", "praise", "other"];
const RATINGS: [&str; 5] = ["1", "2", "3", "4", "5"];

#[derive(Template)]
#[template(path = "feedback.html")]
struct Page {
    frame: Frame,
    form: Form,
}

impl Page {
    fn categories(&self) -> Vec<(&'static str, bool)> {
        let chosen = self.form.value("feedback", "category", "");
        CATEGORIES.into_iter().map(|category| (category, category == chosen)).collect()
    }

    fn ratings(&self) -> Vec<(&'static str, bool)> {
        let chosen = self.form.value("feedback", "rating", "");
        RATINGS.into_iter().map(|rating| (rating, rating == chosen)).collect()
    }
}

/// `GET /feedback`
pub(super) async fn show(member: Member) -> Answer {
    let form = Form::fresh(member.texts);
    again(&member, form).await
}

async fn again(member: &Member, form: Form) -> Answer {
    page(&Page { frame: Frame::of(member, "").await?, form: form.clone() }, &form)
}

/// `POST /feedback`
pub(super) async fn give(member: Member, posted: Posted) -> Answer {
    let mut body = json!({"message": posted.value("message")});
    if !posted.value("category").is_empty() {
        body["category"] = json!(posted.value("category"));
    }
    if let Ok(rating) = posted.value("rating").parse::<i64>() {
        body["rating"] = json!(rating);
    }
    match member.door.send(&member, Method::POST, "/v1/customer/feedback", body).await {
        Ok(_) => Ok(go_saying("/", "feedback_given", &[])),
        Err(refusal) => again(&member, Form::refused(member.texts, "feedback", posted, refusal)).await,
    }
}
