// The page's end of the lab as `window.lab`, beside the app or on any page that names the lab's worker.
import init, { Asker, read_bandwidth } from "./browser_lab.js";

await init();

window.lab = {
  /** Everything the lab said: { seat, what, value, variant, at }. */
  news: [],
  waiting: [],
  readBandwidth: () => read_bandwidth(() => performance.now(), 256),
  /** Loads traffic of so many domains and days; sweeps by so many workers, or one a core for 0. */
  open(domains, days, workers) {
    this.asker = new Asker(domains, days, workers, (seat, what, value, variant) => {
      this.news.push({ seat, what, value, variant, at: performance.now() });
      if (what === "progress") return;
      const at = this.waiting.findIndex((one) => one.seat === seat && one.variant === variant);
      if (at < 0) return;
      const [{ resolve, reject }] = this.waiting.splice(at, 1);
      if (what === "done") resolve(value);
      else reject(new Error(value));
    });
    this.asker.load();
  },
  /** A digest of the answer, if the question is not dropped for a newer one. */
  ask(seat, kind, variant = 0) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ seat, variant, resolve, reject });
      this.asker.ask(seat, kind, variant);
    });
  },
  /** The next news of this kind from a seat. */
  async next(seat, what) {
    const from = this.news.length;
    for (;;) {
      const found = this.news.slice(from).find((one) => one.seat === seat && one.what === what);
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  },
};
