// Names of new grids: as the others are called, with the next number, in digits or in Chinese numerals.

const SIGNS = "零一二三四五六七八九";
const COUNTED = /^(.*?)(\d+|[一二三四五六七八九十]+)(\D*)$/;

/** The value of a numeral up to 99; NaN for what is none. */
export function valueOf(text) {
  if (/^\d+$/.test(text)) return Number(text);
  const [tens, ones] = text.includes("十") ? text.split("十") : ["零", text];
  const digit = (sign, empty) => (sign === "" ? empty : sign.length === 1 ? SIGNS.indexOf(sign) : NaN);
  const value = digit(tens, 1) * 10 + digit(ones, 0);
  return value > 0 ? value : NaN;
}

/** A number up to 99 in Chinese numerals, a larger one in digits. */
export function spelled(n) {
  if (n > 99) return String(n);
  const [tens, ones] = [Math.floor(n / 10), n % 10];
  return `${tens > 1 ? SIGNS[tens] : ""}${tens ? "十" : ""}${ones ? SIGNS[ones] : ""}`;
}

/** The name after the highest one, in its own style; null when none of the names is numbered. */
export function nextName(names) {
  const found = names.map((name) => COUNTED.exec(name)).filter((parts) => parts && valueOf(parts[2]) > 0);
  if (!found.length) return null;
  const [, before, numeral, after] = found.reduce((a, b) => (valueOf(b[2]) > valueOf(a[2]) ? b : a));
  const n = valueOf(numeral) + 1;
  return `${before}${/\d/.test(numeral) ? n : spelled(n)}${after}`;
}
