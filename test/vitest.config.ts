import { defineConfig } from "vitest/config";

/** `unit` runs the sources in Node; `browser` drives the built page, so it needs `npm run build` first. */
export default defineConfig({
  root: `${import.meta.dirname}/..`,
  test: {
    environment: "node",
    testTimeout: 30_000,
    // By default one processor is left to other work.
    maxWorkers: "100%",
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/browser/**", "test/fixtures/**"],
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          globalSetup: ["test/browser/announce.ts"],
          testTimeout: 60_000,
          // A page on a busy machine may take longer than the second that is the default.
          expect: { poll: { timeout: 10_000 } },
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
