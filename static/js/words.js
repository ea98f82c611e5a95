// Words and numbers: texts arrive translated from the server; numbers follow the language of the page.

const ROUNDED = { roundingMode: "halfEven" }; // as the server rounds
let words = {};
let locale = "zh-CN";

/** Takes the texts and the language out of the page's config. */
export function speak(config) {
  words = config.words ?? {};
  locale = config.language === "en" ? "en-GB" : "zh-CN";
}

/** The text for a key, its {placeholders} filled in. */
export function t(key, params = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => params[name] ?? "");
}

/** A number as people write it; a missing one is a dash, never a zero. */
export function number(value, digits = 0) {
  if (value === null || value === undefined || Number.isNaN(value)) return "—";
  return new Intl.NumberFormat(locale, { maximumFractionDigits: digits, ...ROUNDED }).format(value);
}

/** A short count for a small circle: 1.2k or 1.2万. */
export function short(value) {
  if (value < 1000) return String(value);
  return new Intl.NumberFormat(locale, { notation: "compact", maximumSignificantDigits: value < 1e6 ? 2 : 3 }).format(value);
}

/** A share to a tenth of a percent; one that falls short of all is never told as all (as `percent` of the server). */
export function percent(share) {
  const whole = share < 1 ? Math.min(share, 0.999) : share;
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1, ...ROUNDED }).format(whole);
}

/** A measure's value with its unit: shares (unit %) are kept as 0..1. */
export function measured(value, unit) {
  if (value === null || value === undefined) return t("no_data");
  if (unit === "%") return percent(value);
  return `${number(value, 1)} ${unit ?? ""}`.trim();
}
