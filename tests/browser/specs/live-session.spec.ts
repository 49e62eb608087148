import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, test } from "../fixture";
import { exchanges, happens, pick, stepADay, unfold } from "../console";
import { gate, startHost } from "../fault-host";
import { allowChanges, connect, connection, enrolled, enter, KEY, open, serve, type Domain, type PageOf, type Preview, type Server } from "../serve";
import { DOMAIN } from "../texts";

let server: Server, domains: Domain[];
test.beforeAll(async () => {
  server = await serve("--cors", "--size", "250", "--seed", "5", "--key", KEY, "--still");
  domains = await enrolled(server);
});
test.afterAll(() => server.stop());

const SECRETS = [KEY, Buffer.from(`api:${KEY}`).toString("base64")];

/** Everything a page keeps where it could outlive a click: storage, databases, caches. */
const kept = (page: Page) =>
  page.evaluate(async () => {
    const found: Record<string, string> = {
      localStorage: JSON.stringify({ ...localStorage }),
      sessionStorage: JSON.stringify({ ...sessionStorage }),
      cookies: document.cookie,
    };
    const text = (value: unknown) =>
      JSON.stringify(value, (_, part) => (part instanceof Uint8Array ? new TextDecoder("latin1").decode(part) : part));
    for (const { name } of await indexedDB.databases()) {
      const database: IDBDatabase = await new Promise((resolve, reject) => {
        const request = indexedDB.open(name!);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      for (const store of database.objectStoreNames) {
        found[`${name}/${store}`] = await new Promise((resolve) => {
          const request = database.transaction(store).objectStore(store).getAll();
          request.onsuccess = () => resolve(text(request.result));
        });
      }
      database.close();
    }
    for (const name of await caches.keys()) {
      for (const request of await (await caches.open(name)).keys()) found[`cache ${name}`] = request.url;
    }
    return found;
  });

for (const isRemembered of [false, true]) {
  test(`after a whole session the key is nowhere it may not be, ${isRemembered ? "remembered" : "not remembered"}`, async ({ page, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const emitted: Record<string, string> = {};
    let count = 0;
    const note = (where: string, text: string) => (emitted[`${where} ${++count}`] = text);
    page.on("console", (message) => note("console", message.text()));
    page.on("request", (request) => note("address asked", request.url()));
    page.on("framenavigated", (frame) => note("address shown", frame.url()));
    const download = async (item: RegExp) => {
      await page.getByRole("button", { name: "Export" }).click();
      const started = page.waitForEvent("download");
      await page.getByRole("menuitem", { name: item }).click();
      note("export", readFileSync(await (await started).path(), "utf8"));
    };
    const look = async () => note("page", await page.content());

    await enter(page, server.base, "key-that-is-wrong-but-long");
    await enter(page, server.base);
    if (isRemembered) await page.getByText("Remember the key until this tab is closed").click();
    await page.getByRole("button", { name: "Test connection" }).click();
    await expect(page.getByText("Connection works. Found:")).toBeVisible();
    await look();
    await page.getByRole("button", { name: "Connect, read-only" }).click();
    await expect(connection(page)).toContainText("read-only");
    await allowChanges(page);
    for (const name of ["Overview", "Pools", "History", "Domains"]) {
      await open(page, name);
      await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
      await look();
    }
    await download(/CSV/);
    await download(/JSON/);
    // A change, one that is refused, and what is copied of them.
    await page.getByRole("grid").getByRole("row").nth(1).getByRole("checkbox").check();
    await page.getByRole("toolbar", { name: "Selected domains" }).getByRole("button", { name: "Override", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await pick(dialog, "poor");
    await dialog.getByRole("button", { name: "Copy as cURL" }).click();
    const curl = await page.evaluate(() => navigator.clipboard.readText());
    expect(curl).toContain('--user "api:$MAILGUN_API_KEY"');
    expect(curl).toContain(server.base);
    note("cURL", curl);
    await look();
    await dialog.getByRole("button", { name: /^Pin/ }).click();
    await expect(page.getByRole("button", { name: "Undo" })).toBeVisible();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(page.getByText(/is back in \w+ and pinned there|^Undone/)).toBeVisible();
    await page.getByRole("button", { name: "Requests" }).click();
    for (const exchange of (await exchanges(page).all()).slice(0, 12)) await unfold(exchange);
    await exchanges(page).first().getByRole("button", { name: "Copy as cURL" }).click();
    note("cURL", await page.evaluate(() => navigator.clipboard.readText()));
    await look();
    await page.keyboard.press("Escape");

    const stored = await kept(page);
    if (isRemembered) {
      expect(stored.sessionStorage).toContain(KEY);
      delete stored.sessionStorage;
    }
    for (const [where, text] of Object.entries({ ...emitted, ...stored })) {
      for (const secret of SECRETS) expect(text.includes(secret), where).toBe(false);
    }
    expect(Object.keys(stored).some((where) => where.includes("/")), "the simulator's own database was looked into").toBe(true);
    if (isRemembered) {
      await open(page, "Settings");
      await page.getByRole("button", { name: "Disconnect", exact: true }).click();
      expect((await kept(page)).sessionStorage).not.toContain(KEY);
    }
  });
}

test("what a change would do is tried before it is sent, and a rule that refuses it holds the button", async ({ page }) => {
  const sent: string[] = [];
  page.on("request", (request) => {
    if (!["GET", "OPTIONS"].includes(request.method()) && !request.url().endsWith("/metrics")) sent.push(request.url());
  });
  await connect(page, server.base);
  await allowChanges(page);
  await open(page, "Pools");
  await page.getByRole("button", { name: "Remove all pools" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("Refused:")).toBeVisible();
  await expect(dialog.getByText("R6: All domains must be out")).toBeVisible();
  await dialog.getByRole("textbox", { name: "Type remove all pools to confirm" }).fill("remove all pools");
  await expect(dialog.getByRole("button", { name: "Remove all pools" })).toBeDisabled();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await open(page, "Domains");
  // Not one of the first, which other tests change.
  const wanted = domains.findLast(({ pool, override }) => pool === "dynamic_good" && !override)!;
  await page.getByRole("searchbox", { name: "Search names" }).fill(wanted.name);
  const row = page.getByRole("grid").getByRole("row").nth(1);
  await expect(row).toContainText(wanted.name);
  await row.getByRole("checkbox").check();
  await page.getByRole("toolbar", { name: "Selected domains" }).getByRole("button", { name: "Override", exact: true }).click();
  await pick(dialog, "poor");
  await expect(happens(dialog)).toContainText(`${wanted.name}: good → poor, pinned`);
  await expect(happens(dialog)).toContainText("The live account may decide otherwise");
  expect(sent).toEqual([]);
});

test("a domain whose daily counts can't be read is said to be unknown, not to send nothing", async ({ page }) => {
  const wanted = domains.find(({ pool }) => pool === "dynamic_good")!;
  await page.route("**/v1/analytics/metrics", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    await route.fulfill({ headers: { "access-control-allow-origin": "*" }, json: { items: [], pagination: { total: 0 } } });
  });
  await connect(page, server.base);
  await open(page, "Domains");
  await page.getByRole("searchbox", { name: "Search names" }).fill(wanted.name);
  await page.getByRole("grid").getByRole("link", { name: wanted.name }).click();
  await expect(page.getByRole("region", { name: "Health check preview" })).toBeVisible();
  await expect(page.getByText("No daily counts", { exact: true })).toBeVisible();
  await expect(page.getByRole("note").filter({ hasText: "Could not read its daily counts" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Why it is in this pool" })).toHaveCount(0);
  await expect(page.getByText(/\b0 messages/)).toHaveCount(0);
});

test("a domain's page has what the service says of it now, its days and its history", async ({ page }) => {
  const wanted = domains.find(({ pool }) => pool === "dynamic_poor")!;
  const preview = await server.ask<Preview>(`/v1/dynamic_pools/domains/${wanted.name}/preview`);
  const { items } = await server.ask<PageOf<unknown>>(`/v1/dynamic_pools/domains/${wanted.name}/history?limit=100`);
  await connect(page, server.base);
  await open(page, "Domains");
  // Whose thresholds the bars and the verdict are by is said where they are.
  const main = page.getByRole("main");
  await expect(main).toContainText("Rate bars use this console's default thresholds. Mailgun does not publish its own.");
  await page.getByRole("searchbox", { name: "Search names" }).fill(wanted.name);
  await page.getByRole("grid").getByRole("link", { name: wanted.name }).click();
  await expect(page.getByRole("heading", { level: 1, name: wanted.name })).toBeVisible();
  await expect(main).toContainText("The rates below are judged by the simulator's default policy.");
  const says = page.getByRole("region", { name: "Health check preview" });
  await expect(says).toContainText(preview.pool.replace("dynamic_", ""));
  await expect(says).toContainText(preview.results.processed_count.value.toLocaleString("en-US"));
  await expect(page.getByRole("region", { name: "History" }).getByRole("listitem")).toHaveCount(items.length);
  await expect(page.getByRole("region", { name: DOMAIN.why })).toContainText(/\d bounces? in [\d,]+ sent/);
});

/** The server behind a host that holds daily counts back after the first day, until it is told to let go. */
async function heldAfterADay() {
  const rest = gate();
  // The first metrics tell the service's time, the second are the first day.
  let asked = 0;
  const host = await startHost(server.base, ({ url }) => (url === "/v1/analytics/metrics" && ++asked > 2 ? rest.passes() : undefined));
  return { host, letGo: rest.open };
}

test("the account is forked into the simulator, and stays as it is", async ({ page }) => {
  // Tests before this one may have changed the account.
  const domains = await enrolled(server);
  const history = () => server.ask<PageOf<unknown>>("/v1/dynamic_pools/history?limit=1&include_subaccounts=true");
  const before = await history();
  const { host, letGo } = await heldAfterADay();
  await connect(page, host.base);
  await page.getByLabel("Days to copy").selectOption("90");
  await page.getByRole("button", { name: "Fork to simulator" }).click();
  await expect(page.getByText("Reading daily counts")).toBeVisible();
  letGo();
  await expect(page.getByText("Copied: 250 domains")).toBeVisible();
  await expect(page.getByText("Mailgun's own thresholds are not published")).toBeVisible();
  await page.getByRole("button", { name: "Disconnect and open the copy" }).click();
  await expect(connection(page)).toHaveText(`Simulator · Copy of ${new URL(host.base).host}`);
  await open(page, "Domains");
  await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", String(domains.length + 1));
  await page.getByRole("searchbox", { name: "Search names" }).fill(domains[0].name);
  const row = page.getByRole("grid").getByRole("row").nth(1);
  await expect(row).toContainText(domains[0].pool.replace("dynamic_", ""));
  await expect(row).toContainText(domains[0].processed_count.toLocaleString("en-US"));
  await open(page, "History");
  await expect(page.getByRole("grid", { name: "History" })).toHaveAttribute("aria-rowcount", String(before.total_items + 1));
  // A day in the copy is none in the account.
  await stepADay(page);
  expect(await history()).toEqual(before);
  await expect(page.getByText("Saving…")).toHaveCount(0);
  await page.reload();
  await expect(connection(page)).toHaveText(/^Simulator · Copy of/);
  await host.stop();
});

test("a fork is cancelled, and the simulator is as it was", async ({ page }) => {
  const { host } = await heldAfterADay();
  await connect(page, host.base);
  await page.getByLabel("Days to copy").selectOption("365");
  await page.getByRole("button", { name: "Fork to simulator" }).click();
  await expect(page.getByText(/Reading daily counts/)).toBeVisible();
  await page.getByRole("region", { name: "Fork to simulator" }).getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText(/Reading /)).toHaveCount(0);
  await page.getByRole("button", { name: "Disconnect", exact: true }).click();
  await expect(connection(page)).toHaveText("Simulator · Bought list");
  await host.stop();
});
