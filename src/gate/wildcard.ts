/** Patterns for names: `*` stands for any characters, also none; all others for themselves, but for `./` at the start. */
export function wildcard(pattern: string): (name: string) => boolean {
  const parts = pattern
    .replace(/^\.\//, "")
    .split("*")
    .map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  const whole = new RegExp(`^${parts.join(".*")}$`, "s");
  return (name) => whole.test(name);
}
