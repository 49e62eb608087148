// A host that knows only files: dist/ under a folder of its own, a folder's index.html with the slash added, and 404 for the
// rest, with the folder's 404.html if it has one.
import { createServer } from "node:http";
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import sirv from "sirv";

const dist = process.env.POOLKEEPER_DIST ?? fileURLToPath(new URL("../../dist", import.meta.url));
const folder = "/some/where";
const files = sirv(dist, { etag: true });

// Nothing below a file, and nothing under a name that can't be one.
const isFolder = (/** @type {string} */ path) => {
  try {
    return statSync(join(dist, decodeURIComponent(path))).isDirectory();
  } catch {
    return false;
  }
};

createServer((request, response) => {
  const missing = () => void response.writeHead(404).end("Not found");
  const missingBelow = () => {
    const page = join(dist, "404.html");
    if (!statSync(page, { throwIfNoEntry: false })) return missing();
    return void response.writeHead(404, { "content-type": "text/html;charset=utf-8" }).end(readFileSync(page));
  };
  const { pathname, search } = new URL(request.url ?? "/", "http://host");
  if (pathname !== folder && !pathname.startsWith(`${folder}/`)) return missing();
  const below = pathname.slice(folder.length);
  if (!below.endsWith("/") && isFolder(below)) {
    return void response.writeHead(301, { location: `${pathname}/${search}` }).end();
  }
  request.url = below + search;
  files(request, response, missingBelow);
}).listen(Number(process.env.PORT ?? 4173), "127.0.0.1");
