// Stands between the page and a real server, and breaks what it is told to break. Everything that arrives is noted.
import { createServer, request as ask, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it arrived. */
export type Arrived = { method: string; url: string; headers: IncomingHttpHeaders; body: string };
/** Writes an answer, or leaves the request without one. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;
/** Decides what happens to a request, now or later; without an answer it is passed on. */
export type Decide = (request: Arrived, seen: Arrived[]) => Answer | undefined | Promise<Answer | undefined>;
export type Host = { base: string; at: Decide; seen: Arrived[]; stop: () => Promise<void> };

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "*",
  "access-control-allow-headers": "authorization, content-type, accept, x-mailgun-on-behalf-of",
  "access-control-expose-headers": "retry-after, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset",
};

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => (_, response) =>
  void response.writeHead(status, { ...CORS, "content-type": "application/json", ...headers }).end(JSON.stringify(body));
const text = (status: number, type: string, body: string): Answer => (_, response) =>
  void response.writeHead(status, { ...CORS, "content-type": type }).end(body);

const reset: Answer = (_, response) => response.socket?.resetAndDestroy();
const truncated: Answer = (_, response) => {
  response.writeHead(200, { ...CORS, "content-type": "application/json", "content-length": 5000 });
  response.write('{"items": [{"id": ', () => response.socket?.destroy());
};
const hang: Answer = () => {};

/** What can go wrong: each takes the place of an answer. */
export const faults = {
  reset,
  truncated,
  hang,
  status: (status: number, message = "made to fail") => json(status, { message }),
  limited: (headers: Record<string, string>) => json(429, { message: "too many requests" }, headers),
  gatewayPage: text(502, "text/html", "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"),
  malformed: text(200, "application/json", '{"items": [{"id": "5f1c'),
  answer: json,
  text,
};

/** Holds requests until it is opened: give `at` what `passes` makes of them. */
export function gate() {
  let open = () => {};
  const opened = new Promise<undefined>((resolve) => (open = () => resolve(undefined)));
  return { open, passes: () => opened };
}

/** Starts it before `upstream`, or before nothing; `at` decides what happens to a request. */
export async function startHost(upstream?: string, at: Decide = () => undefined): Promise<Host> {
  const host: Host = { at, seen: [], base: "", stop: async () => {} };
  const server = createServer((request, response) => {
    // Chromium itself sends again what a kept connection lost before the answer began, whatever the method, and no page can
    // tell it not to. On a connection of its own, what arrives is what the page sent.
    response.shouldKeepAlive = false;
    if (request.method === "OPTIONS") return void response.writeHead(204, CORS).end();
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const body = Buffer.concat(chunks);
      const { method = "", url = "", headers } = request;
      const arrived = { method, url, headers, body: body.toString() };
      host.seen.push(arrived);
      const fault = await host.at(arrived, host.seen);
      if (fault) fault(request, response);
      else if (upstream) pass(upstream, arrived, body, response, host.base);
      else json(404, { message: "nothing here" })(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  host.base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  host.stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return host;
}

// Answered by the real server, whose links then lead back here.
function pass(upstream: string, arrived: Arrived, body: Buffer, response: ServerResponse, base: string) {
  const { host: _host, "content-length": _length, ...headers } = arrived.headers;
  const passed = ask(upstream + arrived.url, { method: arrived.method, headers }, (answer) => {
    const chunks: Buffer[] = [];
    answer.on("data", (chunk: Buffer) => chunks.push(chunk));
    answer.on("end", () => {
      const text = Buffer.concat(chunks).toString().replaceAll(upstream, base);
      const type = answer.headers["content-type"] ?? "application/json";
      response.writeHead(answer.statusCode ?? 502, { ...CORS, "content-type": type }).end(text);
    });
  });
  passed.on("error", () => response.socket?.destroy());
  passed.end(body);
}
