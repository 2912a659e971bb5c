/** The file of preload.c as its reader sees it: made for a recording, read while it grows, gone when it is closed. */
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { FORMAT, HEADER_BYTES, Header, RECORD_BYTES, RECORD_WORDS } from "./raw-layout.ts";
import type { RawRecords } from "./raw-records.ts";

/** Longest file that is tried: 2^31 events at two records each. It is sparse, and what was read is given back. */
const MOST_FILE = 2 ** 38;
const LEAST_FILE = 2 ** 26;
/** Records that are read at once, 2.5 MiB. */
const BATCH = 65536;

export class RawFile {
  readonly #file: number;
  readonly #header = Buffer.alloc(64);
  readonly #words = new Uint32Array(BATCH * RECORD_WORDS);
  /** Records that are done with. */
  #at = 0;
  /** Records that were never written: the calls were cut off by a kill. */
  unfinished = 0;
  /** Records for which the disk had no room. */
  lost = 0;

  constructor(path: string) {
    this.#file = openSync(path, "wx+", 0o600);
    const bytes = this.#lengthen();
    this.#header.writeUInt32LE(FORMAT, Header.format);
    this.#header.writeBigUInt64LE(BigInt(bytes), Header.fileBytes);
    this.#header.writeBigUInt64LE(BigInt(Math.floor((bytes - HEADER_BYTES) / RECORD_BYTES)), Header.room);
    this.#header.writeUInt32LE(process.pid, Header.reader);
    writeSync(this.#file, this.#header, 0, this.#header.length, 0);
  }

  /** The process that is recorded; 0 while there is none. */
  get pid(): number {
    this.#refresh();
    return this.#header.readUInt32LE(Header.pid);
  }

  /** Records that have their place by now. */
  get drawn(): number {
    this.#refresh();
    return this.#number(Header.drawn);
  }

  get read(): number {
    return this.#at;
  }

  /** Reads what is there, at most up to record `until`. True if there is more that can be read at once. */
  drain(records: RawRecords, until = Number.POSITIVE_INFINITY): boolean {
    this.#refresh();
    const end = Math.min(this.#number(Header.drawn), this.#number(Header.room), until);
    const count = Math.min(end - this.#at, BATCH);
    if (count <= 0) return false;
    const got = readSync(this.#file, this.#words, 0, count * RECORD_BYTES, this.#place());
    const read = records.read(this.#words, Math.floor(got / RECORD_BYTES));
    this.#at += read;
    const consumed = Buffer.alloc(8);
    consumed.writeBigUInt64LE(BigInt(this.#at));
    writeSync(this.#file, consumed, 0, 8, Header.consumed);
    return read > 0 && this.#at < end;
  }

  /** Nobody writes any more: reads to the end, over what was begun and never written. */
  finish(records: RawRecords): void {
    this.#refresh();
    const drawn = this.#number(Header.drawn);
    const end = Math.min(drawn, this.#number(Header.room));
    for (;;) {
      while (this.drain(records));
      if (this.#at >= end) break;
      this.#at++;
      this.unfinished++;
    }
    this.lost = drawn - end;
  }

  close(): void {
    closeSync(this.#file);
  }

  #place(): number {
    return HEADER_BYTES + this.#at * RECORD_BYTES;
  }

  #refresh(): void {
    readSync(this.#file, this.#header, 0, this.#header.length, 0);
  }

  #number(field: number): number {
    return Number(this.#header.readBigUInt64LE(field));
  }

  /** As long as the file system allows. */
  #lengthen(): number {
    for (let bytes = MOST_FILE; ; bytes /= 2)
      try {
        ftruncateSync(this.#file, bytes);
        return bytes;
      } catch (error) {
        if (bytes <= LEAST_FILE) throw error;
      }
  }
}
