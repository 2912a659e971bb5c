/**
 * The session log of an MQTT broker (mqtt/session-log.ts has its grammar): what the broker allocated is not in it, but
 * derived by a model of Mosquitto, so that the trace is what Mosquitto would have done with that traffic.
 */
import type { TraceBuilder } from "./builder.ts";
import { quote, type Source, type TraceFormat, type TraceReader } from "./importer.ts";
import { Broker } from "./mosquitto/broker.ts";
import { DEFAULT_SETTINGS, readSettings, type Settings } from "./mosquitto/settings.ts";
import { parseEvent, SESSION_LOG_HEADER } from "./mqtt/session-log.ts";
import { TraceError } from "./trace.ts";
import { type LineScanner, LONGEST_LINE, WholeLines } from "./whole-lines.ts";

const LF = 10;

export const mqttlog: TraceFormat = {
  name: "mqttlog",
  summary:
    "traffic of an MQTT broker, as `heapscape record --mqtt` writes it; a model of Mosquitto derives its requests",
  extension: ".mqttlog",
  fidelity: "derived",
  loses: "what the broker really allocated, and where; payloads",
  detect: (head) => /^# mqttlog \d/.test(new TextDecoder().decode(head.subarray(0, 64))),
  read: (builder, source) => new SessionLogReader(builder, source),
};

class SessionLogReader implements TraceReader, LineScanner {
  private readonly builder: TraceBuilder;
  private readonly source: Source;
  private readonly decoder = new TextDecoder("utf-8", { fatal: true });
  private settings: Settings = DEFAULT_SETTINGS;
  /** From the first event on. */
  private broker: Broker | undefined;
  private time = 0;
  private line = 0;
  private readonly lines = new WholeLines(this);

  constructor(builder: TraceBuilder, source: Source) {
    this.builder = builder;
    this.source = source;
  }

  push(piece: Uint8Array): void {
    this.lines.push(piece);
  }

  scan(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; ) {
      const end = bytes.indexOf(LF, at);
      this.take(bytes.subarray(at, end));
      at = end + 1;
    }
  }

  tooLong(start: Uint8Array): never {
    this.line++;
    return this.fail(`the line is longer than ${LONGEST_LINE} bytes`, start);
  }

  end(): void {
    if (this.lines.rest.length > 0) this.take(this.lines.rest);
    if (this.line === 0) throw new TraceError(`${this.source.file}: the file is empty`);
    // A log without traffic is a broker that has started.
    this.broker ??= this.begin();
  }

  private take(bytes: Uint8Array): void {
    this.line++;
    try {
      const text = this.decoder.decode(bytes).trim();
      if (this.line === 1 && text !== SESSION_LOG_HEADER)
        throw new TraceError(`a session log of version 1 begins with ${SESSION_LOG_HEADER}`);
      if (text.startsWith("# broker ")) this.configure(text.slice("# broker ".length));
      else if (text !== "" && !text.startsWith("#")) this.event(text);
    } catch (error) {
      if (error instanceof TraceError) this.fail(error.message, bytes);
      if (error instanceof TypeError) this.fail("it is not UTF-8", bytes);
      throw error;
    }
  }

  private configure(text: string): void {
    if (this.broker) throw new TraceError("settings of the broker come before the first event");
    this.settings = readSettings(text, this.settings);
  }

  private event(text: string): void {
    const event = parseEvent(text);
    if (event.time < this.time) throw new TraceError(`the time falls from ${this.time}`);
    this.time = event.time;
    this.broker ??= this.begin();
    this.broker.take(event);
  }

  private begin(): Broker {
    return new Broker(this.builder, this.settings, (kind) => this.anomaly(kind));
  }

  /** The log is ours, but the broker may have been another than the model takes it for. */
  private anomaly(kind: string): void {
    if (this.source.strict) throw new TraceError(kind);
    this.builder.anomaly(kind);
  }

  private fail(message: string, line: Uint8Array): never {
    throw new TraceError(`${this.source.file}:${this.line}: ${message}: ${quote(line)}`);
  }
}
