/**
 * A proxy between MQTT clients and their broker, over TCP or over WebSocket: bytes pass unchanged and with the
 * back-pressure of both ends, and what they say is written down as a session log. What cannot be read passes as well.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import { Connection } from "../traces/mqtt/connection.ts";
import type { Direction, SessionEvent } from "../traces/mqtt/control-packet.ts";
import { loadPacketParser, type ParsePacket } from "../traces/mqtt/packet-parser.ts";
import { formatEvent, SESSION_LOG_HEADER } from "../traces/mqtt/session-log.ts";

export interface ProxyOptions {
  /** Where clients connect; 0 takes a free one. */
  readonly port: number;
  readonly upstream: { readonly host: string; readonly port: number };
  /** Takes lines of the session log, each with its end. */
  readonly write: (lines: string) => void;
  /** What is wrong with a connection, in a sentence; it passes all the same. */
  readonly warn: (sentence: string) => void;
  /** Microseconds that do not fall. Default: since the start. */
  readonly now?: () => number;
}

export interface MqttProxy {
  readonly port: number;
  /** Connections and control packets so far. */
  readonly counts: { connections: number; packets: number };
  /** Ends all connections and writes their ends. */
  close(): Promise<void>;
}

/** Starts listening. Rejects with the system's error if it cannot. */
export async function startMqttProxy(options: ProxyOptions): Promise<MqttProxy> {
  const parse = await loadPacketParser();
  const started = process.hrtime.bigint();
  const now = options.now ?? (() => Number((process.hrtime.bigint() - started) / 1000n));
  const counts = { connections: 0, packets: 0 };
  const relays = new Set<Relay>();
  options.write(`${SESSION_LOG_HEADER}\n`);
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const relay = new Relay(client, ++counts.connections, parse, now, options, counts);
    relays.add(relay);
    relay.ended = () => relays.delete(relay);
  });
  await listening(server, options.port);
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    counts,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const relay of [...relays]) relay.destroy();
      await closed;
    },
  };
}

const listening = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, () => resolve());
  });

class Relay {
  ended: () => void = () => {};
  private readonly client: Socket;
  private readonly broker: Socket;
  private readonly number: number;
  private readonly options: ProxyOptions;
  private readonly now: () => number;
  private readonly reader: Connection;
  private readonly counts: MqttProxy["counts"];
  private lines = "";
  private opened = false;
  /** No more is written down: it cannot be read, or one side has ended it. */
  private silent = false;
  private open = 2;

  constructor(
    client: Socket,
    number: number,
    parse: ParsePacket,
    now: () => number,
    options: ProxyOptions,
    counts: MqttProxy["counts"],
  ) {
    this.client = client;
    this.number = number;
    this.now = now;
    this.options = options;
    this.counts = counts;
    this.broker = connect({ ...options.upstream, allowHalfOpen: true, noDelay: true });
    this.reader = new Connection(parse, {
      opened: (transport) => {
        this.opened = true;
        // The broker sees the proxy's own address in place of the client's.
        this.line({ kind: "open", transport, address: this.broker.localAddress ?? "" });
      },
      packet: (direction, packet) => {
        this.counts.packets++;
        this.line({ kind: "packet", direction, packet });
      },
    });
    // Nothing passes before the broker has accepted: the first line names the address that it sees.
    client.pause();
    this.broker.once("connect", () => {
      this.relay(client, this.broker, "to-broker");
      this.relay(this.broker, client, "to-client");
    });
    for (const [socket, other] of [
      [client, this.broker],
      [this.broker, client],
    ]) {
      socket.on("error", (error) => {
        if (socket === this.broker && !this.opened) options.warn(`connection ${number}: ${error.message}`);
        other.destroy();
      });
      // The broker acts at the first sign of an end: so does the log.
      socket.on("end", () => this.end());
      socket.on("close", () => {
        other.end();
        this.end();
        if (--this.open === 0) this.ended();
      });
    }
  }

  destroy(): void {
    this.client.destroy();
    this.broker.destroy();
  }

  private relay(from: Socket, to: Socket, direction: Direction): void {
    from.on("data", (bytes) => this.read(direction, bytes));
    from.pipe(to);
  }

  private read(direction: Direction, bytes: Uint8Array): void {
    if (this.silent) return;
    try {
      this.reader.push(direction, bytes);
    } catch (error) {
      this.silent = true;
      this.options.warn(
        `connection ${this.number} is not recorded from here on: ${(error as Error).message}`,
      );
    }
    this.flush();
  }

  private end(): void {
    if (this.opened) this.line({ kind: "close" });
    this.opened = false;
    this.silent = true;
    this.flush();
  }

  private line(event: Occurrence): void {
    const at = { time: this.now(), connection: this.number };
    this.lines += `${formatEvent({ ...at, ...event } as SessionEvent)}\n`;
  }

  private flush(): void {
    if (this.lines !== "") this.options.write(this.lines);
    this.lines = "";
  }
}

type Occurrence = SessionEvent extends infer E
  ? E extends SessionEvent
    ? Omit<E, "time" | "connection">
    : never
  : never;
