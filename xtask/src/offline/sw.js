// Opens the app without a network. It keeps the files of one build and nothing else: what an API answers is
// never stored, and a request that is not for one of these files is not touched.
const [VERSION] = [/* VERSION */];
const PAGES = [/* PAGES */];
const FILES = [/* FILES */];

const SCOPE = self.registration.scope;
// Other copies of the app may stand in other folders of this host.
const OWN = `poolkeeper ${SCOPE} `;
const CACHE = OWN + VERSION;
const urls = new Set(FILES.map((file) => new URL(file, SCOPE).href));

self.addEventListener("install", (event) => event.waitUntil(keepFiles()));
self.addEventListener("activate", (event) => event.waitUntil(dropOlder()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  url.search = url.hash = "";
  if (request.mode === "navigate") {
    const page = pageAt(url);
    if (page) event.respondWith(openPage(request, page));
  } else if (urls.has(url.href)) {
    event.respondWith(kept(url.href).then((found) => found ?? fetch(request)));
  }
});

async function keepFiles() {
  const cache = await caches.open(CACHE);
  await Promise.all([...urls].map(async (url) => {
    const answer = await fetch(url, { cache: "no-cache" });
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    // A page that came by a redirect may not be shown; its content may.
    await cache.put(url, answer.redirected ? new Response(answer.body, { headers: answer.headers }) : answer);
  }));
}

// Runs when no page of an older build is open any more, so none loses its files.
async function dropOlder() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(OWN) && name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

// The file of the page at an address: `pools`, `pools/` and `pools/index.html` are one page.
function pageAt(url) {
  if (!url.href.startsWith(SCOPE)) return null;
  const name = url.href.slice(SCOPE.length).replace(/(^|\/)(index\.html)?$/, "");
  if (name === "") return "index.html";
  return PAGES.includes(name) ? `${name}/index.html` : null;
}

// The host's page when it answers, so a new build is seen at once; the kept one when it doesn't.
async function openPage(request, page) {
  try {
    const answer = await fetch(request.url, { cache: "no-cache", redirect: "manual", signal: AbortSignal.timeout(5000) });
    if (answer.ok || answer.type === "opaqueredirect") return answer;
    return (await keptPage(request, page)) ?? answer;
  } catch (error) {
    const found = await keptPage(request, page);
    if (found) return found;
    throw error;
  }
}

// As a host of files would: a page's address gets its slash first, which its links to other files rely on.
async function keptPage(request, page) {
  const asked = new URL(request.url);
  const file = new URL(page, SCOPE);
  const folder = new URL(".", file);
  if (asked.pathname !== folder.pathname) return Response.redirect(folder.href + asked.search);
  return kept(file.href);
}

async function kept(url) {
  return (await caches.open(CACHE)).match(url);
}
