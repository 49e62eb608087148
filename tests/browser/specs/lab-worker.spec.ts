import { addLab, openLab, workers } from "../asker";
import { expect, test } from "../fixture";

const KINDS = ["coverage", "backtest", "compare", "sweep", "sweep by bits"];

/** Whether each kind of answer is, byte for byte, what the same engine says in the page. */
const agree = (kinds: string[]) => Promise.all(
  kinds.map(async (kind, seat) => [kind, (await window.lab.ask(seat, kind, seat)) === window.lab.asker.here(kind, seat)]),
);

test("the lab's worker answers every question as the same engine does in the page", async ({ page }) => {
  await openLab(page, 2_000);
  expect(await page.evaluate(agree, KINDS)).toEqual(KINDS.map((kind) => [kind, true]));
  const names = workers(page);
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(name).toMatch(/^lab-simd-[0-9a-f]{16}\.js$/);
});

test("a browser without vectors gets the build without them, and the same answers", async ({ page }) => {
  await page.addInitScript(() => (WebAssembly.validate = () => false));
  await openLab(page, 2_000);
  expect(await page.evaluate(agree, KINDS)).toEqual(KINDS.map((kind) => [kind, true]));
  for (const name of workers(page)) expect(name).toMatch(/^lab-scalar-[0-9a-f]{16}\.js$/);
});

test("several workers share a sweep, and their parts add up", async ({ page }) => {
  await openLab(page, 9_000, 90, 3);
  expect(await page.evaluate(agree, ["sweep", "sweep, another window"])).toEqual([
    ["sweep", true],
    ["sweep, another window", true],
  ]);
  // One for whoever asks, and three that sweep.
  expect(workers(page)).toHaveLength(4);
});

// How soon is a figure, and in the benchmarks: the older one, run to its end, would answer too.
test("the newest question of a seat wins", async ({ page }) => {
  await openLab(page, 30_000, 90, 1);
  const done = await page.evaluate(async () => {
    const { lab } = window;
    // So that the traffic is there and the windows are at hand.
    await lab.ask(0, "sweep");
    void lab.ask(0, "sweep by bits", 2);
    await lab.next(0, "progress");
    await lab.ask(0, "sweep", 3);
    return lab.news.filter(({ what }) => what === "done").map(({ variant }) => variant);
  });
  expect(done).toEqual([0, 3]);
});

test("a seat's newer question leaves the other seats' alone", async ({ page }) => {
  await openLab(page, 5_000);
  const done = await page.evaluate(async () => {
    const { lab } = window;
    const other = lab.ask(1, "compare", 7);
    for (let variant = 0; variant < 20; variant++) void lab.ask(0, "backtest", variant);
    await Promise.all([other, lab.ask(0, "backtest", 20)]);
    return lab.news.filter(({ what }) => what !== "progress").map(({ seat, what, variant }) => ({ seat, what, variant }));
  });
  expect(done).toContainEqual({ seat: 1, what: "done", variant: 7 });
  expect(done).toContainEqual({ seat: 0, what: "done", variant: 20 });
  expect(done.length).toBeLessThan(22);
});

test("where there are no workers the page answers by itself, in slices", async ({ page }) => {
  await page.addInitScript(() => Reflect.deleteProperty(window, "Worker"));
  await openLab(page, 2_000);
  expect(await page.evaluate(agree, KINDS)).toEqual(KINDS.map((kind) => [kind, true]));
  expect(workers(page)).toEqual([]);
});

test.describe("a worker that never comes", () => {
  test.use({ mayReport: /Failed to load resource/ });

  test("is given up, and the page answers by itself", async ({ page }) => {
    await page.route("**/lab-simd-*", (route) => route.abort());
    await openLab(page, 2_000);
    expect(await page.evaluate(agree, KINDS)).toEqual(KINDS.map((kind) => [kind, true]));
  });
});

test.describe("without a network", () => {
  test.use({ serviceWorkers: "allow" });

  test("the worker comes from what the first visit kept", async ({ page, context }) => {
    await page.goto("./");
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.reload();
    await addLab(page);
    await context.setOffline(true);
    await page.evaluate(() => window.lab.open(2_000, 90, 0));
    expect(await page.evaluate(agree, KINDS)).toEqual(KINDS.map((kind) => [kind, true]));
    expect(workers(page).length).toBeGreaterThan(0);
  });
});
