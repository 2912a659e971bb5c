/**
 * Where requests came from: a tree of call stacks. A site is a frame and the site that called it, so stacks share
 * what they have in common; frames are text, as a person would want to read them: `main (app.c:12)`,
 * `libcrypto.so.3+0x2333e9`.
 *
 * Encoding: site i, from 1, is frame frames[frameOf[i]] called from site parentOf[i] < i, 0 for the outermost.
 */
import { type CallSites, TraceError } from "./trace.ts";

/** Most sites of one trace, and most frames: 2^24. */
export const MOST_SITES = 0x1000000;

export class Sites implements CallSites {
  readonly frames: string[] = [];
  private parentOf = new Int32Array(64);
  private frameOf = new Int32Array(64);
  /** Sites so far: 1 .. count. */
  count = 0;
  private readonly frameNumbers = new Map<string, number>();
  private readonly outermost = new Map<string, number>();

  /** A site of its own, also if there is one like it. Throws TraceError when there are too many. */
  add(parent: number, frame: string): number {
    let number = this.frameNumbers.get(frame);
    if (number === undefined) {
      number = this.addFrame(frame);
      this.frameNumbers.set(frame, number);
    }
    return this.addNumbered(parent, number);
  }

  /** The site of a frame whose callers are not known; there is one for each frame. */
  of(frame: string): number {
    let site = this.outermost.get(frame);
    if (site === undefined) {
      site = this.add(0, frame);
      this.outermost.set(frame, site);
    }
    return site;
  }

  /** Returns the frame's number, which is not looked up by `add`. */
  addFrame(frame: string): number {
    if (this.frames.length === MOST_SITES) throw new TraceError(`there are more than ${MOST_SITES} frames`);
    return this.frames.push(frame) - 1;
  }

  /** The same as `add`, of a frame's number. */
  addNumbered(parent: number, frame: number): number {
    if (this.count === MOST_SITES) throw new TraceError(`there are more than ${MOST_SITES} call sites`);
    if (!(parent >= 0 && parent <= this.count)) throw new TraceError(`call site ${parent} is not known`);
    if (!(frame >= 0 && frame < this.frames.length)) throw new TraceError(`frame ${frame} is not known`);
    const site = ++this.count;
    if (site === this.parentOf.length) {
      const [parents, frames] = [new Int32Array(site * 2), new Int32Array(site * 2)];
      parents.set(this.parentOf);
      frames.set(this.frameOf);
      this.parentOf = parents;
      this.frameOf = frames;
    }
    this.parentOf[site] = parent;
    this.frameOf[site] = frame;
    return site;
  }

  parent(site: number): number {
    return this.parentOf[site];
  }

  frame(site: number): number {
    return this.frameOf[site];
  }

  stack(site: number): string[] {
    const stack: string[] = [];
    for (let at = site; at > 0; at = this.parentOf[at]) stack.push(this.frames[this.frameOf[at]]);
    return stack;
  }
}
