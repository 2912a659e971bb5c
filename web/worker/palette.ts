/**
 * Colours of what lies in memory, for the painter (32-bit words) and for legends (CSS).
 *
 * Cool colours are objects and stay with them; warm ones are what just happened; no colour is free. Hues differ in
 * lightness too, so that they hold for colour-blind eyes.
 */
import { type Colouring, isOrdered } from "./colouring.ts";
import type { ThemeName } from "./protocol.ts";

export const TONES = 8;

/** The object's own colour, from its id: neighbours in birth get tones far apart. */
export const toneOf = (id: number): number => Math.imul(id, 0x9e3779b1) >>> 29;

interface Palette {
  /** Free bytes of a segment. */
  readonly hole: string;
  /** Between blocks. */
  readonly seam: string;
  readonly tones: readonly string[];
  /** From the least to the most: viridis, which keeps its order in grey and for colour-blind eyes. */
  readonly ramp: readonly string[];
  /** In use in both of two heaps, in this one only, in the other one only. */
  readonly differs: readonly string[];
  /** A hole that a filter finds. */
  readonly found: string;
  readonly garbage: string;
  readonly garbageHatch: string;
  readonly control: string;
  readonly moved: string;
  /** How dark a block's header and slack are drawn: the share of black, or of white on a dark page. */
  readonly wasteShade: number;
}

export const PALETTES: Readonly<Record<ThemeName, Palette>> = {
  light: {
    hole: "#dde4eb",
    seam: "#f7f9fb",
    tones: ["#2f6fb7", "#5f95d6", "#1f8a8c", "#57b0a9", "#5a5bb5", "#8a86d4", "#3f7f9f", "#82b4cf"],
    ramp: ["#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39", "#fde725"],
    differs: ["#a9b4be", "#2f6fb7", "#e0457b"],
    found: "#ffb000",
    garbage: "#c8c5c0",
    garbageHatch: "#96908a",
    control: "#6b6f78",
    moved: "#e8590c",
    wasteShade: 0.34,
  },
  dark: {
    hole: "#1c2630",
    seam: "#070b10",
    tones: ["#4d8fdd", "#8bb8ee", "#2fa5a0", "#7accc0", "#7d7fe0", "#aeabf0", "#4f9cc0", "#a3d0e6"],
    ramp: ["#7a3fa0", "#6457a6", "#4673ab", "#338fa0", "#2bab92", "#56c67a", "#a5dc4b", "#fde83a"],
    differs: ["#5c6a77", "#5f9ce6", "#f2699a"],
    found: "#ffb000",
    garbage: "#4a453c",
    garbageHatch: "#7d7462",
    control: "#8d949f",
    moved: "#ff9e3d",
    wasteShade: 0.42,
  },
};

/** The same as words that a Uint32Array over RGBA bytes takes on a little-endian machine. */
export interface Inks {
  readonly hole: number;
  readonly seam: number;
  readonly tones: Uint32Array;
  readonly waste: Uint32Array;
  /** What a filter leaves out. */
  readonly faint: number;
  readonly faintTones: Uint32Array;
  readonly found: number;
  readonly garbage: number;
  readonly garbageHatch: number;
  readonly control: number;
  readonly moved: number;
}

/** The tones that live blocks have. */
export const tonesFor = (theme: ThemeName, colouring: Colouring | "difference"): readonly string[] =>
  colouring === "difference"
    ? PALETTES[theme].differs
    : isOrdered(colouring)
      ? PALETTES[theme].ramp
      : PALETTES[theme].tones;

/** Share of the hole's colour in what a filter leaves out. */
const FAINT = 0.82;

export function inksOf(theme: ThemeName, colouring: Colouring | "difference" = "object"): Inks {
  const palette = PALETTES[theme];
  const tones = tonesFor(theme, colouring);
  const faint = (colour: string) => mix(word(colour), word(palette.hole), FAINT);
  return {
    hole: word(palette.hole),
    seam: word(palette.seam),
    tones: Uint32Array.from(tones, word),
    faint: faint(palette.garbage),
    faintTones: Uint32Array.from(tones, faint),
    found: word(palette.found),
    waste: Uint32Array.from(tones, (tone) => mix(word(tone), word(palette.hole), palette.wasteShade + 0.3)),
    garbage: word(palette.garbage),
    garbageHatch: word(palette.garbageHatch),
    control: word(palette.control),
    moved: word(palette.moved),
  };
}

/** `share` of `b` in `a`, channel by channel. */
export function mix(a: number, b: number, share: number): number {
  let mixed = 0xff000000;
  for (let shift = 0; shift < 24; shift += 8) {
    const from = (a >>> shift) & 255;
    mixed |= Math.round(from + (((b >>> shift) & 255) - from) * share) << shift;
  }
  return mixed >>> 0;
}

function word(css: string): number {
  const rgb = Number.parseInt(css.slice(1), 16);
  return (0xff000000 | ((rgb & 255) << 16) | (rgb & 0xff00) | (rgb >>> 16)) >>> 0;
}
