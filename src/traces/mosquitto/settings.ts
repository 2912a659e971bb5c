/** What the model must know of the broker's configuration: the names and defaults of mosquitto.conf(5) of 2.0.11. */
import { TraceError } from "../trace.ts";

export const DEFAULT_SETTINGS = {
  /** A client may have a message more than once, through overlapping filters: then no list of receivers is kept. */
  allow_duplicate_messages: 0,
  /** Messages at QoS 1 and 2 on their way to a client at once; 0 = any number. */
  max_inflight_messages: 20,
  /** Messages that wait for a client beyond those; 0 = any number. */
  max_queued_messages: 1000,
  /** MQTT 5: topic aliases that a client may use. */
  max_topic_alias: 10,
  /** Seconds after which a session whose client is away is forgotten at the latest; 0 = as the client asked. */
  persistent_client_expiration: 0,
  /** Messages at QoS 0 wait as well. */
  queue_qos0_messages: 0,
  /** Seconds between updates of the topics under $SYS; 0 = never. */
  sys_interval: 10,
  /**
   * Not mosquitto's: bytes that the system takes for a client which does not read, before packets wait in the broker.
   * Linux grows a socket's buffer to 4 MiB (tcp(7), the third value of tcp_wmem).
   */
  socket_buffer: 4 * 2 ** 20,
} as const;

export type Settings = Readonly<Record<keyof typeof DEFAULT_SETTINGS, number>>;

/** `NAME=VALUE ...` over what was set before. Throws TraceError with the name or the value that is wrong. */
export function readSettings(text: string, before: Settings = DEFAULT_SETTINGS): Settings {
  const settings: Record<string, number> = { ...before };
  for (const word of text.split(/\s+/).filter((word) => word !== "")) {
    const [, name = "", value = ""] = /^([^=]*)=?(.*)$/s.exec(word) ?? [];
    if (!Object.hasOwn(settings, name)) {
      const names = Object.keys(settings).join(", ");
      throw new TraceError(
        `the model knows no setting ${JSON.stringify(name)} of the broker; it knows ${names}`,
      );
    }
    const number = value === "true" ? 1 : value === "false" ? 0 : Number(value);
    if (!(Number.isSafeInteger(number) && number >= 0) || value === "")
      throw new TraceError(`${name} is ${JSON.stringify(value)}; it must be a whole number, true or false`);
    settings[name] = number;
  }
  return settings as Settings;
}
