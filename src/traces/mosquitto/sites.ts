/**
 * Where Mosquitto 2.0.11 allocates, by what the memory is for: the site is the function that asks, with its source
 * file. Names and places are those of https://github.com/eclipse/mosquitto at v2.0.11.
 */
export const SITES = {
  /** The client's structure, which lives as long as its session. */
  context: { kind: "session", at: "context__init (src/context.c)" },
  address: { kind: "session", at: "context__init (src/context.c), address" },
  clientId: { kind: "session", at: "handle__connect (src/handle_connect.c), client id" },
  generatedId: { kind: "session", at: "client_id_gen (src/handle_connect.c)" },
  credentials: { kind: "session", at: "handle__connect (src/handle_connect.c), username and password" },
  will: { kind: "session", at: "will__read (src/handle_connect.c)" },
  willDelay: { kind: "session", at: "will_delay__add (src/will_delay.c)" },
  expiry: { kind: "session", at: "session_expiry__add (src/session_expiry.c)" },
  alias: { kind: "session", at: "alias__add (lib/alias_mosq.c)" },
  contextTable: { kind: "session", at: "HASH_ADD (src/context.c)" },
  hostsAccess: { kind: "session", at: "hosts_access (libwrap), called by net__socket_accept (src/net.c)" },
  webSocket: { kind: "session", at: "lws_create_new_server_wsi (libwebsockets)" },
  webSocketHeaders: { kind: "session", at: "lws_header_table_attach (libwebsockets)" },

  subscriptionNode: { kind: "subscription", at: "sub__add_hier_entry (src/subs.c)" },
  subscriptionTable: { kind: "subscription", at: "HASH_ADD in sub__add_hier_entry (src/subs.c)" },
  leaf: { kind: "subscription", at: "sub__add_leaf (src/subs.c)" },
  clientSubscription: { kind: "subscription", at: "sub__add_normal (src/subs.c)" },
  clientSubscriptions: { kind: "subscription", at: "sub__add_normal (src/subs.c), subs of the client" },
  shared: { kind: "subscription", at: "sub__add_shared (src/subs.c)" },
  sharedTable: { kind: "subscription", at: "HASH_ADD in sub__add_shared (src/subs.c)" },
  filter: { kind: "subscription", at: "handle__subscribe (src/handle_subscribe.c)" },
  reasons: { kind: "subscription", at: "handle__subscribe (src/handle_subscribe.c), reason codes" },
  unsubscribeReasons: { kind: "subscription", at: "handle__unsubscribe (src/handle_unsubscribe.c)" },
  tokens: { kind: "subscription", at: "sub__topic_tokenise (src/topic_tok.c)" },

  stored: { kind: "message", at: "handle__publish (src/handle_publish.c)" },
  topic: { kind: "message", at: "handle__publish (src/handle_publish.c), topic" },
  payload: { kind: "message", at: "handle__publish (src/handle_publish.c), payload" },
  source: { kind: "message", at: "db__message_store (src/database.c)" },
  receivers: { kind: "message", at: "db__message_insert (src/database.c), dest_ids" },

  queued: { kind: "queue", at: "db__message_insert (src/database.c)" },

  packetIn: { kind: "packet", at: "packet__read (lib/packet_mosq.c)" },
  packetOut: { kind: "packet", at: "send__publish and others (lib/send_*.c)" },
  packetOutBytes: { kind: "packet", at: "packet__alloc (lib/packet_mosq.c)" },
  property: { kind: "packet", at: "property__read_all (lib/property_mosq.c)" },

  retainedNode: { kind: "retained", at: "retain__add_hier_entry (src/retain.c)" },
  retainedTable: { kind: "retained", at: "HASH_ADD in retain__add_hier_entry (src/retain.c)" },

  ownMessage: { kind: "system", at: "db__messages_easy_queue (src/database.c)" },
  startUp: { kind: "system", at: "main (src/mosquitto.c): libraries and configuration" },
  webSocketStartUp: {
    kind: "system",
    at: "mosq_websockets_init (src/websockets.c): libwebsockets and OpenSSL",
  },
  randomStartUp: { kind: "system", at: "util__random_bytes (lib/util_mosq.c): OpenSSL's random numbers" },
} as const;

export type Site = keyof typeof SITES;
