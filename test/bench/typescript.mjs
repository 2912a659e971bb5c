/** For `node --import`: Node 20 does not read TypeScript, the library's own hooks for users' policies do. */
import { register } from "node:module";

register("../../dist/engine/typescript-hooks.js", import.meta.url, { data: {} });
