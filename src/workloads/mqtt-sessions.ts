/**
 * A broker written in a language with a collector: sessions with queues, and a trie of topics whose nodes hold
 * subscriptions and retained messages; mqtt-sessions/session-tree.ts is that memory. Sessions go offline, their
 * queues grow with messages that several of them share, drain, or expire with the session.
 */
import { defineWorkload } from "./contract.ts";
import { type Session, SessionTree } from "./mqtt-sessions/session-tree.ts";
import { Random } from "./random.ts";
import { REFERENCE_OPTIONS } from "./references.ts";

const KINDS = ["temperature", "humidity", "status", "power"];

export const mqttSessions = defineWorkload({
  name: "mqtt-sessions",
  summary:
    "Sessions and a topic trie of an MQTT broker in managed memory: queues build up, drain and expire.",
  source:
    "MQTT Version 3.1.1 (OASIS, 2014), sections 3.1.2.4 (session state), 4.7 (topic filters) and 3.3.1.3 (retained messages)",
  graph: true,
  options: {
    sessions: { type: "integer", default: 40, min: 1, max: 10_000, about: "sessions that the broker holds" },
    sites: {
      type: "integer",
      default: 6,
      min: 1,
      max: 1000,
      about: "sites, of four topics each and one a session",
    },
    messages: { type: "integer", default: 800, min: 0, max: 10_000_000, about: "messages published" },
    payload: {
      type: "integer",
      default: 80,
      min: 1,
      max: 65_536,
      unit: "bytes",
      about: "median of a payload",
    },
    offline: {
      type: "integer",
      default: 300,
      min: 0,
      max: 1000,
      unit: "permille",
      about: "sessions that are offline at a time, about",
    },
    queue: {
      type: "integer",
      default: 50,
      min: 1,
      max: 100_000,
      about: "messages that a session queues at most; the oldest goes",
    },
    expire: {
      type: "integer",
      default: 100,
      min: 0,
      max: 1000,
      unit: "permille",
      about: "sessions that end, and a new one begins, where others come back",
    },
    retain: {
      type: "integer",
      default: 100,
      min: 0,
      max: 1000,
      unit: "permille",
      about: "messages that are retained",
    },
    ...REFERENCE_OPTIONS,
  },
  generate(builder, options, seed) {
    const random = new Random(seed);
    builder.phase("connect", `${options.sessions} sessions`);
    const tree = new SessionTree(builder, options, options.queue);
    let names = 0;
    const siteOf = () => `site-${random.below(options.sites)}`;
    const connect = (): Session => {
      const name = `client-${++names}`;
      const session = tree.connect(name);
      const site = siteOf();
      tree.subscribe(session, `${site}/devices/${name}`);
      tree.subscribe(session, random.chance(500) ? `${site}/+` : `+/${random.pick(KINDS)}`);
      if (random.chance(100)) tree.subscribe(session, `${site}/#`);
      return session;
    };
    const sessions = Array.from({ length: options.sessions }, connect);

    builder.phase("steady");
    for (let i = 0; i < options.messages; i++) {
      const at = random.below(sessions.length);
      const session = sessions[at];
      if (session.online) session.online = !random.chance(options.offline);
      else if (random.chance(1000 - options.offline)) {
        if (random.chance(options.expire)) {
          tree.end(session);
          sessions[at] = connect();
        } else tree.drain(session);
      }
      const topic = random.chance(300)
        ? random.pick(random.pick(sessions).filters).replace(/[+#]/, "status")
        : `${siteOf()}/${random.pick(KINDS)}`;
      tree.publish(topic, Math.max(1, random.lognormal(options.payload)), random.chance(options.retain));
    }
    if (!options.release) return;
    builder.phase("release");
    tree.release();
  },
});
