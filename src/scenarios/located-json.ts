/**
 * JSON (RFC 8259) that remembers where each key and element stands, so that a message can name the line.
 *
 * JSON.parse words its errors differently in every engine, has no positions for what is well-formed but wrong, and
 * lets the last of two equal keys win; here the second one is an error.
 */
export type Path = readonly PropertyKey[];

export interface LocatedJson {
  readonly value: unknown;
  /** The value at `path`; undefined where there is none. */
  at(path: Path): unknown;
  /** `FILE:LINE: message: "text of the line"` for the key or element at `path`, or for what it would be in. */
  describe(path: Path, message: string): string;
}

/** Bad JSON. The message is one line: file, line, column, what was expected, what is there. */
export class JsonError extends Error {
  override readonly name = "JsonError";
}

/** Deeper nesting is no file for people. */
const DEEPEST = 64;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const WORD = /true|false|null/y;
const BLANKS = /[ \t\r\n]*/y;

export function parseJson(text: string, file: string): LocatedJson {
  const reader = new Reader(text, file);
  return reader.document();
}

/** The value at `path` as a document of its own, whose messages name lines of the whole. */
export const inside = (json: LocatedJson, path: Path): LocatedJson => ({
  value: json.at(path),
  at: (below) => json.at([...path, ...below]),
  describe: (below, message) => json.describe([...path, ...below], message),
});

class Reader {
  readonly #text: string;
  readonly #file: string;
  readonly #lines = new Map<string, number>();
  #at = 0;
  #counted = 0;
  #lineCount = 1;

  constructor(text: string, file: string) {
    this.#text = text.startsWith("\ufeff") ? text.slice(1) : text;
    this.#file = file;
  }

  document(): LocatedJson {
    const value = this.#value([]);
    this.#match(BLANKS);
    if (this.#at < this.#text.length) this.#fail("the end of the file");
    return {
      value,
      at: (path) =>
        path.reduce((inside: unknown, key) => (inside as Record<PropertyKey, unknown>)?.[key], value),
      describe: (path, message) => this.#describe(path, message),
    };
  }

  #value(path: Path): unknown {
    this.#match(BLANKS);
    if (path.length > 0 && !this.#lines.has(keyOf(path))) this.#lines.set(keyOf(path), this.#line());
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(path);
      case "[":
        return this.#array(path);
      case '"':
        return this.#string();
      default: {
        const scalar = this.#match(WORD) ?? this.#match(NUMBER);
        return scalar === undefined ? this.#fail("a value") : JSON.parse(scalar);
      }
    }
  }

  #object(path: Path): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#open(path);
    for (let first = true; !this.#take("}"); first = false) {
      if (!first && !this.#take(",")) this.#fail('"," or "}"');
      this.#match(BLANKS);
      if (this.#text[this.#at] !== '"') this.#fail(first ? 'a key in quotes or "}"' : "a key in quotes");
      const line = this.#line();
      const start = this.#at;
      const key = this.#string();
      if (Object.hasOwn(object, key)) {
        this.#at = start;
        this.#fail(`another key than "${key}", which is already there`);
      }
      if (!this.#take(":")) this.#fail('":"');
      this.#lines.set(keyOf([...path, key]), line);
      const value = this.#value([...path, key]);
      Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
    }
    return object;
  }

  #array(path: Path): unknown[] {
    const array: unknown[] = [];
    this.#open(path);
    while (!this.#take("]")) {
      if (array.length > 0 && !this.#take(",")) this.#fail('"," or "]"');
      array.push(this.#value([...path, array.length]));
    }
    return array;
  }

  #open(path: Path): void {
    if (path.length >= DEEPEST) this.#fail(`at most ${DEEPEST} levels`);
    this.#at++;
  }

  #string(): string {
    const string = this.#match(STRING);
    return string === undefined
      ? this.#fail("a string that is closed on its line, with JSON's escapes")
      : JSON.parse(string);
  }

  /** Steps over `character` and the blanks before it, if it comes next. */
  #take(character: string): boolean {
    this.#match(BLANKS);
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #describe(path: Path, message: string): string {
    let depth = path.length;
    while (depth > 0 && !this.#lines.has(keyOf(path.slice(0, depth)))) depth--;
    const line = this.#lines.get(keyOf(path.slice(0, depth))) ?? 1;
    return `${this.#file}:${line}: ${message}: ${quote(this.#text.split(/\r?\n/)[line - 1].trim())}`;
  }

  /** The line at #at, counted on from where it was asked for last. */
  #line(): number {
    for (; this.#counted < this.#at; this.#counted++)
      if (this.#text[this.#counted] === "\n") this.#lineCount++;
    return this.#lineCount;
  }

  #fail(expected: string): never {
    const before = this.#text.slice(0, this.#at).split("\n");
    const column = before[before.length - 1].length + 1;
    const rest = this.#text.slice(this.#at).split(/\r?\n/, 1)[0];
    const found = this.#at >= this.#text.length ? "the end of the file" : quote(rest);
    throw new JsonError(`${this.#file}:${before.length}:${column}: expected ${expected}, found ${found}`);
  }
}

/** At most 60 characters of a line, in quotes. */
const quote = (line: string): string => JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}...` : line);

const keyOf = (path: Path): string => path.map(String).join("\0");
