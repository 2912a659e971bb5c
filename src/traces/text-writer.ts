/** Writes plain text as text.ts reads it, about 64 KiB at a time. */
import { IdsByRow } from "./ids-by-row.ts";
import { isBirth, isObjectless, Op, type Phase, type Trace } from "./trace.ts";

const ROOM = 1 << 16;
/** No event is longer: a letter, three blanks, three numbers of up to 10 digits, and LF. */
const LONGEST_EVENT = 40;
const LETTERS = Uint8Array.from("acmrfsox+-ygp", (letter) => letter.charCodeAt(0));
/** A null reference, with the blank before it. */
const NULL = Uint8Array.from(" -1", (letter) => letter.charCodeAt(0));

export function* writeText(trace: Trace): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  if (trace.fidelity !== "exact") yield encoder.encode(`# fidelity ${trace.fidelity}\n`);
  for (const { kind, count } of trace.anomalies) yield encoder.encode(`# anomaly ${count} ${kind}\n`);
  const ids = new IdsByRow();
  let phase = 0;
  let before = 0;
  for (const { events, op, row, id, bytes, argument } of trace.chunks) {
    let out = new Uint8Array(ROOM);
    let at = 0;
    for (let i = 0; i < events; i++) {
      const marked = phase < trace.phases.length && trace.phases[phase].event === before + i;
      if (marked || at > ROOM - LONGEST_EVENT) {
        if (at > 0) yield out.subarray(0, at);
        out = new Uint8Array(ROOM);
        at = 0;
      }
      while (phase < trace.phases.length && trace.phases[phase].event === before + i)
        yield encoder.encode(phaseLine(trace.phases[phase++]));
      const what = op[i];
      out[at++] = LETTERS[what];
      if (!isObjectless(what)) at = writeField(out, at, id[i]);
      if (trace.graph && isBirth(what)) ids.set(row[i], id[i]);
      if (what === Op.allocate) {
        at = writeField(out, at, bytes[i]);
        if (argument[i] !== 0) at = writeField(out, at, argument[i]);
      } else if (what === Op.callocate) {
        at = writeField(out, at, argument[i]);
        at = writeField(out, at, argument[i] === 0 ? 0 : bytes[i] / argument[i]);
      } else if (what === Op.memalign) {
        at = writeField(out, at, argument[i]);
        at = writeField(out, at, bytes[i]);
      } else if (what === Op.reallocate) at = writeField(out, at, bytes[i]);
      else if (what === Op.store) {
        at = writeField(out, at, argument[i]);
        if (bytes[i] > 0) at = writeField(out, at, ids.of(bytes[i] - 1));
        else {
          out.set(NULL, at);
          at += NULL.length;
        }
      }
      out[at++] = 10;
    }
    if (at > 0) yield out.subarray(0, at);
    before += events;
  }
  for (; phase < trace.phases.length; phase++) yield encoder.encode(phaseLine(trace.phases[phase]));
}

const phaseLine = ({ name, detail }: Phase): string => `# phase ${name}${detail && ` ${detail}`}\n`;

/** A blank and a decimal number, last digit first; returns where the next byte goes. */
function writeField(out: Uint8Array, from: number, number: number): number {
  out[from] = 32;
  let digits = 1;
  for (let power = 10; number >= power; power *= 10) digits++;
  let rest = number;
  for (let at = from + digits; at > from; at--) {
    const tenth = Math.trunc(rest / 10);
    out[at] = 48 + rest - tenth * 10;
    rest = tenth;
  }
  return from + digits + 1;
}
