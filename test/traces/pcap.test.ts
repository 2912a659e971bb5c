import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readTrace } from "../../src/traces/read-trace.ts";
import type { Trace } from "../../src/traces/trace.ts";
import { asIPv6, concat, LINKS, type Packet, packetsOf, pcapngOf, pcapOf } from "./capture/captures.ts";

const fixture = (name: string) => readFileSync(`${import.meta.dirname}/../fixtures/mqtt/${name}`);
const HELLO = packetsOf(fixture("hello.pcap"));
const SOCKET = packetsOf(fixture("hello-websocket.pcap"));
const [, , raw] = LINKS[4];
const read = (file: Uint8Array) => readTrace(file, "x.pcap");
const readRaw = (packets: readonly Packet[]) => read(pcapOf(packets, 101, raw));
/** Bytes of the TCP payload. */
const payload = ({ ip }: Packet) => ((ip[2] << 8) | ip[3]) - 20 - (ip[32] >> 4) * 4;
const odd = ({ anomalies }: Trace) => anomalies.map(({ kind }) => kind);

describe("a network capture", () => {
  it("gives the requests of the classic scenario, over TCP and over WebSocket", async () => {
    const [tcp, any, socket] = await Promise.all(
      ["hello.pcap", "hello-any.pcap", "hello-websocket.pcap"].map((name) => read(fixture(name))),
    );
    expect([tcp.fidelity, odd(tcp), odd(any), odd(socket)]).toEqual(["derived", [], [], []]);
    // Two runs of one load.
    expect(any.hash).toBe(tcp.hash);
    const messages = ({ chunks, sites }: Trace) =>
      chunks
        .flatMap(({ recorded }) => [...recorded!.site])
        .filter((site) => sites.stack(site)[0] === "handle__publish (src/handle_publish.c)").length;
    expect([messages(tcp), messages(socket)]).toEqual([3, 3]);
    expect(
      socket.chunks.flatMap(({ recorded }) => [...recorded!.site]).map((site) => socket.sites.stack(site)[0]),
    ).toContain("lws_create_new_server_wsi (libwebsockets)");
  });

  it.each(LINKS)("is the same on %s", async (_, link, header) => {
    const expected = await readRaw(HELLO);
    expect((await read(pcapOf(HELLO, link, header))).hash).toBe(expected.hash);
    expect((await read(pcapOf(HELLO, link, header, true))).hash).toBe(expected.hash);
  });

  it("is the same in pcapng, in IPv6 but for the address, and cut into pieces", async () => {
    const expected = await readRaw(HELLO);
    expect((await read(pcapngOf(HELLO))).hash).toBe(expected.hash);
    const six = await readRaw(HELLO.map(asIPv6));
    expect([odd(six), six.events]).toEqual([[], expected.events]);
    async function* pieces(file: Uint8Array): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < file.length; at += 7) yield file.subarray(at, at + 7);
    }
    for (const file of [pcapngOf(HELLO), fixture("hello.pcap")])
      expect((await readTrace(pieces(file), "x")).hash).toBe(expected.hash);
  });

  it.each([
    ["TCP", HELLO],
    ["WebSocket", SOCKET],
  ])("over %s is put in order again: swapped, sent twice, cut anew", async (_, packets) => {
    const expected = await readRaw(packets);
    const twice = await readRaw(packets.flatMap((packet) => [packet, packet]));
    expect([twice.hash, odd(twice)]).toEqual([expected.hash, []]);
    // A segment with data, and behind it the same with its first byte only: what is new is taken once.
    const halves = packets.flatMap((packet) => (payload(packet) > 2 ? [first(packet, 1), packet] : [packet]));
    expect((await readRaw(halves)).hash).toBe(expected.hash);
    const swapped = packets.flatMap((packet) =>
      payload(packet) > 2 ? [rest(packet, 2), first(packet, 2)] : [packet],
    );
    expect((await readRaw(swapped)).hash).toBe(expected.hash);
  });

  it("says what is missing: a gap within a payload costs nothing, any other the rest of the connection", async () => {
    const whole = await readRaw(HELLO);
    const publish = HELLO.findIndex((packet) => payload(packet) === 31);
    const inPayload = HELLO.flatMap((packet, i) =>
      i === publish ? [first(packet, 20), rest(packet, 25)] : [packet],
    );
    const read20 = await readRaw(inPayload);
    // It is known to be missing when the broker has acknowledged it: then the message is already with its subscriber.
    expect(read20.anomalies).toContainEqual({
      kind: "bytes of a connection that are not in the capture",
      count: 1,
    });
    expect(read20.events).toBe(whole.events);
    const lost = await readRaw(HELLO.filter((_, i) => i !== publish));
    expect(odd(lost)).toContain("connection that cannot be read behind a gap");
    expect(lost.events).toBeLessThan(whole.events);
    const strict = readTrace(pcapOf(inPayload, 101, raw), "x.pcap", { strict: true });
    await expect(strict).rejects.toThrow(
      /^x\.pcap: frame \d+: publish of the broker that the model did not send$/,
    );
  });

  it("knows a port that is used again, and a connection whose beginning is missing", async () => {
    const once = await readRaw(HELLO);
    const later = HELLO.map(({ time, ip }) => ({ time: time + 5e6, ip: renumbered(ip) }));
    const again = await readRaw([...HELLO, ...later]);
    expect(odd(again)).toEqual([]);
    // The second time at once the same load, without the start.
    const start = once.phases.find(({ name }) => name === "load")!.event;
    expect(again.events).toBe(once.events + (once.events - start));
    const connect = HELLO.findIndex((packet) => payload(packet) > 0);
    await expect(readRaw(HELLO.slice(connect + 1, connect + 8))).rejects.toThrow(
      "x.pcap: no MQTT in it: 7 frames",
    );
  });

  it("refuses what it cannot be, by name and byte", async () => {
    const file = pcapOf(HELLO, 147, raw);
    await expect(read(file)).rejects.toThrow(
      "no MQTT in it: 40 frames, 0 TCP connections".replace("40", `${HELLO.length}`),
    );
    const long = concat(pcapOf(HELLO.slice(0, 3), 101, raw), new Uint8Array(16).fill(255));
    await expect(read(long)).rejects.toThrow(/x\.pcap: at byte \d+: a record of 4294967311 bytes/);
    await expect(read(pcapOf([], 1, raw))).rejects.toThrow("no MQTT in it: 0 frames, 0 TCP connections");
    const cut = await read(pcapOf(HELLO, 101, raw).subarray(0, -5));
    expect(odd(cut)).toContain("end of the file within a frame");
  });

  it("never fails in any other way than with a message, whatever is changed in it", async () => {
    let seed = 7;
    const random = (below: number) => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) % below;
    for (let round = 0; round < 150; round++) {
      const file = (
        round % 2 === 0 ? pcapOf(round % 3 === 0 ? SOCKET : HELLO, 101, raw) : pcapngOf(HELLO)
      ).slice();
      for (let change = 0; change < 1 + random(5); change++)
        file[24 + random(file.length - 24)] = random(256);
      const outcome = await read(file).catch((error: Error) => error.name);
      expect(typeof outcome === "string" ? outcome : "trace").toMatch(/^(TraceError|trace)$/);
    }
  });
});

/** The first bytes of a segment's payload, and the rest of it. */
function first(packet: Packet, length: number): Packet {
  return resized(packet, 0, length);
}

function rest(packet: Packet, from: number): Packet {
  return resized(packet, from, payload(packet));
}

function resized(packet: Packet, from: number, to: number): Packet {
  const { time, ip } = packet;
  const header = 20 + (ip[32] >> 4) * 4;
  const changed = concat(ip.subarray(0, header), ip.subarray(header + from, header + to));
  const view = new DataView(changed.buffer);
  view.setUint16(2, changed.length);
  view.setUint32(24, view.getUint32(24) + from);
  // Neither SYN nor FIN.
  changed[33] &= ~3;
  return { time, ip: changed };
}

/** The same connection with other sequence numbers. */
function renumbered(ip: Uint8Array): Uint8Array {
  const changed = ip.slice();
  const view = new DataView(changed.buffer);
  view.setUint32(24, view.getUint32(24) + 1e9);
  view.setUint32(28, view.getUint32(28) + 1e9);
  return changed;
}
