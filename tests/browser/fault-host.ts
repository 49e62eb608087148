// Stands between the page and a real server, and breaks what it is told to break. Everything that arrives is noted.
import { createServer, request as ask } from "node:http";

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "*",
  "access-control-allow-headers": "authorization, content-type, accept, x-mailgun-on-behalf-of",
  "access-control-expose-headers": "retry-after, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset",
};

const json = (status, body, headers = {}) => (request, response) =>
  response.writeHead(status, { ...CORS, "content-type": "application/json", ...headers }).end(JSON.stringify(body));
const text = (status, type, body) => (request, response) =>
  response.writeHead(status, { ...CORS, "content-type": type }).end(body);

/** What can go wrong: each takes the place of an answer. Those of `passing` are what a page retries by itself. */
export const faults = {
  reset: (request, response) => response.socket.resetAndDestroy(),
  truncated: (request, response) => {
    response.writeHead(200, { ...CORS, "content-type": "application/json", "content-length": 5000 });
    response.write('{"items": [{"id": ', () => response.socket.destroy());
  },
  hang: () => {},
  status: (status, message = "made to fail") => json(status, { message }),
  limited: (headers) => json(429, { message: "too many requests" }, headers),
  gatewayPage: text(502, "text/html", "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"),
  loginPage: text(200, "text/html", "<!doctype html><html><head><title>Sign in</title></head><body></body></html>"),
  plainText: text(200, "text/plain", "all is well"),
  malformed: text(200, "application/json", '{"items": [{"id": "5f1c'),
  unexpected: json(200, { items: [{ id: 7, name: ["not", "a", "name"], pool: {} }], total_items: "many" }),
  answer: json,
  text,
};

/** Starts it before `upstream`; `at` decides what happens to a request: a fault, or nothing. */
export async function startHost(upstream, at = () => undefined) {
  const host = { at, seen: [], base: "", stop: undefined };
  const server = createServer((request, response) => {
    // Chromium itself sends again what a kept connection lost before the answer began, whatever the method, and no page can
    // tell it not to. On a connection of its own, what arrives is what the page sent.
    response.shouldKeepAlive = false;
    if (request.method === "OPTIONS") return response.writeHead(204, CORS).end();
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const { method, url, headers } = request;
      const body = Buffer.concat(chunks);
      const arrived = { method, url, headers, body: body.toString() };
      host.seen.push(arrived);
      const fault = host.at(arrived, host.seen);
      if (fault) return fault(request, response);
      pass(upstream, arrived, body, response, host.base);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  host.base = `http://127.0.0.1:${server.address().port}`;
  host.stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return host;
}

// Answered by the real server, whose links then lead back here.
function pass(upstream, arrived, body, response, base) {
  if (!upstream) return json(404, { message: "nothing here" })(undefined, response);
  const { host, "content-length": length, ...headers } = arrived.headers;
  const passed = ask(upstream + arrived.url, { method: arrived.method, headers }, (answer) => {
    const chunks = [];
    answer.on("data", (chunk) => chunks.push(chunk));
    answer.on("end", () => {
      const text = Buffer.concat(chunks).toString().replaceAll(upstream, base);
      const type = answer.headers["content-type"] ?? "application/json";
      response.writeHead(answer.statusCode, { ...CORS, "content-type": type }).end(text);
    });
  });
  passed.on("error", () => response.socket.destroy());
  passed.end(body);
}
