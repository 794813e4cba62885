//! What people do in a sequence, before anybody knows who and what is there: numbers stand for people and things, counted around.

use proptest::prelude::*;

/// Whose channel.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of {
    Person(u8),
    Team(u8),
}

/// A role as it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    User,
    Manager,
    Root,
}

impl Given {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Manager => "manager",
            Self::Root => "root",
        }
    }
}

/// One operation; `by` is who asks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Operation {
    CreateTeam {
        by: u8,
        name: u8,
    },
    RenameTeam {
        by: u8,
        team: u8,
        name: u8,
    },
    DeleteTeam {
        by: u8,
        team: u8,
    },
    RenameOrganization {
        by: u8,
        name: u8,
    },
    /// `whom`: somebody with an account, or one of a few who have none.
    Invite {
        by: u8,
        team: u8,
        whom: u8,
        manager: bool,
    },
    Withdraw {
        by: u8,
        team: u8,
        whom: u8,
    },
    Accept {
        by: u8,
        invitation: u8,
    },
    /// By the one whom it was sent to, if they have an account.
    AcceptOwn {
        invitation: u8,
    },
    AcceptAsStranger {
        invitation: u8,
    },
    Decline {
        invitation: u8,
    },
    ChangeMember {
        by: u8,
        team: u8,
        member: u8,
        role: Option<Given>,
        to: Option<u8>,
    },
    RemoveMember {
        by: u8,
        team: u8,
        member: u8,
    },
    LeaveTeam {
        by: u8,
        team: u8,
    },
    CreateService {
        by: u8,
        team: u8,
        name: u8,
    },
    RenameService {
        by: u8,
        service: u8,
        name: u8,
    },
    DeleteService {
        by: u8,
        service: u8,
    },
    AddChannel {
        by: u8,
        of: Of,
        value: u8,
        priority: Option<u8>,
    },
    MoveChannel {
        by: u8,
        of: Of,
        from: u8,
        to: u8,
    },
    VerifyChannel {
        by: u8,
        of: Of,
        priority: u8,
    },
    EnableChannel {
        by: u8,
        of: Of,
        priority: u8,
        enabled: bool,
    },
    DeleteChannel {
        by: u8,
        of: Of,
        priority: u8,
    },
    DeleteAccount {
        by: u8,
    },
}

/// Sequences of operations, of which simpler ones are shorter.
pub(super) fn sequences() -> impl Strategy<Value = Vec<Operation>> {
    prop::collection::vec(operation(), 1..50)
}

fn operation() -> impl Strategy<Value = Operation> {
    use Operation::*;
    // Few of each, so that they meet.
    let (by, team, who, name) = (0_u8..6, 0_u8..4, 0_u8..8, 0_u8..4);
    let (service, invitation, place) = (0_u8..4, 0_u8..8, 1_u8..4);
    let role = prop_oneof![Just(Given::User), Just(Given::Manager), Just(Given::Root)];
    // Most channels are those of who asks.
    let of = prop_oneof![(0_u8..6).prop_map(Of::Person), (0_u8..4).prop_map(Of::Team)];
    let own = (by.clone(), of, any::<bool>()).prop_map(|(by, of, own)| match of {
        Of::Person(_) if own => (by, Of::Person(by)),
        of => (by, of),
    });
    prop_oneof![
        6 => (by.clone(), name.clone()).prop_map(|(by, name)| CreateTeam { by, name }),
        1 => (by.clone(), team.clone(), name.clone()).prop_map(|(by, team, name)| RenameTeam { by, team, name }),
        1 => (by.clone(), team.clone()).prop_map(|(by, team)| DeleteTeam { by, team }),
        1 => (by.clone(), name.clone()).prop_map(|(by, name)| RenameOrganization { by, name }),
        8 => (by.clone(), team.clone(), who, any::<bool>())
            .prop_map(|(by, team, whom, manager)| Invite { by, team, whom, manager }),
        1 => (by.clone(), team.clone(), 0_u8..8).prop_map(|(by, team, whom)| Withdraw { by, team, whom }),
        1 => (by.clone(), invitation.clone()).prop_map(|(by, invitation)| Accept { by, invitation }),
        4 => invitation.clone().prop_map(|invitation| AcceptOwn { invitation }),
        4 => invitation.clone().prop_map(|invitation| AcceptAsStranger { invitation }),
        1 => invitation.prop_map(|invitation| Decline { invitation }),
        6 => (by.clone(), team.clone(), 0_u8..6, prop::option::of(role), prop::option::weighted(0.3, 0_u8..4))
            .prop_map(|(by, team, member, role, to)| ChangeMember { by, team, member, role, to }),
        2 => (by.clone(), team.clone(), 0_u8..6)
            .prop_map(|(by, team, member)| RemoveMember { by, team, member }),
        1 => (by.clone(), team.clone()).prop_map(|(by, team)| LeaveTeam { by, team }),
        3 => (by.clone(), team, name.clone()).prop_map(|(by, team, name)| CreateService { by, team, name }),
        1 => (by.clone(), service.clone(), name)
            .prop_map(|(by, service, name)| RenameService { by, service, name }),
        1 => (by.clone(), service).prop_map(|(by, service)| DeleteService { by, service }),
        5 => (own.clone(), 0_u8..3, prop::option::weighted(0.4, place.clone()))
            .prop_map(|((by, of), value, priority)| AddChannel { by, of, value, priority }),
        2 => (own.clone(), place.clone(), place.clone())
            .prop_map(|((by, of), from, to)| MoveChannel { by, of, from, to }),
        5 => (own.clone(), place.clone()).prop_map(|((by, of), priority)| VerifyChannel { by, of, priority }),
        1 => (own.clone(), place.clone(), any::<bool>())
            .prop_map(|((by, of), priority, enabled)| EnableChannel { by, of, priority, enabled }),
        1 => (own, place).prop_map(|((by, of), priority)| DeleteChannel { by, of, priority }),
        1 => by.prop_map(|by| DeleteAccount { by }),
    ]
}
