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
  "/account",
  "/account/sessions",
  "/account/organization",
  "/account/leave",
  "/feedback",
  "/audit-log",
  "/mailbox",
];
