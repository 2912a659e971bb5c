import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { formatEvent, parseEvent } from "../../src/traces/mqtt/session-log.ts";
import { readTrace } from "../../src/traces/read-trace.ts";

const LINES = `0 1 open websocket ::1
5 1 > connect 99 version=5 clean keepalive=60 client=a%20%25é username=5 password=8 will=w/t will.payload=12 will.qos=1 will.retain will.willDelayInterval=5 sessionExpiryInterval=100 userProperties=3+4
6 1 < connack 9 reason=135 topicAliasMaximum=10
7 1 > subscribe 20 id=7 filter=45:a/+ filter=0:$SYS/# subscriptionIdentifier=300
8 2 > publish 30 id=65535 topic= payload=20 qos=2 retain dup topicAlias=3
9 2 > unsubscribe 9 id=8 filter=0:=%0a%c2%a0
10 2 > pubrel 2 id=65535
11 2 > pingreq 0
12 2 close`.split("\n");

const read = (text: string) => readTrace(new TextEncoder().encode(text), "x.mqttlog");

async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

describe("a session log", () => {
  it("says again what it was read from, line by line", () => {
    expect(LINES.map((line) => formatEvent(parseEvent(line)))).toEqual(LINES);
  });

  it.each([
    ["", "the first line is not there"],
    ["# mqttlog 2", "x.mqttlog:1: a session log of version 1 begins with # mqttlog 1"],
    ["# mqttlog 1\n5 1 close\n4 1 close", 'x.mqttlog:3: the time falls from 5: "4 1 close"'],
    ["# mqttlog 1\n5 0 close", "connections are numbered from 1"],
    ["# mqttlog 1\nx 1 close", 'the time is "x"; it must be a whole number in decimal digits'],
    ["# mqttlog 1\n1 1 > puplish 3", '"puplish" is no type of a control packet'],
    ["# mqttlog 1\n1 1 > publish 3 payload=3", "topic= is missing"],
    ["# mqttlog 1\n1 1 > publish 3 topic=a payload=3 qos=3", "a QoS of 3; it is 0, 1 or 2"],
    ["# mqttlog 1\n1 1 > publish 3 topic=%zz payload=3", "has a % that is not followed by two hex digits"],
    ["# mqttlog 1\n1 1 > pingreq 0 colour", '"colour" is no field of a packet'],
    ["# mqttlog 1\n1 1 open udp ::1", "open takes a transport (tcp or websocket) and an address"],
    ["# mqttlog 1\n# broker max_queud_messages=0", 'the model knows no setting "max_queud_messages"'],
    ["# mqttlog 1\n# broker sys_interval=soon", 'sys_interval is "soon"'],
    ["# mqttlog 1\n1 1 open tcp ::1\n# broker sys_interval=0", "come before the first event"],
    [`# mqttlog 1\n1 1 > publish ${"9".repeat(1 << 20)}`, "the line is longer than 1048576 bytes"],
  ])("is refused with its line and what is wrong: %#", async (text, message) => {
    if (text === "") await expect(read(text)).rejects.toThrow("the file is empty");
    else await expect(read(text)).rejects.toThrow(message);
  });

  it("is the same cut anywhere, and its requests have times and sites", async () => {
    const bytes = readFileSync(`${import.meta.dirname}/../fixtures/mqtt/image.mqttlog.gz`);
    const whole = await readTrace(bytes, "whole");
    const again = await readTrace(pieces(bytes, 100), "pieces");
    expect(again.hash).toBe(whole.hash);
    expect(whole.recorded).toEqual(["time", "site"]);
    const { recorded, events } = whole.chunks[0];
    const kinds = new Set<string>();
    for (let i = 0; i < events; i++) {
      const site = recorded!.site[i];
      if (site > 0) kinds.add(whole.sites.stack(site).at(-1)!);
    }
    expect([...kinds].sort()).toEqual([
      "message",
      "packet",
      "queue",
      "retained",
      "session",
      "subscription",
      "system",
    ]);
  });

  it("counts what the model did not expect, and with strict ends there", async () => {
    const odd = "# mqttlog 1\n0 1 > pingreq 0\n0 2 open tcp ::1\n0 2 > pingreq 0\n0 2 < suback 3";
    const { anomalies } = await read(odd);
    expect(anomalies).toEqual([
      { kind: "packet on a connection that was not opened", count: 1 },
      { kind: "pingreq of a client before its CONNECT", count: 1 },
      { kind: "suback of the broker that the model did not send", count: 1 },
    ]);
    const strict = readTrace(new TextEncoder().encode(odd), "x.mqttlog", { strict: true });
    await expect(strict).rejects.toThrow("x.mqttlog:2: packet on a connection that was not opened");
  });
});
