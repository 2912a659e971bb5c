/** Why the last decision fell as it did, in a column: a code and up to four values. */
import type { Column, Columns } from "../../space/columns.ts";
import type { Reason } from "../contract.ts";

export class LastReason<C extends string> {
  readonly #codes: readonly C[];
  /** [index of the code, its values]. */
  readonly #data: Column<Float64Array>;

  /** `words` is the policy's `reasons`: its keys are the codes, the first one that of a policy not asked yet. */
  constructor(columns: Columns, words: Readonly<Record<C, string>>) {
    this.#codes = Object.keys(words) as C[];
    this.#data = columns.float64(5);
  }

  set(code: C, a = 0, b = 0, c = 0, d = 0): void {
    const data = this.#data.data;
    data[0] = this.#codes.indexOf(code);
    data[1] = a;
    data[2] = b;
    data[3] = c;
    data[4] = d;
  }

  get(): Reason {
    const [code, ...values] = this.#data.data;
    return { code: this.#codes[code], values };
  }
}
