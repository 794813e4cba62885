//! The contract in memory: who and what is there, and what comes of each operation. It knows nothing of the service.

mod belongings;

use std::collections::BTreeMap;

use super::operation::Given;

/// A refusal: its status and code.
pub(super) type Refusal = (u16, &'static str);
pub(super) type Outcome = Result<(), Refusal>;

const GONE: Refusal = (401, "token_invalid");
const NOT_FOUND: Refusal = (404, "not_found");
const NOT_ALLOWED: Refusal = (403, "role_insufficient");

#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) email: String,
    /// None: the account is gone.
    pub(super) home: Option<usize>,
    pub(super) root: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Team {
    /// None: it is gone.
    pub(super) organization: Option<usize>,
    pub(super) name: String,
    /// In the order in which they joined: who, and whether as a manager.
    pub(super) members: Vec<Member>,
}

#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) person: usize,
    pub(super) manager: bool,
    /// Counted over all teams.
    pub(super) joined: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Invitation {
    pub(super) team: usize,
    /// As the list shows it.
    pub(super) channel: String,
    pub(super) manager: bool,
    pub(super) sender: usize,
    pub(super) status: &'static str,
}

#[derive(Debug, Clone)]
pub(super) struct Service {
    /// None: it is gone.
    pub(super) team: Option<usize>,
    pub(super) name: String,
}

/// Whose channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    Person(usize),
    Team(usize),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Channel {
    pub(super) value: String,
    pub(super) verified: bool,
    pub(super) enabled: bool,
}

/// Everything.
#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    pub(super) people: Vec<Person>,
    /// Names of organizations.
    pub(super) organizations: Vec<String>,
    pub(super) teams: Vec<Team>,
    pub(super) invitations: Vec<Invitation>,
    pub(super) services: Vec<Service>,
    pub(super) channels: BTreeMap<Owner, BTreeMap<u8, Channel>>,
    joined: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Root,
    Manager,
    User,
    Stranger,
}

impl Standing {
    fn see(self) -> Outcome {
        if self == Self::Stranger { Err(NOT_FOUND) } else { Ok(()) }
    }

    fn govern(self) -> Outcome {
        self.see()?;
        if self == Self::User { Err(NOT_ALLOWED) } else { Ok(()) }
    }

    fn change_root(self) -> Outcome {
        self.see()?;
        if self == Self::Root { Ok(()) } else { Err(NOT_ALLOWED) }
    }
}

impl Model {
    pub(super) fn sign_up(&mut self, email: &str, organization: &str) {
        self.organizations.push(organization.to_owned());
        let home = Some(self.organizations.len() - 1);
        self.people.push(Person { email: email.to_owned(), home, root: true });
    }

    /// Where somebody is at home, while they have an account.
    fn home(&self, person: usize) -> Result<usize, Refusal> {
        self.people[person].home.ok_or(GONE)
    }

    pub(super) fn standing(&self, person: usize, team: usize) -> Standing {
        let (person_id, person, team) = (person, &self.people[person], &self.teams[team]);
        let member = team.members.iter().find(|member| member.person == person_id);
        match (team.organization, member) {
            (None, _) => Standing::Stranger,
            (home, _) if home == person.home && person.root => Standing::Root,
            (_, Some(member)) if member.manager => Standing::Manager,
            (_, Some(_)) => Standing::User,
            (_, None) => Standing::Stranger,
        }
    }

    fn account(&self, email: &str) -> Option<usize> {
        self.people.iter().position(|person| person.home.is_some() && person.email == email)
    }

    pub(super) fn is_member(&self, person: usize, team: usize) -> bool {
        self.teams[team].members.iter().any(|member| member.person == person)
    }

    fn join(&mut self, person: usize, team: usize, manager: bool) {
        self.joined += 1;
        self.teams[team].members.push(Member { person, manager, joined: self.joined });
    }

    fn name_is_free(&self, organization: usize, name: &str, but: Option<usize>) -> Outcome {
        let taken = self.teams.iter().enumerate().any(|(number, team)| {
            team.organization == Some(organization)
                && Some(number) != but
                && team.name.to_lowercase() == name.to_lowercase()
        });
        if taken { Err((409, "name_taken")) } else { Ok(()) }
    }

    pub(super) fn create_team(&mut self, by: usize, name: &str) -> Outcome {
        let home = self.home(by)?;
        let manages = |team: &Team| {
            team.organization == Some(home) && team.members.iter().any(|m| m.person == by && m.manager)
        };
        if !self.people[by].root && !self.teams.iter().any(manages) {
            return Err(NOT_ALLOWED);
        }
        self.name_is_free(home, name, None)?;
        self.teams.push(Team { organization: Some(home), name: name.to_owned(), members: Vec::new() });
        self.join(by, self.teams.len() - 1, true);
        Ok(())
    }

    pub(super) fn rename_team(&mut self, by: usize, team: usize, name: &str) -> Outcome {
        self.home(by)?;
        self.standing(by, team).govern()?;
        self.name_is_free(self.teams[team].organization.expect("it is there"), name, Some(team))?;
        name.clone_into(&mut self.teams[team].name);
        Ok(())
    }

    pub(super) fn delete_team(&mut self, by: usize, team: usize) -> Outcome {
        self.home(by)?;
        self.standing(by, team).govern()?;
        if self.services.iter().any(|service| service.team == Some(team)) {
            return Err((409, "team_has_services"));
        }
        self.end_team(team);
        Ok(())
    }

    fn end_team(&mut self, team: usize) {
        self.teams[team].organization = None;
        self.teams[team].members.clear();
        self.channels.remove(&Owner::Team(team));
        for service in self.services.iter_mut().filter(|service| service.team == Some(team)) {
            service.team = None;
        }
    }

    pub(super) fn rename_organization(&mut self, by: usize, name: &str) -> Outcome {
        let home = self.home(by)?;
        if !self.people[by].root {
            return Err(NOT_ALLOWED);
        }
        name.clone_into(&mut self.organizations[home]);
        Ok(())
    }

    pub(super) fn invite(&mut self, by: usize, team: usize, email: &str, manager: bool) -> Outcome {
        self.home(by)?;
        self.standing(by, team).govern()?;
        if self.account(email).is_some_and(|person| self.is_member(person, team)) {
            return Err((409, "already_member"));
        }
        if self.pending(team, email).is_some() {
            return Err((409, "already_invited"));
        }
        let channel = email.to_owned();
        self.invitations.push(Invitation { team, channel, manager, sender: by, status: "pending" });
        Ok(())
    }

    fn pending(&self, team: usize, email: &str) -> Option<usize> {
        self.invitations.iter().position(|invited| {
            invited.team == team && invited.channel == email && invited.status == "pending"
        })
    }

    pub(super) fn withdraw(&mut self, by: usize, team: usize, email: &str) -> Outcome {
        self.home(by)?;
        self.standing(by, team).govern()?;
        let number = self.pending(team, email).ok_or(NOT_FOUND)?;
        self.invitations[number].status = "withdrawn";
        Ok(())
    }

    /// An invitation that can be answered.
    fn open(&self, invitation: usize) -> Outcome {
        let invited = &self.invitations[invitation];
        match (self.teams[invited.team].organization, invited.status) {
            (None, _) => Err(NOT_FOUND),
            (_, "pending") => Ok(()),
            _ => Err((409, "invitation_not_pending")),
        }
    }

    pub(super) fn accept(&mut self, by: usize, invitation: usize) -> Outcome {
        self.home(by)?;
        self.open(invitation)?;
        let Invitation { team, channel, manager, .. } = self.invitations[invitation].clone();
        if channel != self.people[by].email {
            return Err((403, "invitation_for_other_address"));
        }
        if self.is_member(by, team) {
            return Err((409, "already_member"));
        }
        self.invitations[invitation].status = "accepted";
        self.join(by, team, manager);
        Ok(())
    }

    pub(super) fn accept_as_stranger(&mut self, invitation: usize) -> Outcome {
        self.open(invitation)?;
        let Invitation { team, channel, manager, .. } = self.invitations[invitation].clone();
        if self.account(&channel).is_some() {
            return Err((409, "account_exists"));
        }
        self.invitations[invitation].status = "accepted";
        let home = self.teams[team].organization;
        self.people.push(Person { email: channel, home, root: false });
        self.join(self.people.len() - 1, team, manager);
        Ok(())
    }

    pub(super) fn decline(&mut self, invitation: usize) -> Outcome {
        self.open(invitation)?;
        self.invitations[invitation].status = "declined";
        Ok(())
    }

    /// The right to change a member in any way.
    fn may_change(&self, by: usize, team: usize, member: usize) -> Outcome {
        let root = self.people[member].root && self.people[member].home == self.teams[team].organization;
        let standing = self.standing(by, team);
        if root { standing.change_root() } else { standing.govern() }
    }

    pub(super) fn change_member(
        &mut self,
        by: usize,
        team: usize,
        member: usize,
        role: Option<Given>,
        to: Option<usize>,
    ) -> Outcome {
        self.home(by)?;
        self.standing(by, team).see()?;
        if !self.is_member(member, team) {
            return Err(NOT_FOUND);
        }
        self.may_change(by, team, member)?;
        if role.is_none() && to.is_none() {
            return Err((422, "validation_failed"));
        }
        if role == Some(Given::Root) {
            self.standing(by, team).change_root()?;
        }
        let to = to.filter(|to| *to != team);
        if let Some(to) = to {
            self.standing(by, to).see()?;
            if self.teams[to].organization != self.teams[team].organization {
                return Err(NOT_FOUND);
            }
            self.standing(by, to).govern()?;
        }
        let home = self.teams[team].organization;
        let (mut root, guest) = (self.people[member].root, self.people[member].home != home);
        let place = self.teams[team].members.iter().position(|m| m.person == member).expect("a member");
        let mut manager = self.teams[team].members[place].manager;
        match role {
            Some(Given::Root) if guest => return Err((409, "guest_cannot_be_root")),
            Some(Given::Root) => root = true,
            Some(lower) => {
                if !guest && root {
                    let others = self.people.iter().enumerate();
                    let mut others = others.filter(|(number, other)| *number != member && other.home == home);
                    if !others.any(|(_, other)| other.root) {
                        return Err((409, "last_root"));
                    }
                    root = false;
                }
                manager = lower == Given::Manager;
            }
            None => {}
        }
        if to.is_some_and(|to| self.is_member(member, to)) {
            return Err((409, "already_member"));
        }
        self.people[member].root = root;
        self.teams[team].members[place].manager = manager;
        if let Some(to) = to {
            self.teams[team].members.remove(place);
            self.join(member, to, manager);
        }
        self.lapse(member);
        Ok(())
    }

    pub(super) fn remove_member(&mut self, by: usize, team: usize, member: usize) -> Outcome {
        self.home(by)?;
        self.standing(by, team).see()?;
        if !self.is_member(member, team) {
            return Err(NOT_FOUND);
        }
        if by != member {
            self.may_change(by, team, member)?;
        }
        self.teams[team].members.retain(|m| m.person != member);
        self.lapse(member);
        Ok(())
    }

    /// What somebody sent is withdrawn wherever they may not invite any more.
    fn lapse(&mut self, sender: usize) {
        for number in 0..self.invitations.len() {
            let invited = &self.invitations[number];
            let may = self.standing(sender, invited.team).govern().is_ok();
            if invited.sender == sender && invited.status == "pending" && !may {
                self.invitations[number].status = "withdrawn";
            }
        }
    }

    pub(super) fn delete_account(&mut self, by: usize) -> Outcome {
        let home = self.home(by)?;
        let others = self.people.iter().enumerate();
        let others: Vec<_> =
            others.filter(|(number, other)| *number != by && other.home == Some(home)).collect();
        if !others.is_empty() && !others.iter().any(|(_, other)| other.root) {
            return Err((409, "last_root"));
        }
        let alone = others.is_empty();
        let email = self.people[by].email.clone();
        self.people[by].home = None;
        self.people[by].root = false;
        self.channels.remove(&Owner::Person(by));
        for team in &mut self.teams {
            team.members.retain(|member| member.person != by);
        }
        self.lapse(by);
        for invited in self.invitations.iter_mut().filter(|invited| invited.channel == email) {
            "former member".clone_into(&mut invited.channel);
            if invited.status == "pending" {
                invited.status = "withdrawn";
            }
        }
        // Named after a person until changed, and after whom once that one has left is the service's to say.
        if self.organizations[home].ends_with(" Tester") {
            self.organizations[home].clear();
        }
        if alone {
            for team in 0..self.teams.len() {
                if self.teams[team].organization == Some(home) {
                    self.end_team(team);
                }
            }
        }
        Ok(())
    }
}
