/**
 * Names of functions in an ELF file (System V ABI, chapter 4; 64 bits, lowest byte first): those of its symbol table, of
 * the dynamic one where it was stripped, and of the file with debugging symbols that belongs to it by its build id.
 */
import { closeSync, existsSync, openSync, readSync } from "node:fs";

export interface Named {
  readonly name: string;
  /** Bytes from the function's start. */
  readonly offset: number;
}

/** Where distributions put what was stripped, by build id. */
const DEBUG_FILES = "/usr/lib/debug/.build-id";

const MAGIC = 0x464c457f; // "\x7fELF"
const SYMTAB = 2;
const DYNSYM = 11;
const NOTE = 7;
/** A section that has no bytes in this file. */
const NO_BITS = 8;
const BUILD_ID = 3;
const LOAD = 1;
const FUNCTION = 2;
const INDIRECT_FUNCTION = 10;
const SYMBOL_BYTES = 24;

interface Section {
  readonly type: number;
  /** Of a symbol table: the section with its names. */
  readonly link: number;
  /** Empty for those that nobody asks about. */
  readonly bytes: Buffer;
}

interface Segment {
  readonly offset: number;
  readonly address: number;
  readonly length: number;
}

interface Function {
  readonly start: number;
  readonly length: number;
  readonly name: string;
}

export class ElfSymbols {
  readonly #segments: readonly Segment[];
  /** By address. */
  readonly #functions: readonly Function[];

  private constructor(segments: readonly Segment[], functions: readonly Function[]) {
    this.#segments = segments;
    this.#functions = functions;
  }

  /** Undefined for what is not there or is no such file. */
  static read(path: string): ElfSymbols | undefined {
    try {
      const { segments, sections } = readElf(path);
      const id = buildId(sections);
      const debug = id && `${DEBUG_FILES}/${id.slice(0, 2)}/${id.slice(2)}.debug`;
      const functions = functionsOf(sections);
      if (debug && existsSync(debug)) functions.push(...functionsOf(readElf(debug).sections));
      return new ElfSymbols(
        segments,
        functions.sort((a, b) => a.start - b.start || a.length - b.length),
      );
    } catch {
      return undefined;
    }
  }

  /** The function at a place in the file; a function of no known length ends where the next one begins. */
  at(offset: number): Named | undefined {
    const segment = this.#segments.find(
      (each) => offset - each.offset >= 0 && offset - each.offset < each.length,
    );
    if (!segment) return undefined;
    const address = segment.address + offset - segment.offset;
    let low = 0;
    let high = this.#functions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#functions[middle].start <= address) low = middle + 1;
      else high = middle;
    }
    const found = this.#functions[low - 1];
    if (!found || (found.length > 0 && address >= found.start + found.length)) return undefined;
    return { name: found.name, offset: address - found.start };
  }
}

function readElf(path: string): { segments: Segment[]; sections: Section[] } {
  const file = openSync(path, "r");
  const read = (from: number, length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    if (readSync(file, bytes, 0, length, from) !== length) throw new Error(`${path} ends early`);
    return bytes;
  };
  try {
    const head = read(0, 64);
    if (head.readUInt32LE(0) !== MAGIC || head[4] !== 2 || head[5] !== 1)
      throw new Error(`${path} is no such file`);
    const segments = tableOf(read, wide(head, 32), head.readUInt16LE(54), head.readUInt16LE(56))
      .filter((entry) => entry.readUInt32LE(0) === LOAD)
      .map((entry) => ({ offset: wide(entry, 8), address: wide(entry, 16), length: wide(entry, 32) }));
    const entries = tableOf(read, wide(head, 40), head.readUInt16LE(58), head.readUInt16LE(60)).map(
      (entry) => ({
        type: entry.readUInt32LE(4),
        from: wide(entry, 24),
        length: wide(entry, 32),
        link: entry.readUInt32LE(40),
      }),
    );
    const wanted = new Set<number>();
    for (const [i, { type, link }] of entries.entries()) {
      if (type === SYMTAB || type === DYNSYM) wanted.add(i).add(link);
      if (type === NOTE) wanted.add(i);
    }
    const sections = entries.map(({ type, from, length, link }, i) => ({
      type,
      link,
      bytes: wanted.has(i) && type !== NO_BITS ? read(from, length) : Buffer.alloc(0),
    }));
    return { segments, sections };
  } finally {
    closeSync(file);
  }
}

/** Offsets of files and addresses of their code are below 2^53. */
const wide = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));

function tableOf(
  read: (from: number, length: number) => Buffer,
  from: number,
  length: number,
  count: number,
): Buffer[] {
  const table = read(from, length * count);
  return Array.from({ length: count }, (_, i) => table.subarray(i * length, (i + 1) * length));
}

function functionsOf(sections: readonly Section[]): Function[] {
  const functions: Function[] = [];
  for (const { type, link, bytes: symbols } of sections) {
    if (type !== SYMTAB && type !== DYNSYM) continue;
    const names = sections[link].bytes;
    for (let at = 0; at + SYMBOL_BYTES <= symbols.length; at += SYMBOL_BYTES) {
      const kind = symbols[at + 4] & 15;
      const start = wide(symbols, at + 8);
      if ((kind !== FUNCTION && kind !== INDIRECT_FUNCTION) || start === 0) continue;
      const name = symbols.readUInt32LE(at);
      const text = names.toString("utf8", name, names.indexOf(0, name));
      functions.push({ start, length: wide(symbols, at + 16), name: text });
    }
  }
  return functions;
}

/** Hexadecimal; undefined where the linker left none. */
function buildId(sections: readonly Section[]): string | undefined {
  for (const { type, bytes: note } of sections) {
    if (type !== NOTE || note.length < 16 || note.readUInt32LE(8) !== BUILD_ID) continue;
    const from = 12 + ((note.readUInt32LE(0) + 3) & ~3);
    return note.toString("hex", from, from + note.readUInt32LE(4));
  }
  return undefined;
}
