/** Numbers as the page writes them. */

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const SHARE = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** 12,345 */
export const count = (n: number): string => WHOLE.format(n);
/** 4,104 B */
export const bytes = (n: number): string => `${WHOLE.format(n)} B`;
/** 37.5 % */
export const percent = (share: number): string => `${SHARE.format(share * 100)} %`;
/** 0x01a0 */
export const hex = (address: number, digits = 4): string => `0x${address.toString(16).padStart(digits, "0")}`;
/** 1 hole, 2 holes */
export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${count(n)} ${n === 1 ? one : many}`;

/** The end of the path, and what follows: `/usr/sbin/broker:(main+1a)[0x40]` is `broker:(main+1a)`. */
export const shortSite = (frame: string): string =>
  frame.replace(/(^|[\s(])[^\s(]*\//g, "$1").replace(/(?<=.)\[0x[0-9a-f]+\]$/, "");

/** A value of `unit`, with every digit that says something. */
export function figure(value: number, unit: string): string {
  if (Number.isInteger(value)) return unit === "bytes" ? bytes(value) : count(value);
  return value.toPrecision(6).replace(/\.?0+$/, "");
}
