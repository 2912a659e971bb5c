/**
 * The kernel: the plain events of a replay, malloc, calloc, realloc and free, done in WebAssembly on the very columns of
 * the space and the policy. It is compiled from assembly/, which says again, for the policies that it knows, what the
 * TypeScript does; an event that it is not sure of it leaves untouched, and TypeScript does it: a refusal, a heap or a table
 * that grows, a page touched for the first time, memalign. So addresses, metrics and hash are the same with and without it,
 * which the tests hold it to, event by event.
 */
import type { Arena, Kind } from "./arena.ts";
import { BYTES, EVENT, IDS, OPS, REGISTERS, ROWS } from "./registers.ts";

/** Events whose columns it holds at once. */
const WINDOW = 1 << 16;

/** Where those who own columns say where they lie. */
export class Registers {
  /** False if some column lies where the kernel cannot see it. */
  complete = true;
  private readonly words: Int32Array;
  private readonly memory: ArrayBuffer;
  /** What each register was pointed at: to ask an array where it lies costs more than the rest of a call. */
  private readonly columns: (Kind | undefined)[];

  constructor(arena: Arena, address: number) {
    this.memory = arena.memory.buffer;
    this.words = new Int32Array(this.memory, address, REGISTERS);
    this.columns = new Array(REGISTERS).fill(undefined);
  }

  get(register: number): number {
    return this.words[register];
  }

  set(register: number, value: number): void {
    this.words[register] = value;
  }

  /** The register holds the address of a column. */
  point(register: number, column: Kind): void {
    if (this.columns[register] === column) return;
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

interface Exports {
  readonly registers: WebAssembly.Global;
  digest(events: number, heap: number, free: number, granule: number): void;
}

export class Kernel {
  readonly registers: Registers;
  /** Sums and extremes of the figures kept back, for the meter. */
  readonly digest: Exports["digest"];
  private readonly call: (from: number, to: number) => number;
  private readonly ops: Uint8Array;
  private readonly rows: Int32Array;
  private readonly bytes: Int32Array;
  private readonly ids: Int32Array;

  /** `policy`: what `Policy.kernel` says. */
  constructor(module: WebAssembly.Module, arena: Arena, policy: string) {
    const abort = (): never => {
      throw new Error("the kernel stopped");
    };
    const { exports } = new WebAssembly.Instance(module, { env: { memory: arena.memory, abort } });
    const { registers, digest } = exports as unknown as Exports;
    this.registers = new Registers(arena, registers.value);
    this.digest = digest;
    this.call = exports[`run_${policy}`] as typeof this.call;
    this.ops = arena.array(Uint8Array, WINDOW);
    this.rows = arena.array(Int32Array, WINDOW);
    this.bytes = arena.array(Int32Array, WINDOW);
    this.ids = arena.array(Int32Array, WINDOW);
  }

  /** Takes in the events of a chunk from `from` on. Returns which of them is the first that it has no room for. */
  load({ events, op, row, bytes, id }: Events, from: number): number {
    const to = Math.min(events, from + WINDOW);
    this.ops.set(op.subarray(from, to));
    this.rows.set(row.subarray(from, to));
    this.bytes.set(bytes.subarray(from, to));
    this.ids.set(id.subarray(from, to));
    return to;
  }

  /**
   * Does events `from` .. `to` - 1 of those loaded, up to the first that it leaves, or to when the meter has to count.
   * Returns how many it has done. `event` is the number of the first in the replay. All columns must have been bound since
   * any of them grew.
   */
  run(from: number, to: number, event: number): number {
    const { registers } = this;
    registers.point(OPS, this.ops);
    registers.point(ROWS, this.rows);
    registers.point(BYTES, this.bytes);
    registers.point(IDS, this.ids);
    registers.set(EVENT, event);
    return registers.complete ? this.call(from, to) - from : 0;
  }
}
