/**
 * A capture of a broker's network traffic, pcap or pcapng: MQTT over TCP or over WebSocket, on any port, is found in
 * it, and a model of Mosquitto derives what the broker allocated. Frames are read one by one and not kept.
 */
import type { TraceBuilder } from "./builder.ts";
import { Flows } from "./capture/flows.ts";
import { type Frame, Frames, isCapture } from "./capture/frames.ts";
import { segmentOf } from "./capture/segment.ts";
import type { Source, TraceFormat, TraceReader } from "./importer.ts";
import { Broker } from "./mosquitto/broker.ts";
import { DEFAULT_SETTINGS } from "./mosquitto/settings.ts";
import { loadPacketParser, type ParsePacket } from "./mqtt/packet-parser.ts";
import { TraceError } from "./trace.ts";

/** Loaded with the first capture. */
let parser: ParsePacket | undefined;

export const pcap: TraceFormat = {
  name: "pcap",
  summary:
    "network capture of tcpdump or Wireshark, pcap or pcapng: the MQTT in it; a model of Mosquitto derives its requests",
  extension: ".pcap",
  fidelity: "derived",
  loses: "what the broker really allocated, and where; payloads; what is encrypted",
  detect: isCapture,
  load: async () => {
    parser ??= await loadPacketParser();
  },
  read(builder, source) {
    if (!parser) throw new Error("load() of the format pcap comes before its read()");
    return new CaptureReader(builder, source, parser);
  },
};

const SKIPPED = {
  fragment: "IP fragment, which is not put together",
  cut: "frame whose headers were not captured whole",
  link: "frame of a link layer that is not known",
};

class CaptureReader implements TraceReader {
  private readonly builder: TraceBuilder;
  private readonly source: Source;
  private readonly frames: Frames;
  private readonly flows: Flows;
  private readonly broker: Broker;
  private count = 0;
  /** Microseconds: of the first frame, and of the last one from there. */
  private start = 0;
  private time = 0;

  constructor(builder: TraceBuilder, source: Source, parse: ParsePacket) {
    this.builder = builder;
    this.source = source;
    this.broker = new Broker(builder, DEFAULT_SETTINGS, (kind) => this.anomaly(kind));
    this.frames = new Frames((frame) => this.take(frame));
    this.flows = new Flows(parse, {
      event: (event) => this.broker.take(event),
      anomaly: (kind) => this.anomaly(kind),
    });
  }

  push(piece: Uint8Array): void {
    this.naming(() => this.frames.push(piece));
  }

  end(): void {
    this.naming(() => {
      if (this.frames.unfinished > 0) this.anomaly("end of the file within a frame");
      this.flows.finish();
      const { connections, mqtt } = this.flows.counts;
      if (mqtt === 0)
        throw new TraceError(
          `no MQTT in it: ${this.count} frames, ${connections} TCP connections, none of which begins with CONNECT`,
        );
    });
  }

  private take(frame: Frame): void {
    if (this.count++ === 0) this.start = frame.time;
    // Frames of several interfaces may be out of step by a little; the broker's time does not fall.
    this.time = Math.max(this.time, Math.round(frame.time - this.start));
    const segment = segmentOf(frame);
    if (typeof segment !== "string") this.flows.take(segment, this.time);
    else if (segment !== "other") this.anomaly(SKIPPED[segment]);
  }

  private anomaly(kind: string): void {
    if (this.source.strict) throw new TraceError(`frame ${this.count}: ${kind}`);
    this.builder.anomaly(kind);
  }

  private naming(act: () => void): void {
    try {
      act();
    } catch (reason) {
      if (!(reason instanceof TraceError)) throw reason;
      throw new TraceError(`${this.source.file}: ${reason.message}`);
    }
  }
}
