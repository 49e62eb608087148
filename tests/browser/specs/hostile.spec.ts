import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { exchanges, unfold } from "../console";
import { faults, startHost, type Answer, type Arrived, type Host } from "../fault-host";
import { expect, test } from "../fixture";
import { connect, KEY, leapOverWaits, open, stopClock } from "../serve";
import { SAID } from "../texts";

test.use({ mayReport: /Failed to load resource|net::ERR_/ });

const SCRIPT = `"><img src=x onerror="window.pwned=1"><script>window.pwned=1</script><a href="javascript:window.pwned=1">`;
const id = (number: number) => number.toString(16).padStart(24, "0");
const domain = (number: number, more = {}) => ({
  id: id(number),
  account_id: id(9),
  account_name: "Account",
  name: `d${number}.example.com`,
  registered_at: "2025-06-26T14:31:51.870037-05:00",
  pool: "dynamic_good",
  override: false,
  bounce_rate: 0.01,
  complaint_rate: 0.0001,
  processed_count: 1000,
  ...more,
});
const list = (items: unknown[], Next?: string) => ({ items, total_items: items.length, paging: Next ? { Next } : {} });

const POOLS = {
  pools: ["good", "poor", "new"].map((band, at) => ({
    account_id: id(9), enabled: true, id: id(at), ips: [`203.0.113.${at + 1}`], name: `dynamic_${band}`,
  })),
};
/** What an ordinary small account answers, by path. */
const ORDINARY: Record<string, object> = {
  "/v3/dynamic_pools": POOLS,
  "/v3/ips": { items: ["203.0.113.1"], details: [{ ip: "203.0.113.1" }], assignable_to_pools: [], total_count: 1 },
  "/v3/ip_warmups": { items: [], paging: {} },
  "/v3/ip_pools": { ip_pools: [], message: "success" },
  "/v5/accounts/subaccounts": { subaccounts: [], total: 0 },
  "/v3/domains/dynamic_pools/assignable": { items: [] },
  "/v1/dynamic_pools/domains": list([domain(1)]),
  "/v1/dynamic_pools/history": list([]),
};

/** A server that answers as told: by path, what it says or does. */
async function hostile(answers: Record<string, object | ((request: Arrived) => Answer)>): Promise<Host> {
  const all: typeof answers = { ...ORDINARY, ...answers };
  return startHost(undefined, (request) => {
    const answer = all[request.url.split("?")[0]];
    if (typeof answer === "function") return (answer as (request: Arrived) => Answer)(request);
    return answer === undefined ? undefined : faults.answer(200, answer);
  });
}

/** The number of the page that an address of a list asks for. */
const pageOf = (url: string, first: number) => Number(new URL(url, "http://host").searchParams.get("page") ?? first);

/** The tab still does what it is for. */
async function lives(page: Page) {
  await open(page, "Pools");
  await expect(page.getByText("203.0.113.1").first()).toBeVisible();
  expect(await page.evaluate(() => "pwned" in window)).toBe(false);
}

test("no link leads the key to another host", async ({ page }) => {
  const elsewhere = await startHost();
  const port = new URL(elsewhere.base).port;
  const links = [
    `${elsewhere.base}/v1/dynamic_pools/domains?page=2`,
    `//127.0.0.1:${port}/v1/dynamic_pools/domains?page=3`,
    `http://api:secret@127.0.0.1:${port}/v1/dynamic_pools/domains?page=4`,
    `http:\\\\127.0.0.1:${port}\\v1\\dynamic_pools\\domains?page=5`,
    `/\\127.0.0.1:${port}/v1/dynamic_pools/domains?page=6`,
  ];
  const host = await hostile({
    "/v1/dynamic_pools/domains": ({ url }) => {
      const at = pageOf(url, 1);
      return faults.answer(200, { ...list([domain(at)], links[at - 1]), total_items: 6 });
    },
  });
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).host));
  await connect(page, host.base);
  await open(page, "Domains");
  await expect(page.getByText("d4.example.com")).toBeVisible();
  await lives(page);
  expect(asked).not.toContain(`127.0.0.1:${port}`);
  expect(elsewhere.seen).toEqual([]);
  await Promise.all([host.stop(), elsewhere.stop()]);
});

test("a redirect is not followed, so the key stays", async ({ page }) => {
  const elsewhere = await startHost();
  const host = await hostile({
    "/v3/ip_pools": () => (_, response) =>
      void response.writeHead(307, { location: `${elsewhere.base}/v3/ip_pools`, "access-control-allow-origin": "*" }).end(),
  });
  await connect(page, host.base);
  await stopClock(page);
  await open(page, "Pools");
  await leapOverWaits(page, page.getByRole("note", { name: "Missing data" }).filter({ hasText: SAID.noAnswer }));
  expect(elsewhere.seen).toEqual([]);
  await Promise.all([host.stop(), elsewhere.stop()]);
});

test("scripts in every text are texts", async ({ page }) => {
  const record = {
    id: SCRIPT, owning_account_id: SCRIPT, account_id: SCRIPT, account_name: SCRIPT, domain_id: SCRIPT,
    domain_name: SCRIPT, new_band: SCRIPT, prev_band: SCRIPT, reason: SCRIPT, bounce_rate: 0.1,
    complaint_rate: 0.1, processed_count: 5, initiated_by: SCRIPT, timestamp: "2026-01-01T00:00:00Z",
  };
  const host = await hostile({
    "/v3/dynamic_pools": { pools: POOLS.pools.map((pool) => ({ ...pool, account_id: SCRIPT, id: SCRIPT, ips: ["203.0.113.1", SCRIPT] })) },
    "/v3/ips": { items: [SCRIPT], details: [{ ip: SCRIPT, is_on_warmup: true }], assignable_to_pools: [SCRIPT], total_count: 1 },
    "/v3/ip_warmups": { items: [{ ip: SCRIPT, sent_within_stage: SCRIPT, throttle: 90, stage_number: 4, stage_start_time: SCRIPT }], paging: {} },
    "/v3/ip_pools": { ip_pools: [{ pool_id: SCRIPT, name: SCRIPT, description: SCRIPT, ips: [SCRIPT] }], message: SCRIPT },
    "/v5/accounts/subaccounts": { subaccounts: [{ id: SCRIPT, name: SCRIPT, status: SCRIPT }], total: 1 },
    "/v3/domains/dynamic_pools/assignable": { items: [{ account_id: SCRIPT, id: SCRIPT, name: SCRIPT }] },
    "/v1/dynamic_pools/domains": list([
      domain(1, { name: SCRIPT, account_name: SCRIPT, account_id: SCRIPT, pool: SCRIPT, id: SCRIPT }),
      domain(2, { name: "=HYPERLINK(1).example.com" }),
    ]),
    "/v1/dynamic_pools/history": list([record]),
    "/v1/analytics/metrics": () => faults.answer(400, { message: SCRIPT }),
  });
  await connect(page, host.base);
  // The policy alone would stop them too; here nothing may even try.
  const violations = await page.evaluateHandle(() => {
    const seen: string[] = [];
    document.addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
    return seen;
  });
  for (const name of ["Pools", "Domains", "History", "Settings"]) {
    await open(page, name);
    await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
    await expect(page.locator("img[src=x], main script, a[href^=javascript]")).toHaveCount(0);
  }
  await open(page, "Domains");
  const row = page.getByRole("grid").getByRole("row").filter({ hasText: SCRIPT }).first();
  await expect(row).toBeVisible();
  await page.getByRole("button", { name: "Export" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: /CSV/ }).click();
  const csv = readFileSync(await (await download).path(), "utf8");
  expect(csv).not.toMatch(/(^|[,\n])"?=HYPERLINK/);
  await page.getByRole("tab", { name: "Not enrolled" }).click();
  await expect(page.getByRole("grid").getByText(SCRIPT).first()).toBeVisible();
  await open(page, "Domains");
  await row.getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.getByRole("button", { name: "Requests" }).click();
  await unfold(exchanges(page).first());
  await expect(page.locator("img[src=x], main script, dialog script, a[href^=javascript]")).toHaveCount(0);
  expect(await violations.jsonValue()).toEqual([]);
  expect(await page.evaluate(() => "pwned" in window)).toBe(false);
  await host.stop();
});

/** Writes a JSON answer of so many bytes without holding it. */
const large = (bytes: number): Answer => (_, response) => {
  response.writeHead(200, { "access-control-allow-origin": "*", "content-type": "application/json" });
  response.write('{"items": ["');
  const chunk = "x".repeat(1 << 20);
  let left = bytes;
  const more = () => {
    while (left > 0) {
      left -= chunk.length;
      if (!response.write(chunk)) return void response.once("drain", more);
    }
    response.end('"]}');
  };
  more();
};

test("an answer of 50 MB is cut off", async ({ page }) => {
  const host = await hostile({ "/v1/dynamic_pools/domains": () => large(50 * (1 << 20)), "/v1/dynamic_pools/history": () => large(50 * (1 << 20)) });
  await connect(page, host.base);
  await open(page, "Domains");
  await expect(page.getByText(SAID.tooLarge).first()).toBeVisible();
  expect(host.seen.filter(({ url }) => url.startsWith("/v1/dynamic_pools/domains?limit=100"))).toHaveLength(1);
  await lives(page);
  await host.stop();
});

test("JSON a hundred thousand levels deep is no answer of the API", async ({ page }) => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  const host = await hostile({ "/v1/dynamic_pools/domains": () => faults.text(200, "application/json", deep) });
  await connect(page, host.base);
  await open(page, "Domains");
  await expect(page.getByRole("alert")).toContainText(SAID.notFromTheApi);
  await lives(page);
  await host.stop();
});

test("names that may be taken for another are marked wherever they are shown", async ({ page }) => {
  // Its first “a” is Cyrillic; the other is how münchen.example travels.
  const [lookalike, encoded] = ["p\u0430ypal.com", "xn--mnchen-3ya.example"];
  const host = await hostile({
    "/v1/dynamic_pools/domains": list([domain(1, { name: lookalike }), domain(2, { name: encoded }), domain(3)]),
    "/v3/domains/dynamic_pools/assignable": { items: [{ account_id: id(9), id: id(4), name: `mail.${lookalike}` }] },
  });
  await connect(page, host.base);
  await open(page, "Domains");
  const row = (name: string) => page.getByRole("grid").getByRole("row").filter({ has: page.getByText(name, { exact: true }) });
  await expect(row(lookalike)).toContainText("⚠ looks like paypal.com, mixes alphabets");
  await expect(row(encoded)).toContainText("is münchen.example");
  await expect(row(encoded)).not.toContainText("⚠");
  await expect(row("d3.example.com")).not.toContainText("looks like");
  await page.getByRole("tab", { name: "Not enrolled" }).click();
  await expect(row(`mail.${lookalike}`)).toContainText("⚠ looks like mail.paypal.com");
  await open(page, "Domains");
  await row(lookalike).getByRole("link").click();
  await expect(page.getByRole("main")).toContainText("⚠ looks like paypal.com");
  await host.stop();
});

test("a page of a million rows, and one of as many as an answer can hold", async ({ page }) => {
  const rows = (count: number) => {
    const items = Array.from({ length: count }, (_, at) => `{"id":"${id(at)}","account_id":"a","name":"d${at}.example","pool":"dynamic_good"}`);
    return `{"items": [${items.join(",")}], "total_items": ${count}, "paging": {}}`;
  };
  let count = 1_000_000;
  const host = await hostile({ "/v1/dynamic_pools/domains": () => faults.text(200, "application/json", rows(count)) });
  await connect(page, host.base);
  await open(page, "Domains");
  await expect(page.getByText(SAID.tooLarge).first()).toBeVisible();
  count = 150_000;
  await page.getByRole("alert").getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", "150001");
  await lives(page);
  await host.stop();
});

/** The whole list and two ends of each pool's are walked, side by side. Each walk notices a loop within six pages. */
const MOST_REQUESTS = 7 * 6;
const LOOPS: [string, (at: number, base: string) => object][] = [
  ["a page that leads to itself", (_, base) => list([domain(1)], `${base}/v1/dynamic_pools/domains?page=1`)],
  ["two pages that lead to one another", (at, base) => list([domain(at % 2)], `${base}/v1/dynamic_pools/domains?page=${(at + 1) % 2}`)],
  ["new links to the same rows for ever", (at, base) => list([domain(1)], `${base}/v1/dynamic_pools/domains?page=${at + 1}`)],
  ["new links to nothing for ever", (at, base) => list([], `${base}/v1/dynamic_pools/domains?page=${at + 1}`)],
];
for (const [name, answer] of LOOPS) {
  test(`${name} end the walk`, async ({ page }) => {
    const host = await hostile({
      "/v1/dynamic_pools/domains": ({ url }) =>
        faults.answer(200, { ...answer(pageOf(url, 0), "http://127.0.0.1"), total_items: 1e9 }),
    });
    await connect(page, host.base);
    host.seen.length = 0;
    await open(page, "Domains");
    await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
    await expect(page.getByRole("progressbar")).toHaveCount(0);
    await lives(page);
    expect(host.seen.filter(({ url }) => url.startsWith("/v1/dynamic_pools/domains?")).length).toBeLessThanOrEqual(MOST_REQUESTS);
    await host.stop();
  });
}

test("new rows for ever can be stopped", async ({ page }) => {
  const host = await hostile({
    "/v1/dynamic_pools/domains": ({ url }) => {
      const at = pageOf(url, 0);
      const items = Array.from({ length: 100 }, (_, row) => domain(at * 100 + row));
      return faults.answer(200, { ...list(items, `/v1/dynamic_pools/domains?page=${at + 1}`), total_items: 1e12 });
    },
  });
  await connect(page, host.base);
  await open(page, "Domains");
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText(SAID.listIsCut)).toBeVisible();
  const asked = host.seen.length;
  await lives(page);
  expect(host.seen.filter(({ url }) => url.includes("/domains?page=")).length).toBeLessThanOrEqual(asked + 1);
  await host.stop();
});

test("a key in an answer's words is not what was entered, and is shown nowhere it was not said", async ({ page }) => {
  // A server that repeats what it was sent, as careless ones do.
  const host = await hostile({
    "/v3/ips": ({ headers }) => faults.answer(400, { message: `bad authorization: ${headers.authorization}` }),
  });
  await connect(page, host.base);
  await open(page, "Pools");
  await expect(page.getByRole("note", { name: "Missing data" })).toBeVisible();
  const secret = Buffer.from(`api:${KEY}`).toString("base64");
  expect(await page.locator("body").innerText()).not.toContain(secret);
  await page.getByRole("button", { name: "Requests" }).click();
  for (const exchange of await exchanges(page).all()) await unfold(exchange);
  expect(await page.locator("body").innerText()).not.toContain(secret);
  await host.stop();
});
