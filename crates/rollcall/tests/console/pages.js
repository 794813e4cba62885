// Every page of the console by its address. A new page is added here; each check then opens it.

/** Pages for who is not signed in. `{name}` is filled in with what a check has made. */
export const open = [
  "/",
  "/sign-in",
  "/sign-up",
  "/sign-up/code?email=ann@example.com",
  "/forgotten-password",
  "/forgotten-password/code?email=ann@example.com",
  "/invitation?token={invitation}",
  "/invitation?token={known}",
  "/invitation?token={declined}",
  "/invitation?token={accepted}",
  "/invitation?token={expired}",
  "/invitation?token={withdrawn}",
  "/mailbox",
  "/nowhere",
];

/** Pages of a member. */
export const own = [
  "/",
  "/channels",
  "/channels/1",
  "/channels/add",
  "/channels/add/email",
  "/channels/add/telegram",
  "/channels/add/push-notification",
  "/channels/notify",
  "/teams",
  "/teams/{team}",
  "/teams/{team}/channels",
  "/teams/{team}/channels/1",
  "/teams/{team}/channels/7",
  "/teams/{team}/channels/11",
  "/teams/{team}/channels/add",
  "/teams/{team}/channels/notify",
  "/teams/{team}/services",
  "/teams/{team}/settings",
  "/account",
  "/account/sessions",
  "/account/organization",
  "/account/leave",
  "/feedback",
  "/audit-log",
  "/audit-log?action=session.refused",
  "/audit-log?action=session.revoked",
  "/invitation?token={invitation}",
  "/mailbox",
];

/** Pages of somebody who has an account and nothing else. */
export const fresh = ["/", "/channels", "/channels/notify", "/teams", "/account/organization", "/account/leave", "/audit-log"];
