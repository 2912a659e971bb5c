/**
 * Strings that grow by one character at a time, and small objects that outlive many of their copies.
 *
 * A string is one object: header, characters, terminator. To append, a larger copy is made, then the old one is
 * freed, so that each hole left behind is too short for the string that left it; a small object that lands in one
 * pins it. `growth=doubling` leaves the copies out until the capacity is used up: the usual remedy.
 */
import { defineWorkload } from "./contract.ts";
import { Random } from "./random.ts";

interface GrowingString {
  object: number;
  /** Characters now, at the end, and those there is room for. */
  characters: number;
  readonly last: number;
  capacity: number;
}

export const stringAppend = defineWorkload({
  name: "string-append",
  summary: "Builds strings character by character, with small long-lived objects allocated in between.",
  source:
    "Repeated append as in `text = text + character`; Arduino's String, too, grows to the exact length at every concat",
  options: {
    strings: {
      type: "integer",
      default: 2,
      min: 1,
      max: 100_000,
      about: "strings built in all",
    },
    together: {
      type: "integer",
      default: 1,
      min: 1,
      max: 1000,
      about: "strings under construction at the same time, appended to in turn",
    },
    length: {
      type: "integer",
      default: 4000,
      min: 1,
      max: 100_000,
      unit: "characters",
      about: "length of a finished string; each differs by up to a quarter",
    },
    step: {
      type: "integer",
      default: 1,
      min: 1,
      max: 1000,
      unit: "characters",
      about: "characters an append adds",
    },
    growth: {
      type: "choice",
      default: "exact",
      choices: ["exact", "doubling"],
      about: "copy at every append, or only when twice the capacity is needed",
    },
    header: {
      type: "integer",
      default: 8,
      min: 0,
      max: 64,
      unit: "bytes",
      about: "a string's length and capacity",
    },
    terminator: {
      type: "integer",
      default: 1,
      min: 0,
      max: 4,
      unit: "bytes",
      about: "after the last character",
    },
    every: {
      type: "integer",
      default: 8,
      min: 0,
      max: 100_000,
      about: "appends between two small objects; 0 = none",
    },
    object: {
      type: "integer",
      default: 16,
      min: 1,
      max: 4096,
      unit: "bytes",
      about: "the smallest small object",
    },
    spread: {
      type: "integer",
      default: 48,
      min: 0,
      max: 4096,
      unit: "bytes",
      about: "the largest is longer by this",
    },
    turnover: {
      type: "integer",
      default: 800,
      min: 0,
      max: 1000,
      unit: "permille",
      about: "share of the small objects at whose birth an older one dies",
    },
    keep: {
      type: "integer",
      default: 0,
      min: 0,
      max: 1000,
      unit: "permille",
      about: "share of the finished strings that stay to the end",
    },
    release: { type: "flag", default: true, about: "free everything at the end" },
  },
  generate(builder, options, seed) {
    const random = new Random(seed);
    const { header, terminator, growth, step, every, object, spread } = options;
    const building: GrowingString[] = [];
    const staying: number[] = [];
    const small: number[] = [];
    let begun = 0;
    let appends = 0;

    const begin = (): GrowingString => {
      begun++;
      const quarter = Math.floor(options.length / 4);
      const last = options.length + random.between(-quarter, quarter);
      return { object: builder.allocate(header + terminator), characters: 0, last, capacity: 0 };
    };
    const append = (string: GrowingString): void => {
      string.characters += step;
      if (string.characters <= string.capacity) return;
      string.capacity =
        growth === "doubling" ? Math.max(2 * string.capacity, string.characters) : string.characters;
      const longer = builder.allocate(header + string.capacity + terminator);
      builder.free(string.object);
      string.object = longer;
    };

    builder.phase("append");
    while (building.length < Math.min(options.together, options.strings)) building.push(begin());
    for (let turn = 0; building.length > 0; turn = (turn + 1) % Math.max(1, building.length)) {
      const string = building[turn];
      append(string);
      appends++;
      if (every > 0 && appends % every === 0) {
        if (small.length > 0 && random.chance(options.turnover)) {
          const i = random.below(small.length);
          builder.free(small[i]);
          small[i] = small[small.length - 1];
          small.pop();
        }
        small.push(builder.allocate(object + random.below(spread + 1)));
      }
      if (string.characters < string.last) continue;
      if (random.chance(options.keep)) staying.push(string.object);
      else builder.free(string.object);
      if (begun < options.strings) building[turn] = begin();
      else building.splice(turn, 1);
    }
    if (!options.release) return;
    builder.phase("release");
    for (const id of staying) builder.free(id);
    for (const id of small) builder.free(id);
  },
});
