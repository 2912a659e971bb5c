/** Paints time x address: one column a column of cells, low addresses at the bottom, and a cut before what is mapped. */
import { type BandCells, ROWS } from "../worker/address-band.ts";
import { inksOf, mix } from "../worker/palette.ts";
import type { ThemeName, TimeByAddress } from "../worker/protocol.ts";

/** Share of a block's colour in a cell that is almost free, and almost full. */
const LEAST = 0.2;
const MOST = 0.9;

/** Addresses as they stand one above the other: the heap, then what is mapped apart from it. */
export interface Stack {
  readonly low: number;
  /** The end of the heap's part. */
  readonly high: number;
  /** Of what is mapped; undefined where nothing is. */
  readonly mapped: { readonly low: number; readonly high: number } | undefined;
}

/** Share of the height that what is mapped gets at least, and at most. */
const MAPPED_LEAST = 0.25;
const MAPPED_MOST = 0.6;

export function stackOf(picture: TimeByAddress): Stack {
  const { heap, mapped, range, ends } = picture;
  const used = usedRows(heap) * heap.rowBytes;
  return {
    low: heap.origin,
    high: range ? range.high : Math.max(used, ...ends, 16),
    mapped: mapped && { low: mapped.origin, high: mapped.origin + usedRows(mapped) * mapped.rowBytes },
  };
}

/** The share of the height, from the bottom, where what is mapped begins; 1 without it. */
export function cutOf({ low, high, mapped }: Stack): number {
  if (!mapped) return 1;
  const share = (mapped.high - mapped.low) / (mapped.high - mapped.low + high - low);
  return 1 - Math.max(MAPPED_LEAST, Math.min(MAPPED_MOST, share));
}

/** `height` device pixels high, as wide as there are columns. */
export function paintTime(picture: TimeByAddress, height: number, theme: ThemeName): ImageData {
  const { columns, heap, mapped, ends } = picture;
  const stack = stackOf(picture);
  const cut = Math.round(cutOf(stack) * height);
  const image = new ImageData(columns, height);
  const words = new Uint32Array(image.data.buffer);
  const paper = { words, columns, height, inks: inksOf(theme) };
  paintBand(paper, heap, { bottom: 0, top: cut, bytes: stack.high - stack.low, ends });
  if (mapped && stack.mapped)
    paintBand(paper, mapped, {
      bottom: cut + 3,
      top: height,
      bytes: stack.mapped.high - stack.mapped.low,
      ends: undefined,
    });
  return image;
}

interface Paper {
  readonly words: Uint32Array;
  readonly columns: number;
  readonly height: number;
  readonly inks: ReturnType<typeof inksOf>;
}

interface Place {
  /** Device pixels from the bottom. */
  readonly bottom: number;
  readonly top: number;
  /** From the bottom to the top. */
  readonly bytes: number;
  /** Where the heap ends in each column. */
  readonly ends: Float64Array | undefined;
}

function paintBand(paper: Paper, cells: BandCells, { bottom, top, bytes, ends }: Place): void {
  const { words, columns, height, inks } = paper;
  const perPixel = bytes / Math.max(1, top - bottom);
  const garbage = mix(inks.garbage, inks.control, 0.35);
  for (let y = bottom; y < top; y++) {
    const address = (y - bottom) * perPixel;
    const first = Math.min(ROWS - 1, Math.floor(address / cells.rowBytes));
    const last = Math.max(
      first,
      Math.min(ROWS - 1, Math.ceil((address + perPixel) / cells.rowBytes - 1e-9) - 1),
    );
    const line = (height - 1 - y) * columns;
    for (let column = 0; column < columns; column++) {
      const base = column * ROWS;
      let live = 0;
      let other = 0;
      let tone = cells.tone[base + first];
      let moved = 0;
      for (let row = first; row <= last; row++) {
        live += cells.live[base + row];
        other += cells.other[base + row];
        if (cells.tone[base + row] !== tone) tone = 0;
        moved |= cells.moved[base + row];
      }
      const inside = ends === undefined || cells.origin + address < ends[column];
      let ink = inside ? inks.hole : 0;
      if (live + other > 0) {
        const share = Math.min(1, (live + other) / (255 * (last - first + 1)));
        const full = live >= other ? inks.tones[tone === 0 ? 0 : tone - 1] : garbage;
        ink = share > 0.995 ? full : mix(inks.hole, full, LEAST + (MOST - LEAST) * share);
      }
      if (moved) ink = mix(ink || inks.hole, inks.moved, 0.6);
      words[line + column] = ink;
    }
  }
}

function usedRows({ live, other }: BandCells): number {
  let most = 0;
  for (let i = 0; i < live.length; i++)
    if ((live[i] | other[i]) !== 0 && i % ROWS >= most) most = (i % ROWS) + 1;
  return Math.max(1, most);
}
