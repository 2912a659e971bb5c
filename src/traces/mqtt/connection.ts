/** Both directions of one connection, as bytes: which transport it is, and the control packets in it. */
import { TraceError } from "../trace.ts";
import type { ControlPacket, Direction, Transport } from "./control-packet.ts";
import type { ParsePacket } from "./packet-parser.ts";
import { PacketStream } from "./packet-stream.ts";
import { WebSocketStream } from "./web-socket.ts";

export interface ConnectionSink {
  /** Called once, before any packet. */
  opened(transport: Transport): void;
  packet(direction: Direction, packet: ControlPacket): void;
}

/** The first byte of a CONNECT packet; a TLS record of a handshake begins with 22, and HTTP's GET with G. */
const CONNECT = 0x10;
const TLS_HANDSHAKE = 22;
const G = 71;

export class Connection {
  private readonly sink: ConnectionSink;
  private readonly toBroker: PacketStream;
  private readonly toClient: PacketStream;
  private transport: Transport | undefined;
  private readonly sockets: Readonly<Record<Direction, WebSocketStream>>;

  constructor(parse: ParsePacket, sink: ConnectionSink) {
    this.sink = sink;
    this.toBroker = new PacketStream(parse, (packet) => {
      if (packet.type === "connect") this.toClient.version = packet.version;
      sink.packet("to-broker", packet);
    });
    this.toClient = new PacketStream(parse, (packet) => sink.packet("to-client", packet));
    this.sockets = {
      "to-broker": new WebSocketStream(
        (bytes) => this.toBroker.push(bytes),
        () => sink.opened("websocket"),
      ),
      "to-client": new WebSocketStream((bytes) => this.toClient.push(bytes)),
    };
  }

  /** Whether neither direction stands within a packet. */
  get idle(): boolean {
    return this.toBroker.idle && this.toClient.idle;
  }

  /** Throws TraceError when it is no MQTT; the connection cannot be read on then. */
  push(direction: Direction, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.transport === undefined) this.begin(direction, bytes[0]);
    if (this.transport === "websocket") this.sockets[direction].push(bytes);
    else (direction === "to-broker" ? this.toBroker : this.toClient).push(bytes);
  }

  /** So many bytes are missing. False when the connection cannot be read on: it is not within a payload. */
  skip(direction: Direction, length: number): boolean {
    if (this.transport !== "tcp") return false;
    return (direction === "to-broker" ? this.toBroker : this.toClient).skip(length);
  }

  private begin(direction: Direction, first: number): void {
    if (direction === "to-client") throw new TraceError("no MQTT: the broker speaks first");
    if (first === TLS_HANDSHAKE) throw new TraceError("it is encrypted (TLS); capture it where it is not");
    if (first !== CONNECT && first !== G) throw new TraceError(`no MQTT: it begins with the byte ${first}`);
    this.transport = first === G ? "websocket" : "tcp";
    if (first === CONNECT) this.sink.opened("tcp");
  }
}
