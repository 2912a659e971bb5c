/** Every importer and every packing with the samples that are changed for it, and the rules that none may break. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { readingModule } from "../../src/engine/kernel-module.ts";
import { TraceBuilder } from "../../src/traces/builder.ts";
import { Compiled } from "../../src/traces/compiled.ts";
import { formats } from "../../src/traces/formats.ts";
import { writeHeaptrace } from "../../src/traces/heaptrace-writer.ts";
import type { TraceFormat } from "../../src/traces/importer.ts";
import { readTrace } from "../../src/traces/read-trace.ts";
import { text } from "../../src/traces/text.ts";
import { type Trace, TraceError } from "../../src/traces/trace.ts";
import { Random } from "../../src/workloads/random.ts";
import { packetsOf, pcapngOf } from "../traces/capture/captures.ts";
import { bytesOf, samples } from "../traces/recorders/samples.ts";
import { drawn, written } from "../traces/snapshots.ts";
import { encode, join, read } from "../traces/traces.ts";
import { mutated, withChecksums } from "./mutations.ts";

const REQUESTS =
  "a 1 48\nc 2 4 16\nm 3 64 100\n# phase load now\nr 1 96\nf 2\n# anomaly 3 odd\n# fidelity partial\nf 1\n";
const CHURN = Array.from({ length: 150 }, (_, i) =>
  i % 3 === 2 ? `f ${i - 1}\nr ${i - 2} ${i}\n` : i % 5 === 0 ? `c ${i} 3 ${i}\n` : `a ${i} ${i * i * i}\n`,
).join("");
const GRAPH = "a 0 40 3\na 1 16\ns 0 2 1\ns 0 2 -1\no 0\n+ 1\np\ny\n- 1\ng\nx 0\nf 1\n";

const SESSION_LOG = `# mqttlog 1
# broker max_queued_messages=2 sys_interval=0
0 1 open websocket ::1
5 1 > connect 99 version=5 keepalive=60 client=a%20b username=5 will=w/t will.payload=12 will.willDelayInterval=5 sessionExpiryInterval=9 userProperties=3+4
6 1 < connack 9 topicAliasMaximum=10 receiveMaximum=20
7 1 > subscribe 20 id=7 filter=45:a/+ filter=2:$share/g/# subscriptionIdentifier=300
8 2 open tcp 127.0.0.1
9 2 > connect 20 version=4 clean keepalive=60 client=
10 2 > publish 30 id=7 topic=a/b payload=20 qos=2 retain
11 2 > pubrel 2 id=7
12 1 > unsubscribe 9 id=8 filter=0:a/+
13 1 close
30000000 2 > disconnect 0
`;
const MQTT = `${import.meta.dirname}/../fixtures/mqtt`;

export interface Target {
  readonly name: string;
  readonly samples: readonly Uint8Array[];
  /** Reads the input, or throws TraceError. */
  import(input: Uint8Array, strict: boolean): Trace | Promise<Trace>;
}

function importing(format: TraceFormat, input: Uint8Array, strict: boolean, compiled?: Compiled): Trace {
  const builder = new TraceBuilder("x", { fidelity: format.fidelity, chunk: () => {}, compiled });
  const reader = format.read(builder, { file: "x", strict });
  const middle = input.length >> 1;
  reader.push(input.slice(0, middle));
  reader.push(input.slice(middle));
  reader.end();
  return builder.finish();
}

/** Text read by compiled code, which must make the same of it, or say the same. */
function compiling(input: Uint8Array): Trace {
  const module = readingModule();
  if (module === undefined) throw new Error("it is not built: npm run build:kernel");
  const compiled = Compiled.of(module)!;
  const outcome = (given?: Compiled) => {
    try {
      return importing(text, input, false, given);
    } catch (reason) {
      if (reason instanceof TraceError) return reason;
      throw reason;
    }
  };
  const [fast, plain] = [outcome(compiled), outcome()];
  compiled.release();
  if (fast instanceof TraceError !== plain instanceof TraceError || told(fast) !== told(plain))
    throw new Error(`compiled: ${told(fast)}\nplain: ${told(plain)}`);
  if (fast instanceof TraceError) throw fast;
  return fast;
}

const told = (outcome: Trace | TraceError): string =>
  outcome instanceof TraceError ? outcome.message : JSON.stringify(outcome);

async function samplesOf(format: TraceFormat): Promise<Uint8Array[]> {
  if (format.name === "text") return [encode(REQUESTS), encode(GRAPH)];
  if (format.name === "heapsnapshot")
    return [
      encode(written(drawn({ nodes: ["1:0 3 9", "3:24 5 5", "5:16 3", "7:8 5", "9:0 11", "11:400 ~7"] }))),
    ];
  if (format.name === "heaptrace") {
    const recorded = await readTrace(bytesOf("features.heaptrack.raw"), "x");
    const threads = await readTrace(bytesOf("features.memory_replay.txt"), "x");
    const own = [REQUESTS, GRAPH].map((lines) => read(text, [encode(lines)]));
    return [...own, recorded, threads].map((trace) => join(writeHeaptrace(trace)));
  }
  if (format.name === "mqttlog") return [encode(SESSION_LOG)];
  if (format.name === "pcap") {
    const captures = ["hello.pcap", "hello-websocket.pcap"].map((name) => readFileSync(`${MQTT}/${name}`));
    return [...captures, pcapngOf(packetsOf(captures[0]))];
  }
  return samples
    .filter((sample) => sample.format === format.name && !sample.file.endsWith(".zst"))
    .map(({ file }) => bytesOf(file));
}

/** What comes out of a packed input may be this long. */
const MAX_BYTES = 1 << 20;

/** One for each format, and one for each packing. */
export async function targets(): Promise<Target[]> {
  const unpacking = (format: string) => (input: Uint8Array, strict: boolean) =>
    readTrace(input, "x", { format, strict, maxBytes: MAX_BYTES, chunk: () => {} });
  const lines = bytesOf("broker.memory_replay.txt").subarray(0, 1200);
  const plain = await Promise.all(
    formats.map(async (format) => {
      await format.load?.();
      return {
        name: format.name,
        samples: await samplesOf(format),
        import(input: Uint8Array, strict: boolean) {
          const mended = format.name === "heaptrace" && input.length % 4 > 0 ? withChecksums(input) : input;
          return importing(format, mended, strict);
        },
      };
    }),
  );
  return [
    ...plain,
    { name: "text-compiled", samples: [encode(REQUESTS), encode(CHURN)], import: compiling },
    {
      name: "any",
      samples: plain.flatMap((target) => target.samples),
      import: (input) => readTrace(input, "x", { maxBytes: MAX_BYTES, chunk: () => {} }),
    },
    { name: "gzip", samples: [new Uint8Array(gzipSync(lines))], import: unpacking("memory-replay") },
    { name: "zstd", samples: [bytesOf("broker.heaptrack.raw.zst")], import: unpacking("heaptrack-raw") },
    {
      name: "zip",
      samples: [zipSync({ "a/": new Uint8Array(0), "a/b.txt": lines })],
      import: unpacking("memory-replay"),
    },
  ];
}

export interface Outcome {
  read: number;
  refused: number;
  /** Milliseconds of CPU time of the slowest input, and which that was. */
  slowest: number;
  slowestInput: number;
}

/** Milliseconds of CPU time that no input of some kilobytes may take. */
const LONGEST = 5000;

/**
 * Tries inputs from .. to - 1 of a target: the same ones for the same seed. Throws what an importer must not do: another
 * error than TraceError, a trace that does not add up, seconds for some kilobytes.
 */
export async function fuzz(target: Target, seed: number, from: number, to: number): Promise<Outcome> {
  const outcome: Outcome = { read: 0, refused: 0, slowest: 0, slowestInput: 0 };
  for (let i = from; i < to; i++) {
    const random = new Random((seed * 1_000_003 + i) >>> 0);
    const input = mutated(target.samples, random);
    const what = `${target.name}: input ${i} of seed ${seed}`;
    const start = process.cpuUsage();
    try {
      const trace = await target.import(input, i % 2 === 1);
      check(trace, what);
      outcome.read++;
    } catch (reason) {
      if (!(reason instanceof TraceError)) throw new Error(`${what}: ${(reason as Error).stack}`);
      if (reason.message.length > 2000)
        throw new Error(`${what}: a message of ${reason.message.length} characters`);
      outcome.refused++;
    }
    const { user, system } = process.cpuUsage(start);
    const took = (user + system) / 1000;
    if (took > LONGEST) throw new Error(`${what} took ${Math.round(took)} ms`);
    if (took > outcome.slowest) {
      outcome.slowest = took;
      outcome.slowestInput = i;
    }
  }
  return outcome;
}

function check(trace: Trace, what: string): void {
  const { events, objects, rows, peakLiveBytes, anomalies } = trace;
  const whole = [events, objects, rows, peakLiveBytes, ...anomalies.map(({ count }) => count)];
  if (
    whole.some((number) => !Number.isSafeInteger(number) || number < 0) ||
    objects > events ||
    rows > objects
  )
    throw new Error(`${what}: ${JSON.stringify({ events, objects, rows, peakLiveBytes, anomalies })}`);
}
