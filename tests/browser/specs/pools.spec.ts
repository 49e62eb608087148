import type { Locator } from "@playwright/test";
import { definition, go, happens, ipsOf, pick, request, startWithoutPools, undo, visit } from "../console";
import { expect, test } from "../fixture";

const ips = (list: Locator) => ipsOf(list.getByRole("listitem"));
const warm = (list: Locator) => list.getByRole("listitem").filter({ hasText: /Warm(?!ing)/ });
const warming = (list: Locator) => list.getByRole("listitem").filter({ hasText: /Stage \d/ });

test("pools are set up by keyboard and by dragging, not with warming IPs alone, and removed by typing it", async ({ page }) => {
  await startWithoutPools(page);
  await go(page, "Pools");
  await expect(page.getByText("No dynamic pools yet")).toBeVisible();
  await expect(page.getByRole("button", { name: "Remove all pools" })).toBeDisabled();
  await page.getByRole("main").getByRole("button", { name: "Set up pools" }).first().click();
  const dialog = page.getByRole("dialog", { name: "Set up pools" });
  const column = (name: string) => dialog.getByRole("region", { name, exact: true });
  const free = column("Not in a pool");
  await expect(warming(free).first()).toBeVisible();
  const [first, second, third] = await ipsOf(warm(free));
  const [cold] = await ipsOf(warming(free));
  const setUp = dialog.getByRole("button", { name: "Set up pools" });

  const pool = (ip: string) => dialog.getByRole("combobox", { name: `Pool for ${ip}` });
  await pool(first).focus();
  await page.keyboard.press("ArrowDown");
  await expect(column("Good reputation")).toContainText(first);
  await expect(column("Poor reputation")).toContainText("needs an IP");
  await pool(second).selectOption("poor");
  await pool(cold).selectOption("new");
  // R3, beside the pool and as the refusal of the whole.
  await expect(column("New senders")).toContainText("needs an IP that is not warming up");
  await expect(happens(dialog)).toContainText(/Refused: .*dynamic_new/);
  await expect(happens(dialog)).toContainText("R3");
  await expect(setUp).toBeDisabled();

  await free.getByRole("listitem").filter({ hasText: third }).dragTo(column("New senders"), { targetPosition: { x: 60, y: 30 } });
  await expect(column("New senders")).toContainText(third);
  for (const [ip, name] of [[first, "good"], [second, "poor"], [cold, "new"], [third, "new"]]) {
    await expect(happens(dialog)).toContainText(`${ip} joins dynamic_${name}`);
  }
  await expect(request(dialog)).toContainText("POST/v3/dynamic_pools/all");
  await setUp.click();
  await expect(dialog).toBeHidden();
  const card = (name: string) => page.getByRole("region", { name: new RegExp(name) });
  expect(await ips(card("Good reputation"))).toEqual([first]);
  expect(await ips(card("Poor reputation"))).toEqual([second]);
  expect((await ips(card("New senders"))).sort()).toEqual([cold, third].sort());

  await page.getByRole("button", { name: "Remove all pools" }).click();
  const removing = page.getByRole("dialog", { name: "Remove all pools" });
  const confirm = removing.getByRole("button", { name: "Remove all pools" });
  await expect(request(removing)).toContainText("DELETE/v3/dynamic_pools/all");
  await expect(confirm).toBeDisabled();
  await removing.getByRole("textbox", { name: "Type remove all pools to confirm" }).fill("remove all");
  await expect(confirm).toBeDisabled();
  await removing.getByRole("textbox", { name: "Type remove all pools to confirm" }).fill("remove all pools");
  await confirm.click();
  await expect(page.getByText("No dynamic pools yet")).toBeVisible();
});

test("IPs are added, moved and removed, each taken back by undo; what may not go says why", async ({ page }) => {
  await visit(page, "pools");
  const card = (name: string) => page.getByRole("region", { name: new RegExp(name) });
  const [good, poor, free] = [card("Good reputation"), card("Poor reputation"), card("Other IPs of the account")];
  const before = { good: await ips(good), poor: await ips(poor) };
  const addable = warm(free).filter({ has: page.getByRole("button", { name: /to a pool$/ }) });
  await expect(addable.first()).toBeVisible();
  const [ip] = await ipsOf(addable);
  await expect(free.getByRole("listitem").filter({ hasText: "shared; dynamic pools take dedicated IPs only" }).getByRole("button")).toHaveCount(0);

  await page.getByRole("button", { name: `Add ${ip} to a pool` }).click();
  const adding = page.getByRole("dialog", { name: `Add ${ip} to a pool` });
  await expect(happens(adding)).toContainText(`${ip} joins dynamic_good`);
  await expect(request(adding)).toContainText(`POST/v3/dynamic_pools/dynamic_good/${ip}`);
  await adding.getByRole("button", { name: "Add to good" }).click();
  await expect(good).toContainText(ip);

  await page.getByRole("button", { name: `Move ${ip}`, exact: true }).click();
  const moving = page.getByRole("dialog", { name: `Move ${ip} out of dynamic_good` });
  await pick(moving, "dynamic_poor");
  await expect(happens(moving)).toContainText(`${ip} moves from dynamic_good to dynamic_poor`);
  await moving.getByRole("button", { name: "Move to poor" }).click();
  await expect(poor).toContainText(ip);
  await undo(page);
  await expect(good).toContainText(ip);
  await expect(poor).not.toContainText(ip);

  await page.getByRole("button", { name: `Remove ${ip}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove 1 IP" }).click();
  await expect(free).toContainText(ip);
  await undo(page);
  await expect(good).toContainText(ip);

  // One form for several changes of one pool; an IP of another pool can't be chosen and says where it is (R4).
  await page.getByRole("button", { name: "Add or remove IPs of good" }).click();
  const editing = page.getByRole("dialog", { name: "Add or remove IPs of dynamic_good" });
  const theirs = editing.getByRole("checkbox", { name: before.poor[0] });
  await expect(theirs).toBeDisabled();
  await expect(theirs).toHaveAccessibleName(/is in dynamic_poor/);
  // Without its IPs that are not warming the pool would break R3.
  for (const own of await ipsOf(warm(good))) await editing.getByRole("checkbox", { name: own }).uncheck();
  await expect(happens(editing)).toContainText("R3");
  await expect(editing.getByRole("button", { name: /^Remove \d+ IPs?$/ })).toBeDisabled();
  await editing.getByRole("button", { name: "Cancel" }).click();
  expect((await ips(good)).sort()).toEqual([...before.good, ip].sort());
});

test("pools that still hold domains are not removed, and the dialog says why", async ({ page }) => {
  await visit(page, "pools");
  await page.getByRole("button", { name: "Remove all pools" }).click();
  const dialog = page.getByRole("dialog", { name: "Remove all pools" });
  await expect(happens(dialog)).toContainText(/Refused: .*enrolled/);
  await expect(happens(dialog)).toContainText("R6");
  await dialog.getByRole("textbox", { name: /to confirm/ }).fill("remove all pools");
  await expect(dialog.getByRole("button", { name: "Remove all pools" })).toBeDisabled();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("button", { name: "Remove all pools" })).toBeFocused();
});

test("IPs of dedicated pools are no free ones, and adding one to a dynamic pool warns", async ({ page }) => {
  await visit(page, "pools");
  await expect(page.getByText("7 dedicated IPs free to assign · 4 more in dedicated pools")).toBeVisible();
  await page.getByRole("button", { name: "Add or remove IPs of good" }).click();
  const dialog = page.getByRole("dialog");
  const warning = dialog.getByText(/is in the dedicated pool “Marketing”\. Its domains would share the IP/);
  const pooled = dialog.getByRole("checkbox", { name: /dedicated pool “Marketing”/ }).first();
  await pooled.check();
  await expect(warning).toBeVisible();
  await pooled.uncheck();
  await expect(warning).toBeHidden();
});

test("a pasted list ticks what can join and names the rest; the change says what it does to the load", async ({ page }) => {
  await visit(page, "pools");
  const good = page.getByRole("region", { name: "Good reputation" });
  // The overview says the same of the same IPs.
  const load = /([\d,]+) messages per IP and day \(7-day average, without warming IPs\)/;
  await expect(good).toContainText(load);
  const [, daily] = load.exec(await good.innerText())!;
  const others = page.getByRole("region", { name: "Other IPs of the account" });
  const free = others.getByRole("listitem").filter({ hasText: "Add to a pool" }).filter({ hasText: /Warm(?!ing)/ });
  const [first, second] = await ipsOf(free);
  const [taken] = await ips(good);
  await good.getByRole("button", { name: "Add or remove IPs of good" }).click();
  const dialog = page.getByRole("dialog", { name: "Add or remove IPs of dynamic_good" });
  await dialog.getByText("Paste a list of IPs").click();
  await dialog.getByRole("textbox", { name: "List of IPs" }).fill(`${first!.replaceAll(".", "[.]")};\n ${second}\t${taken}, 198.51.100.300`);
  await dialog.getByRole("button", { name: "Tick these IPs" }).click();
  await expect(dialog.getByText("2 IPs ticked.")).toBeVisible();
  await expect(dialog.getByText(`${taken}: in dynamic_good already`)).toBeVisible();
  await expect(dialog.getByText("“198.51.100.300” is not an IP address, network or range")).toBeVisible();
  for (const ip of [first!, second!]) await expect(dialog.getByRole("checkbox", { name: ip })).toBeChecked();
  await expect(happens(dialog)).toContainText(/Load of good: [\d,]+ → [\d,]+ messages per IP and day/);
  await page.keyboard.press("Escape");
  await go(page, "Overview");
  const card = page.getByRole("region", { name: "Good reputation" });
  await expect(definition(card, "Messages per IP and day")).toHaveText(daily!);
});
