/** What a process ends with; scripts and CI rely on it. */
export const exits = {
  fine: 0,
  /** A figure is worse than it may be. */
  regression: 1,
  /** Usage, configuration, bad input, IO, a baseline that cannot be compared. */
  misuse: 2,
  /** Part of what was asked for is missing: a policy failed. */
  incomplete: 3,
  interrupted: 130,
} as const;
