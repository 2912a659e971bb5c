/**
 * A trace once more and once more in one replay, as if its program were started over on a heap that nobody clears:
 * what lives at the end of a round is never freed, and every object of the next round is a new one.
 *
 * Every round asks for the same, so its chunks share the trace's columns of operations and arguments, and of bytes
 * unless those name the targets of references. Rows and ids are written anew, in the order of rows that trace.ts
 * gives. O(1) an event; memory is one chunk's rows, ids and bytes and 12 bytes for every row, of which those of the
 * survivors stay taken. What was a root at the end of a round stays one.
 */
import { CHUNK_EVENTS, type Chunk, isBirth, isObjectless, LARGEST_ID, Op, type Trace } from "./trace.ts";

/** Most rounds that are run where nobody says how many. */
export const MOST_ROUNDS = 10_000;
/** Most events of all rounds together: a replay counts them in 32 bits. */
export const MOST_EVENTS = 0x7fffffff;

/** How often the trace goes into one replay, at most. */
export const mostRounds = ({ events }: Trace): number => Math.floor(MOST_EVENTS / Math.max(1, events));

export class Rounds {
  readonly #trace: Trace;
  // By row of the trace: the row and the id that its object has in the round at hand.
  readonly #rowOf: Int32Array;
  readonly #idOf: Int32Array;
  // Rows that are free form a stack, #freeRows[0 .. #free - 1]; those from #rows on were never used.
  #freeRows = new Int32Array(1024);
  #free = 0;
  #rows = 0;
  /** The first round has the ids of the trace, unless they leave no room for the objects of later ones. */
  #keepsIds: boolean;
  #lastId: number;
  readonly #row: Int32Array;
  readonly #id: Int32Array;
  /** Empty if the trace has no references. */
  readonly #bytes: Int32Array;

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#rowOf = new Int32Array(trace.rows);
    this.#idOf = new Int32Array(trace.rows);
    const longest = Math.min(trace.events, CHUNK_EVENTS);
    this.#row = new Int32Array(longest);
    this.#id = new Int32Array(longest);
    this.#bytes = new Int32Array(trace.graph ? longest : 0);
    const largest = trace.chunks.reduce((most, { id }) => id.reduce((a, b) => Math.max(a, b), most), 0);
    this.#keepsIds = largest <= LARGEST_ID / 2;
    this.#lastId = this.#keepsIds ? largest : 0;
  }

  /** The chunks of one round more, to be gone through to the last; each is good until the one behind it. */
  *round(): Generator<Chunk> {
    for (const chunk of this.#trace.chunks) yield this.#renamed(chunk);
    this.#keepsIds = false;
  }

  #renamed(chunk: Chunk): Chunk {
    const { events, op, row, id, bytes } = chunk;
    const { graph } = this.#trace;
    const sizes = this.#bytes;
    const rowOf = this.#rowOf;
    const idOf = this.#idOf;
    const rows = this.#row;
    const ids = this.#id;
    for (let i = 0; i < events; i++) {
      const old = row[i];
      if (isBirth(op[i])) {
        rowOf[old] = this.#free > 0 ? this.#freeRows[--this.#free] : this.#rows++;
        idOf[old] = this.#keepsIds ? id[i] : ++this.#lastId;
      } else if (op[i] === Op.free) this.#giveUp(rowOf[old]);
      const named = !isObjectless(op[i]);
      rows[i] = named ? rowOf[old] : 0;
      ids[i] = named ? idOf[old] : 0;
      if (graph) sizes[i] = op[i] === Op.store && bytes[i] > 0 ? rowOf[bytes[i] - 1] + 1 : bytes[i];
    }
    return {
      ...chunk,
      row: rows.subarray(0, events),
      id: ids.subarray(0, events),
      ...(graph && { bytes: sizes.subarray(0, events) }),
    };
  }

  #giveUp(row: number): void {
    if (this.#free === this.#freeRows.length) {
      const roomy = new Int32Array(this.#free * 2);
      roomy.set(this.#freeRows);
      this.#freeRows = roomy;
    }
    this.#freeRows[this.#free++] = row;
  }
}
