/** One line of a text, read from its start: every method takes what it names, or leaves the line as it was. */
const BLANK = 32;
const TAB = 9;
const ZERO = 48;
const A = 97;

export class Line {
  /** The line is bytes[at .. end - 1]; what lies before `at` has been taken. */
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;

  /** Nothing is left but blanks. */
  get done(): boolean {
    this.blanks();
    return this.at === this.end;
  }

  /** The code of the next character; -1 at the end. */
  get next(): number {
    return this.at < this.end ? this.bytes[this.at] : -1;
  }

  /** The character with this code. */
  is(code: number): boolean {
    if (this.next !== code) return false;
    this.at++;
    return true;
  }

  blanks(): void {
    while (this.at < this.end && (this.bytes[this.at] === BLANK || this.bytes[this.at] === TAB)) this.at++;
  }

  /** Blanks and a decimal number, rounded beyond 2^53; -1 if there is none. */
  decimal(): number {
    this.blanks();
    const { bytes, end } = this;
    let at = this.at;
    let number = 0;
    for (let digit: number; at < end && (digit = bytes[at] - ZERO) >= 0 && digit <= 9; at++)
      number = number * 10 + digit;
    if (at === this.at) return -1;
    this.at = at;
    return number;
  }

  /** Blanks and a number in hex digits, with or without 0x before them, rounded beyond 2^53; -1 if there is none. */
  hex(): number {
    return this.digits(Number.POSITIVE_INFINITY);
  }

  /** The same of an address: its low 52 bits; 0 for `(nil)`. */
  address(): number {
    const address = this.digits(2 ** 48);
    if (address >= 0 || this.bytes[this.at] !== 40) return address;
    const start = this.at;
    if (this.word() === "(nil)") return 0;
    this.at = start;
    return -1;
  }

  /** Blanks and what follows them up to the next blank; "" at the end. */
  word(): string {
    this.blanks();
    const from = this.at;
    while (this.at < this.end && this.bytes[this.at] !== BLANK && this.bytes[this.at] !== TAB) this.at++;
    return decoder.decode(this.bytes.subarray(from, this.at));
  }

  /** All that is left. */
  rest(): string {
    const from = this.at;
    this.at = this.end;
    return decoder.decode(this.bytes.subarray(from, this.end));
  }

  /** More than 13 digits are kept modulo 16 * `modulus`. */
  private digits(modulus: number): number {
    this.blanks();
    const { bytes, end } = this;
    const start = this.at;
    let at = start;
    if (bytes[at] === ZERO && at + 1 < end && (bytes[at + 1] | BLANK) === 120) at += 2;
    const first = at;
    let number = 0;
    for (; at < end; at++) {
      const byte = bytes[at];
      let digit = byte - ZERO;
      if (!(digit >= 0 && digit <= 9)) {
        digit = (byte | BLANK) - A + 10;
        if (!(digit >= 10 && digit <= 15)) break;
      }
      if (number >= modulus) number %= modulus;
      number = number * 16 + digit;
    }
    if (at === first) return -1;
    this.at = at;
    return number;
  }
}

const decoder = new TextDecoder();
