import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { pick } from "../console";
import { faults, startHost, type Host } from "../fault-host";
import { expect, test } from "../fixture";
import { starts, startTrunk, type Proxy } from "../proxies";
import { connection, KEY, open, serve, total, type Domain, type PageOf, type Server } from "../serve";

// What the client can send, from its own table: an operation that these files do not know would fail behind them.
const TABLE = readFileSync(fileURLToPath(new URL("../../../crates/mailgun-pools/src/wire/endpoint.rs", import.meta.url)), "utf8");
const OPERATIONS = [...TABLE.matchAll(/^ +(\w+) = (Get|Post|Put|Patch|Delete) "([^"]+)";$/gm)].map(([, name, method, path]) => ({
  method: method.toUpperCase(),
  path: path.replace("{ip}", "192.0.2.1").replace(/\{\w+\}/, "a.example"),
  isRead: method === "Get" || name === "Metrics",
}));

type RawRequest = { method?: string; headers?: Record<string, string>; host?: string; head?: string; body?: string };

/** Sends a request to the letter, which `fetch` would tidy, and gives the status of the answer; 0 without one. */
function raw(port: string, path: string, request: RawRequest = {}): Promise<{ status: number }> {
  const { method = "GET", headers = {}, host = `127.0.0.1:${port}`, head, body = "" } = request;
  const length = head ?? `Content-Length: ${body.length}\r\n`;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(Number(port), "127.0.0.1");
    socket.setEncoding("utf8").on("data", (text) => (answer += text));
    // A server that refuses a body may end the connection while it is still being sent.
    socket.on("error", () => {});
    socket.on("close", () => resolve({ status: Number(answer.slice(9, 12)) }));
    // Not ended from here: a proxy takes that for a person who went away.
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${lines.join("")}${length}\r\n${body}`);
  });
}

// The documented configurations, run as they are but for addresses and folders.
for (const [name, start] of Object.entries(starts)) {
  test.describe(name, () => {
    let us: Server, eu: Server, behind: Host, proxy: Proxy;
    test.beforeAll(async () => {
      us = await serve("--size", "250", "--key", KEY, "--rate-limit", "500", "--still", "--host", "api.mailgun.net");
      eu = await serve("--size", "7", "--key", KEY, "--still", "--host", "api.eu.mailgun.net");
      behind = await startHost(us.base);
      proxy = await start({ us: us.base, eu: eu.base });
    });
    test.afterAll(async () => {
      await proxy.stop();
      await behind.stop();
      us.stop();
      eu.stop();
    });

    test("serves the app, each page by its address", async ({ page }) => {
      for (const address of ["", "pools", "history/", "settings"]) {
        await page.goto(`${proxy.base}/${address}`);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      }
      const files = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
      const wasm = files.find((file) => file.endsWith(".wasm"))!;
      const { headers } = await fetch(wasm);
      expect(headers.get("content-type")).toBe("application/wasm");
      expect(headers.get("cache-control")).toContain("immutable");
      const first = await fetch(`${proxy.base}/`);
      expect(first.headers.get("cache-control")).toBe("no-cache");
      expect((await fetch(`${proxy.base}/no/such/file`)).status).toBe(404);
    });

    for (const region of ["US", "EU"]) {
      test(`reaches ${region} on the page's own origin`, async ({ page }) => {
        const server = region === "US" ? us : eu;
        await page.goto(`${proxy.base}/settings`);
        await pick(page, region);
        await page.getByLabel("API key").fill(KEY);
        await page.getByRole("button", { name: "Connect, read-only" }).click();
        await expect(connection(page)).toHaveText(`Live · ${region} · read-only`);
        await open(page, "Domains");
        // Over several pages, whose links name the address behind the proxy.
        const domains = await total(server, "/v1/dynamic_pools/domains?limit=1");
        await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", String(domains + 1));
      });
    }

    test("hands the limits on", async () => {
      const authorization = `Basic ${Buffer.from(`api:${KEY}`).toString("base64")}`;
      const answer = await fetch(`${proxy.base}/mailgun/us/v3/dynamic_pools`, { headers: { authorization } });
      expect(answer.status).toBe(200);
      expect(answer.headers.get("x-ratelimit-limit")).toBe("500");
      expect(Number(answer.headers.get("x-ratelimit-remaining"))).toBeLessThan(500);
      expect(Number(answer.headers.get("x-ratelimit-reset"))).toBeGreaterThan(1_700_000_000_000);
    });

    test.describe("is strict", () => {
      // What the browser says of a frame and a form that are refused.
      test.use({ mayReport: /frame-ancestors|status of 40[34]/ });
      test("and keeps other sites, other paths and changes out: none of it reaches the service", async ({ page }) => {
        const recorded = await start({ us: behind.base, eu: behind.base });
        const { port } = new URL(recorded.base);
        const before = behind.seen.length;
        const own = { "sec-fetch-site": "same-origin" };
        const domain = "/mailgun/us/v1/dynamic_pools/domains/a.example";
        const large = { method: "POST", headers: { ...own, "content-type": "application/json" }, body: "x".repeat(2_000_000) };
        const refused: [string, Parameters<typeof raw>[2], number[]][] = [
          // Paths outside the contract: sending mail, keys, and what leaves its folder.
          ["/mailgun/us/v3/a.example/messages", { method: "POST", headers: own }, [403]],
          ["/mailgun/eu/v1/keys", { headers: own }, [403]],
          ["/mailgun/us/v1/dynamic_pools/domains/../../keys", { headers: own }, [403]],
          ["/mailgun/us/v1/dynamic_pools/domains/%2e%2e/preview", { headers: own }, [403]],
          ["/mailgun/us/v3/ips/..%2f..%2fv1%2fkeys", { headers: own }, [400, 403]],
          // Changes, while the file is for reading.
          [`${domain}/override`, { method: "PUT", headers: own }, [403]],
          ["/mailgun/us/v3/domains/all/dynamic_pools/enroll", { method: "POST", headers: own }, [403]],
          // Another site.
          ["/mailgun/us/v3/dynamic_pools", { headers: { "sec-fetch-site": "cross-site" } }, [403]],
          ["/mailgun/us/v3/dynamic_pools", { headers: { "sec-fetch-site": "same-site" } }, [403]],
          ["/mailgun/us/v1/analytics/metrics", { method: "POST" }, [403]],
          ["/mailgun/us/v1/analytics/metrics", { method: "POST", headers: { "sec-fetch-site": "none" } }, [403]],
          // Larger than any request of the console, and two lengths that contradict each other.
          // Caddy notices while it passes the body on, and breaks off there.
          ["/mailgun/us/v1/analytics/metrics", large, [413, 502]],
          ["/mailgun/us/v3/dynamic_pools", { headers: own, head: "Content-Length: 5\r\nContent-Length: 6\r\n" }, [400]],
        ];
        for (const [path, request, statuses] of refused) {
          const { status } = await raw(port, path, request);
          expect(statuses, `${request?.method ?? "GET"} ${path}`).toContain(status);
        }
        // A page of another site that has the person's browser send a form, and one that shows the console in a frame.
        const foreign = await startHost(undefined, () => faults.text(200, "text/html", `<form method=post action="${recorded.base}${domain}/override"><button>Go</button></form><iframe src="${recorded.base}/"></iframe>`));
        const answered = page.waitForResponse((response) => response.url().endsWith("/override"));
        await page.goto(foreign.base);
        await expect(page.frameLocator("iframe").getByRole("heading", { level: 1 })).toHaveCount(0);
        await page.getByRole("button", { name: "Go" }).click();
        expect((await answered).status()).toBe(403);
        await foreign.stop();
        // Another host name is answered by nobody.
        await raw(port, "/mailgun/us/v3/dynamic_pools", { headers: own, host: "rebound.example" });
        expect(behind.seen.slice(before)).toEqual([]);
        for (const path of ["/", "/mailgun/us/v1/keys"]) {
          const { headers } = await fetch(recorded.base + path);
          expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
          expect(headers.get("x-content-type-options")).toBe("nosniff");
          expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
        }
        await recorded.stop();
      });
    });

    test("passes every operation of the client on, changes once the file says so, from its own pages only", async () => {
      const reading = await start({ us: behind.base, eu: behind.base });
      const allowing = await start({ us: behind.base, eu: behind.base, mayChange: true });
      const status = async (proxy: Proxy, method: string, path: string, headers?: Record<string, string>) =>
        (await raw(new URL(proxy.base).port, `/mailgun/us${path}`, { method, headers })).status;
      const own = { "sec-fetch-site": "same-origin" };
      // The fifteen of the contract, and what it needs beside them.
      expect(OPERATIONS.length).toBeGreaterThanOrEqual(15);
      for (const { method, path, isRead } of OPERATIONS) {
        const before = behind.seen.length;
        if (!isRead) expect(await status(reading, method, path, own), `${method} ${path}, read-only`).toBe(403);
        if (method !== "GET") expect(await status(allowing, method, path), `${method} ${path}, from elsewhere`).toBe(403);
        expect(behind.seen.length).toBe(before);
        // The service asks for a key, which nobody gave.
        expect(await status(isRead ? reading : allowing, method, path, own), `${method} ${path}`).toBe(401);
        expect(behind.seen.at(-1)).toMatchObject({ method, url: path });
      }
      for (const [method, path] of [["POST", "/v1/keys"], ["DELETE", "/v3/ips/192.0.2.1"], ["PUT", "/v3/dynamic_pools/all"]] as const) {
        expect(await status(allowing, method, path, own), `${method} ${path}`).toBe(403);
      }
      await reading.stop();
      await allowing.stop();
    });

    test("passes no cookie on, and adds no key of its own", async () => {
      const recorded = await start({ us: behind.base, eu: behind.base });
      for (const [region, host] of [["us", "api.mailgun.net"], ["eu", "api.eu.mailgun.net"]] as const) {
        // A cookie of the site's own, sent by somebody who adds it by hand.
        const answer = await fetch(`${recorded.base}/mailgun/${region}/v3/ips`, { headers: { cookie: "session=of-this-site" } });
        expect(answer.status).toBe(401);
        const { headers } = behind.seen.at(-1)!;
        expect(headers.cookie).toBeUndefined();
        expect(headers.authorization).toBeUndefined();
        expect(headers.host).toBe(host);
      }
      await recorded.stop();
    });
  });
}

test("what `cargo xtask run --live` passes on arrives, with its limits on the way back", async () => {
  // Trunk names the host without its port.
  const us = await serve("--size", "250", "--rate-limit", "500", "--still", "--host", "127.0.0.1");
  const eu = await serve("--size", "7", "--still", "--host", "127.0.0.1");
  const trunk = await startTrunk({ us: us.base, eu: eu.base });
  const authorization = `Basic ${Buffer.from(`api:${KEY}`).toString("base64")}`;
  for (const [region, server] of [["us", us], ["eu", eu]] as const) {
    const path = "/v1/dynamic_pools/domains?limit=3&pool=dynamic_good&pool=dynamic_new";
    const answer = await fetch(`${trunk.base}/mailgun/${region}${path}`, { headers: { authorization } });
    expect((await answer.json()).items).toEqual((await server.ask<PageOf<Domain>>(path)).items);
    if (server === us) expect(answer.headers.get("x-ratelimit-limit")).toBe("500");
  }
  const first = async () => (await us.ask<PageOf<Domain>>("/v1/dynamic_pools/domains?limit=1")).items[0];
  const domain = await first();
  const body = new FormData();
  body.append("pool", "dynamic_poor");
  const address = `${trunk.base}/mailgun/us/v1/dynamic_pools/domains/${domain.name}/override`;
  expect((await fetch(address, { method: "PUT", headers: { authorization }, body })).status).toBe(200);
  expect(await first()).toMatchObject({ pool: "dynamic_poor", override: true });
  await trunk.stop();
  us.stop();
  eu.stop();
});
