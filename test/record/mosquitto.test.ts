/** A real broker under a real load, recorded and replayed: Debian's mosquitto and its clients, on loopback. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWith, frameOf, GLIBC_OF_MODEL, placesIn, Recordings, type Run } from "./recorded.ts";

const MESSAGES = 150;

describeWith(["cc", "mosquitto", "mosquitto_pub", "mosquitto_sub"], "a recorded mosquitto", () => {
  let folder: Recordings;
  let run: Run;
  let received: string;

  beforeAll(async () => {
    folder = new Recordings();
    const port = await freePort();
    folder.write("my.conf", `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
    const broker = folder.start("mosquitto", "-c", "my.conf");
    await listens(port);
    const subscriber = client(["mosquitto_sub", "-q", "2", "-C", `${3 * MESSAGES}`], port);
    await setTimeout(300); // it has subscribed
    for (const qos of ["0", "1", "2"]) {
      const lines = Array.from(
        { length: MESSAGES },
        (_, i) => `Message number ${i + 1} of QoS ${qos}\n`,
      ).join("");
      await client(["mosquitto_pub", "-l", "-q", qos], port, lines);
    }
    received = await subscriber;
    broker.process.kill("SIGTERM");
    run = await broker.run;
  }, 60_000);
  afterAll(() => folder.remove());

  it("does its work, and every call that it makes is an event", () => {
    expect(received.split("\n").filter((line) => line.startsWith("Message number "))).toHaveLength(
      3 * MESSAGES,
    );
    expect(run.status).toBe(0);
    const [, calls, events] = /(\d+) calls by 1 thread, (\d+) of them events/.exec(run.stderr) ?? [];
    const nulls = run.trace.anomalies.find(({ kind }) => kind === "free of NULL")?.count ?? 0;
    expect(run.trace).toMatchObject({ fidelity: "exact", events: Number(events) });
    expect(Number(events) + nulls).toBe(Number(calls));
    expect(run.trace.anomalies.filter(({ kind }) => kind !== "free of NULL")).toEqual([]);
    expect(run.trace.events).toBeGreaterThan(10 * MESSAGES);
  });

  it("names its own functions, and the moment of SIGTERM", () => {
    const frames = new Set<string>();
    for (const { recorded } of run.trace.chunks)
      for (const site of recorded!.site) frames.add(frameOf(run.trace, site));
    expect(
      [...frames].filter((frame) => /^mosquitto__malloc\+0x[0-9a-f]+ \(mosquitto\)$/.test(frame)),
    ).toHaveLength(1);
    const [terminated, end] = run.trace.phases;
    expect([terminated.name, end.name, end.detail]).toEqual(["sigterm", "end", "status 0"]);
    expect(terminated.event).toBeLessThan(end.event);
    expect(end.event).toBe(run.trace.events);
  });

  it.skipIf(!GLIBC_OF_MODEL)("is placed by the model of glibc where it was, request by request", async () => {
    const { bases } = await placesIn(folder, run.trace);
    expect(bases.size).toBe(1);
  });

  it("replays on other allocators", async () => {
    const policies = ["glibc", "dlmalloc"].flatMap((name) => ["-a", name]);
    const { status, stdout } = await folder.heapscape(
      ...["run", "out.heaptrace", ...policies, "--from", "sigterm", "--reporter", "json"],
    );
    expect(status).toBe(0);
    const { cells } = JSON.parse(stdout);
    expect(cells).toHaveLength(2);
    for (const { events, metrics } of cells) {
      expect(events).toBe(run.trace.events);
      expect(metrics).toMatchObject({ refusals: 0, liveBlocks: cells[0].metrics.liveBlocks });
    }
  });
});

/** A client on the test's topic, to its end: what it wrote. */
async function client([program, ...options]: readonly string[], port: number, input = ""): Promise<string> {
  const process = spawn(program, ["-h", "127.0.0.1", "-p", `${port}`, "-t", "/test/topic", ...options]);
  let output = "";
  process.stdout.on("data", (text) => (output += text));
  process.stdin.end(input);
  const [status] = await once(process, "close");
  if (status !== 0) throw new Error(`${program} ended with ${status}`);
  return output;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address ? address.port : 0;
}

async function listens(port: number): Promise<void> {
  for (let patience = 200; patience > 0; patience--) {
    const socket = connect(port, "127.0.0.1");
    const open = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    await setTimeout(50);
  }
  throw new Error(`nobody listens on port ${port}`);
}
