/**
 * The kernel: what takes time in a replay, done in WebAssembly on the very columns of the space and the policy: the plain
 * events, malloc, calloc, realloc and free; of a collection, marking and the slide; and those events played back from a
 * recording. It is compiled from assembly/, which says again, for the policies in assembly/policies, what the TypeScript
 * does; an event that it is not sure of it leaves untouched, and TypeScript does it: a refusal, a heap or a table that grows,
 * memalign. So addresses, metrics and hash are the same with and without it, which the tests hold it to, event by event.
 */
import { Arena, type Kind } from "./arena.ts";
import { BYTES, IDS, OPS, REGISTERS, ROWS } from "./registers.ts";

/** Events whose columns it holds at once. */
const WINDOW = 1 << 16;
/** Events at most that are done elsewhere before the kernel is asked again. */
const MOST_LEFT = 64;

/** Where those who own columns say where they lie. */
export class Registers {
  /** False if some column lies where the kernel cannot see it. */
  complete = true;
  private readonly words: Int32Array;
  /** The column that each register points to. */
  private readonly columns = new Array<Kind | undefined>(REGISTERS).fill(undefined);
  private readonly memory: ArrayBuffer;

  constructor(arena: Arena, address: number) {
    this.memory = arena.memory.buffer;
    this.words = new Int32Array(this.memory, address, REGISTERS);
  }

  get(register: number): number {
    return this.words[register];
  }

  set(register: number, value: number): void {
    this.words[register] = value;
  }

  /** The register holds the address of a column. */
  point(register: number, column: Kind): void {
    if (column === this.columns[register]) return;
    this.columns[register] = column;
    if (column.buffer !== this.memory) this.complete = false;
    this.words[register] = column.byteOffset;
  }
}

/** The columns of a chunk that are looked at. */
interface Events {
  readonly events: number;
  readonly op: Uint8Array;
  readonly row: Int32Array;
  readonly id: Int32Array;
  readonly bytes: Int32Array;
}

/** An owner of columns, which grow and are replaced. */
export interface Bound {
  /** Sets the registers that are its own. */
  bind(registers: Registers): void;
}

interface Exports {
  readonly registers: WebAssembly.Global;
  digest(events: number, heap: number, free: number, granule: number): void;
  mark(from: number): number;
  references(slots: number, chosen: number): number;
  slide(edge: number, moved: number): void;
  walk(): void;
}

export class Kernel {
  /** Where all columns must lie. */
  readonly arena: Arena;
  readonly registers: Registers;
  /** Called while it marks: what `Graph.mark` counts by itself. */
  beyond: (slot: number) => void = () => {};
  private readonly exports: Exports & Record<string, unknown>;
  private readonly parts: Bound[] = [];
  private window: Events | undefined;

  constructor(module: WebAssembly.Module) {
    this.arena = new Arena();
    const abort = (): never => {
      throw new Error("the kernel stopped");
    };
    const { memory } = this.arena;
    const env = { memory, abort, beyond: (slot: number) => this.beyond(slot) };
    this.exports = new WebAssembly.Instance(module, { env }).exports as unknown as typeof this.exports;
    this.registers = new Registers(this.arena, this.exports.registers.value);
  }

  /** `part` is bound whenever the kernel is to work. */
  add(part: Bound): void {
    this.parts.push(part);
  }

  /** Binds all parts. Whether the kernel can see all their columns. */
  bind(): boolean {
    for (const part of this.parts) part.bind(this.registers);
    return this.registers.complete;
  }

  /**
   * Events `from` .. `to` - 1 of a chunk: `run` has the kernel, bound, do as many of those loaded as it can from one of them
   * on, and says how many it did; what the kernel leaves `each` does: an event, and twice as many each time that the next one
   * is left too.
   */
  alternate(
    chunk: Events,
    from: number,
    to: number,
    run: (from: number, to: number) => number,
    each: (from: number, to: number) => void,
  ): void {
    for (let first = from, end = from; first < to; first = end) {
      end = Math.min(to, first + WINDOW);
      this.load(chunk, first, end);
      let left = 1;
      let bound = false;
      for (let i = first; i < end; ) {
        bound ||= this.bind();
        const done = bound ? run(i - first, end - first) : 0;
        i += done;
        if (done > 0) left = 1;
        else {
          bound = false;
          const until = Math.min(i + left, end);
          each(i, until);
          i = until;
          left = Math.min(2 * left, MOST_LEFT);
        }
      }
    }
  }

  /**
   * Does events `from` .. `to` - 1 of those loaded, up to the first that it leaves, or to when the meter has to count.
   * Returns how many it has done. `policy`: what `Policy.kernel` says. Once bound.
   */
  run(policy: string, from: number, to: number): number {
    return (this.exports[`run_${policy}`] as (from: number, to: number) => number)(from, to) - from;
  }

  /** A digest of the figures that the meter keeps back, where it is bound to have it. */
  digest(events: number, heap: number, free: number, granule: number): void {
    this.exports.digest(events, heap, free, granule);
  }

  /** Sums over all holes. Once bound. */
  walk(): void {
    this.exports.walk();
  }

  /** Marks from the first `from` slots of the queue on. Returns how many there are then. Once bound. */
  mark(from: number): number {
    return this.exports.mark(from);
  }

  /** The sum of marks over those of the first `slots` slots of which `chosen`, in the arena, has 1. Once bound. */
  references(slots: number, chosen: Uint8Array): number {
    return this.exports.references(slots, chosen.byteOffset);
  }

  /** Slides the segment of `edge`; `moved` lies in the arena. Once bound. */
  slide(edge: number, moved: Uint8Array): void {
    this.exports.slide(edge, moved.byteOffset);
  }

  /** Whether an array lies where the kernel can see it. */
  sees(array: Kind): boolean {
    return array.buffer === this.arena.memory.buffer;
  }

  private load({ op, row, bytes, id }: Events, from: number, to: number): void {
    this.window ??= this.newWindow();
    this.window.op.set(op.subarray(from, to));
    this.window.row.set(row.subarray(from, to));
    this.window.bytes.set(bytes.subarray(from, to));
    this.window.id.set(id.subarray(from, to));
  }

  private newWindow(): Events {
    const { arena, registers } = this;
    const op = arena.array(Uint8Array, WINDOW);
    const [row, bytes, id] = [0, 0, 0].map(() => arena.array(Int32Array, WINDOW));
    registers.point(OPS, op);
    registers.point(ROWS, row);
    registers.point(BYTES, bytes);
    registers.point(IDS, id);
    return { events: WINDOW, op, row, bytes, id };
  }
}
