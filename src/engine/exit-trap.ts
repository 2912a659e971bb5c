/**
 * From now on whoever calls `process.exit` throws: a policy or a format that ends the process has failed, as one that throws
 * has, and its cell says so. Returns what ends the process.
 */
export function trapExit(): (code: number) => never {
  const exit = process.exit.bind(process);
  process.exit = (code) => {
    throw new Error(`it ends the process, with ${code ?? process.exitCode ?? 0}`);
  };
  return exit;
}
