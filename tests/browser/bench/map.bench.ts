import type { Browser, Page } from "@playwright/test";
import { go, message, visit } from "../console";
import { expect, test } from "../fixture";
import { WHAT_IF } from "../texts";

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
const over = (tasks: number[]) => tasks.filter((task) => task > 16).length;
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

// In microseconds: when by the clock and by the thread's own, and how long by either.
type Event = { name: string; ph: string; ts: number; dur?: number; tts?: number; tdur?: number; pid: number; tid: number; args: { name?: string } };

/**
 * What a thread had worked at each moment that its events tell of. Twice a second the recorder lets the thread's clock leap by some
 * milliseconds, in less time than that: what cannot have been worked is left out.
 */
function workedBy(events: Event[]) {
  const read = events.flatMap(({ ts, dur, tts, tdur }) => {
    if (tts === undefined) return [];
    return tdur === undefined ? [{ ts, tts }] : [{ ts, tts }, { ts: ts + dur!, tts: tts + tdur }];
  });
  read.sort((a, b) => a.ts - b.ts || a.tts - b.tts);
  const worked = new Map<number, number>();
  let sum = 0;
  read.forEach((now, at) => {
    const before = read[at - 1] ?? now;
    sum += Math.min(Math.max(now.tts - before.tts, 0), now.ts - before.ts);
    worked.set(now.ts, sum);
  });
  return worked;
}

/** Every task of the page's own thread meanwhile: how long it took, and how much of that the thread was at work, in milliseconds. */
async function tasks(browser: Browser, page: Page, meanwhile: () => Promise<number[]>) {
  await browser.startTracing(page, { categories: ["disabled-by-default-devtools.timeline", "devtools.timeline", "__metadata"] });
  const drawn = await meanwhile();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: Event[] };
  const mains = traceEvents.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  const isTask = ({ name, ph }: Event) => name === "RunTask" && ph === "X";
  const threads = mains.map((main) => traceEvents.filter(({ pid, tid }) => pid === main.pid && tid === main.tid));
  // The page's is the busiest renderer.
  const events = threads.sort((a, b) => b.filter(isTask).length - a.filter(isTask).length)[0] ?? [];
  const worked = workedBy(events);
  const all = events.filter(isTask).map(({ ts, dur = 0 }) => ({ dur, work: (worked.get(ts + dur) ?? 0) - (worked.get(ts) ?? 0) }));
  return { drawn, took: all.map(({ dur }) => dur / 1000), worked: all.map(({ work }) => work / 1000) };
}

test("the map while a slider is pulled", async ({ page, browser }) => {
  await visit(page, "settings");
  await page.getByRole("combobox", { name: "Domains" }).fill("10000");
  await page.getByRole("button", { name: "Start this scenario" }).click();
  await expect(message(page, /^Now playing/)).toBeVisible({ timeout: 300_000 });
  await go(page, "What-if");
  const map = page.getByRole("region", { name: WHAT_IF.map });
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
      `longest ${ms(spread(worked).most)} of work (${ms(spread(took).most)} by the clock), 99th percentile ${ms(spread(worked).at(0.99))}, over 16 ms: ${over(worked)} of ${worked.length} tasks (${over(took)} by the clock)`,
    );
  }
});
