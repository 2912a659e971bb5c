/** What policies are called where there is no room for their names; also the most that stand side by side. */
export const LETTERS = ["A", "B", "C", "D", "E", "F"] as const;
