import { trapExit } from "../engine/exit-trap.ts";

/** Ends the process, with one of `exits`. Only this does. */
export const leave = trapExit();
