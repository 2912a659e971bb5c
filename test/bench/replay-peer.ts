/** One round of an allocator that is called from JavaScript: NAME TRACE BUDGET [WASM]. Prints `Measured`. */
import { readFileSync } from "node:fs";
import { MemPool } from "@thi.ng/malloc";
import { Op } from "../../src/traces/trace.ts";
import { NaiveList } from "./naive-list.ts";
import { readPacked } from "./packed-trace.ts";
import { measure } from "./stopwatch.ts";

interface Malloc {
  malloc(bytes: number): number;
  realloc(address: number, bytes: number): number;
  free(address: number): void;
}

const [name, file, budget, wasm] = process.argv.slice(2);
const trace = readPacked(file);

function assemblyScript(module: WebAssembly.Module): () => Malloc {
  const abort = (): never => {
    throw new Error("AssemblyScript's runtime gave up");
  };
  return () => new WebAssembly.Instance(module, { env: { abort } }).exports as unknown as Malloc;
}

function thing(): Malloc {
  const pool = new MemPool({ size: 4 * trace.peakLiveBytes + (1 << 20) });
  return {
    malloc: (bytes) => pool.malloc(bytes),
    realloc: (address, bytes) => pool.realloc(address, bytes),
    free: (address) => {
      pool.free(address);
    },
  };
}

const MAKERS: Readonly<Record<string, () => () => Malloc>> = {
  "thi.ng": () => thing,
  "naive-list": () => () => new NaiveList(4 * trace.peakLiveBytes + (1 << 20)),
  "assemblyscript-tlsf": () => assemblyScript(new WebAssembly.Module(readFileSync(wasm))),
};
const begin = MAKERS[name]();

/** None of them has calloc or memalign of C's kind: those are malloc here. Requests of 0 bytes ask for 1. */
const outcome = measure(trace, Number(budget), () => {
  const { op, row, bytes } = trace;
  const heap = begin();
  const held = new Uint32Array(trace.rows);
  return (from, to) => {
    for (let i = from; i < to; i++) {
      const object = row[i];
      if (op[i] === Op.free) heap.free(held[object]);
      else {
        const size = bytes[i] || 1;
        const address = op[i] === Op.reallocate ? heap.realloc(held[object], size) : heap.malloc(size);
        if (address === 0) throw new Error(`${name} refused ${size} bytes`);
        held[object] = address;
      }
    }
  };
});
process.stdout.write(JSON.stringify(outcome));
