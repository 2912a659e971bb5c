/** Colours for a terminal, unless NO_COLOR or the terminal says otherwise. */
import type { WriteStream } from "node:tty";
import { styleText } from "node:util";
import type { Tone } from "../report/reporter.ts";

export type Paint = (tone: Tone, text: string) => string;

export const plain: Paint = (_, text) => text;

export function paintFor(stream: NodeJS.WriteStream): Paint {
  const colours = stream.isTTY && (stream as WriteStream).hasColors() && !process.env.NO_COLOR;
  return colours ? (tone, text) => styleText(tone, text) : plain;
}
