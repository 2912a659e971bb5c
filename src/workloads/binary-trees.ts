/**
 * The benchmark of collectors that everybody knows: a tree that stays, and many trees that do not, of every depth.
 * Trees are built from the root down, so that each node is held as soon as it is there.
 */
import { defineWorkload } from "./contract.ts";
import { Random } from "./random.ts";
import { REFERENCE_OPTIONS, References } from "./references.ts";

/** Depth of the shallowest trees. */
const LEAST = 4;

export const binaryTrees = defineWorkload({
  name: "binary-trees",
  summary: "Builds and drops perfect binary trees, many shallow and few deep ones, beside one that stays.",
  source:
    "Hans Boehm's GCBench after Ellis and Kovac, 1997; binary-trees of the Computer Language Benchmarks Game, " +
    "whose numbers of trees these are: 2^(depth - d + 4) of each depth d = 4, 6, 8 ...",
  graph: true,
  options: {
    depth: {
      type: "integer",
      default: 8,
      min: 1,
      max: 20,
      about: "depth of the tree that stays and of the deepest others",
    },
    node: { type: "integer", default: 16, min: 1, max: 4096, unit: "bytes", about: "bytes of a node" },
    spread: {
      type: "integer",
      default: 16,
      min: 0,
      max: 4096,
      unit: "bytes",
      about: "nodes are up to this longer",
    },
    ...REFERENCE_OPTIONS,
  },
  generate(builder, options, seed) {
    const random = new Random(seed);
    const heap = new References(builder, options);
    const size = () => options.node + random.below(options.spread + 1);
    const tree = (depth: number): number => {
      const root = heap.allocate(size(), 2);
      heap.root(root);
      let level = [root];
      for (let below = 0; below < depth; below++) {
        const next: number[] = [];
        for (const node of level)
          next.push(heap.allocateInto(node, 0, size(), 2), heap.allocateInto(node, 1, size(), 2));
        level = next;
      }
      return root;
    };

    builder.phase("stretch", `a tree of depth ${options.depth + 1}`);
    heap.unroot(tree(options.depth + 1));
    builder.phase("long-lived", `a tree of depth ${options.depth}`);
    const longLived = tree(options.depth);
    for (let depth = Math.min(LEAST, options.depth); depth <= options.depth; depth += 2) {
      const trees = 2 ** (options.depth - depth + LEAST);
      builder.phase("trees", `${trees} of depth ${depth}`);
      for (let i = 0; i < trees; i++) heap.unroot(tree(depth));
    }
    if (!options.release) return;
    builder.phase("release");
    heap.unroot(longLived);
  },
});
