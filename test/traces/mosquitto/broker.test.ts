/** What the model of Mosquitto asks for and gives back, packet by packet. */
import { describe, expect, it } from "vitest";
import { readTrace } from "../../../src/traces/read-trace.ts";
import { isBirth, Op, type Trace } from "../../../src/traces/trace.ts";

const HELLO = [
  "0 1 open tcp 127.0.0.1",
  "0 1 > connect 22 version=4 clean keepalive=60 client=subscriber",
  "0 1 > subscribe 16 id=1 filter=0:/test/topic",
  "1 2 open tcp 127.0.0.1",
  "1 2 > connect 21 version=4 clean keepalive=60 client=publisher",
];

const derive = (lines: readonly string[], settings = "sys_interval=0"): Promise<Trace> => {
  const text = ["# mqttlog 1", `# broker ${settings}`, ...lines].join("\n");
  return readTrace(new TextEncoder().encode(text), "test.mqttlog");
};

/** The load's requests as text, with the function that asks; a free names what is freed by its size. */
function requests(trace: Trace, from = "load"): string[] {
  const first = trace.phases.find(({ name }) => name === from)!.event;
  const sizes = new Map<number, number>();
  const out: string[] = [];
  let event = 0;
  for (const chunk of trace.chunks)
    for (let i = 0; i < chunk.events; i++, event++) {
      const size = chunk.op[i] === Op.free ? sizes.get(chunk.id[i]) : chunk.bytes[i];
      const at = trace.sites.stack(chunk.recorded!.site[i])[0]?.replace(/ .*/, "");
      if (event >= first) out.push(chunk.op[i] === Op.free ? `free ${size}` : `${at} ${size}`);
      sizes.set(chunk.id[i], size ?? 0);
    }
  return out;
}

function liveBytes(trace: Trace): number {
  const live = new Map<number, number>();
  for (const { events, op, row, bytes } of trace.chunks)
    for (let i = 0; i < events; i++)
      if (op[i] === Op.free) live.delete(row[i]);
      else if (isBirth(op[i]) || op[i] === Op.reallocate) live.set(row[i], bytes[i]);
  return [...live.values()].reduce((sum, bytes) => sum + bytes, 0);
}

describe("the model of Mosquitto", () => {
  it("asks for what a message of the classic scenario costs, in the real broker's order", async () => {
    const before = await derive(HELLO);
    const after = await derive([...HELLO, "2 2 > publish 29 topic=/test/topic payload=16"]);
    // As in the recording `blog`: from reading the packet to freeing it.
    expect(requests(after).slice(requests(before).length)).toEqual([
      "packet__read 29",
      "handle__publish 112",
      "handle__publish 12",
      "handle__publish 17",
      "db__message_store 10",
      "sub__topic_tokenise 12",
      "sub__topic_tokenise 40",
      "db__message_insert 56",
      "db__message_insert 8",
      "db__message_insert 11",
      "send__publish 40",
      "packet__alloc 47",
      "free 47",
      "free 40",
      "free 56",
      "free 40",
      "free 12",
      "free 10",
      "free 11",
      "free 8",
      "free 12",
      "free 17",
      "free 112",
      "free 29",
    ]);
  });

  it("gives everything back when clients leave, whatever they did", async () => {
    const idle = liveBytes(await derive([]));
    const gone = await derive([
      ...HELLO,
      "2 3 open tcp ::1",
      "2 3 > connect 60 version=5 clean keepalive=9 client=é will=w will.payload=3 username=4 password=5 receiveMaximum=2",
      "2 3 > subscribe 30 id=1 filter=2:a/# filter=1:$share/g/a/+ filter=0:+/b subscriptionIdentifier=7",
      "3 2 > publish 50 topic=a/b payload=20 qos=2 id=9",
      "3 2 > pubrel 2 id=9",
      "3 3 > pubrec 2 id=1",
      "3 3 > pubcomp 2 id=1",
      "3 3 > unsubscribe 20 id=2 filter=0:a/# filter=0:never",
      "4 2 > publish 9 topic=a/b payload=0 qos=1 id=10",
      "5 1 close",
      "5 2 > disconnect 0",
      "5 3 close",
    ]);
    expect(gone.anomalies).toEqual([]);
    expect(liveBytes(gone)).toBe(idle);
  });

  it("keeps what is meant for a session that is away, and lets go with the session", async () => {
    const away = [
      "0 1 open tcp 127.0.0.1",
      "0 1 > connect 16 version=4 keepalive=60 client=away",
      "0 1 > subscribe 10 id=1 filter=1:t",
      "0 1 > disconnect 0",
      "0 2 open tcp 127.0.0.1",
      "0 2 > connect 15 version=4 clean keepalive=60 client=pub",
    ];
    const publish = (n: number) =>
      Array.from({ length: n }, (_, i) => `1 2 > publish 105 topic=t payload=100 qos=1 id=${i + 1}`);
    const [none, ten, thousand] = await Promise.all(
      [0, 10, 1500].map((n) => derive([...away, ...publish(n)])),
    );
    // Message 112, topic 2, payload 101, source 4, receivers 8 + 5, delivery 56.
    expect(liveBytes(ten) - liveBytes(none)).toBe(10 * (112 + 2 + 101 + 4 + 8 + 5 + 56));
    // max_queued_messages is 1000.
    expect(liveBytes(thousand) - liveBytes(none)).toBe(1000 * (112 + 2 + 101 + 4 + 8 + 5 + 56));
    const unlimited = await derive([...away, ...publish(1500)], "sys_interval=0 max_queued_messages=0");
    expect(liveBytes(unlimited) - liveBytes(none)).toBe(1500 * 288);
    const back = await derive([
      ...away,
      ...publish(10),
      "2 3 open tcp 127.0.0.1",
      "2 3 > connect 16 version=4 clean keepalive=60 client=away",
      "2 3 > disconnect 0",
      "2 2 > disconnect 0",
    ]);
    expect(liveBytes(back)).toBe(liveBytes(await derive([])));
  });

  it("leaks where 2.0.11 does: a filter that is subscribed to again", async () => {
    const again = await derive([...HELLO, "2 1 > subscribe 16 id=2 filter=0:/test/topic"]);
    expect(liveBytes(again) - liveBytes(await derive(HELLO))).toBe(16 + "/test/topic".length + 1);
  });

  it("retains a message in place of the one before, and nodes of topics for ever", async () => {
    const retain = (payload: number) => `2 2 > publish ${6 + payload} topic=r payload=${payload} retain`;
    const [none, short, long, empty] = await Promise.all(
      [[], [retain(1)], [retain(1), retain(50)], [retain(50), retain(0)]].map((lines) =>
        derive([...HELLO, ...lines]),
      ),
    );
    expect(liveBytes(long) - liveBytes(short)).toBe(49);
    expect(liveBytes(short) - liveBytes(empty)).toBe(112 + 2 + 2 + "publisher".length + 1);
    // A node for each of the two levels of "" and r, and tables for those that had none: 96 + text, 64 + 512.
    expect(liveBytes(empty) - liveBytes(none)).toBe(96 + 1 + 96 + 2 + 2 * (64 + 512));
  });

  it("writes $SYS anew every 11 seconds, and ends sessions that are due", async () => {
    const expiring = [
      "0 1 open tcp 127.0.0.1",
      "0 1 > connect 30 version=5 clean keepalive=60 client=short sessionExpiryInterval=5",
      "0 1 > disconnect 0",
    ];
    const early = liveBytes(await derive([...expiring, "4000000 2 open tcp 127.0.0.1"]));
    const late = liveBytes(await derive([...expiring, "7000000 2 open tcp 127.0.0.1"]));
    expect(early - late).toBe(648 + 24 + "127.0.0.1".length + 1 + "short".length + 1 + 64 + 512);
    const sites = (trace: Trace) =>
      requests(trace).filter((line) => line === "db__messages_easy_queue 112").length;
    expect(sites(await derive(["10000000 1 open tcp 127.0.0.1"], "sys_interval=10"))).toBe(0);
    expect(sites(await derive(["12000000 1 open tcp 127.0.0.1"], "sys_interval=10"))).toBeGreaterThan(0);
  });
});
