/** The id of the object that each row holds: a store's target is in a chunk by its row, in files by its id. */
export class IdsByRow {
  #ids = new Int32Array(1024);

  /** An object is born. */
  set(row: number, id: number): void {
    if (row >= this.#ids.length) {
      const roomy = new Int32Array(Math.max(row + 1, this.#ids.length * 2));
      roomy.set(this.#ids);
      this.#ids = roomy;
    }
    this.#ids[row] = id;
  }

  of(row: number): number {
    return this.#ids[row];
  }
}
