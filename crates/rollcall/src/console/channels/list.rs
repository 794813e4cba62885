//! The channels of a person or a team, the most important first.

use askama::Template;

use super::owner::Owned;
use super::view::Channel;
use crate::console::door::Listed;
use crate::console::frame::{Answer, Frame, html};
use crate::console::teams::find::Team;

#[derive(Template)]
#[template(path = "channels.html")]
struct Page {
    frame: Frame,
    base: String,
    team: Option<Team>,
    tab: &'static str,
    governs: bool,
    channels: Vec<Channel>,
}

impl Page {
    /// Whether nothing reaches the owner although there are channels.
    fn unreachable(&self) -> bool {
        !self.channels.is_empty() && self.channels.iter().all(|channel| channel.status != "active")
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the template has the index of its loop by reference"
    )]
    fn above(&self, index: &usize) -> Option<u16> {
        index.checked_sub(1).and_then(|above| self.channels.get(above)).map(|channel| channel.priority)
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the template has the index of its loop by reference"
    )]
    fn below(&self, index: &usize) -> Option<u16> {
        self.channels.get(index + 1).map(|channel| channel.priority)
    }
}

/// `GET /channels`, `GET /teams/{team}/channels`
pub(super) async fn show(owned: Owned) -> Answer {
    let frame = Frame::of(&owned.member, owned.place()).await?;
    let path = format!("{}/notification-channels?limit=200", owned.api);
    let listed: Listed<Channel> = owned.member.door.get(&owned.member, &path).await?;
    let governs = owned.governs();
    let Owned { base, team, .. } = owned;
    html(&Page { frame, base, team, tab: "channels", governs, channels: listed.data })
}
