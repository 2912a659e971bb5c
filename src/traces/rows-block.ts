/** Where the columns of a block of rows (heaptrace-layout.ts) lie in it. */
import { TraceError } from "./trace.ts";

/** Bytes before the first column. */
const START = 16;
/** Columns start at multiples of so many bytes. */
const ALIGN = 16;

export interface RowsBlock {
  readonly events: number;
  /** The id of the first object that is born in it. */
  readonly firstId: number;
  /** op, row, bytes, argument: where they start, and the bytes of one number; of op, of two. */
  readonly columns: readonly { readonly at: number; readonly width: number }[];
  /** Where the other columns begin. */
  readonly end: number;
}

/** Lays columns out. `widths` are those of row, bytes and argument. */
export function layOut(events: number, firstId: number, widths: readonly number[]): RowsBlock {
  let end = START;
  const columns = [0.5, ...widths].map((size, i) => {
    const at = end;
    end = (at + Math.ceil(events * size) + ALIGN - 1) & -ALIGN;
    return { at, width: i === 0 ? 1 : size };
  });
  return { events, firstId, columns, end };
}

/** Writes what `readStart` reads. */
export function writeStart(bytes: Uint8Array<ArrayBuffer>, { firstId, columns }: RowsBlock): void {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, firstId, true);
  for (let i = 1; i < columns.length; i++) bytes[3 + i] = columns[i].width;
}

export function readStart(bytes: Uint8Array, events: number): RowsBlock {
  if (bytes.length < START) throw new TraceError("the block ends early");
  const widths = [...bytes.subarray(4, 7)];
  const odd = widths.find((width) => width > 4);
  if (odd !== undefined) throw new TraceError(`a column has numbers of ${odd} bytes`);
  const firstId = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const block = layOut(events, firstId, widths);
  if (block.end > bytes.length) throw new TraceError("the block ends early");
  return block;
}

/** The numbers of one of the columns but op. */
export function numbersOf(
  bytes: Uint8Array,
  { at, width }: RowsBlock["columns"][number],
  events: number,
): Uint32Array {
  const numbers = new Uint32Array(events);
  for (let byte = 0; byte < width; byte++)
    for (let i = 0, from = at + byte; i < events; i++, from += width) numbers[i] |= bytes[from] << (8 * byte);
  return numbers;
}
