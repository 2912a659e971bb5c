/**
 * Plain text, one event a line: our own exchange format.
 *
 *     a ID SIZE [FIELDS]     malloc; FIELDS is how many references to objects it has room for, all null at first
 *     c ID COUNT SIZE        calloc
 *     m ID ALIGN SIZE        memalign
 *     r ID SIZE              realloc, which keeps the id
 *     f ID                   free
 *     s SRC FIELD DST        field FIELD, from 0, of object SRC refers to DST from now on, to none if that is -1
 *     o ID                   the program holds on to the object, and so to all that it reaches
 *     x ID                   it lets go of it
 *     + ID                   the object is pinned: it must not move, and is held on to
 *     - ID                   it is pinned no longer
 *     y                      the program asks for a collection of what is young
 *     g                      the program asks for a full collection
 *     p                      whoever prints what lives does so here
 *     # phase NAME DETAIL    the events from here on belong to it
 *     # fidelity NAME        the events are not quite what the program did: partial, ambiguous, derived
 *     # anomaly COUNT KIND   what an importer let pass
 *
 * Other `#` lines are comments. Numbers are decimal, fields are separated by blanks or tabs, empty lines mean nothing,
 * lines end with LF or CRLF, the last one perhaps with neither. An id may come again when its object is dead.
 */
import type { TraceBuilder } from "./builder.ts";
import { quote, type Source, type TraceFormat, type TraceReader } from "./importer.ts";
import { MOST_LINES, RequestLines } from "./request-lines.ts";
import { writeText } from "./text-writer.ts";
import { TraceError } from "./trace.ts";
import { LONGEST_LINE, WholeLines } from "./whole-lines.ts";

const TAB = 9;
const LF = 10;
const CR = 13;
const BLANK = 32;
const HASH = 35;
const MINUS = 45;
const ONE = 49;
const STORE = 115;
const ZERO = 48;

/** So many lines are read one by one before it is tried again to read many at a time. */
const ODD_LINES = 32;

/** Lines that compiled code leaves: so many at first, and twice as many each time that it leaves the next one too. */
const LEAST_LEFT = 1;

/** What a null reference is read as: no id. */
const NULL = -1;

/** The letter of each operation and the fields behind it. */
const FIELDS: Readonly<Record<string, string>> = {
  a: "ID SIZE [FIELDS]",
  c: "ID COUNT SIZE",
  m: "ID ALIGN SIZE",
  r: "ID SIZE",
  f: "ID",
  s: "SRC FIELD DST",
  o: "ID",
  x: "ID",
  "+": "ID",
  "-": "ID",
  y: "",
  g: "",
  p: "",
};
/** For files of a Mac before 2001, and for those that lost their LFs. */
const CR_ONLY = "its lines end with CR; they must end with LF or CRLF";

export const text: TraceFormat = {
  name: "text",
  summary:
    "one event a line, for people and scripts: a ID SIZE, c ID COUNT SIZE, m ID ALIGN SIZE, r ID SIZE, f ID; graphs too",
  extension: ".trace",
  fidelity: "exact",
  loses: "times, threads, addresses and call sites, which it has no words for",
  compiled: true,
  detect,
  read: (builder, source) => new TextReader(builder, source),
  write: writeText,
};

/** Text whose first line that says something is a comment of ours or starts with the letter of an operation. */
function detect(head: Uint8Array): boolean {
  if (head.length === 0 || head.some((byte) => byte < BLANK && byte !== TAB && byte !== LF && byte !== CR))
    return false;
  const lines = new TextDecoder().decode(head).split("\n");
  const first = lines.find((line) => line.trim() !== "" && !line.trimStart().startsWith("#"));
  return first === undefined || /^\s*[acmrfsox+\-ygp](\s|$)/.test(first);
}

class TextReader implements TraceReader {
  readonly #builder: TraceBuilder;
  readonly #file: string;
  /** Lines that were begun. */
  #line = 0;
  readonly #requests = new RequestLines();
  /** So many are read before compiled code is asked again. */
  #left = LEAST_LEFT;
  readonly #lines = new WholeLines({
    scan: (bytes, from, to) => this.#scan(bytes, from, to),
    tooLong: (start) => {
      this.#line++;
      throw this.#error(
        standsAlone(start) ? CR_ONLY : `the line is longer than ${LONGEST_LINE} bytes`,
        start,
      );
    },
  });

  constructor(builder: TraceBuilder, source: Source) {
    this.#builder = builder;
    this.#file = source.file;
  }

  push(piece: Uint8Array): void {
    this.#lines.push(piece);
  }

  end(): void {
    const { rest } = this.#lines;
    if (rest.length === 0) return;
    // Behind a `#`, CRs would hide everything.
    if (this.#line === 0 && standsAlone(rest)) {
      this.#line++;
      throw this.#error(CR_ONLY, rest);
    }
    this.push(Uint8Array.of(LF));
  }

  /** The lines in bytes[from .. to - 1], which ends with LF: so a run of digits or blanks ends before `to` by itself. */
  #scan(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    if (this.#line === 0 && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3;
    while (at < to) {
      const before = at;
      if (this.#requests.begins(bytes, at)) {
        at = this.#readCompiled(bytes, at, to);
        if (at > before) this.#left = LEAST_LEFT;
        else {
          at = this.#readRequests(bytes, at, to, this.#left);
          this.#left = Math.min(2 * this.#left, MOST_LINES);
        }
      }
      // Where one line is odd, so mostly are those after it.
      if (at < to) at = this.#readLines(bytes, at, to, at === before ? ODD_LINES : 1);
    }
  }

  #readCompiled(bytes: Uint8Array, from: number, to: number): number {
    const { events } = this.#builder;
    const end = this.#builder.readLines(bytes, from, to);
    this.#line += this.#builder.events - events;
    return end;
  }

  /** Requests written as programs write them, up to `most`. Returns where the first line starts that is another. */
  #readRequests(bytes: Uint8Array, from: number, to: number, most: number): number {
    const builder = this.#builder;
    const { events } = builder;
    const requests = this.#requests;
    try {
      const batch = builder.batch();
      const end = requests.read(bytes, from, to, batch, most);
      builder.accept(batch, requests.count);
      this.#line += requests.count;
      return end;
    } catch (reason) {
      if (!(reason instanceof TraceError)) throw reason;
      const done = builder.events - events;
      this.#line += done + 1;
      throw this.#error(reason.message, bytes.subarray(done > 0 ? requests.starts[done] : from, to));
    }
  }

  /** Up to `most` lines of any kind. Returns where the next one starts. */
  #readLines(bytes: Uint8Array, from: number, to: number, most: number): number {
    const builder = this.#builder;
    let start = from;
    let at = from;
    try {
      for (let lines = 0; lines < most && at < to; lines++) {
        start = at;
        this.#line++;
        let byte = bytes[at];
        while (byte === BLANK || byte === TAB || (byte === CR && bytes[at + 1] === LF)) byte = bytes[++at];
        const operation = byte;
        if (operation === LF) {
          at++;
          continue;
        }
        if (operation === HASH) {
          const end = bytes.indexOf(LF, at) + 1;
          this.#comment(bytes.subarray(at, end));
          at = end;
          continue;
        }
        byte = bytes[++at];
        let fields = 0;
        let first = 0;
        let second = 0;
        let third = 0;
        for (;;) {
          const gap = at;
          while (byte === BLANK || byte === TAB || (byte === CR && bytes[at + 1] === LF)) byte = bytes[++at];
          if (byte === LF) break;
          let digit = byte - ZERO;
          if (at === gap || digit < 0 || digit > 9) {
            const isNull = at > gap && byte === MINUS && bytes[at + 1] === ONE && operation === STORE;
            if (!isNull || fields !== 2) throw new TraceError(malformed(bytes.subarray(start, to)));
            third = NULL;
            fields = 3;
            at += 2;
            byte = bytes[at];
            continue;
          }
          let number = 0;
          do {
            number = number * 10 + digit;
            digit = (byte = bytes[++at]) - ZERO;
          } while (digit >= 0 && digit <= 9);
          if (number > Number.MAX_SAFE_INTEGER) throw new TraceError("a number is too large");
          fields++;
          if (fields === 1) first = number;
          else if (fields === 2) second = number;
          else third = number;
        }
        at++;
        // a, s, f, c, r, m
        if (operation === 97 && (fields === 2 || fields === 3)) builder.allocateAs(first, second, third);
        else if (operation === STORE && fields === 3)
          builder.store(first, second, third === NULL ? null : third);
        else if (operation === 102 && fields === 1) builder.free(first);
        else if (operation === 99 && fields === 3) builder.callocateAs(first, second, third);
        else if (operation === 114 && fields === 2) builder.reallocate(first, second);
        else if (operation === 109 && fields === 3) builder.memalignAs(first, second, third);
        else if (fields > 1 || !readRare(builder, operation, fields, first))
          throw new TraceError(malformed(bytes.subarray(start, at)));
      }
    } catch (reason) {
      if (!(reason instanceof TraceError)) throw reason;
      throw this.#error(reason.message, bytes.subarray(start, to));
    }
    return at;
  }

  #comment(line: Uint8Array): void {
    // Most comments are for people: only `p`, `f` and `a` behind the blank can be ours.
    if (line[1] !== BLANK || (line[2] !== 112 && line[2] !== 102 && line[2] !== 97)) return;
    const comment = new TextDecoder().decode(line).trim();
    const [, kind, word = "", rest = ""] =
      /^# (phase|fidelity|anomaly)(?:\s+(\S+)\s*(.*))?$/s.exec(comment) ?? [];
    if (kind === "phase") {
      if (word === "") throw new TraceError("a phase needs a name");
      this.#builder.phase(word, rest);
    } else if (kind === "fidelity" && (word === "partial" || word === "ambiguous" || word === "derived")) {
      this.#builder.fidelity = word;
    } else if (kind === "anomaly" && /^\d{1,15}$/.test(word) && rest !== "") {
      this.#builder.anomaly(rest, Number(word));
    }
  }

  /** `lines` starts with the line in question. */
  #error(message: string, lines: Uint8Array): TraceError {
    const end = lines.indexOf(LF);
    const line = end < 0 ? lines : lines.subarray(0, end);
    return new TraceError(`${this.#file}:${this.#line}: ${message}: ${quote(line)}`);
  }
}

/** Whether a CR is in the line that is not at its end. */
function standsAlone(line: Uint8Array): boolean {
  const at = line.indexOf(CR);
  return at >= 0 && at < line.length - 1;
}

/** What is wrong with the line at the start of `lines`, which is none of the grammar's. */
function malformed(lines: Uint8Array): string {
  const whole = lines.subarray(0, lines.indexOf(LF));
  if (standsAlone(whole)) return CR_ONLY;
  const words = new TextDecoder().decode(whole).split(/[ \t\r]+/);
  const [operation, ...fields] = words.filter((word) => word !== "");
  if (!Object.hasOwn(FIELDS, operation)) return "unknown operation";
  if (fields.some((field) => field.startsWith("#"))) return "a comment takes a line of its own";
  const grammar = FIELDS[operation];
  const most = grammar === "" ? 0 : grammar.split(" ").length;
  const least = most - (grammar.endsWith("]") ? 1 : 0);
  const isNull = (field: string, i: number) => field === "-1" && operation === "s" && i === 2;
  const odd = fields.slice(0, most).find((field, i) => !/^\d+$/.test(field) && !isNull(field, i));
  if (odd !== undefined)
    return `${quote(new TextEncoder().encode(odd))} is no whole number in decimal digits`;
  const short = fields.length < least;
  return `${short ? "a field is missing" : "there is a field too many"}, it takes ${`${operation} ${grammar}`.trim()}`;
}

/** Operations of one object or none. Whether it is one, and has as many numbers as it takes. */
function readRare(builder: TraceBuilder, operation: number, fields: number, id: number): boolean {
  switch (String.fromCharCode(operation) + fields) {
    case "o1":
      builder.root(id);
      return true;
    case "x1":
      builder.unroot(id);
      return true;
    case "+1":
      builder.pin(id);
      return true;
    case "-1":
      builder.unpin(id);
      return true;
    case "y0":
      builder.collectYoung();
      return true;
    case "g0":
      builder.collect();
      return true;
    case "p0":
      builder.print();
      return true;
    default:
      return false;
  }
}
