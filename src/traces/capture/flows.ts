/** The TCP connections of a capture and the MQTT in them, as events of a session log. */
import { Connection } from "../mqtt/connection.ts";
import type { Direction, SessionEvent } from "../mqtt/control-packet.ts";
import type { ParsePacket } from "../mqtt/packet-parser.ts";
import { TraceError } from "../trace.ts";
import { ByteStream } from "./byte-stream.ts";
import type { Segment } from "./segment.ts";

/** IANA: secure-mqtt. */
const SECURE_MQTT = 8883;
const TLS_HANDSHAKE = 22;
const CONNECT = 0x10;

export interface FlowSink {
  event(event: SessionEvent): void;
  anomaly(kind: string): void;
}

export class Flows {
  readonly counts = { connections: 0, mqtt: 0 };
  private readonly parse: ParsePacket;
  private readonly sink: FlowSink;
  /** By `from to`, under both directions. */
  private readonly flows = new Map<string, Flow>();

  constructor(parse: ParsePacket, sink: FlowSink) {
    this.parse = parse;
    this.sink = sink;
  }

  /** `time` in microseconds from the start. */
  take(segment: Segment, time: number): void {
    const { from, to, syn, ack, rst, payload } = segment;
    const key = `${from} ${to}`;
    let flow = this.flows.get(key);
    if (flow && syn && !ack && !flow.began(segment)) {
      this.end(flow, time);
      flow = undefined;
    }
    if (!flow) {
      const fromBroker = syn && ack;
      if (!syn && (payload.length === 0 || rst)) return;
      flow = this.open(fromBroker ? to : from, fromBroker ? from : to, segment, fromBroker);
    }
    flow.take(segment, from === flow.client ? "to-broker" : "to-client", time);
    if (flow.over) this.end(flow, time);
  }

  /** The capture has ended: connections that are open stay so. */
  finish(): void {
    for (const flow of new Set(this.flows.values())) flow.finish();
  }

  private open(client: string, broker: string, segment: Segment, fromBroker: boolean): Flow {
    this.counts.connections++;
    const address = fromBroker ? client.slice(0, client.lastIndexOf(":")) : segment.fromAddress;
    const number = () => ++this.counts.mqtt;
    const flow = new Flow(client, broker, address, this.parse, this.sink, number);
    this.flows.set(`${client} ${broker}`, flow);
    this.flows.set(`${broker} ${client}`, flow);
    return flow;
  }

  private end(flow: Flow, time: number): void {
    flow.end(time);
    this.flows.delete(`${flow.client} ${flow.broker}`);
    this.flows.delete(`${flow.broker} ${flow.client}`);
  }
}

type Occurrence = SessionEvent extends infer E
  ? E extends SessionEvent
    ? Omit<E, "time" | "connection">
    : never
  : never;

class Flow {
  readonly client: string;
  readonly broker: string;
  /** It has ended; nothing that matters can follow. */
  over = false;
  private readonly sink: FlowSink;
  private readonly connection: Connection;
  private readonly streams: Readonly<Record<Direction, ByteStream>>;
  private readonly ends: Record<Direction, number | undefined> = {
    "to-broker": undefined,
    "to-client": undefined,
  };
  private first: number | undefined;
  private time = 0;
  private toPort = 0;
  /** 0 until it has turned out to be MQTT. */
  private number = 0;
  /** For the sink. */
  private readonly told: SessionEvent[] = [];
  private readable = true;

  constructor(
    client: string,
    broker: string,
    address: string,
    parse: ParsePacket,
    sink: FlowSink,
    number: () => number,
  ) {
    this.client = client;
    this.broker = broker;
    this.sink = sink;
    this.connection = new Connection(parse, {
      opened: (transport) => {
        this.number = number();
        this.tell({ kind: "open", transport, address });
      },
      packet: (direction, packet) => this.tell({ kind: "packet", direction, packet }),
    });
    const stream = (direction: Direction) =>
      new ByteStream({
        bytes: (bytes) => this.read(direction, bytes),
        missing: (length) => this.skip(direction, length),
      });
    this.streams = { "to-broker": stream("to-broker"), "to-client": stream("to-client") };
  }

  /** Whether the SYN is the one that it began with, come again. */
  began({ sequence }: Segment): boolean {
    return this.first === sequence;
  }

  take(segment: Segment, direction: Direction, time: number): void {
    const { sequence, acknowledged, syn, ack, fin, rst, payload, length } = segment;
    this.time = time;
    const stream = this.streams[direction];
    if (direction === "to-broker") this.toPort = segment.toPort;
    if (syn) {
      stream.begin(sequence);
      if (direction === "to-broker") this.first ??= sequence;
    }
    stream.take((sequence + (syn ? 1 : 0)) >>> 0, payload, length);
    if (ack) this.streams[direction === "to-broker" ? "to-client" : "to-broker"].acknowledged(acknowledged);
    if (fin) this.ends[direction] = (sequence + length) >>> 0;
    const end = this.ends[direction];
    this.over = rst || (end !== undefined && stream.reached(end));
  }

  end(time: number): void {
    this.time = time;
    this.finish();
    if (this.number > 0) this.tell({ kind: "close" });
    this.flush();
  }

  finish(): void {
    for (const stream of Object.values(this.streams)) stream.end();
    if (this.number > 0 && this.readable && !this.connection.idle)
      this.sink.anomaly("connection that ends within a control packet");
  }

  private read(direction: Direction, bytes: Uint8Array): void {
    if (!this.readable) return;
    // Without its SYN a connection can still begin with CONNECT: the capture may have begun between the two.
    if (this.number === 0 && this.first === undefined && direction === "to-broker" && bytes[0] !== CONNECT) {
      this.readable = false;
      return;
    }
    let wrong: TraceError | undefined;
    try {
      this.connection.push(direction, bytes);
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
      wrong = error;
    }
    // Not before: what the sink throws is no fault of this connection.
    this.flush();
    if (wrong) this.unreadable(bytes[0]);
  }

  private skip(direction: Direction, length: number): void {
    if (!this.readable) return;
    if (this.number > 0) this.sink.anomaly("bytes of a connection that are not in the capture");
    const skipped = this.connection.skip(direction, length);
    this.flush();
    if (skipped) return;
    this.readable = false;
    if (this.number > 0) this.sink.anomaly("connection that cannot be read behind a gap");
  }

  /** What is no MQTT is no fault, unless it had turned out to be. */
  private unreadable(first: number): void {
    this.readable = false;
    if (this.number > 0)
      this.sink.anomaly("connection that cannot be read on: what comes is no control packet");
    else if (first === TLS_HANDSHAKE && this.toPort === SECURE_MQTT)
      this.sink.anomaly("encrypted connection to port 8883, which cannot be read");
  }

  private tell(event: Occurrence): void {
    this.told.push({ time: this.time, connection: this.number, ...event } as SessionEvent);
  }

  private flush(): void {
    for (const event of this.told.splice(0)) this.sink.event(event);
  }
}
