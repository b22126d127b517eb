// Shows notices of what a reader follows, and opens the story that one is about.
addEventListener("push", (e) => {
  const m = e.data.json();
  e.waitUntil(registration.showNotification(m.title, { body: m.text, tag: m.tag, data: m.path }));
});

addEventListener("notificationclick", (e) => {
  e.notification.close();
  const at = new URL(e.notification.data, location.origin);
  if (at.origin === location.origin) e.waitUntil(clients.openWindow(at.href));
});
