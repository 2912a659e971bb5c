/** Work for when nobody asks for anything: it begins after a rest, and a question puts it off again. */
import { breathe } from "./slices.ts";

/** Milliseconds without a question. */
const REST = 200;

export class Idle {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;
  #slice: (() => boolean) | undefined;

  /** `slice` does some of the work and returns whether there is more. Takes the place of what was to be done before. */
  begin(slice: () => boolean): void {
    this.#slice = slice;
    this.putOff();
  }

  end(): void {
    this.#slice = undefined;
  }

  putOff(): void {
    this.#turn++;
    clearTimeout(this.#timer);
    if (this.#slice) this.#timer = setTimeout(() => this.#work(this.#turn), REST);
  }

  async #work(turn: number): Promise<void> {
    while (turn === this.#turn && this.#slice) {
      if (this.#slice()) await breathe();
      else this.#slice = undefined;
    }
  }
}
