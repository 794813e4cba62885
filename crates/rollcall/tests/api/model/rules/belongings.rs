//! What belongs to teams and people: services and channels.

use std::collections::BTreeMap;

use super::{Channel, Model, NOT_FOUND, Outcome, Owner, Refusal, Service};

impl Model {
    fn service_name_is_free(&self, team: usize, name: &str, but: Option<usize>) -> Outcome {
        let taken = self.services.iter().enumerate().any(|(number, service)| {
            service.team == Some(team)
                && Some(number) != but
                && service.name.to_lowercase() == name.to_lowercase()
        });
        if taken { Err((409, "name_taken")) } else { Ok(()) }
    }

    pub(in super::super) fn create_service(&mut self, by: usize, team: usize, name: &str) -> Outcome {
        self.home(by)?;
        self.standing(by, team).govern()?;
        self.service_name_is_free(team, name, None)?;
        self.services.push(Service { team: Some(team), name: name.to_owned() });
        Ok(())
    }

    /// The team of a service that somebody may change.
    fn service(&self, by: usize, service: usize) -> Result<usize, Refusal> {
        self.home(by)?;
        let team = self.services[service].team.ok_or(NOT_FOUND)?;
        self.standing(by, team).govern().map(|()| team)
    }

    pub(in super::super) fn rename_service(&mut self, by: usize, service: usize, name: &str) -> Outcome {
        let team = self.service(by, service)?;
        self.service_name_is_free(team, name, Some(service))?;
        name.clone_into(&mut self.services[service].name);
        Ok(())
    }

    pub(in super::super) fn delete_service(&mut self, by: usize, service: usize) -> Outcome {
        self.service(by, service)?;
        self.services[service].team = None;
        Ok(())
    }

    /// The channels of an owner that somebody may change.
    fn owned(&mut self, by: usize, owner: Owner) -> Result<&mut BTreeMap<u8, Channel>, Refusal> {
        self.home(by)?;
        match owner {
            Owner::Person(person) if person != by => return Err(NOT_FOUND),
            Owner::Person(_) => {}
            Owner::Team(team) => self.standing(by, team).govern()?,
        }
        Ok(self.channels.entry(owner).or_default())
    }

    pub(in super::super) fn add_channel(
        &mut self,
        by: usize,
        owner: Owner,
        value: &str,
        priority: Option<u8>,
    ) -> Outcome {
        let channels = self.owned(by, owner)?;
        if channels.values().any(|channel| channel.value == value) {
            return Err((409, "duplicate_channel"));
        }
        let place = match priority {
            Some(priority) if channels.contains_key(&priority) => return Err((409, "priority_taken")),
            Some(priority) => priority,
            None => (1..=u8::MAX).find(|place| !channels.contains_key(place)).expect("a free place"),
        };
        channels.insert(place, Channel { value: value.to_owned(), verified: false, enabled: false });
        Ok(())
    }

    pub(in super::super) fn move_channel(&mut self, by: usize, owner: Owner, from: u8, to: u8) -> Outcome {
        let channels = self.owned(by, owner)?;
        let moved = channels.remove(&from).ok_or(NOT_FOUND)?;
        let between = |place: u8| match place {
            place if (to..from).contains(&place) => place + 1,
            place if (from + 1..=to).contains(&place) => place - 1,
            place => place,
        };
        let others = std::mem::take(channels).into_iter();
        *channels = others.map(|(place, channel)| (between(place), channel)).collect();
        channels.insert(to, moved);
        Ok(())
    }

    /// The channel at a place.
    fn channel(&mut self, by: usize, owner: Owner, priority: u8) -> Result<&mut Channel, Refusal> {
        self.owned(by, owner)?.get_mut(&priority).ok_or(NOT_FOUND)
    }

    pub(in super::super) fn verify_channel(&mut self, by: usize, owner: Owner, priority: u8) -> Outcome {
        let channel = self.channel(by, owner, priority)?;
        if channel.verified {
            return Err((409, "already_verified"));
        }
        (channel.verified, channel.enabled) = (true, true);
        Ok(())
    }

    pub(in super::super) fn enable_channel(
        &mut self,
        by: usize,
        owner: Owner,
        priority: u8,
        enabled: bool,
    ) -> Outcome {
        let channel = self.channel(by, owner, priority)?;
        if enabled && !channel.verified {
            return Err((409, "not_verified"));
        }
        channel.enabled = enabled;
        Ok(())
    }

    pub(in super::super) fn delete_channel(&mut self, by: usize, owner: Owner, priority: u8) -> Outcome {
        self.owned(by, owner)?.remove(&priority).map(|_| ()).ok_or(NOT_FOUND)
    }
}
