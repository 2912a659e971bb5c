/**
 * Memory that typed arrays and the kernel share. It never grows, since that would detach the arrays; most of it is
 * never touched and costs nothing. What it has no room for any more is made elsewhere, and the kernel then stands by.
 */

/** Bytes. The system gives pages only when they are first written. */
const SIZE = 2 ** 30;
const WASM_PAGE = 2 ** 16;
/** The kernel's own: registers, and tables of the compiler. */
const OWN = 2 ** 16;

export type Kind = Int32Array | Float64Array | Uint8Array;
export type KindOf<A extends Kind> = { new (length: number): A; BYTES_PER_ELEMENT: number };

export class Arena {
  readonly memory: WebAssembly.Memory;
  private used = OWN;

  constructor() {
    this.memory = new WebAssembly.Memory({ initial: SIZE / WASM_PAGE, maximum: SIZE / WASM_PAGE });
  }

  /** A new array of zeros. */
  array<A extends Kind>(kind: KindOf<A>, length: number): A {
    const bytes = length * kind.BYTES_PER_ELEMENT;
    if (this.used + bytes > SIZE) return new kind(length);
    const at = this.used;
    this.used = (at + bytes + 63) & -64; // a line of the cache is no two arrays'
    const View = kind as unknown as new (buffer: ArrayBuffer, at: number, length: number) => A;
    return new View(this.memory.buffer, at, length);
  }
}
