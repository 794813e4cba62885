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
  "/invitation?token={declined}",
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
  "/teams",
  "/teams/{team}",
  "/teams/{team}/channels",
  "/teams/{team}/channels/1",
  "/teams/{team}/channels/add",
  "/teams/{team}/services",
  "/teams/{team}/settings",
  "/account",
  "/account/sessions",
  "/account/organization",
  "/account/leave",
  "/feedback",
  "/audit-log",
  "/mailbox",
];
