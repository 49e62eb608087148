// Writes a Content-Security-Policy into each page named after `--`: what the page may load and whom it may ask.
// POOLKEEPER_CONNECT_SRC names further addresses it may ask, separated by spaces.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const more = (process.env.POOLKEEPER_CONNECT_SRC ?? "").split(/\s+/).filter(Boolean);
const bad = more.find((source) => !/^https?:\/\/[\w.*-]+(:(\d+|\*))?$/.test(source));
if (bad !== undefined) {
  console.error(`POOLKEEPER_CONNECT_SRC: “${bad}” is not an address such as https://proxy.example.com`);
  process.exit(1);
}
const ask = ["'self'", "https://api.mailgun.net", "https://api.eu.mailgun.net", "http://127.0.0.1:*", "http://localhost:*"];

for (const file of process.argv.slice(1)) {
  const page = readFileSync(file, "utf8");
  // Scripts within the page may run when they are these, to the letter.
  const inline = [...page.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(([, text]) => text);
  const hashes = inline.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' ${[...new Set(hashes)].join(" ")}`.trim(),
    "style-src 'self'",
    "img-src 'self' blob: data:",
    `connect-src ${[...ask, ...more].join(" ")}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
  ].join("; ");
  const charset = '<meta charset="utf-8">';
  if (page.split(charset).length !== 2) throw new Error(`${file} has no single ${charset}`);
  const meta = `<meta http-equiv="Content-Security-Policy" content="${policy}">`;
  // A function, since `$` means something in a replacement text.
  writeFileSync(file, page.replace(charset, () => charset + meta));
}
console.log("done");
