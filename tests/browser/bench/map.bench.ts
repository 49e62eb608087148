import type { Browser, Page } from "@playwright/test";
import { go, message, visit } from "../console";
import { expect, test } from "../fixture";

// The map of 100 × 100 policies over 10,000 domains and 90 days, while a slider of B is pulled: how often it is drawn anew, and how
// long the page's own thread is busy at a stretch. Run by `cargo xtask bench`.
const FRAMES = 300;

type Spread = { median: number; most: number; at: (share: number) => number };
function spread(values: number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { median: at(0.5), most: at(1), at };
}
const ms = (value: number) => `${value.toFixed(1)} ms`;
const print = (what: string, figures: string) => console.log(`  ${what}: ${figures}`);

/** Pulls a slider to and fro, one step a frame; the moments at which a map was drawn. */
const pull = (page: Page, name: string, frames: number) => page.evaluate(async ([name, frames]) => {
  const slider = document.querySelector<HTMLInputElement>(`input[type=range][aria-label="${name}"]`)!;
  const drawn: number[] = [];
  const proto = CanvasRenderingContext2D.prototype;
  const put = proto.putImageData;
  // One for each picture of the map: its cells.
  proto.putImageData = function (this: CanvasRenderingContext2D, ...args: unknown[]) {
    drawn.push(performance.now());
    return (put as (...args: unknown[]) => void).apply(this, args);
  } as typeof put;
  const [least, most] = [Number(slider.min), Number(slider.max)];
  const span = most - least;
  await new Promise<void>((done) => {
    let frame = 0;
    const next = () => {
      if (frame++ === frames) return done();
      const at = (Number(slider.min) + frame) % (2 * span);
      slider.value = String(least + (at < span ? at : 2 * span - at));
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  proto.putImageData = put;
  return drawn;
}, [name, frames] as const);

type Task = { name: string; ph: string; dur?: number; tdur?: number; pid: number; tid: number; args: { name?: string } };

/** Every task of the page's own thread meanwhile: how long it took, and how much of that the thread was at work, in milliseconds. */
async function tasks(browser: Browser, page: Page, meanwhile: () => Promise<number[]>) {
  await browser.startTracing(page, { categories: ["disabled-by-default-devtools.timeline", "devtools.timeline", "__metadata"] });
  const drawn = await meanwhile();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: Task[] };
  const mains = traceEvents.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  const of = mains.map((main) => traceEvents.filter(({ name, ph, pid, tid }) => name === "RunTask" && ph === "X" && pid === main.pid && tid === main.tid));
  // The page's is the busiest renderer.
  const all = of.sort((a, b) => b.length - a.length)[0] ?? [];
  return { drawn, took: all.map(({ dur }) => (dur ?? 0) / 1000), worked: all.map(({ tdur, dur }) => (tdur ?? dur ?? 0) / 1000) };
}

test("the map while a slider is pulled", async ({ page, browser }) => {
  await visit(page, "settings");
  await page.getByRole("combobox", { name: "Domains" }).fill("10000");
  await page.getByRole("button", { name: "Start this scenario" }).click();
  await expect(message(page, /^Now playing/)).toBeVisible({ timeout: 300_000 });
  await go(page, "What-if");
  const map = page.getByRole("region", { name: "Every policy at once" });
  await expect(map.getByRole("figure")).toBeVisible({ timeout: 120_000 });
  // Looked at, as by whoever pulls its sliders: what is on the screen is worked out first.
  await map.evaluate((card) => card.scrollIntoView());
  for (const name of ["B's window, on the map", "B's minimum processed, on the map"]) {
    // Once to warm up.
    await pull(page, name, 60);
    const { drawn, took, worked } = await tasks(browser, page, () => pull(page, name, FRAMES));
    const gaps = spread(drawn.slice(1).map((at, before) => at - drawn[before]));
    print(
      `${name}: 10,000 policies over 10,000 domains and 90 days, drawn anew (aim: 30 a second)`,
      `${(1000 / gaps.median).toFixed(0)} a second in the median (every ${ms(gaps.median)}; 90th percentile ${ms(gaps.at(0.9))}, longest ${ms(gaps.most)}), ${drawn.length} of ${FRAMES} pulls`,
    );
    print(
      `${name}: the page's own thread at a stretch (aim: 16 ms)`,
      `longest ${ms(spread(worked).most)} of work (${ms(spread(took).most)} by the clock), 99th percentile ${ms(spread(worked).at(0.99))}, over 16 ms: ${worked.filter((task) => task > 16).length} of ${worked.length} tasks`,
    );
  }
});
