import { once } from "node:events";
import { closeSync, openSync, writeSync } from "node:fs";
import { checkWritable, inWords } from "../engine/files.ts";
import { startMqttProxy } from "../record/mqtt-proxy.ts";

export interface MqttOptions {
  readonly mqtt: number;
  readonly upstream: { readonly host: string; readonly port: number };
  readonly out?: string;
}

/** Stands between clients and their broker until Ctrl-C or SIGTERM; what was logged until then stays, also if killed. */
export async function recordMqtt({ mqtt, upstream, out: named }: MqttOptions): Promise<void> {
  const out = named ?? `mqtt.${process.pid}.mqttlog`;
  checkWritable(out);
  const file = open(out);
  try {
    const proxy = await startMqttProxy({
      port: mqtt,
      upstream,
      write: (lines) => writeSync(file, lines),
      warn: (sentence) => process.stderr.write(`${out}: ${sentence}\n`),
    });
    process.stderr.write(
      `${out}: port ${proxy.port} leads to ${upstream.host}:${upstream.port}; Ctrl-C ends it\n`,
    );
    // Otherwise SIGINT would end the command as interrupted; here it is how a recording ends.
    process.removeAllListeners("SIGINT");
    await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
    await proxy.close();
    const { connections, packets } = proxy.counts;
    process.stderr.write(`${out}: ${connections} connections, ${packets} control packets\n`);
  } finally {
    closeSync(file);
  }
}

function open(file: string): number {
  try {
    return openSync(file, "w");
  } catch (error) {
    throw inWords(error, file, "write");
  }
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`the port is "${text}"; it must be a number from 0 to 65535, and 0 takes any free one`);
}

/** `HOST:PORT`, where an IPv6 address is in brackets. */
export function parseUpstream(text: string): MqttOptions["upstream"] {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535 || Number(port) === 0)
    throw new Error(`the broker is "${text}"; it must be HOST:PORT, as in localhost:1883 or [::1]:1883`);
  return { host, port: Number(port) };
}
