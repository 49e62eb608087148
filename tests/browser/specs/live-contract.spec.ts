// What newer answers of the service add to a live account: each is shown, or offers a way on.
import type { Page } from "@playwright/test";
import { definition, ipsOf, message, pick, request, rows, visit } from "../console";
import { faults, type Host } from "../fault-host";
import { expect, test } from "../fixture";
import { startLiveHost, stopLiveHost } from "../live-host";
import { allowChanges, connect, enrolled, open, type Domain, type PageOf, type Pools, type Server } from "../serve";
import { DIALOG } from "../texts";

let live: Server, host: Host;
test.beforeEach(async () => {
  ({ live, host } = await startLiveHost());
});
test.afterEach(() => stopLiveHost({ live, host }));

const toolbar = (page: Page) => page.getByRole("toolbar", { name: "Selected domains" });
const assignable = () => live.ask<PageOf<Domain>>("/v3/domains/dynamic_pools/assignable");

/** Finds one enrolled domain in the list and ticks it. */
async function tickEnrolled(page: Page, name: string) {
  await open(page, "Domains");
  await page.getByRole("searchbox", { name: "Search names" }).fill(name);
  await rows(page.getByRole("grid", { name: "Enrolled domains" })).filter({ hasText: name }).getByRole("checkbox").check();
}

/** Opens the list of domains that are not enrolled. */
async function openOthers(page: Page) {
  await open(page, "Domains");
  await page.getByRole("tab", { name: "Not enrolled" }).click();
  return page.getByRole("grid", { name: "Domains that are not enrolled" });
}

test("the warm-up of an IP is ended once its address is typed", async ({ page }) => {
  await visit(page, "pools");
  const warming = page.getByRole("listitem").filter({ has: page.getByRole("progressbar", { name: /^Warm-up stage progress/ }) });
  const [ip] = await ipsOf(warming);
  await page.getByRole("button", { name: `End the warm-up of ${ip}` }).click();
  const dialog = page.getByRole("dialog", { name: `End the warm-up of ${ip}` });
  await expect(request(dialog)).toContainText(`DELETE/v3/ip_warmups/${ip}`);
  const end = dialog.getByRole("button", { name: "End warm-up" });
  await expect(end).toBeDisabled();
  await dialog.getByRole("textbox", { name: `Type ${ip} to confirm` }).fill(ip);
  await end.click();
  await expect(message(page, `The warm-up of ${ip} has ended`)).toBeVisible();
  await expect(page.getByRole("button", { name: `End the warm-up of ${ip}` })).toHaveCount(0);
  await expect(page.getByRole("listitem").filter({ hasText: ip })).toContainText("Warm");
});

test("Pools says which dedicated pool takes over from warming IPs, and what is switched off", async ({ page }) => {
  const { ip_pools: [pool] } = await live.ask<{ ip_pools: { pool_id: string; name: string }[] }>("/v3/ip_pools");
  const { pools } = await live.ask<Pools>("/v3/dynamic_pools");
  const { items: ips } = await live.ask<PageOf<string>>("/v3/ips");
  host.at = ({ url }) => {
    if (url.startsWith("/v3/ips/account/settings")) return faults.answer(200, { extra_dedicated_ips: { pool_id: pool.pool_id } });
    if (url === "/v3/dynamic_pools") {
      return faults.answer(200, { pools: pools.map((one) => ({ ...one, enabled: one.name !== "dynamic_poor" })) });
    }
    if (url === "/v3/ips") {
      const details = ips.map((ip) => ({ ip, dedicated: true, is_on_warmup: false, enabled: ip !== pools[0].ips[0] }));
      return faults.answer(200, { items: ips, details, total_count: ips.length });
    }
    return undefined;
  };
  await connect(page, host.base);
  await open(page, "Pools");
  await expect(page.getByText(`The dedicated pool “${pool.name}” takes over what warming IPs may not send.`)).toBeVisible();
  await expect(page.getByRole("region", { name: "Poor reputation" })).toContainText("switched off at Mailgun");
  await expect(page.getByRole("region", { name: "New senders" })).not.toContainText("switched off at Mailgun");
  await expect(page.getByRole("listitem").filter({ hasText: pools[0].ips[0] }).first()).toContainText("switched off at Mailgun");
});

test("a domain that Mailgun disabled is shown as that, with the reason", async ({ page }) => {
  const { name } = (await enrolled(live))[0];
  const disabled = { name, state: "active", is_disabled: true, disabled: { code: "bounces", reason: "too many bounces" } };
  host.at = ({ url }) => (url.startsWith("/v4/domains") ? faults.answer(200, { items: [disabled], total_count: 1 }) : undefined);
  await connect(page, host.base);
  await open(page, "Domains");
  await page.getByRole("searchbox", { name: "Search names" }).fill(name);
  await page.getByRole("grid").getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("note").filter({ hasText: "Mailgun has disabled this domain: too many bounces" })).toBeVisible();
});

test.describe("what the service refuses at first", () => {
  test.use({ mayReport: /Failed to load resource/ });

  test("a change of another account's domain is sent again on behalf of that account", async ({ page }) => {
    const { pools: [{ account_id: own }] } = await live.ask<{ pools: { account_id: string }[] }>("/v3/dynamic_pools");
    const { subaccounts } = await live.ask<{ subaccounts: { id: string; status: string }[] }>("/v5/accounts/subaccounts?limit=100");
    const isOpen = new Set(subaccounts.filter(({ status }) => status === "open").map(({ id }) => id));
    const domains = (await enrolled(live)) as (Domain & { account_id: string })[];
    const other = domains.find(({ account_id }) => account_id !== own && isOpen.has(account_id))!;
    host.at = ({ method, headers }) =>
      method === "PUT" && !headers["x-mailgun-on-behalf-of"] ? faults.status(404, "domain not found") : undefined;
    await connect(page, host.base);
    await allowChanges(page);
    await tickEnrolled(page, other.name);
    await toolbar(page).getByRole("button", { name: "Override", exact: true }).click();
    const dialog = page.getByRole("dialog");
    const pool = other.pool === "dynamic_poor" ? "good" : "poor";
    await pick(dialog, pool);
    await dialog.getByRole("button", { name: `Pin to ${pool}` }).click();
    await dialog.getByRole("button", { name: `Send on behalf of ${other.account_id}` }).click();
    await expect(dialog).toBeHidden();
    const puts = host.seen.filter(({ method }) => method === "PUT");
    expect(puts.map(({ headers }) => headers["x-mailgun-on-behalf-of"])).toEqual([undefined, other.account_id]);
    const after = (await enrolled(live)).find(({ name }) => name === other.name)!;
    expect([after.pool, after.override]).toEqual([`dynamic_${pool}`, true]);
  });

  test("where the service wants a replacement IP, the dialog goes back to the form to choose one", async ({ page }) => {
    host.at = ({ method, url }) =>
      method === "POST" && url.endsWith("/dynamic_pools") ? faults.status(400, "replacement_ip is required") : undefined;
    await connect(page, host.base);
    await allowChanges(page);
    const grid = await openOthers(page);
    for (const row of [0, 1]) await rows(grid).nth(row).getByRole("checkbox").check();
    await toolbar(page).getByRole("button", { name: "Enroll", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Enroll 2 domains" });
    await dialog.getByRole("button", { name: "Enroll 2 domains" }).click();
    await expect(dialog.getByRole("region", { name: DIALOG.failures })).toContainText("replacement_ip is required");
    await dialog.getByRole("button", { name: "Choose a replacement" }).click();
    await dialog.getByRole("combobox", { name: "Replacement IP (optional)" }).selectOption("Shared IPs");
    await dialog.getByRole("button", { name: "Enroll 2 domains" }).click();
    await expect(message(page, "2 domains are enrolled")).toBeVisible();
    const sent = host.seen.filter(({ method, url }) => method === "POST" && url.includes("/dynamic_pools?"));
    expect(sent.map(({ url }) => url.split("?")[1])).toEqual(["replacement_ip=shared", "replacement_ip=shared"]);
  });

  test("an enrollment is made although what the domain sent from can't be read, and a message says so", async ({ page }) => {
    host.at = ({ url }) => (/^\/v3\/(ips|ip_pools)\/[^/]+\/domains/.test(url) ? faults.status(403, "role missing") : undefined);
    await connect(page, host.base);
    await allowChanges(page);
    const grid = await openOthers(page);
    await expect(rows(grid).first()).toBeVisible();
    const { items: [{ name }] } = await assignable();
    await page.getByRole("searchbox", { name: "Search by regular expression" }).fill(`^${name}$`);
    await page.getByRole("button", { name: `Enroll ${name}` }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Enroll", exact: true }).click();
    await expect(message(page, "What domains sent from before enrollment was not noted")).toBeVisible();
    expect((await enrolled(live)).map((domain) => domain.name)).toContain(name);
    await open(page, "Record");
    await page.getByRole("grid", { name: "Record" }).getByText(`Enroll: ${name}`).click();
    await expect(definition(page.getByRole("main"), "Sent from before")).toContainText("role missing");
  });
});

test("a domain that leaves goes back to the IP that it used before it was enrolled", async ({ page }) => {
  // One of the account's own: a subaccount's IPs are asked for on its behalf.
  const { pools: [{ account_id: own }] } = await live.ask<{ pools: { account_id: string }[] }>("/v3/dynamic_pools");
  const { name } = ((await enrolled(live)) as (Domain & { account_id: string })[]).find(({ account_id }) => account_id === own)!;
  const { assignable_to_pools: free } = await live.ask<{ assignable_to_pools: string[] }>("/v3/ips");
  const { ip_pools: dedicated } = await live.ask<{ ip_pools: { ips: string[] }[] }>("/v3/ip_pools");
  const ip = free.find((ip) => !dedicated.some(({ ips }) => ips.includes(ip)))!;
  await live.ask(`/v3/domains/${name}/dynamic_pools?replacement_ip=${ip}`, { method: "DELETE" });

  await connect(page, host.base);
  await allowChanges(page);
  await openOthers(page);
  await page.getByRole("searchbox", { name: "Search by regular expression" }).fill(`^${name}$`);
  await page.getByRole("button", { name: `Enroll ${name}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Enroll", exact: true }).click();
  await expect(message(page, `${name} is enrolled`)).toBeVisible();

  await tickEnrolled(page, name);
  await toolbar(page).getByRole("button", { name: "Remove", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: `Remove ${name} from the dynamic pools` });
  await expect(dialog.getByRole("radio", { name: "As before" })).toBeChecked();
  await expect(dialog.getByText(`${ip}, used before enrollment`)).toBeVisible();
  await expect(request(dialog)).toContainText(`DELETE/v3/domains/${name}/dynamic_pools?replacement_ip=${ip}`);
  await dialog.getByRole("textbox", { name: `Type ${name} to confirm` }).fill(name);
  await dialog.getByRole("button", { name: "Remove domain" }).click();
  await expect(message(page, `${name} left the dynamic pools`)).toBeVisible();
  const { items } = await live.ask<{ items: { domain: string }[] }>(`/v3/ips/${ip}/domains`);
  expect(items.map(({ domain }) => domain)).toEqual([name]);
});
