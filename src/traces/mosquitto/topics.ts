/** Topics and filters as Mosquitto takes them apart (src/topic_tok.c). */
import { type Memory, SIZES } from "./memory.ts";

/** The levels of a topic or filter; all but those that begin with `$` have an empty one in front. */
export interface Topic {
  readonly levels: readonly string[];
  /** Name of the group of a shared subscription (MQTT 5.0 section 4.8.2). */
  readonly share?: string;
}

/** `$share/NAME/...` is a shared filter where `filter` says that it is one and no topic. */
export function parseTopic(text: string, filter: boolean): Topic {
  const levels = text.split("/");
  if (levels[0] === "$share" && levels.length > 2)
    return { levels: ["", ...levels.slice(2)], ...(filter && { share: levels[1] }) };
  return { levels: text.startsWith("$") ? levels : ["", ...levels] };
}

/** The copy and the pointers that live while a topic is looked up. */
export function tokens(memory: Memory, text: string): number[] {
  const copy = memory.text("tokens", text);
  // A slash in front is not counted, and three pointers are to spare.
  const separators = text.split("/").length - (text.startsWith("/") ? 2 : 1);
  return [copy, memory.calloc("tokens", SIZES.pointer, separators + 1 + 3)];
}
