/** The events of one chunk of a `.heaptrace` (heaptrace-layout.ts), out of its columns and into a builder. */
import type { TraceBuilder } from "./builder.ts";
import { ESCAPED, FIELDED, NEXT } from "./heaptrace-layout.ts";
import type { RecordedReader } from "./heaptrace-recorded.ts";
import { checkAlign, checkBytes, checkCount } from "./limits.ts";
import { isBirth, isObjectless, LARGEST_ID, Op, TraceError } from "./trace.ts";
import { unzigzag, type VarintReader } from "./varints.ts";

/** `columns` are those of COLUMNS, empty where the file has none of them. `recorded` is not given without its columns. */
export function readEvents(
  builder: TraceBuilder,
  events: number,
  columns: readonly VarintReader[],
  recorded?: RecordedReader,
): void {
  const phases = columns[4];
  const before = builder.events;
  const reader = new EventReader(builder, events, columns, recorded);
  let phaseAt = phases.left > 0 ? phases.number() : -1;
  try {
    for (;;) {
      while (phaseAt === reader.at) {
        builder.phase(phases.text(), phases.text());
        phaseAt = phases.left > 0 ? reader.at + phases.number() : -1;
      }
      if (reader.at === events) break;
      const to = phaseAt > reader.at ? Math.min(phaseAt, events) : events;
      const from = reader.at;
      reader.requests(to);
      if (reader.at === from) reader.event();
    }
  } catch (reason) {
    if (!(reason instanceof TraceError)) throw reason;
    throw new TraceError(`event ${builder.events - before} of ${events}: ${reason.message}`);
  }
}

class EventReader {
  /** Events that have been read. */
  at = 0;
  private id = 0;
  private lastBorn = 0;
  private readonly builder: TraceBuilder;
  private readonly columns: readonly VarintReader[];
  private readonly recorded: RecordedReader | undefined;
  private readonly ops: Uint8Array;

  constructor(
    builder: TraceBuilder,
    events: number,
    columns: readonly VarintReader[],
    recorded: RecordedReader | undefined,
  ) {
    this.builder = builder;
    this.columns = columns;
    this.recorded = recorded;
    this.ops = columns[0].raw(Math.min(columns[0].left, (events + 1) >> 1));
  }

  /**
   * Reads malloc without fields, calloc, memalign, realloc and free, many at a time: as many as come, up to event `to`, or
   * to one whose id cannot be.
   */
  requests(to: number): void {
    const { builder, recorded, ops } = this;
    const [, ids, sizes, args] = this.columns;
    if ((this.code & 7) > Op.free) return;
    const batch = builder.batch();
    const { from, op: opColumn, id: idColumn, bytes: bytesColumn, argument: argumentColumn } = batch;
    const most = Math.min(batch.to, from + to - this.at, from + 2 * ops.length - this.at);
    let { id, lastBorn } = this;
    let i = this.at;
    let at = from;
    try {
      for (; at < most; at++, i++) {
        const code = i & 1 ? ops[i >> 1] >> 4 : ops[i >> 1] & 15;
        const op = code & 7;
        if (op > Op.free) break;
        const place = ids.at;
        const object = code & NEXT ? lastBorn + 1 : id + unzigzag(ids.number());
        if (!(object >= 0 && object <= LARGEST_ID)) {
          ids.at = place;
          break;
        }
        id = object;
        let size = 0;
        let argument = 0;
        if (op !== Op.free) {
          size = sizes.number();
          if (op === Op.callocate) checkCount((argument = args.number()), size);
          else checkBytes(size);
          if (op === Op.callocate) size *= argument;
          if (op === Op.memalign) checkAlign((argument = 2 ** args.number()));
          if (op !== Op.reallocate) lastBorn = object;
        }
        opColumn[at] = op;
        idColumn[at] = object;
        bytesColumn[at] = size;
        argumentColumn[at] = argument;
        if (batch.recorded !== undefined) recorded?.note(op, batch.recorded, at);
      }
    } finally {
      // Something may be wrong with one of them, which is said first.
      this.id = id;
      this.lastBorn = lastBorn;
      this.at = i;
      builder.accept(batch, at - from);
    }
  }

  /** Reads any event. */
  event(): void {
    const { builder, code } = this;
    const [, ids, sizes, args, , targets, operations] = this.columns;
    let op = code & 7;
    if (op === ESCAPED) {
      op = operations.number();
      if (op <= Op.store) throw new TraceError(`operation ${op} is written as one that is escaped`);
    } else if (op === FIELDED) op = Op.allocate;
    if (!isObjectless(op)) {
      this.id = code & NEXT ? this.lastBorn + 1 : this.id + unzigzag(ids.number());
      if (isBirth(op)) this.lastBorn = this.id;
    }
    const { id, lastBorn } = this;
    this.recorded?.next(op);
    if (op === Op.allocate)
      builder.allocateAs(id, sizes.number(), (code & 7) === FIELDED ? args.number() : 0);
    else if (op === Op.callocate) builder.callocateAs(id, args.number(), sizes.number());
    else if (op === Op.memalign) builder.memalignAs(id, 2 ** args.number(), sizes.number());
    else if (op === Op.reallocate) builder.reallocate(id, sizes.number());
    else if (op === Op.free) builder.free(id);
    else if (op === Op.store) builder.store(id, args.number(), targetOf(targets.number(), lastBorn));
    else readRare(builder, op, id);
    this.at++;
  }

  /** The 4 bits of the next event in the column op. */
  private get code(): number {
    const { ops, at } = this;
    if (at >> 1 === ops.length) throw new TraceError("column op ends early");
    return at & 1 ? ops[at >> 1] >> 4 : ops[at >> 1] & 15;
  }
}

/** The target's id as the column target has it. */
const targetOf = (code: number, lastBorn: number): number | null =>
  code === 0 ? null : lastBorn + unzigzag(code - 1);

/** The operations of the column operation. */
function readRare(builder: TraceBuilder, op: number, id: number): void {
  if (op === Op.root) builder.root(id);
  else if (op === Op.unroot) builder.unroot(id);
  else if (op === Op.pin) builder.pin(id);
  else if (op === Op.unpin) builder.unpin(id);
  else if (op === Op.collectYoung) builder.collectYoung();
  else if (op === Op.collect) builder.collect();
  else if (op === Op.print) builder.print();
  else throw new TraceError(`operation ${op} is unknown`);
}
