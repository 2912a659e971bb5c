/** What was recorded besides the events of a chunk of a `.heaptrace` (heaptrace-layout.ts), into its columns and out. */
import type { Details } from "./chunk-writer.ts";
import { type Chunk, Op, RECORDED, type Recorded, type RecordedColumn, TraceError } from "./trace.ts";
import { unzigzagWide, type VarintReader, type VarintWriter, zigzagWide } from "./varints.ts";

/** Addresses lose at most so many low bits, all of them 0. */
const MOST_SHIFT = 12;

/** `columns` are those of RECORDED. */
export function writeRecorded({ events, op, recorded }: Chunk, columns: readonly VarintWriter[]): void {
  if (!recorded) return;
  const [times, threads, addresses, sites] = columns;
  const { time, thread, address, site } = recorded;
  let before = 0;
  for (const at of time) {
    times.number(zigzagWide(at - before));
    before = at;
  }
  for (let from = 0, to = 0; from < thread.length; from = to) {
    while (to < thread.length && thread[to] === thread[from]) to++;
    threads.number(to - from);
    threads.number(thread[from]);
  }
  if (address.length > 0) {
    const unit = unitOf(address);
    addresses.number(Math.log2(unit));
    let last = 0;
    for (let i = 0; i < events; i++) {
      if (op[i] > Op.reallocate) continue;
      const now = address[i] / unit;
      addresses.number(zigzagWide(now - last));
      last = now;
    }
  }
  if (site.length > 0) for (let i = 0; i < events; i++) if (op[i] <= Op.reallocate) sites.number(site[i]);
}

/** The largest power of two that divides all of them. */
function unitOf(addresses: Float64Array): number {
  let unit = 2 ** MOST_SHIFT;
  for (const address of addresses) while (address % unit !== 0) unit /= 2;
  return unit;
}

/** Gives a builder's details what the columns of one chunk say, event by event. */
export class RecordedReader {
  private readonly details: Details;
  private readonly columns: readonly VarintReader[];
  private readonly has: readonly boolean[];
  private readonly unit: number;
  private readonly threadCount: number;
  private readonly siteCount: number;
  private time = 0;
  private address = 0;
  /** Events that the run of one thread has left. */
  private run = 0;

  /** `columns` are those of RECORDED, of which the file has some; so many threads and sites have been told. */
  constructor(
    details: Details,
    columns: readonly VarintReader[],
    recorded: readonly RecordedColumn[],
    threads: number,
    sites: number,
  ) {
    this.details = details;
    this.columns = columns;
    this.has = RECORDED.map((column) => recorded.includes(column));
    this.threadCount = threads;
    this.siteCount = sites;
    // Where there are no events there is no shift.
    const shift = this.has[2] && columns[2].left > 0 ? columns[2].number() : 0;
    if (shift > MOST_SHIFT) throw new TraceError(`column address shifts by ${shift} bits`);
    this.unit = 2 ** shift;
  }

  /** The next event is an `op`. */
  next(op: number): void {
    const { details, has } = this;
    const [times, threads, addresses, sites] = this.columns;
    if (has[0]) {
      this.time += unzigzagWide(times.number());
      if (!(this.time >= 0 && this.time <= Number.MAX_SAFE_INTEGER))
        throw new TraceError("column time leaves 0 .. 2^53 - 1");
      details.time = this.time;
    }
    if (has[1]) {
      if (this.run === 0) {
        this.run = threads.number();
        details.thread = threads.number();
        if (this.run === 0) throw new TraceError("column thread has a run of no events");
        if (details.thread >= this.threadCount) throw new TraceError(`thread ${details.thread} is not known`);
      }
      this.run--;
    }
    const gives = op <= Op.reallocate;
    if (has[2]) {
      if (gives) this.address += unzigzagWide(addresses.number());
      details.address = gives ? this.address * this.unit : 0;
      if (!(details.address >= 0 && details.address < 2 ** 52))
        throw new TraceError("column address leaves 0 .. 2^52 - 1");
    }
    if (has[3]) {
      details.site = gives ? sites.number() : 0;
      if (details.site > this.siteCount) throw new TraceError(`call site ${details.site} is not known`);
    }
  }

  /** The same of an event that is written into a batch, at `at` of its columns. */
  note(op: number, { time, thread, address, site }: Recorded, at: number): void {
    this.next(op);
    const { details } = this;
    time[at] = details.time;
    thread[at] = details.thread;
    address[at] = details.address;
    site[at] = details.site;
  }

  /** The chunk is over. */
  end(): void {
    if (this.run > 0) throw new TraceError("column thread is too long");
  }
}
