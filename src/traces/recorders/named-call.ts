/** Calls as logs of functions tell them: a name, arguments as text, and what was returned. */
import { type Calls, Odd } from "./calls.ts";

/** C++'s operators by their mangled names (Itanium C++ ABI, 5.1.5: `nw`, `na`, `dl`, `da`), and valgrind's for them. */
const NEW = /^(_Zn[wa]|__builtin_(vec_)?new$)/;
const DELETE = /^(_Zd[la]|__builtin_(vec_)?delete$)/;

/**
 * Writes the call. `undefined` if no function of that name allocates or frees, false if it is not called so.
 * `result` is undefined where none is told.
 */
export function namedCall(
  calls: Calls,
  name: string,
  args: readonly string[],
  result: string | undefined,
): boolean | undefined {
  const numbers = args.map(numberOf);
  const [first, second, third] = numbers;
  const address = result === undefined ? Number.NaN : addressOf(result);
  const known = (many: number, ...also: number[]) =>
    args.length === many && ![...numbers, ...also].some(Number.isNaN);
  const written = (good: boolean, write: () => void) => {
    if (good) write();
    return good;
  };
  if (DELETE.test(name)) return written(args.length > 0, () => calls.free(addressOf(args[0])));
  if (NEW.test(name) && args.length === 1)
    return written(known(1, address), () => calls.malloc(address, first));
  switch (name) {
    case "malloc":
      return written(known(1, address), () => calls.malloc(address, first));
    case "free":
    case "cfree":
      return written(args.length === 1 && !Number.isNaN(addressOf(args[0])), () =>
        calls.free(addressOf(args[0])),
      );
    case "calloc":
      return written(known(2, address), () => calls.calloc(address, first, second));
    case "realloc":
      return written(args.length === 2 && !Number.isNaN(addressOf(args[0]) + second + address), () =>
        calls.realloc(addressOf(args[0]), address, second),
      );
    case "reallocarray":
      return written(args.length === 3 && !Number.isNaN(addressOf(args[0]) + second + third + address), () =>
        calls.realloc(addressOf(args[0]), address, second * third),
      );
    case "valloc":
    case "pvalloc":
      return written(known(1, address), () => calls.memalign(address, 4096, first));
    case "posix_memalign":
      // Of three arguments the first is where the address goes, and the result is no address.
      if (args.length === 3)
        return written(true, () => {
          if (address === 0) calls.odd(Odd.untold);
          else calls.odd(Odd.failed);
        });
      return written(known(2, address), () => calls.memalign(address, first, second));
    case "memalign":
    case "aligned_alloc":
      return written(known(2, address), () => calls.memalign(address, first, second));
    default:
      return NEW.test(name) ? aligned(calls, args, address) : undefined;
  }
}

/** new with an alignment: `size 64, al 32`, or the other way round, or the bare numbers in the first order. */
function aligned(calls: Calls, args: readonly string[], address: number): boolean {
  const [align, size] = args[0]?.startsWith("al") ? args : [args[1], args[0]];
  if (args.length !== 2 || Number.isNaN(numberOf(align) + numberOf(size) + address)) return false;
  calls.memalign(address, numberOf(align), numberOf(size));
  return true;
}

/** Decimal, hex behind 0x, or NULL as C libraries print it; NaN for anything else. A word before it says what it is. */
function numberOf(text: string): number {
  const [, digits] = /^(?:al |size )?(\d+|0x[0-9a-f]+)$/i.exec(text) ?? [];
  if (digits !== undefined) return Number(digits);
  return isNull(text) ? 0 : Number.NaN;
}

/** The low 52 bits of an address, or a `#number` that stands for one; NaN for anything else. */
export function addressOf(text: string): number {
  const [, hex, number] = /^(?:0x([0-9a-f]+)|#?(\d{1,15}))$/i.exec(text) ?? [];
  if (hex !== undefined) return Number.parseInt(hex.slice(-13), 16);
  if (number !== undefined) return Number(number);
  return isNull(text) ? 0 : Number.NaN;
}

const isNull = (text: string): boolean => text === "(nil)" || text === "nil" || text === "NULL";
