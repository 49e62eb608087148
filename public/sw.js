// While `cargo xtask run` serves the app, files change all the time and nothing may be kept. This takes the
// place of a service worker that a build, served from the same address before, has left in the browser.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.registration.unregister()));
