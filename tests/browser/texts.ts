// Words of the app that several tests look for: where one is reworded, it changes here alone. A test that is about a sentence
// has it itself; what a sentence says in full is tested where it is made, in Rust.

/** Where a file of daily counts is dropped. */
export const DROP_CSV = "Drop a CSV of daily counts here";

/** Regions of the What-if page, by their headings. */
export const WHAT_IF = {
  covers: "What the traffic covers",
  policies: "Policies",
  findings: "What moves",
  crossing: "A against B",
  sides: "Each side",
  byDay: "By band, day by day",
  affected: "Affected domains",
  capacity: "What the IPs carry",
  map: "Every policy at once",
  domain: "One domain under both",
  thresholds: "What the account shows about its thresholds",
} as const;

/** Sections of a domain's page. */
export const DOMAIN = {
  why: "Why it is where it is",
  changes: "What would change it",
  history: "History",
} as const;

/** What a change's dialog is made of. */
export const DIALOG = { happens: "What will happen", request: "Request", notSent: "Not sent", failures: "Failures", result: "Result" } as const;

/** What the page says when something went wrong. */
export const SAID = {
  noAnswer: "No answer from the address",
  brokeOff: "The answer broke off",
  notFromTheApi: "The answer is not from the API",
  tooLarge: "The answer is larger than 16 MB and was cut off",
  serviceFailed: "The service failed",
  lookFirst: "look first whether it was made",
  listIsCut: "What is below is not all there is",
  askedToWait: "the service asked for a pause (429)",
} as const;

/** A part of the text above, for a regular expression. */
export const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
