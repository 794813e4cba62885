//! Teams, their members and services, as tests ask for them.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use super::client::Request;
use super::{Person, Server};

/// A well-formed id of nothing.
pub(crate) const NOWHERE: &str = "01977000-0000-7000-8000-000000000000";

/// A file of plans with these limits, as `teams = 1, services = 2`, for the setting `plans_file`.
pub(crate) struct PlansFile(PathBuf);

impl PlansFile {
    pub(crate) fn with(limits: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("rollcall-plans-{}-{number}.toml", std::process::id()));
        let text = format!("[[plans]]\nplan = \"developer\"\nversion = \"v1\"\nlimits = {{ {limits} }}\n");
        std::fs::write(&path, text).expect("a file");
        Self(path)
    }

    pub(crate) async fn server(&self) -> Server {
        self.server_with(&[]).await
    }

    pub(crate) async fn server_with(&self, settings: &[(&str, &str)]) -> Server {
        let plans = [("plans_file", self.0.to_str().expect("a path in UTF-8"))];
        Server::with(&[&plans, settings].concat()).await
    }
}

impl Drop for PlansFile {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

/// The path of a member.
pub(crate) fn member_path(team: &str, member: &Person) -> String {
    format!("/v1/team/{team}/member/{}", member.customer_id)
}

impl Server {
    /// The rows of a list that fits on a page.
    pub(crate) async fn listed(&self, by: &Person, path: &str) -> Vec<Value> {
        self.get(path).token(&by.token).expect(200).await.data().clone()
    }

    /// Who is in a team, by first name, with their roles.
    pub(crate) async fn roles(&self, by: &Person, team: &str) -> Vec<(String, String)> {
        let members = self.listed(by, &format!("/v1/team/{team}/members")).await;
        let text = |member: &Value, field: &str| member[field].as_str().expect("a text").to_owned();
        members.iter().map(|member| (text(member, "name"), text(member, "role"))).collect()
    }

    /// A change of a member that is about to be asked for.
    pub(crate) fn change(&self, by: &Person, team: &str, member: &Person, change: &Value) -> Request<'_> {
        self.patch(&member_path(team, member)).token(&by.token).json(change)
    }

    /// The removal of a member that is about to be asked for.
    pub(crate) fn remove(&self, by: &Person, team: &str, member: &Person) -> Request<'_> {
        self.delete(&member_path(team, member)).token(&by.token)
    }

    /// Another root beside the given one, made through a team of theirs.
    pub(crate) async fn another_root(&self, root: &Person, team: &str, name: &str) -> Person {
        let person = self.member(root, team, name, "user").await;
        self.change(root, team, &person, &json!({"role": "root"})).expect(200).await;
        person
    }

    /// Makes a service and gives its id.
    pub(crate) async fn service(&self, by: &Person, team: &str, name: &str) -> String {
        let body = json!({"name": name, "team_id": team});
        self.post("/v1/service").token(&by.token).json(&body).expect(201).await.text("/service/service_id")
    }
}

/// Pairs of names and roles, as [`Server::roles`] gives them.
pub(crate) fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, role)| ((*name).to_owned(), (*role).to_owned())).collect()
}
