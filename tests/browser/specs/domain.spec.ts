import { importCounts, follow, happens, message, pick, request, rows, stepADay, today, undo, visit } from "../console";
import { expect, test } from "../fixture";
import { handMade } from "../hand-made";
import { DOMAIN, DROP_CSV } from "../texts";

test("a domain's page says why it is where it is and what would change it", async ({ page }) => {
  await visit(page, "settings");
  await importCounts(page, DROP_CSV, handMade);
  await expect(message(page, "hand-made.csv imported: 6 domains")).toBeVisible();

  // 1,400 bounces in 7,000 sent. A bounce fewer is a message fewer too: (1,400 - n) / (7,000 - n) is below 10 % from 778 on,
  // and at most 5 % from 1,106 on.
  await follow(page, "domain?name=bounces.example");
  const why = page.getByRole("region", { name: DOMAIN.why });
  const changes = page.getByRole("region", { name: DOMAIN.changes });
  const bounces = why.getByRole("region", { name: "bounce rate" });
  await expect(bounces).toContainText("20.00 %");
  await expect(bounces).toContainText(/1,400 bounces in 7,000 sent; 778 fewer bounces would bring it below 10 %/);
  await expect(bounces).toContainText(/▲\s*poor/);
  await expect(why.getByRole("region", { name: "complaint rate" })).toContainText("0 complaints in 5,600 delivered");
  await expect(changes).toContainText("1,106 fewer bounces within the window would have made it good");
  // Of 7,000 sent at most 350 may bounce: one day with its 200 may be left in the window, not two.
  await expect(changes).toContainText("Good on 19 Mar 2026");
  await expect(changes).toContainText("a bounce limit of 20 % or more (now 5 %)");

  await follow(page, "domain?name=small.example");
  await expect(why).toContainText(/Stays in new.* 700 of 1,000 messages over 7 days/);
  await expect(changes).toContainText("300 more messages within 7 days are needed");
  await expect(changes).toContainText("It sends too little to be judged: 1,000 messages within 7 days are needed.");
  await expect(changes).toContainText("a minimum of 700 messages or less (now 1,000)");

  // 7,000 delivered: 7 complaints are still good, 700 bounces already poor. Of complaints 21 are poor: the nearest way out.
  await follow(page, "domain?name=calm.example");
  await expect(why.getByRole("region", { name: "complaint rate" })).toContainText("8 more complaints would bring it above 0.1 %");
  await expect(changes).toContainText(/21 more complaints.* poor/);
  const past = page.getByRole("region", { name: DOMAIN.history }).getByRole("listitem");
  await expect(past.last()).toContainText("Enrolled");
  await expect(past).toHaveCount(2);

  // Its moves on the same time axis: enrolled as new with the first day, good after that day's check.
  const pools = page.getByRole("slider", { name: "Pool each day" });
  await pools.focus();
  await pools.press("End");
  await expect(pools).toHaveAttribute("aria-valuetext", "13 Mar 2026: pool good");

  for (const chart of ["Messages per day", "Bounce rate in the window"]) {
    const slider = page.getByRole("slider", { name: chart });
    await slider.focus();
    await slider.press("End");
    await expect(slider).toHaveAttribute("aria-valuetext", /13 Mar/);
    await slider.press("ArrowLeft");
    await expect(slider).toHaveAttribute("aria-valuetext", /12 Mar/);
  }
});

test("override, preview, removal and enrolment from a domain's own page", async ({ page }) => {
  await visit(page, "domains?pool=good&override=off");
  await rows(page.getByRole("grid")).first().getByRole("link").click();
  const name = await page.getByRole("heading", { level: 1 }).innerText();
  await page.getByRole("button", { name: "Override", exact: true }).click();
  let dialog = page.getByRole("dialog", { name: `Override ${name}` });
  await pick(dialog, "poor");
  await expect(happens(dialog)).toContainText(`${name}: good → poor, pinned`);
  await expect(request(dialog)).toContainText(`PUT/v1/dynamic_pools/domains/${name}/override`);
  await dialog.getByRole("button", { name: "Pin to poor" }).click();
  await expect(page.getByText("pinned by an override")).toBeVisible();
  await expect(page.getByRole("region", { name: DOMAIN.history }).getByRole("listitem").first()).toContainText("Override set");
  await stepADay(page);
  await expect(today(page)).toHaveText("Fri 24 Jul 2026");
  // R10: its rates are good, and it stays.
  await expect(page.getByText("pinned by an override")).toBeVisible();
  await expect(page.getByRole("region", { name: DOMAIN.why })).toContainText("Pinned to poor by an override");

  await page.getByRole("button", { name: "Preview" }).click();
  dialog = page.getByRole("dialog", { name: `Preview of ${name}` });
  await expect(dialog.getByRole("region", { name: "Preview" })).toContainText("A health check now would put it in");
  await dialog.getByRole("button", { name: "Close" }).click();

  await page.getByRole("button", { name: "Clear override" }).click();
  dialog = page.getByRole("dialog", { name: `Clear the override of ${name}` });
  await dialog.getByRole("button", { name: "Clear override" }).click();
  await expect(page.getByText("pinned by an override")).toBeHidden();
  await undo(page);
  await expect(page.getByText("pinned by an override")).toBeVisible();

  await page.getByRole("button", { name: "Remove" }).click();
  dialog = page.getByRole("dialog", { name: `Remove ${name} from the dynamic pools` });
  await pick(dialog, "Shared IPs");
  await dialog.getByRole("textbox", { name: `Type ${name} to confirm` }).fill(name);
  await dialog.getByRole("button", { name: "Remove domain" }).click();
  await expect(page.getByText("Not enrolled")).toBeVisible();

  await page.getByRole("button", { name: "Enroll" }).click();
  dialog = page.getByRole("dialog", { name: `Enroll ${name}` });
  await expect(dialog.getByRole("region", { name: "Preview" })).toContainText("A health check now would put it in");
  await dialog.getByRole("button", { name: "Enroll", exact: true }).click();
  await expect(page.getByRole("region", { name: DOMAIN.history }).getByRole("listitem").first()).toContainText("Enrolled");
});

test("a name the account does not have is answered with the way to the list", async ({ page }) => {
  await page.goto("domain?name=nowhere.example");
  await expect(page.getByText("No domain “nowhere.example” in this account")).toBeVisible();
  await page.getByRole("link", { name: "All domains" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Domains" })).toBeVisible();
});
