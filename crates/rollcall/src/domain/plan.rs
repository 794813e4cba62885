//! Plans and their limits, from the operator's file.

use serde::Deserialize;

/// What a plan can limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKey {
    /// Teams of the organization.
    Teams,
    /// Members of one team.
    TeamMembers,
    /// Services of the organization.
    Services,
    /// Notification channels of the organization, personal ones included.
    NotificationChannels,
}

impl LimitKey {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Teams, Self::TeamMembers, Self::Services, Self::NotificationChannels];

    /// The word of the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Teams => "teams",
            Self::TeamMembers => "team_members",
            Self::Services => "services",
            Self::NotificationChannels => "notification_channels",
        }
    }

    /// For people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Teams => "Teams",
            Self::TeamMembers => "Members of a team",
            Self::Services => "Services",
            Self::NotificationChannels => "Notification channels",
        }
    }
}

/// The limits of a plan; what is left out has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    teams: Option<u32>,
    team_members: Option<u32>,
    services: Option<u32>,
    notification_channels: Option<u32>,
}

impl Limits {
    /// One of them; none where there is no limit.
    #[must_use]
    pub fn get(&self, key: LimitKey) -> Option<u32> {
        match key {
            LimitKey::Teams => self.teams,
            LimitKey::TeamMembers => self.team_members,
            LimitKey::Services => self.services,
            LimitKey::NotificationChannels => self.notification_channels,
        }
    }
}

/// A version of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Its name in the API.
    pub plan: String,
    /// Its version; organizations keep theirs when a plan changes.
    pub version: String,
    /// What it allows.
    #[serde(default)]
    pub limits: Limits,
}

/// All plans; the first is that of new organizations.
///
/// As TOML:
/// ```toml
/// [[plans]]
/// plan = "developer"
/// version = "v1"
/// limits = { teams = 3, team_members = 5, services = 20, notification_channels = 20 }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plans {
    plans: Vec<Plan>,
}

impl Default for Plans {
    /// One plan without limits.
    fn default() -> Self {
        let (plan, version) = ("developer".to_owned(), "v1".to_owned());
        Self { plans: vec![Plan { plan, version, limits: Limits::default() }] }
    }
}

impl Plans {
    /// Reads the operator's file.
    ///
    /// # Errors
    /// What is wrong, for the operator.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        let plans: Self = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        if plans.plans.is_empty() {
            return Err("give at least one plan".to_owned());
        }
        for (index, plan) in plans.plans.iter().enumerate() {
            let twin = |other: &&Plan| other.plan == plan.plan && other.version == plan.version;
            if plans.plans[..index].iter().any(|other| twin(&other)) {
                return Err(format!("the plan {} {} stands twice", plan.plan, plan.version));
            }
        }
        Ok(plans)
    }

    /// The plan of new organizations.
    ///
    /// # Panics
    /// Never: there is at least one plan, whoever made them.
    #[must_use]
    pub fn first(&self) -> &Plan {
        self.plans.first().expect("a file without a plan is refused")
    }

    /// A version of a plan.
    #[must_use]
    pub fn find(&self, plan: &str, version: &str) -> Option<&Plan> {
        self.plans.iter().find(|known| known.plan == plan && known.version == version)
    }

    /// A limit; a plan that the operator has taken out of the file limits nothing any more.
    #[must_use]
    pub fn limit(&self, plan: &str, version: &str, key: LimitKey) -> Option<u32> {
        self.find(plan, version)?.limits.get(key)
    }
}
