// The sweep as a careful loop in plain JavaScript: typed arrays, windows added up once and kept, numbers that stay exact (a
// count times a million is below 2^53), nothing allocated in the loops. A worker of its own, as the lab's.
onmessage = ({ data: { columns, days, policies, planes } }) => {
  const [processed, delivered, bounced, complained] = columns;
  const cells = processed.length, domains = cells / days, windowDays = policies[6];

  const began = performance.now();
  // Per cell of the windows: how much each rate is in parts per million times its base, and what the minimums look at.
  const mail = new Float64Array(cells), sent = new Float64Array(cells), bounces = new Float64Array(cells);
  const arrived = new Float64Array(cells), complaints = new Float64Array(cells);
  for (let domain = 0; domain < domains; domain++) {
    let p = 0, d = 0, b = 0, c = 0;
    for (let day = 0, at = domain * days; day < days; day++, at++) {
      p += processed[at]; d += delivered[at]; b += bounced[at]; c += complained[at];
      if (day >= windowDays) {
        const gone = at - windowDays;
        p -= processed[gone]; d -= delivered[gone]; b -= bounced[gone]; c -= complained[gone];
      }
      mail[at] = p; sent[at] = d + b; bounces[at] = b * 1e6; arrived[at] = d; complaints[at] = c * 1e6;
    }
  }

  const count = policies.length / 7;
  const daysInPoor = new Float64Array(count), moves = new Float64Array(count), endsInPoor = new Float64Array(count);
  for (let policy = 0; policy < count; policy++) {
    const at7 = policy * 7;
    const bounceGood = policies[at7], bouncePoor = policies[at7 + 1], complaintGood = policies[at7 + 2];
    const complaintPoor = policies[at7 + 3], fewest = policies[at7 + 4] * 1e6, minimum = policies[at7 + 5];
    let poorDays = 0, moved = 0, poorEnds = 0;
    for (let domain = 0, at = 0; domain < domains; domain++) {
      let band = 0; // 0 new, 1 good, 2 poor
      for (const end = at + days; at < end; at++) {
        if (mail[at] >= minimum) {
          const s = sent[at], b = bounces[at], d = arrived[at], c = complaints[at];
          const bounceIsGood = b <= bounceGood * s, complaintIsGood = c <= complaintGood * d;
          let vote = band;
          if (bounceIsGood && complaintIsGood) vote = 1;
          else if ((!bounceIsGood && b >= bouncePoor * s) || (!complaintIsGood && c >= complaintPoor * d && c >= fewest)) vote = 2;
          if (vote !== band) { band = vote; moved++; }
        }
        if (band === 2) poorDays++;
      }
      if (band === 2) poorEnds++;
    }
    daysInPoor[policy] = poorDays; moves[policy] = moved; endsInPoor[policy] = poorEnds;
  }
  const ms = performance.now() - began;

  // The first so many policies of the grid, against the lab's planes.
  const whole = planes.length / 3;
  const is = (plane, name) => plane.every((value, at) => value === planes[name * whole + at]);
  postMessage({ ms, agrees: is(daysInPoor, 0) && is(moves, 1) && is(endsInPoor, 2) });
};
