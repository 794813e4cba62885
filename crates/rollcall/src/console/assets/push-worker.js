/* Shows push messages (RFC 8030) in the form of W3C's declarative Web Push. */
self.addEventListener("push", (event) => {
  const { notification = {} } = event.data?.json() ?? {};
  const { title = "Rollcall", body = "", tag, navigate } = notification;
  event.waitUntil(self.registration.showNotification(title, { body, tag, data: { navigate } }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { navigate } = event.notification.data ?? {};
  if (navigate) event.waitUntil(self.clients.openWindow(navigate));
});
