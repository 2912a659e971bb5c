/**
 * Reads `.heaptrace` (heaptrace-layout.ts), a block at a time. Nothing in a file is believed before its checksum has
 * been compared, and no memory is asked for by what a file claims: the buffer grows with the bytes that have come. With
 * those checksums, the trace's hash is what the footer says; only a thorough reader computes it.
 */
import { appended } from "./appended.ts";
import type { TraceBuilder } from "./builder.ts";
import { crc32 } from "./crc32.ts";
import { readEvents } from "./heaptrace-events.ts";
import {
  BASE_COLUMNS,
  CHNK,
  COLUMNS,
  checksumOf,
  DONE,
  EVENT_COLUMNS,
  FIDELITIES,
  HEAD,
  HEAD_LENGTH,
  LONGEST_BODY,
  MAGIC,
  ROWS,
  ROWS_COLUMNS,
  SITE,
  THRD,
  VERSION,
} from "./heaptrace-layout.ts";
import { RecordedReader } from "./heaptrace-recorded.ts";
import { readRows } from "./heaptrace-rows.ts";
import { quote, type Source, type TraceReader } from "./importer.ts";
import { type RowsBlock, readStart } from "./rows-block.ts";
import { CHUNK_EVENTS, RECORDED, type RecordedColumn, TraceError } from "./trace.ts";
import { VarintReader } from "./varints.ts";

/** The number of column phase. */
const PHASE = 4;

interface Head {
  readonly kind: number;
  readonly argument: number;
  readonly length: number;
  readonly checksum: number;
}

export class HeaptraceReader implements TraceReader {
  readonly #builder: TraceBuilder;
  readonly #file: string;
  readonly #thorough: boolean;
  /** What has come and is not used up: #buffer[0 .. #held - 1], which is the file from byte #position on. */
  #buffer = new Uint8Array(4096);
  #held = 0;
  #position = 0;

  #magic = false;
  /** Of the block whose body is awaited. */
  #head: Head | undefined;
  /** Numbers of the columns in the directory's order; empty before the header. */
  #directory: readonly number[] = [];
  #recorded: readonly RecordedColumn[] = [];
  #chunks = 0;
  #done = false;

  constructor(builder: TraceBuilder, source: Source) {
    this.#builder = builder;
    this.#file = source.file;
    this.#thorough = source.thorough ?? false;
    if (!this.#thorough) builder.knowsHash("");
  }

  push(piece: Uint8Array): void {
    let from = 0;
    while (from < piece.length) {
      if (this.#done)
        throw this.#error(`is damaged: more bytes follow its footer, from byte ${this.#position}`);
      const want = this.#wanted() - this.#held;
      const taken = piece.subarray(from, from + want);
      // A body that is there as a whole is read where it is.
      if (this.#head && taken.length === want && this.#held === HEAD_LENGTH) {
        from += want;
        this.#useBody(this.#head, taken);
        continue;
      }
      this.#hold(taken);
      from += taken.length;
      if (taken.length === want) this.#use();
    }
  }

  end(): void {
    if (this.#done) return;
    if (!this.#magic)
      throw this.#error(`ends early: it has ${this.#held} of the ${MAGIC.length} bytes that it starts with`);
    const has = `has ${this.#held} of ${this.#wanted()} bytes`;
    if (this.#head) throw this.#error(`ends early: ${this.#block(this.#head.kind)} ${has}`);
    if (this.#held > 0) throw this.#error(`ends early: the head of ${this.#block(0)} ${has}`);
    throw this.#error(`ends early: no footer follows at byte ${this.#position}`);
  }

  /** Bytes from #position on that the next step needs. */
  #wanted(): number {
    if (!this.#magic) return MAGIC.length;
    return HEAD_LENGTH + (this.#head?.length ?? 0);
  }

  #hold(bytes: Uint8Array): void {
    this.#buffer = appended(this.#buffer, this.#held, bytes);
    this.#held += bytes.length;
  }

  /** Everything that was wanted is there. */
  #use(): void {
    if (!this.#magic) {
      if (this.#buffer.subarray(0, MAGIC.length).some((byte, i) => byte !== MAGIC[i]))
        throw this.#error(`is no heaptrace: it starts with ${quote(this.#buffer.subarray(0, MAGIC.length))}`);
      this.#magic = true;
      this.#position += this.#held;
      this.#held = 0;
      return;
    }
    this.#head ??= this.#readHead();
    if (this.#held < this.#wanted()) return;
    this.#useBody(this.#head, this.#buffer.subarray(HEAD_LENGTH, this.#held));
  }

  #useBody(head: Head, body: Uint8Array): void {
    this.#readBody(head, body);
    this.#head = undefined;
    this.#position += HEAD_LENGTH + body.length;
    this.#held = 0;
  }

  #readHead(): Head {
    const view = new DataView(this.#buffer.buffer, 0, HEAD_LENGTH);
    const [kind, argument, length, checksum, own] = [0, 4, 8, 12, 16].map((at) => view.getUint32(at, true));
    this.#check(`the head of ${this.#block(0)}`, crc32(this.#buffer, 0, 16), own);
    if (length > LONGEST_BODY)
      throw this.#error(
        `${this.#block(kind)} claims ${length} bytes, more than the limit of ${LONGEST_BODY}`,
      );
    return { kind, argument, length, checksum };
  }

  #readBody({ kind, argument, checksum }: Head, body: Uint8Array): void {
    const block = this.#block(kind);
    const compiled = kind === ROWS ? this.#builder.compiled?.sum(body) : undefined;
    this.#check(block, compiled ?? checksumOf(kind, body), checksum);
    if (kind === HEAD && argument > VERSION)
      throw this.#error(`was written by a newer version (format ${argument}; this reads up to ${VERSION})`);
    if ((kind === HEAD) !== (this.#directory.length === 0)) throw this.#error(`${block} is out of place`);
    try {
      if (kind === HEAD) this.#readDirectory(body);
      else if (kind === CHNK || kind === ROWS)
        this.#readChunk(argument, body, kind === ROWS && readStart(body, argument));
      else if (kind === DONE) this.#readTotals(argument, body);
      else if (kind === THRD) this.#readThreads(body);
      else if (kind === SITE) this.#readSites(body);
      else if (!(kind & 0x20))
        throw new TraceError("this version does not know it, and it must not be skipped");
    } catch (reason) {
      throw reason instanceof TraceError ? this.#error(`${block}: ${reason.message}`) : reason;
    }
  }

  #readDirectory(body: Uint8Array): void {
    const reader = new VarintReader(body, "the directory");
    const directory: number[] = [];
    for (let columns = reader.number(); columns > 0; columns--) {
      const number = reader.number();
      const required = reader.byte() !== 0;
      const name = reader.text();
      if (directory.includes(number))
        throw new TraceError(`column ${name} has the number of another, ${number}`);
      if (required && number >= COLUMNS.length)
        throw new TraceError(`the events need column ${name} (${number}), which this version does not know`);
      directory.push(number);
    }
    reader.end();
    const missing = COLUMNS.slice(0, BASE_COLUMNS).find((_, number) => !directory.includes(number));
    if (missing !== undefined) throw new TraceError(`column ${missing} is missing`);
    this.#directory = directory;
    this.#recorded = RECORDED.filter((_, i) => directory.includes(EVENT_COLUMNS + i));
    this.#builder.records(...this.#recorded);
  }

  #readThreads(body: Uint8Array): void {
    const reader = new VarintReader(body, "the block");
    while (reader.left > 0) this.#builder.threads.push(reader.number());
  }

  #readSites(body: Uint8Array): void {
    const reader = new VarintReader(body, "the block");
    const { sites } = this.#builder;
    for (let frames = reader.number(); frames > 0; frames--) sites.addFrame(reader.text());
    for (let count = reader.number(); count > 0; count--) sites.addNumbered(reader.number(), reader.number());
    reader.end();
  }

  #readChunk(events: number, body: Uint8Array, rows: RowsBlock | false): void {
    if (events > CHUNK_EVENTS)
      throw new TraceError(`${events} events are more than the limit of ${CHUNK_EVENTS}`);
    const reader = new VarintReader(body, "the block");
    if (rows) reader.at = rows.end;
    const directory = rows ? this.#directory.filter((number) => number >= ROWS_COLUMNS) : this.#directory;
    const lengths = directory.map(() => reader.number());
    const columns = COLUMNS.map((name) => new VarintReader(new Uint8Array(0), `column ${name}`));
    for (const [place, number] of directory.entries()) {
      const bytes = reader.raw(lengths[place]);
      if (number < COLUMNS.length) columns[number] = new VarintReader(bytes, `column ${COLUMNS[number]}`);
    }
    reader.end();
    this.#chunks++;
    const { details, threads, sites } = this.#builder;
    const besides = columns.slice(EVENT_COLUMNS);
    const recorded =
      this.#recorded.length > 0
        ? new RecordedReader(details, besides, this.#recorded, threads.length, sites.count)
        : undefined;
    if (rows) readRows(this.#builder, rows, body, columns[PHASE], recorded);
    else readEvents(this.#builder, events, columns, recorded);
    recorded?.end();
    for (const column of columns) column.end();
  }

  /** The footer: what the events must have come to. */
  #readTotals(chunks: number, body: Uint8Array): void {
    const reader = new VarintReader(body, "the block");
    const totals = [reader.number(), reader.number(), reader.number(), reader.number()];
    const hash = Array.from(reader.raw(8), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const fidelity = FIDELITIES[reader.number()];
    if (fidelity === undefined) throw new TraceError("the fidelity is unknown");
    const builder = this.#builder;
    for (let anomalies = reader.number(); anomalies > 0; anomalies--) {
      const count = reader.number();
      builder.anomaly(reader.text(), count);
    }
    reader.end();
    builder.fidelity = fidelity;

    const compare = (what: string, read: number | string, said: number | string): void => {
      if (read !== said) throw new TraceError(`it says ${what} ${said}, but what was read comes to ${read}`);
    };
    compare("chunks", this.#chunks, chunks);
    compare("events", builder.events, totals[0]);
    compare("objects", builder.objects, totals[1]);
    compare("rows", builder.rows, totals[2]);
    compare("peakLiveBytes", builder.peakLiveBytes, totals[3]);
    if (this.#thorough) compare("hash", builder.hash, hash);
    else builder.knowsHash(hash);
    this.#done = true;
  }

  /** The block at #position, as messages name it; kind 0 when its head is not known. */
  #block(kind: number): string {
    const what =
      kind === HEAD || (kind === 0 && this.#directory.length === 0)
        ? "the header"
        : kind === CHNK || kind === ROWS
          ? `chunk ${this.#chunks + 1}`
          : kind === DONE
            ? "the footer"
            : kind === 0
              ? "the block"
              : `the block ${quote(this.#buffer.subarray(0, 4))}`;
    return `${what} at byte ${this.#position}`;
  }

  #check(what: string, computed: number, said: number): void {
    if (computed === said) return;
    const hex = (checksum: number): string => `0x${checksum.toString(16).padStart(8, "0")}`;
    throw this.#error(`${what} is damaged: its checksum is ${hex(computed)}, the file says ${hex(said)}`);
  }

  #error(message: string): TraceError {
    return new TraceError(`${this.#file}: ${message}`);
  }
}
