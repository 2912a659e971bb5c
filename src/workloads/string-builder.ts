/**
 * Text that is put together from pieces in a heap of strings: nobody frees the copy before the last, and each append
 * leaves one. `text += piece` in JavaScript, Java, C# or Python, without the tricks that their engines play.
 *
 * A document holds the lines that are finished; the variable that the text grows in is an object with one field.
 */
import { defineWorkload } from "./contract.ts";
import { Random } from "./random.ts";
import { REFERENCE_OPTIONS, References } from "./references.ts";

export const stringBuilder = defineWorkload({
  name: "string-builder",
  summary:
    "Builds lines of text by repeated append in a heap of strings, and keeps the last lines in a document.",
  source:
    "Repeated concatenation makes n^2 / 2 characters for a text of n; java.lang.StringBuilder's capacity doubles (2n + 2) for that reason",
  graph: true,
  options: {
    lines: { type: "integer", default: 60, min: 1, max: 1_000_000, about: "lines that are built" },
    length: {
      type: "integer",
      default: 400,
      min: 1,
      max: 1_000_000,
      unit: "characters",
      about: "length of a finished line; each differs by up to a quarter",
    },
    piece: {
      type: "integer",
      default: 8,
      min: 1,
      max: 10_000,
      unit: "characters",
      about: "mean length of what an append adds, a string of its own",
    },
    growth: {
      type: "choice",
      default: "exact",
      choices: ["exact", "doubling"],
      about: "copy at every append, or only when the capacity, then doubled, is used up",
    },
    character: { type: "integer", default: 1, min: 1, max: 4, unit: "bytes", about: "bytes of a character" },
    header: {
      type: "integer",
      default: 16,
      min: 0,
      max: 64,
      unit: "bytes",
      about: "bytes of a string besides its characters",
    },
    document: {
      type: "integer",
      default: 40,
      min: 1,
      max: 100_000,
      about: "lines that the document keeps, the last ones",
    },
    ...REFERENCE_OPTIONS,
  },
  generate(builder, options, seed) {
    const random = new Random(seed);
    const heap = new References(builder, options);
    const bytes = (characters: number) =>
      options.header + characters * options.character + (options.header ? 0 : 1);
    builder.phase("append");
    const document = heap.allocate(16 + 8 * options.document, options.document);
    heap.root(document);
    const variable = heap.allocate(16, 2);
    heap.root(variable);
    const quarter = Math.floor(options.length / 4);
    for (let line = 0; line < options.lines; line++) {
      const last = options.length + random.between(-quarter, quarter);
      let capacity = 0;
      for (let characters = 0; characters < last; ) {
        const piece = 1 + Math.min(random.exponential(options.piece - 1), last - characters - 1);
        heap.allocateInto(variable, 1, bytes(piece));
        characters += piece;
        if (characters <= capacity) continue;
        capacity = options.growth === "doubling" ? Math.max(2 * capacity + 2, characters) : characters;
        heap.allocateInto(variable, 0, bytes(capacity));
      }
      heap.store(document, line % options.document, heap.get(variable, 0));
      heap.store(variable, 0, 0);
      heap.store(variable, 1, 0);
    }
    if (!options.release) return;
    builder.phase("release");
    heap.unroot(variable);
    heap.unroot(document);
  },
});
