import { expect, test } from "../fixture";
import { csv, folder, policy, poolkeeper, region, saved } from "../lab";
import { DROP_CSV, WHAT_IF } from "../texts";

// steady.example and turn.example are good from 1 March on. In turn.example's last window, 4 to 10 March, 200 of 3,500 bounce,
// 5.714 %: that holds at 5 % and 10 %, and is poor at 2 % and 5 %.
const TRAFFIC = csv(10, {
  "steady.example": () => [1_000, 990, 10, 0],
  "turn.example": (day) => (day < 9 ? [500, 500, 0, 0] : [500, 400, 100, 0]),
});
const STRICT = { bounce: { good_at_most_ppm: 20_000, poor_at_least_ppm: 50_000, poor_min_events: 1 } };

test("from dropping a CSV to reading the report on a second page without a network", async ({ page, browser }) => {
  const files = folder();
  await page.goto("what-if");

  // A file is dropped onto the page.
  const dropped = await page.evaluateHandle((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], "march.csv", { type: "text/csv" }));
    return data;
  }, TRAFFIC);
  await page.getByText(DROP_CSV).dispatchEvent("drop", { dataTransfer: dropped });
  await expect(region(page, WHAT_IF.covers)).toContainText("march.csv");
  await expect(region(page, WHAT_IF.covers)).toContainText("1 Mar 2026 to 10 Mar 2026");

  // B becomes stricter, and what would have moved is said.
  for (const [name, value] of [["good at most", "2"], ["poor at least", "5"]]) {
    const field = page.getByRole("textbox", { name: new RegExp(`^B: bounce rate, ${name}`, "i") });
    await field.fill(value);
    await field.press("Enter");
  }
  await expect(region(page, WHAT_IF.findings)).toContainText("1 more domain");

  // The domain that moves, under both.
  await region(page, WHAT_IF.affected).getByText("turn.example").click();
  const domain = region(page, WHAT_IF.domain);
  await expect(domain.getByRole("heading", { name: "turn.example" })).toBeVisible();
  await expect(domain.getByRole("region", { name: "Under A" })).toContainText("ends in ●good");
  await expect(domain.getByRole("region", { name: "Under B" })).toContainText("ends in ▲poor");
  await expect(domain).toContainText(/27 fewer bounces.* not.* poor/);

  // The policies are in the address; the file and its domains are not.
  await expect(page).toHaveURL(/[?&]b=bounce-2-5\b/);
  expect(page.url()).not.toMatch(/march|turn/);

  // The report, on a page of its own without a network.
  await page.getByRole("button", { name: "Save report" }).click();
  const html = await saved(page, () => page.getByRole("menuitem", { name: "As a page (HTML)" }).click());
  const offline = await browser.newContext({ offline: true });
  const second = await offline.newPage();
  const [problems, asked]: [string[], string[]] = [[], []];
  second.on("pageerror", (error) => problems.push(error.message));
  second.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  second.on("request", (request) => asked.push(request.url()));
  const at = `file://${files.write("report.html", html.text)}`;
  await second.goto(at);
  await expect(second.getByRole("heading", { level: 1, name: "What moves between policy A and policy B" })).toBeVisible();
  await expect(second.locator("body")).toContainText("1 more domain");
  await expect(second.getByRole("row", { name: /^turn\.example/ })).toContainText("▲ poor");
  await expect(second.locator("body")).toContainText("march.csv");
  expect({ problems, asked }).toEqual({ problems: [], asked: [at] });
  await offline.close();

  // The same question on the command line, with the IPs that the page asks about, has the same answer, byte for byte.
  await page.getByRole("button", { name: "Save report" }).click();
  const json = await saved(page, () => page.getByRole("menuitem", { name: "As data (JSON)" }).click());
  const { not_warming, limit_per_day } = JSON.parse(json.text).result.compare.ips;
  const ips = Object.entries(not_warming).map(([band, count]) => `${band}=${count}`);
  poolkeeper(
    "compare", "--quiet", "--csv", files.write("march.csv", TRAFFIC),
    "--policy", files.write("a.json", policy()), "--against", files.write("b.json", policy(STRICT)),
    "--ips", ips.join(","), "--limit", String(limit_per_day), "--json", files.path("report.json"),
  );
  expect(json.text).toBe(files.read("report.json"));
});
