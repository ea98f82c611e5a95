// Names of new grids: as the others are called, with the next number, in digits or in Chinese numerals; as in names.py.

const SIGNS = "零一二三四五六七八九";
const COUNTED = /^(.*?)(\d{1,9}|(?<=第)[一二三四五六七八九十百]+|[一二三四五六七八九十百]+(?=网格|[组号片区格]|$))([^\d一二三四五六七八九十百]*)$/;

/** A number up to 99 in Chinese numerals, a larger one in digits. */
function spelled(n) {
  if (n > 99) return String(n);
  const [tens, ones] = [Math.floor(n / 10), n % 10];
  return `${tens > 1 ? SIGNS[tens] : ""}${tens ? "十" : ""}${ones ? SIGNS[ones] : ""}`;
}

const VALUES = new Map(Array.from({ length: 99 }, (_, i) => [spelled(i + 1), i + 1]));
const valueOf = (text) => (/^\d+$/.test(text) ? Number(text) : VALUES.get(text) ?? 0);

/** The name after the highest one, in its own style; null when none of the names is numbered. */
export function nextName(names) {
  const found = names.map((name) => COUNTED.exec(name)).filter((parts) => parts && valueOf(parts[2]));
  if (!found.length) return null;
  const [, before, numeral, after] = found.reduce((a, b) => (valueOf(b[2]) > valueOf(a[2]) ? b : a));
  const n = valueOf(numeral) + 1;
  return `${before}${/\d/.test(numeral) ? String(n).padStart(numeral.length, "0") : spelled(n)}${after}`;
}
