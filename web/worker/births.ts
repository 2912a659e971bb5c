/** When the objects of a trace are born and die, at any moment: one scan of the trace's columns, and no state kept. */
import { CHUNK_EVENTS, isBirth, Op, type Trace } from "../../src/traces/trace.ts";

/** Of a death that never comes. */
export const NEVER = 0x7fffffff;

export class Births {
  readonly #trace: Trace;
  readonly #born: Int32Array;
  #at = 0;
  #deaths: Int32Array | undefined;

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#born = new Int32Array(trace.rows).fill(-1);
  }

  /**
   * By row: the event, from 0, that gave the object which holds it its birth; -1 for none so far. Good until the next
   * call. O(events between), some 3 ns each; a step back begins anew.
   */
  at(event: number): Int32Array {
    if (event < this.#at) {
      this.#at = 0;
      this.#born.fill(-1);
    }
    const { chunks } = this.#trace;
    while (this.#at < event) {
      const { op, row, events } = chunks[Math.floor(this.#at / CHUNK_EVENTS)];
      const from = this.#at % CHUNK_EVENTS;
      const to = Math.min(events, from + event - this.#at);
      const base = this.#at - from;
      for (let i = from; i < to; i++) if (isBirth(op[i])) this.#born[row[i]] = base + i;
      this.#at += to - from;
    }
    return this.#born;
  }

  /** By event of a birth: that of the death, or NEVER. 4 bytes an event, made when first asked for. */
  get deaths(): Int32Array {
    if (this.#deaths) return this.#deaths;
    const { events, rows, chunks } = this.#trace;
    const deaths = new Int32Array(events).fill(NEVER);
    const born = new Int32Array(rows);
    let event = 0;
    for (const { op, row, events: count } of chunks)
      for (let i = 0; i < count; i++, event++)
        if (isBirth(op[i])) born[row[i]] = event;
        else if (op[i] === Op.free) deaths[born[row[i]]] = event;
    this.#deaths = deaths;
    return deaths;
  }
}
