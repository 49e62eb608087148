import { pick } from "../console";
import { startHost, type Host } from "../fault-host";
import { expect, test } from "../fixture";
import { starts, startTrunk, type Proxy } from "../proxies";
import { connection, KEY, open, serve, total, type Domain, type PageOf, type Server } from "../serve";

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
      expect(Number(answer.headers.get("x-ratelimit-reset"))).toBeGreaterThan(1_700_000_000);
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
