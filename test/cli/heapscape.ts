/** The built command line, run as people run it, in a folder of its own. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const MAIN = join(import.meta.dirname, "../../dist/cli/main.js");

export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "heapscape-cli-"));

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is not built; run: npm run build:library`);
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string | Uint8Array): void {
    writeFileSync(join(this.path, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), "utf8");
  }

  bytes(name: string): Uint8Array {
    return readFileSync(join(this.path, name));
  }

  get files(): string[] {
    return readdirSync(this.path).sort();
  }

  heapscape(...args: readonly string[]): Promise<Ended> {
    return this.heapscapeIn({}, ...args);
  }

  /** With these variables in its environment. */
  heapscapeIn(env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Ended> {
    return new Promise((ended) => {
      const options = {
        cwd: this.path,
        maxBuffer: 1 << 28,
        env: { ...process.env, NO_COLOR: "1", GITHUB_ACTIONS: "", ...env },
      };
      execFile(process.execPath, [MAIN, ...args], options, (error, stdout, stderr) => {
        ended({ status: error ? Number(error.code) : 0, stdout, stderr });
      });
    });
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

/** First fit, which says when it is loaded. */
const BEGUN = `import { choosePolicy } from "heapscape";
process.stderr.write("begun");
export default choosePolicy("first-fit").policy;
`;

/**
 * Starts a command that loads the policy `begun.ts`, a file of `folder` that it makes, and interrupts it as that is loaded.
 * Returns what the process ended with.
 */
export async function interrupted(folder: Folder, ...args: readonly string[]): Promise<number | null> {
  folder.write("begun.ts", BEGUN);
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder.path });
  await once(child.stderr, "data");
  child.kill("SIGINT");
  const [status] = await once(child, "exit");
  return status;
}

/** Two objects die, one grows; `load` begins at event 3. */
export const SMALL = `a 1 16
a 2 24
f 1
# phase load
a 3 8
r 2 64
f 2
`;

/** A bump allocator that can be told to go wrong. Its types must be taken off before it runs. */
export const MINE = `import { definePolicy, type Address, REFUSED, roundUp, type Space } from "heapscape";

export default definePolicy({
  name: "mine", family: "regions", summary: "Never frees.", source: "a test", departs: "", kind: "allocator",
  coalesces: () => "never" as const,
  options: {
    step: { type: "integer", default: 8, min: 8, max: 64, about: "rounding" },
    crash: { type: "integer", default: -1, min: -1, max: 1000, about: "the event that goes wrong" },
    overlap: { type: "flag", default: false, about: "every block at 0" },
    far: { type: "flag", default: false, about: "the second block in a segment of its own" },
  },
  granule: () => 8,
  reasons: {},
  create(space: Space, options) {
    const top = space.columns.float64(1);
    const lengths = space.columns.float64(1024);
    const lengthOf = (bytes: number): number => Math.max(options.step, roundUp(bytes, options.step));
    return {
      allocate(bytes: number, _align: number, request): Address {
        if (request.event === options.crash) throw new RangeError("out of ideas");
        const length = lengthOf(bytes);
        if (options.far && request.event === 1) return space.start(space.map(4096)) + 8;
        const end = space.segmentEnd(space.heap);
        const missing = top.data[0] + length - end;
        if (missing > 0 && !(space.grows && space.extend(missing))) return REFUSED;
        const address = top.data[0];
        if (!options.overlap) top.data[0] += length;
        lengths.data[address / 8] = length;
        return address;
      },
      free(): void {},
      reallocate(_address: Address, bytes: number, request): Address {
        return this.allocate(bytes, 0, request);
      },
      need: lengthOf,
      blockStart: (address: Address) => (address > 2 ** 20 ? address - 8 : address),
      blockLength: (address: Address) => (address > 2 ** 20 ? 4096 : lengths.data[address / 8]),
    };
  },
});
`;
