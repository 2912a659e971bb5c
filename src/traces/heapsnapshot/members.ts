/**
 * Reads a JSON object (RFC 8259) of any length piece by piece, cut anywhere, and hands out its members as they come:
 * a flat array of whole numbers number by number, another value as its text if it is short, or not at all.
 *
 * What is handed out is checked; of a value that is passed over only strings and brackets are looked at, to find its
 * end. Nothing recurses: depth is a number. Memory is a name and the text of one member.
 */
import { appended } from "../appended.ts";
import { quote } from "../importer.ts";
import { TraceError } from "../trace.ts";

export interface NumberSink {
  add(value: number): void;
}

/** Where the value of a member goes; nowhere if neither is there. */
export interface Member {
  readonly numbers?: NumberSink;
  readonly text?: (json: string) => void;
}

/** Most bytes of a name, and of a value that is wanted as text. */
const LONGEST_TEXT = 1 << 20;

/** Bytes of what is there that a message quotes. */
const SHOWN = 24;

const QUOTE = 34;
const COMMA = 44;
const ZERO = 48;
const COLON = 58;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN = 123;
const CLOSE = 125;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const isBlank = (byte: number): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9;

/** What the next byte may be. */
const Place = {
  start: "an object",
  first: "a name or the end of the object",
  next: "a name",
  name: "the rest of a name",
  colon: "a colon",
  value: "a value",
  passed: "the rest of a value",
  list: "a list",
  numbers: "whole numbers, with commas between them",
  after: "a comma or the end of the object",
  end: "nothing more",
} as const;
type Place = (typeof Place)[keyof typeof Place];

export class Members {
  private readonly begin: (name: string) => Member;
  private place: Place = Place.start;
  /** Bytes of the pieces before. */
  private before = 0;
  private name = "";
  private member: Member = {};
  /** Bytes of the name or of the value that is wanted as text. */
  private kept = new Uint8Array(256);
  private length = 0;
  // Within a value that is passed over.
  private depth = 0;
  private quoted = false;
  private escaped = false;
  // Within a list of numbers: the one that is begun, -1 for none; whether it is over; whether a comma was the last.
  private number = -1;
  private over = false;
  private comma = false;

  /** `begin` is told of every member by its name, and says where its value goes. */
  constructor(begin: (name: string) => Member) {
    this.begin = begin;
  }

  /** Bytes so far. */
  get offset(): number {
    return this.before;
  }

  /** The member that the end of the file is in, "" if it is between two; undefined if the object is complete. */
  unfinished(): string | undefined {
    if (this.place === Place.end) return undefined;
    const inValue = [Place.value, Place.list, Place.numbers, Place.passed].some((one) => one === this.place);
    return inValue ? this.name : "";
  }

  /** Throws TraceError with the byte and what is there. */
  push(piece: Uint8Array): void {
    let at = 0;
    while (at < piece.length)
      if (this.place === Place.numbers) at = this.numbers(piece, at);
      else if (this.place === Place.passed) at = this.pass(piece, at);
      else if (this.place === Place.name) at = this.readName(piece, at);
      else at = this.step(piece, at);
    this.before += piece.length;
  }

  /** One byte between values. */
  private step(piece: Uint8Array, at: number): number {
    const byte = piece[at];
    if (isBlank(byte)) return at + 1;
    switch (this.place) {
      case Place.start:
        if (byte === BYTE_ORDER_MARK[this.before + at]) break;
        if (byte !== OPEN) throw this.unexpected(piece, at);
        this.place = Place.first;
        break;
      case Place.first:
      case Place.next:
        if (byte === CLOSE && this.place === Place.first) this.place = Place.end;
        else if (byte === QUOTE) {
          this.length = 0;
          this.place = Place.name;
        } else throw this.unexpected(piece, at);
        break;
      case Place.colon:
        if (byte !== COLON) throw this.unexpected(piece, at);
        this.member = this.at(piece, at, () => this.begin(this.name));
        this.place = this.member.numbers ? Place.list : Place.value;
        break;
      case Place.list:
        if (byte !== OPEN_LIST) throw this.unexpected(piece, at);
        this.number = -1;
        this.over = false;
        this.comma = false;
        this.place = Place.numbers;
        break;
      case Place.value:
        if (byte === COMMA || byte === CLOSE || byte === CLOSE_LIST || byte === COLON)
          throw this.unexpected(piece, at);
        this.length = 0;
        this.depth = 0;
        this.quoted = false;
        this.place = Place.passed;
        return at;
      case Place.after:
        if (byte === COMMA) this.place = Place.next;
        else if (byte === CLOSE) this.place = Place.end;
        else throw this.unexpected(piece, at);
        break;
      default:
        throw this.unexpected(piece, at);
    }
    return at + 1;
  }

  private readName(piece: Uint8Array, from: number): number {
    const end = piece.indexOf(QUOTE, from);
    this.keep(piece, from, end < 0 ? piece.length : end);
    if (end < 0) return piece.length;
    // An escape in a name makes it none of those that are looked for, but its quote may be escaped.
    let slashes = 0;
    while (this.kept[this.length - 1 - slashes] === BACKSLASH && slashes < this.length) slashes++;
    if (slashes % 2 === 1) this.keep(piece, end, end + 1);
    else {
      this.name = new TextDecoder().decode(this.kept.subarray(0, this.length));
      this.place = Place.colon;
    }
    return end + 1;
  }

  private numbers(piece: Uint8Array, from: number): number {
    const sink = this.member.numbers!;
    let { number, over, comma } = this;
    let at = from;
    try {
      for (; at < piece.length; at++) {
        const byte = piece[at];
        const digit = byte - ZERO;
        if (digit >= 0 && digit <= 9) {
          if (over) throw new TraceError("two numbers with no comma between them");
          number = number < 0 ? digit : number * 10 + digit;
        } else if (byte === COMMA) {
          if (number < 0) throw new TraceError("a comma behind no number");
          sink.add(number);
          number = -1;
          over = false;
          comma = true;
        } else if (byte === CLOSE_LIST) {
          if (number >= 0) sink.add(number);
          else if (comma) throw new TraceError("a comma before no number");
          this.place = Place.after;
          return at + 1;
        } else if (isBlank(byte)) over = number >= 0;
        else throw new TraceError("no whole number");
      }
    } catch (reason) {
      throw reason instanceof TraceError ? this.located(reason.message, piece, at) : reason;
    }
    this.number = number;
    this.over = over;
    this.comma = comma;
    return at;
  }

  /** Over a value, or as much of it as there is. */
  private pass(piece: Uint8Array, from: number): number {
    let { depth, quoted, escaped } = this;
    let at = from;
    let isOver = false;
    while (at < piece.length && !isOver) {
      const byte = piece[at++];
      if (quoted) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) {
          quoted = false;
          isOver = depth === 0;
        }
      } else if (byte === QUOTE) quoted = true;
      else if (byte === OPEN || byte === OPEN_LIST) depth++;
      else if (byte === CLOSE || byte === CLOSE_LIST) {
        // A number or a word ends where something else begins.
        if (depth === 0) at--;
        else depth--;
        isOver = depth === 0;
      } else if (depth === 0 && (byte === COMMA || isBlank(byte))) {
        at--;
        isOver = true;
      }
    }
    this.depth = depth;
    this.quoted = quoted;
    this.escaped = escaped;
    if (this.member.text) this.keep(piece, from, at);
    if (!isOver) return at;
    this.place = Place.after;
    const { text } = this.member;
    if (text) this.at(piece, at, () => text(new TextDecoder().decode(this.kept.subarray(0, this.length))));
    return at;
  }

  private keep(piece: Uint8Array, from: number, to: number): void {
    const length = this.length + to - from;
    if (length > LONGEST_TEXT)
      throw this.located(
        `${this.place === Place.name ? "a name" : `"${this.name}"`} of more than ${LONGEST_TEXT} bytes`,
        piece,
        from,
      );
    this.kept = appended(this.kept, this.length, piece.subarray(from, to));
    this.length = length;
  }

  private at<Value>(piece: Uint8Array, at: number, act: () => Value): Value {
    try {
      return act();
    } catch (reason) {
      throw reason instanceof TraceError ? this.located(reason.message, piece, at) : reason;
    }
  }

  private unexpected(piece: Uint8Array, at: number): TraceError {
    return this.located(`expected ${this.place}`, piece, at);
  }

  private located(message: string, piece: Uint8Array, at: number): TraceError {
    const found = at < piece.length ? `: ${quote(piece.subarray(at, at + SHOWN))}` : "";
    return new TraceError(`byte ${this.before + at}: ${message}${found}`);
  }
}
