/**
 * Random sizes and lifetimes around a bounded number of live objects: the steady state that theory speaks of.
 *
 * The heap is filled to `live` objects, then each step frees one of them and allocates another. With `deaths=any`
 * every live object is as likely to die as any other, as the fifty-percent rule supposes (Knuth, TAOCP 1, 2.5).
 */
import { defineWorkload } from "./contract.ts";
import { Random } from "./random.ts";

export const uniformRandom = defineWorkload({
  name: "random",
  summary: "Allocates and frees objects of random size and lifetime around a fixed number of live ones.",
  source:
    "Knuth, The Art of Computer Programming 1, section 2.5 (the fifty-percent rule and its simulations)",
  options: {
    live: {
      type: "integer",
      default: 300,
      min: 1,
      max: 10_000_000,
      about: "objects that live at once, when filled",
    },
    steps: {
      type: "integer",
      default: 3000,
      min: 0,
      max: 100_000_000,
      about: "deaths and births after the filling",
    },
    smallest: { type: "integer", default: 1, min: 0, max: 1_073_741_824, unit: "bytes", about: "least size" },
    largest: {
      type: "integer",
      default: 256,
      min: 0,
      max: 1_073_741_824,
      unit: "bytes",
      about: "greatest size",
    },
    sizes: {
      type: "choice",
      default: "uniform",
      choices: ["uniform", "exponential", "powers"],
      about: "each size alike; many small and few large; or the powers of two in the range, each alike",
    },
    deaths: {
      type: "choice",
      default: "any",
      choices: ["any", "oldest", "newest"],
      about: "who dies: any live object, the one that lived longest, or the youngest",
    },
    resize: {
      type: "integer",
      default: 0,
      min: 0,
      max: 1000,
      unit: "permille",
      about: "steps that realloc a live object instead",
    },
    release: { type: "flag", default: true, about: "free everything at the end, in random order" },
  },
  generate(builder, options, seed) {
    const random = new Random(seed);
    const smallest = Math.min(options.smallest, options.largest);
    const largest = Math.max(options.smallest, options.largest);
    const powers: number[] = [];
    for (let size = 1; size <= largest; size *= 2) if (size >= smallest) powers.push(size);
    if (powers.length === 0) powers.push(largest);
    const size = (): number => {
      if (options.sizes === "powers") return random.pick(powers);
      if (options.sizes === "uniform") return random.between(smallest, largest);
      return Math.min(largest, smallest + random.exponential((largest - smallest) / 4));
    };

    // A ring: the oldest at `first`, so that each kind of death takes O(1).
    const live: number[] = [];
    let first = 0;
    const die = (): void => {
      const last = (first + live.length - 1) % live.length;
      const victim =
        options.deaths === "any" ? random.below(live.length) : options.deaths === "oldest" ? first : last;
      builder.free(live[victim]);
      live[victim] = builder.allocate(size());
      if (victim === first && options.deaths === "oldest") first = (first + 1) % live.length;
    };

    builder.phase("fill");
    while (live.length < options.live) live.push(builder.allocate(size()));
    builder.phase("steady");
    for (let i = 0; i < options.steps; i++)
      if (random.chance(options.resize)) builder.reallocate(random.pick(live), size());
      else die();
    if (!options.release) return;
    builder.phase("release");
    for (const id of random.shuffle(live)) builder.free(id);
  },
});
