/** The events of one chunk of a `.heaptrace` (heaptrace-layout.ts), out of its columns and into a builder. */
import type { TraceBuilder } from "./builder.ts";
import { ESCAPED, FIELDED, NEXT } from "./heaptrace-layout.ts";
import type { RecordedReader } from "./heaptrace-recorded.ts";
import { isBirth, isObjectless, Op, TraceError } from "./trace.ts";
import { unzigzag, type VarintReader } from "./varints.ts";

/** `columns` are those of COLUMNS, empty where the file has none of them. `recorded` is not given without its columns. */
export function readEvents(
  builder: TraceBuilder,
  events: number,
  columns: readonly VarintReader[],
  recorded?: RecordedReader,
): void {
  const [ops, ids, sizes, args, phases, targets, operations] = columns;
  const before = builder.events;
  let id = 0;
  let lastBorn = 0;
  let pair = 0;
  let phaseAt = phases.left > 0 ? phases.number() : -1;
  try {
    for (let i = 0; ; i++) {
      while (phaseAt === i) {
        builder.phase(phases.text(), phases.text());
        phaseAt = phases.left > 0 ? i + phases.number() : -1;
      }
      if (i === events) break;
      pair = i & 1 ? pair >> 4 : ops.byte();
      let op = pair & 7;
      if (op === ESCAPED) {
        op = operations.number();
        if (op <= Op.store) throw new TraceError(`operation ${op} is written as one that is escaped`);
      } else if (op === FIELDED) op = Op.allocate;
      if (!isObjectless(op)) {
        const next = (pair & NEXT) !== 0;
        id = next ? lastBorn + 1 : id + unzigzag(ids.number());
        if (isBirth(op)) lastBorn = id;
      }
      if (recorded !== undefined) recorded.next(op);
      switch (op) {
        case Op.allocate:
          builder.allocateAs(id, sizes.number(), (pair & 7) === FIELDED ? args.number() : 0);
          break;
        case Op.callocate:
          builder.callocateAs(id, args.number(), sizes.number());
          break;
        case Op.memalign:
          builder.memalignAs(id, 2 ** args.number(), sizes.number());
          break;
        case Op.reallocate:
          builder.reallocate(id, sizes.number());
          break;
        case Op.free:
          builder.free(id);
          break;
        case Op.store:
          builder.store(id, args.number(), targetOf(targets.number(), lastBorn));
          break;
        default:
          readRare(builder, op, id);
      }
    }
  } catch (reason) {
    if (!(reason instanceof TraceError)) throw reason;
    throw new TraceError(`event ${builder.events - before} of ${events}: ${reason.message}`);
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
