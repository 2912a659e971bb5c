/**
 * Why the last decision fell as it did: a code and up to four values. Not a column: nothing follows from it, and who
 * goes back to an earlier moment makes the decision again.
 */
import type { Reason } from "../contract.ts";

export class LastReason<C extends string> {
  private code: C;
  private a = 0;
  private b = 0;
  private c = 0;
  private d = 0;

  /** `words` is the policy's `reasons`: its keys are the codes, the first one that of a policy not asked yet. */
  constructor(words: Readonly<Record<C, string>>) {
    [this.code] = Object.keys(words) as C[];
  }

  set(code: C, a = 0, b = 0, c = 0, d = 0): void {
    this.code = code;
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }

  get(): Reason {
    return { code: this.code, values: [this.a, this.b, this.c, this.d] };
  }
}
