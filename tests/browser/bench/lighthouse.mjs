// Lighthouse on the built page, over brotli, as a phone and as a desktop: a row for each. The folder that holds Lighthouse's
// packages is the first argument, dist/ the second.
import { createServer } from "node:http";
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

const [packages, dist] = process.argv.slice(2).map((path) => resolve(path));
const within = createRequire(join(packages, "node_modules", "lighthouse", "package.json"));
const load = (/** @type {string} */ name) => import(pathToFileURL(within.resolve(name)).href);
const { default: lighthouse, desktopConfig } = await load("./core/index.js");
const { launch } = await load("chrome-launcher");

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".svg": "image/svg+xml" };
const ROUNDS = 3;

/** @type {Map<string, Buffer>} */
const compressed = new Map();
const server = createServer((request, response) => {
  let file = join(dist, decodeURIComponent(new URL(request.url ?? "/", "http://host").pathname));
  const missing = () => void response.writeHead(404).end();
  if (!file.startsWith(dist + sep)) return missing();
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) file = join(file, "index.html");
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return missing();
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
  const bytes = compressed.get(file) ?? brotliCompressSync(readFileSync(file), { params });
  compressed.set(file, bytes);
  const type = /** @type {Record<string, string>} */ (TYPES)[extname(file)] ?? "application/octet-stream";
  response.writeHead(200, { "content-type": type, "content-encoding": "br", "content-length": bytes.length }).end(bytes);
});
await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());

console.log("| Lighthouse, median of 3 | performance | accessibility | best practices | first paint, ms | largest, ms | blocking, ms |");
for (const [name, config] of [["phone", undefined], ["desktop", desktopConfig]]) {
  /** @type {number[][]} */
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const chromeFlags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"];
    const chrome = await launch({ chromePath: process.env.CHROMIUM ?? "/usr/bin/chromium", chromeFlags });
    const { lhr } = await lighthouse(`http://127.0.0.1:${port}/`, { port: chrome.port, logLevel: "error" }, config);
    const score = (/** @type {string} */ name) => Math.round(lhr.categories[name].score * 100);
    const ms = (/** @type {string} */ name) => Math.round(lhr.audits[name].numericValue);
    rounds.push([
      score("performance"), score("accessibility"), score("best-practices"),
      ms("first-contentful-paint"), ms("largest-contentful-paint"), ms("total-blocking-time"),
    ]);
    await chrome.kill();
  }
  const median = (/** @type {number} */ at) => rounds.map((figures) => figures[at]).sort((a, b) => a - b)[ROUNDS >> 1];
  console.log(`| ${[name, ...[0, 1, 2, 3, 4, 5].map(median)].join(" | ")} |`);
}
server.close();
