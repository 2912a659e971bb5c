/** Real clients, a proxy, a real broker: what is written down is what they did, and it replays. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type MqttProxy, startMqttProxy } from "../../src/record/mqtt-proxy.ts";
import type { ControlPacket, SessionEvent } from "../../src/traces/mqtt/control-packet.ts";
import { parseEvent } from "../../src/traces/mqtt/session-log.ts";
import { readTrace } from "../../src/traces/read-trace.ts";
import { Folder, MAIN } from "../cli/heapscape.ts";
import { type RunningBroker, startAedes, startMosquitto } from "./brokers.ts";
import { describeWith } from "./recorded.ts";

const QOS = [0, 1, 2] as const;

/** Connects, subscribes, publishes at every QoS, unsubscribes, disconnects; over one transport in one version. */
async function traffic(
  url: string,
  version: 4 | 5,
): Promise<{ log: string; received: number; proxy: MqttProxy }> {
  const { port, protocol } = new URL(url);
  let log = "";
  const warnings: string[] = [];
  const proxy = await startMqttProxy({
    port: 0,
    upstream: { host: "127.0.0.1", port: Number(port) },
    write: (lines) => (log += lines),
    warn: (sentence) => warnings.push(sentence),
  });
  const join = (clientId: string, more: IClientOptions = {}): Promise<MqttClient> =>
    connectAsync(`${protocol}//127.0.0.1:${proxy.port}`, {
      clientId,
      protocolVersion: version,
      reconnectPeriod: 0,
      ...more,
    });
  const will = { topic: "gone", payload: Buffer.from("bye"), qos: 1 as const, retain: false };
  const subscriber = await join(`subscriber-${version}`, { username: "me", password: "secret" });
  let received = 0;
  const all = new Promise<void>((done) => subscriber.on("message", () => ++received === 7 && done()));
  for (const qos of QOS) await subscriber.subscribeAsync(`test/${qos}/#`, { qos });
  await subscriber.subscribeAsync("gone", { qos: 1 });
  const publisher = await join(`publisher-${version}`, { will });
  for (const qos of QOS)
    for (const bytes of [0, 20_000])
      await publisher.publishAsync(`test/${qos}/topic`, Buffer.alloc(bytes), { qos });
  // Without DISCONNECT: the will comes.
  publisher.stream.destroy();
  await all;
  await subscriber.unsubscribeAsync("test/0/#");
  await subscriber.endAsync();
  await proxy.close();
  expect(warnings).toEqual([]);
  return { log, received, proxy };
}

function packetsOf(log: string): { events: SessionEvent[]; packets: ControlPacket[] } {
  const lines = log.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const events = lines.map(parseEvent);
  return { events, packets: events.flatMap((event) => (event.kind === "packet" ? [event.packet] : [])) };
}

const CASES = [
  ["TCP", "3.1.1", 4],
  ["TCP", "5", 5],
  ["WebSocket", "3.1.1", 4],
  ["WebSocket", "5", 5],
] as const;

function writesDown(
  start: () => Promise<RunningBroker>,
  cases: readonly (typeof CASES)[number][],
  check: (trace: Awaited<ReturnType<typeof readTrace>>) => void,
) {
  let broker: RunningBroker;
  beforeAll(async () => {
    broker = await start();
  }, 30_000);
  afterAll(() => broker.stop());

  it.each(cases)(
    "over %s in version %s: every packet, without payloads or passwords",
    async (over, _, version) => {
      const url =
        over === "TCP" ? `mqtt://localhost:${broker.ports.tcp}` : `ws://localhost:${broker.ports.websocket}`;
      const { log, received, proxy } = await traffic(url, version);
      const { events, packets } = packetsOf(log);
      expect([received, packets.length]).toEqual([7, proxy.counts.packets]);
      const opened = events.filter((event) => event.kind === "open").map(({ transport }) => transport);
      expect(new Set(opened)).toEqual(new Set([over === "TCP" ? "tcp" : "websocket"]));
      expect(events.filter(({ kind }) => kind === "close")).toHaveLength(2);
      const connects = packets.filter((packet) => packet.type === "connect");
      expect(connects).toMatchObject([
        { version, clean: true, client: `subscriber-${version}`, username: 2, password: 6 },
        {
          version,
          client: `publisher-${version}`,
          will: { topic: "gone", payload: 3, qos: 1, retain: false },
        },
      ]);
      expect(log).not.toContain("secret");
      const published = packets.filter((packet) => packet.type === "publish");
      // Six to the broker, those and the will from it.
      expect(published.map(({ payload }) => payload).sort((a, b) => a - b)).toEqual([
        ...Array(6).fill(0),
        3,
        ...Array(6).fill(20_000),
      ]);
      const types = new Set(packets.map(({ type }) => type));
      for (const type of [
        "suback",
        "puback",
        "pubrec",
        "pubrel",
        "pubcomp",
        "unsubscribe",
        "unsuback",
        "disconnect",
      ] as const)
        expect(types).toContain(type);
      check(await readTrace(new TextEncoder().encode(log), "x.mqttlog"));
    },
  );
}

describeWith(["mosquitto"], "a proxy before mosquitto writes down", () => {
  writesDown(startMosquitto, CASES, ({ anomalies, events }) => {
    // The model is this broker's: it sends what the broker sent.
    expect(anomalies).toEqual([]);
    expect(events).toBeGreaterThan(2600);
  });

  it("from the command line, until SIGINT", async () => {
    const broker = await startMosquitto();
    const folder = new Folder();
    const upstream = `127.0.0.1:${broker.ports.tcp}`;
    const args = [MAIN, "record", "--mqtt", "0", "--upstream", upstream, "--out", "x.mqttlog"];
    const recorder = spawn(process.execPath, args, { cwd: folder.path, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    recorder.stderr.on("data", (text) => (said += text));
    while (!/port \d+ leads/.test(said)) await once(recorder.stderr, "data");
    const port = /port (\d+) leads/.exec(said)?.[1];
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: "one" });
    await client.publishAsync("/test/topic", "Message number 1", { qos: 1 });
    await client.endAsync();
    recorder.kill("SIGINT");
    const [status] = await once(recorder, "exit");
    expect([status, said]).toEqual([
      0,
      expect.stringContaining("x.mqttlog: 1 connections, 5 control packets"),
    ]);
    const ran = await folder.heapscape("run", "x.mqttlog", "-a", "glibc", "--reporter", "json");
    expect(JSON.parse(ran.stdout).cells[0]).toMatchObject({ policy: "glibc", metrics: { refusals: 0 } });
    const refused = await folder.heapscape("record", "--mqtt", "1");
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining("belong together") });
    folder.remove();
    await broker.stop();
  });
});

describe("a proxy before aedes writes down", () => {
  // aedes 1.2 refuses version 5.
  const cases = CASES.filter(([, , version]) => version === 4);
  writesDown(startAedes, cases, ({ fidelity, events }) => {
    // Another broker, which sends other packets: the model says how Mosquitto would have done.
    expect(fidelity).toBe("derived");
    expect(events).toBeGreaterThan(2600);
  });
});
