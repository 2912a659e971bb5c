/** BullMQ and its client, which are loaded only where a queue is asked for, and the way to a server. */

/** The versions that this was tried with. */
const PACKAGES = "bullmq@6.7.0 ioredis@6.0.0";

/** A queue a version: a worker of another one would come to other figures. Colons are not allowed in it. */
export const queueName = (version: string): string => `heapscape-${version}`;

export async function loadBullmq(): Promise<typeof import("bullmq")> {
  try {
    await import("ioredis");
    return await import("bullmq");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new Error(`a queue takes two packages that are not installed; run: npm install ${PACKAGES}`);
  }
}

/** How to connect to `redis://...`, when it was found to be there and fit for a queue. */
export async function connectionTo(url: string) {
  if (!/^rediss?:\/\/./.test(url))
    throw new Error(`"${url}" is no address of Redis; write redis://HOST:PORT`);
  const { Redis } = await import("ioredis");
  const probe = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  let failure: Error | undefined;
  probe.on("error", (error) => {
    failure ??= error;
  });
  try {
    await probe.connect();
    const [, policy] = /^maxmemory_policy:(\S+)/m.exec(await probe.info("memory")) ?? [];
    if (policy !== undefined && policy !== "noeviction")
      throw new Error(`its maxmemory-policy is ${policy}; a queue loses jobs unless it is noeviction`);
  } catch (error) {
    throw new Error(`${url}: ${(failure ?? (error as Error)).message}`);
  } finally {
    probe.disconnect();
  }
  const retryStrategy = (times: number): number => Math.min(50 * times, 2000);
  return { url, retryStrategy, maxRetriesPerRequest: null };
}
