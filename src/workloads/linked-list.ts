/** A singly linked list with a payload at each node: appended to, taken from, and shortened in the middle. */
import { defineWorkload } from "./contract.ts";
import { Random } from "./random.ts";
import { REFERENCE_OPTIONS, References } from "./references.ts";

/** Fields of the list itself and of a node. */
const HEAD = 0;
const TAIL = 1;
const NEXT = 0;
const PAYLOAD = 1;

export const linkedList = defineWorkload({
  name: "linked-list",
  summary: "A queue as a linked list of nodes with payloads, which also loses nodes in its middle.",
  source:
    "Knuth, The Art of Computer Programming vol. 1, section 2.2.3, linked allocation; a deep list is what a recursive marker fails on",
  graph: true,
  options: {
    length: {
      type: "integer",
      default: 400,
      min: 1,
      max: 1_000_000,
      about: "nodes that the list hovers around",
    },
    steps: {
      type: "integer",
      default: 4000,
      min: 0,
      max: 10_000_000,
      about: "nodes appended after it is built",
    },
    payload: {
      type: "integer",
      default: 48,
      min: 1,
      max: 65_536,
      unit: "bytes",
      about: "median of a payload",
    },
    word: {
      type: "integer",
      default: 8,
      min: 4,
      max: 8,
      powerOfTwo: true,
      unit: "bytes",
      about: "size of a reference",
    },
    middle: {
      type: "integer",
      default: 100,
      min: 0,
      max: 1000,
      unit: "permille",
      about: "nodes that are taken out near the head, behind others, and not at it",
    },
    ...REFERENCE_OPTIONS,
  },
  generate(builder, options, seed) {
    const random = new Random(seed);
    const heap = new References(builder, options);
    builder.phase("build");
    const list = heap.allocate(2 * options.word, 2);
    heap.root(list);
    let length = 0;

    const append = (): void => {
      const last = heap.get(list, TAIL);
      const node =
        last === 0
          ? heap.allocateInto(list, HEAD, 2 * options.word, 2)
          : heap.allocateInto(last, NEXT, 2 * options.word, 2);
      heap.store(list, TAIL, node);
      heap.allocateInto(node, PAYLOAD, Math.max(1, random.lognormal(options.payload)));
      length++;
    };
    /** Takes out the node behind `before`, which is a node or the list: its first field is what comes next. */
    const remove = (before: number): void => {
      const next = heap.get(heap.get(before, NEXT), NEXT);
      heap.store(before, NEXT, next);
      if (next === 0) heap.store(list, TAIL, before === list ? 0 : before);
      length--;
    };

    while (length < options.length) append();
    builder.phase("steady");
    for (let step = 0; step < options.steps; step++) {
      append();
      let before = list;
      if (random.chance(options.middle))
        for (let skip = random.below(Math.min(length, 50)); skip > 0; skip--) before = heap.get(before, NEXT);
      remove(before);
    }
    if (!options.release) return;
    builder.phase("release");
    heap.unroot(list);
  },
});
