/** The code of the recorded program: from the return address of a call to its call site, in words. */
import { basename } from "node:path";
import { ElfSymbols } from "./elf-symbols.ts";

interface Module {
  readonly start: number;
  readonly end: number;
  /** Where its first byte is in the file. */
  readonly offset: number;
  readonly path: string;
}

export class CodeMap {
  /** The latest first. */
  readonly #modules: Module[] = [];
  readonly #symbols = new Map<string, ElfSymbols | undefined>();

  /** Another program has taken the place of the one before. */
  clear(): void {
    this.#modules.length = 0;
  }

  /** Code was mapped at `start`, in the place of whatever was there. */
  add(start: number, length: number, offset: number, path: string): void {
    this.#modules.unshift({ start, end: start + length, offset, path });
  }

  /**
   * `db__open+0x2c (mosquitto)`, or `mosquitto+0x1f3c4` where no symbol is known, at the place in the file. Undefined
   * for an address in no module.
   */
  frame(returnAddress: number): string | undefined {
    const call = returnAddress - 1; // the byte behind a call may be another function's
    const module = this.#modules.find(({ start, end }) => call >= start && call < end);
    if (!module) return undefined;
    const { path, start, offset } = module;
    if (!path.startsWith("/")) return path === "" ? "code in no file" : path;
    if (!this.#symbols.has(path)) this.#symbols.set(path, ElfSymbols.read(path));
    const place = call - start + offset;
    const named = this.#symbols.get(path)?.at(place);
    const file = basename(path);
    const hex = (bytes: number): string => `+0x${(bytes + 1).toString(16)}`;
    return named ? `${named.name}${hex(named.offset)} (${file})` : `${file}${hex(place)}`;
  }
}
