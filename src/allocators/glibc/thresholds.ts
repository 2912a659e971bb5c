/**
 * From which size on chunks are mapped by themselves, and how long top may grow. Both move: when a mapped chunk is
 * freed, a program is taken to need such chunks again and again, so that from now on chunks of its size come from the
 * heap, and top may be twice as long before it is given back. Setting any of the three by hand holds all still.
 */
import type { Options } from "../../options/options.ts";
import type { Column } from "../../space/columns.ts";
import type { Space } from "../../space/space.ts";

const KIB = 1024;

export const THRESHOLDS = {
  "top-pad": {
    type: "integer",
    default: 128 * KIB,
    min: 0,
    max: 1024 * KIB * KIB,
    unit: "bytes",
    about: "M_TOP_PAD: bytes more than are missing, asked of sbrk each time and kept when top is trimmed",
  },
  "trim-threshold": {
    type: "integer",
    default: 128 * KIB,
    min: 0,
    max: 8 * KIB * KIB * KIB,
    unit: "bytes",
    about: "M_TRIM_THRESHOLD: a top chunk this long is given back to the system, but for the pad",
  },
  "mmap-threshold": {
    type: "integer",
    default: 128 * KIB,
    min: 0,
    max: 32 * KIB * KIB,
    unit: "bytes",
    about: "M_MMAP_THRESHOLD: chunks from this size on that no free chunk holds are mapped by themselves",
  },
  dynamic: {
    type: "flag",
    default: true,
    about:
      "a freed mapped chunk raises the mmap threshold to its size and the trim threshold to twice that; glibc " +
      "stops this when top-pad, trim-threshold or mmap-threshold is set, and so does a value here that is not the default",
  },
} as const;

const MMAP = 0;
const TRIM = 1;

export class Thresholds {
  readonly topPad: number;
  private readonly adapts: boolean;
  /** Bytes of the longest mapped chunk that raises the thresholds. */
  private readonly most: number;
  private readonly state: Column<Float64Array>;

  constructor(space: Space, word: 4 | 8, options: Options<typeof THRESHOLDS>) {
    const set = (["top-pad", "trim-threshold", "mmap-threshold"] as const).some(
      (key) => options[key] !== THRESHOLDS[key].default,
    );
    this.topPad = options["top-pad"];
    this.adapts = options.dynamic && !set;
    this.most = word === 8 ? 32 * KIB * KIB : 512 * KIB;
    this.state = space.columns.float64(2);
    this.state.data[MMAP] = options["mmap-threshold"];
    this.state.data[TRIM] = options["trim-threshold"];
  }

  get mmap(): number {
    return this.state.data[MMAP];
  }

  get trim(): number {
    return this.state.data[TRIM];
  }

  /** A mapped chunk of `size` bytes is freed. The size is compared with a flag in it, which is worth 2 bytes. */
  learn(size: number): void {
    if (!this.adapts || size + 2 <= this.mmap || size + 2 > this.most) return;
    this.state.data[MMAP] = size;
    this.state.data[TRIM] = 2 * size;
  }
}
