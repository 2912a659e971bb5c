/**
 * Teeth: fill, free every second object, ask for larger ones that fit none of the holes, let go; again, larger.
 *
 * After the frees half of the filled bytes are free and no hole is longer than one object: the textbook picture of
 * external fragmentation. Some objects stay behind at the end of each tooth and stand in the way of the next.
 */
import { defineWorkload } from "./contract.ts";
import { Random } from "./random.ts";

export const sawtooth = defineWorkload({
  name: "sawtooth",
  summary:
    "Fills the heap, frees every second object, asks for larger ones, and does it again with larger objects.",
  source:
    "One level of the adversary against every allocator that does not move: Robson, JACM 18:3 (1971), pages 416 to 423",
  options: {
    teeth: { type: "integer", default: 4, min: 1, max: 1000, about: "rounds, each with larger objects" },
    fill: {
      type: "integer",
      default: 12_288,
      min: 1,
      max: 1_073_741_824,
      unit: "bytes",
      about: "bytes a round fills",
    },
    object: {
      type: "integer",
      default: 48,
      min: 1,
      max: 1_048_576,
      unit: "bytes",
      about: "size in the first round",
    },
    spread: {
      type: "integer",
      default: 16,
      min: 0,
      max: 65_536,
      unit: "bytes",
      about: "sizes vary up to this above it",
    },
    growth: {
      type: "integer",
      default: 1500,
      min: 1000,
      max: 16_000,
      unit: "permille",
      about: "size of the larger ones, and of the next round's objects, by the size before",
    },
    every: { type: "integer", default: 2, min: 1, max: 1000, about: "frees one object in so many" },
    keep: {
      type: "integer",
      default: 30,
      min: 0,
      max: 1000,
      unit: "permille",
      about: "objects that stay at the end of a round, to the end of the trace",
    },
    release: { type: "flag", default: true, about: "free everything at the end" },
  },
  generate(builder, options, seed) {
    const random = new Random(seed);
    const { fill, spread, growth, every, keep } = options;
    const staying: number[] = [];
    let object = options.object;
    for (let tooth = 1; tooth <= options.teeth; tooth++) {
      const larger = Math.min(Math.floor((object * growth) / 1000) + spread, fill);
      const live: number[] = [];

      builder.phase("fill", `${tooth}: objects of ${object} to ${object + spread} bytes`);
      for (let bytes = 0, size = 0; bytes < fill; bytes += size) {
        size = object + random.below(spread + 1);
        live.push(builder.allocate(size));
      }
      builder.phase("thin", `${tooth}: one object in ${every} dies`);
      let freed = 0;
      const left = live.filter((id, i) => {
        if (i % every !== 0) return true;
        freed += object;
        builder.free(id);
        return false;
      });
      builder.phase("larger", `${tooth}: objects of ${larger} bytes`);
      for (let bytes = larger; bytes <= freed; bytes += larger) left.push(builder.allocate(larger));
      builder.phase("let-go", `${tooth}`);
      for (const id of left)
        if (random.chance(keep)) staying.push(id);
        else builder.free(id);
      object = larger;
    }
    if (!options.release) return;
    builder.phase("release");
    for (const id of staying) builder.free(id);
  },
});
