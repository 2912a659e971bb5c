/** Numbers as the handbook writes them: `16,000`. */
export const whole = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

/** Three digits that matter: `1.00`, `49.5`, `1,253`. */
export const threeDigits = (value: number): string =>
  value >= 100 ? whole(Math.round(value)) : value.toFixed(value >= 10 ? 1 : 2);
