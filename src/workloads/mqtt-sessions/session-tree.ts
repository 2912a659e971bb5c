/**
 * The memory of a broker, as objects that refer to each other; bytes as on a machine of 64 bits.
 *
 *   broker        -> first topic node; first session
 *   topic node    -> first child; next sibling; first subscription; its level's name; retained message
 *   subscription  -> next of the node; session
 *   session       -> next session; name; first and last entry of its queue
 *   queue entry   -> next; message
 *   message       -> topic; payload
 *
 * The thread's stack is one object more, with what is under way: a message, and a packet.
 */
import type { TraceBuilder } from "../../traces/builder.ts";
import { References } from "../references.ts";

const TOPICS = 0;
const SESSIONS = 1;
const CHILD = 0;
const SIBLING = 1;
const SUBSCRIPTIONS = 2;
const LEVEL = 3;
const RETAINED = 4;
const NEXT = 0;
const SESSION = 1;
const NAME = 1;
const FIRST = 2;
const LAST = 3;
const MESSAGE = 1;
const TOPIC = 0;
const PAYLOAD = 1;
/** Of the stack. */
const PACKET = 1;

const HEADER = 16;
const structure = (fields: number): number => HEADER + 8 * fields;
const text = (length: number): number => HEADER + length;

export interface Session {
  readonly object: number;
  readonly filters: string[];
  online: boolean;
  queued: number;
}

interface TopicNode {
  readonly object: number;
  readonly parent: TopicNode | undefined;
  readonly level: string;
  readonly children: Map<string, TopicNode>;
  readonly subscribers: Set<Session>;
}

export class SessionTree {
  readonly #heap: References;
  readonly #mostQueued: number;
  readonly #broker: number;
  readonly #stack: number;
  readonly #root: TopicNode;

  constructor(builder: TraceBuilder, options: { readonly deaths: boolean }, mostQueued: number) {
    this.#heap = new References(builder, options);
    this.#mostQueued = mostQueued;
    this.#broker = this.#heap.allocate(structure(2), 2);
    this.#heap.root(this.#broker);
    this.#stack = this.#heap.allocate(structure(2), 2);
    this.#heap.root(this.#stack);
    const object = this.#heap.allocateInto(this.#broker, TOPICS, structure(5), 5);
    this.#root = { object, parent: undefined, level: "", children: new Map(), subscribers: new Set() };
  }

  connect(name: string): Session {
    const object = this.#push(this.#broker, SESSIONS, 4, NEXT);
    this.#heap.allocateInto(object, NAME, text(name.length));
    return { object, filters: [], online: true, queued: 0 };
  }

  /** `filter` is a new one of the session. */
  subscribe(session: Session, filter: string): void {
    const node = this.#node(filter);
    if (node.subscribers.has(session)) return;
    const subscription = this.#push(node.object, SUBSCRIPTIONS, 2, NEXT);
    this.#heap.store(subscription, SESSION, session.object);
    node.subscribers.add(session);
    session.filters.push(filter);
  }

  /** To every subscriber at once: sent to who is online, queued for the others. */
  publish(topic: string, bytes: number, retained: boolean): void {
    const heap = this.#heap;
    const message = heap.allocateInto(this.#stack, 0, structure(2), 2);
    heap.allocateInto(message, TOPIC, text(topic.length));
    heap.allocateInto(message, PAYLOAD, text(bytes));
    const levels = topic.split("/");
    const found = new Set<Session>();
    const match = (node: TopicNode | undefined, depth: number): void => {
      if (!node) return;
      for (const session of node.children.get("#")?.subscribers ?? []) found.add(session);
      if (depth === levels.length) for (const session of node.subscribers) found.add(session);
      else {
        match(node.children.get(levels[depth]), depth + 1);
        match(node.children.get("+"), depth + 1);
      }
    };
    match(this.#root, 0);
    for (const session of found)
      if (session.online) heap.allocateInto(this.#stack, PACKET, text(4 + topic.length + bytes));
      else this.#queue(session, message);
    if (retained) heap.store(this.#node(topic).object, RETAINED, message);
    heap.store(this.#stack, PACKET, 0);
    heap.store(this.#stack, 0, 0);
  }

  /** The session is online again, and gets what was queued. */
  drain(session: Session): void {
    while (session.queued > 0) this.#unqueue(session);
    session.online = true;
  }

  /** The session ends, with its queue and its subscriptions. */
  end(session: Session): void {
    const heap = this.#heap;
    for (const filter of session.filters) {
      const node = this.#node(filter);
      node.subscribers.delete(session);
      let before = node.object;
      let field = SUBSCRIPTIONS;
      while (heap.get(heap.get(before, field), SESSION) !== session.object) {
        before = heap.get(before, field);
        field = NEXT;
      }
      heap.store(before, field, heap.get(heap.get(before, field), NEXT));
      this.#prune(node);
    }
    this.#unlink(this.#broker, SESSIONS, session.object, NEXT);
  }

  release(): void {
    this.#heap.unroot(this.#stack);
    this.#heap.unroot(this.#broker);
  }

  #queue(session: Session, message: number): void {
    const heap = this.#heap;
    if (session.queued === this.#mostQueued) this.#unqueue(session);
    const last = heap.get(session.object, LAST);
    const entry =
      last === 0
        ? heap.allocateInto(session.object, FIRST, structure(2), 2)
        : heap.allocateInto(last, NEXT, structure(2), 2);
    heap.store(session.object, LAST, entry);
    heap.store(entry, MESSAGE, message);
    session.queued++;
  }

  #unqueue(session: Session): void {
    const heap = this.#heap;
    const next = heap.get(heap.get(session.object, FIRST), NEXT);
    heap.store(session.object, FIRST, next);
    if (next === 0) heap.store(session.object, LAST, 0);
    session.queued--;
  }

  /** The node of a filter or topic, with those above it: made where there is none. */
  #node(filter: string): TopicNode {
    let node = this.#root;
    for (const level of filter.split("/")) {
      let child = node.children.get(level);
      if (!child) {
        const object = this.#push(node.object, CHILD, 5, SIBLING);
        this.#heap.allocateInto(object, LEVEL, text(level.length));
        child = { object, parent: node, level, children: new Map(), subscribers: new Set() };
        node.children.set(level, child);
      }
      node = child;
    }
    return node;
  }

  /** Takes out `node` and the nodes above it that nothing passes through any more. */
  #prune(node: TopicNode): void {
    let at = node;
    while (at.parent && at.children.size === 0 && at.subscribers.size === 0) {
      if (this.#heap.get(at.object, RETAINED) !== 0) return;
      this.#unlink(at.parent.object, CHILD, at.object, SIBLING);
      at.parent.children.delete(at.level);
      at = at.parent;
    }
  }

  /** A new object at the head of the chain that begins in a field of `owner` and goes on in field `next`. */
  #push(owner: number, field: number, fields: number, next: number): number {
    const object = this.#heap.allocate(structure(fields), fields);
    this.#heap.store(object, next, this.#heap.get(owner, field));
    this.#heap.store(owner, field, object);
    return object;
  }

  /** Takes `object` out of such a chain. */
  #unlink(owner: number, first: number, object: number, next: number): void {
    const heap = this.#heap;
    let before = owner;
    let field = first;
    while (heap.get(before, field) !== object) {
      before = heap.get(before, field);
      field = next;
    }
    heap.store(before, field, heap.get(object, next));
  }
}
