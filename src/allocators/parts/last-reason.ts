/**
 * Why the last decision fell as it did: a code and up to four values. Not a column: nothing follows from it, and who
 * goes back to an earlier moment makes the decision again.
 */
import type { Reason } from "../contract.ts";

export class LastReason<C extends string> {
  private code: C;
  private a: number | undefined;
  private b: number | undefined;
  private c: number | undefined;
  private d: number | undefined;

  /** `words` is the policy's `reasons`: its keys are the codes, the first one that of a policy not asked yet. */
  constructor(words: Readonly<Record<C, string>>) {
    [this.code] = Object.keys(words) as C[];
    this.a = undefined;
    this.b = undefined;
    this.c = undefined;
    this.d = undefined;
  }

  /** Set at every event: stores, and nothing else. */
  set(code: C, a?: number, b?: number, c?: number, d?: number): void {
    this.code = code;
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }

  get(): Reason {
    const { code, a = 0, b = 0, c = 0, d = 0 } = this;
    return { code, values: [a, b, c, d] };
  }
}
