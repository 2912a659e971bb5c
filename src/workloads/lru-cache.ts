/**
 * A cache that forgets what was not asked for the longest: a hash table of chains, and a doubly linked list of all
 * entries by their last use. An entry lives long or short, as its key happens to be wanted, and dies old: the case
 * that young generations are worst at.
 */
import { defineWorkload } from "./contract.ts";
import { Random } from "./random.ts";
import { REFERENCE_OPTIONS, References } from "./references.ts";

/** Fields of the cache, and of an entry. */
const HEAD = 0;
const TAIL = 1;
const TABLE = 2;
const NEXT = 0;
const BEFORE = 1;
const CHAIN = 2;
const VALUE = 3;

export const lruCache = defineWorkload({
  name: "lru-cache",
  summary:
    "A cache of least recently used entries: hash chains, a list by last use, values that are replaced.",
  source:
    "LinkedHashMap in access order with removeEldestEntry (Java SE API), and its like in every language; keys are " +
    "wanted unevenly: the lower of two even draws",
  graph: true,
  options: {
    entries: { type: "integer", default: 256, min: 1, max: 1_000_000, about: "entries that the cache holds" },
    buckets: { type: "integer", default: 64, min: 1, max: 65_536, about: "chains of the hash table" },
    keys: { type: "integer", default: 1024, min: 1, max: 10_000_000, about: "keys that are asked for" },
    steps: { type: "integer", default: 6000, min: 0, max: 10_000_000, about: "requests, one key each" },
    value: { type: "integer", default: 120, min: 1, max: 65_536, unit: "bytes", about: "median of a value" },
    replace: {
      type: "integer",
      default: 200,
      min: 0,
      max: 1000,
      unit: "permille",
      about: "requests for a key that is there which give it a new value",
    },
    ...REFERENCE_OPTIONS,
  },
  generate(builder, options, seed) {
    const random = new Random(seed);
    const heap = new References(builder, options);
    const entryOf = new Map<number, number>();
    const keyOf = new Map<number, number>();
    builder.phase("fill");
    const cache = heap.allocate(24, 3);
    heap.root(cache);
    const table = heap.allocateInto(cache, TABLE, 16 + 8 * options.buckets, options.buckets);
    const value = () => Math.max(1, random.lognormal(options.value));

    const unlink = (entry: number): void => {
      const next = heap.get(entry, NEXT);
      const before = heap.get(entry, BEFORE);
      if (before === 0) heap.store(cache, HEAD, next);
      else heap.store(before, NEXT, next);
      if (next === 0) heap.store(cache, TAIL, before);
      else heap.store(next, BEFORE, before);
      heap.store(entry, NEXT, 0);
      heap.store(entry, BEFORE, 0);
    };
    /** The chain still holds it. */
    const linkFirst = (entry: number): void => {
      const first = heap.get(cache, HEAD);
      heap.store(entry, NEXT, first);
      if (first === 0) heap.store(cache, TAIL, entry);
      else heap.store(first, BEFORE, entry);
      heap.store(cache, HEAD, entry);
    };
    const evict = (): void => {
      const entry = heap.get(cache, TAIL);
      const key = keyOf.get(entry) as number;
      keyOf.delete(entry);
      entryOf.delete(key);
      unlink(entry);
      const bucket = key % options.buckets;
      const after = heap.get(entry, CHAIN);
      let at = heap.get(table, bucket);
      if (at === entry) heap.store(table, bucket, after);
      else {
        while (heap.get(at, CHAIN) !== entry) at = heap.get(at, CHAIN);
        heap.store(at, CHAIN, after);
      }
    };
    const insert = (key: number): void => {
      if (entryOf.size === options.entries) evict();
      const bucket = key % options.buckets;
      const first = heap.get(table, bucket);
      const entry = heap.allocate(40, 4);
      heap.store(entry, CHAIN, first);
      heap.store(table, bucket, entry);
      entryOf.set(key, entry);
      keyOf.set(entry, key);
      linkFirst(entry);
      heap.allocateInto(entry, VALUE, value());
    };

    for (let step = 0, full = false; step < options.steps; step++) {
      if (!full && entryOf.size === options.entries) {
        full = true;
        builder.phase("steady");
      }
      const key = Math.min(random.below(options.keys), random.below(options.keys));
      const entry = entryOf.get(key);
      if (entry === undefined) insert(key);
      else {
        if (heap.get(cache, HEAD) !== entry) {
          unlink(entry);
          linkFirst(entry);
        }
        if (random.chance(options.replace)) heap.allocateInto(entry, VALUE, value());
      }
    }
    if (!options.release) return;
    builder.phase("release");
    while (entryOf.size > 0) evict();
    heap.unroot(cache);
  },
});
