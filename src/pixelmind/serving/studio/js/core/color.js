// Colours: hex, OKLab (B. Ottosson 2020) and the nearest of a palette.

const HEX = /^#?([0-9a-f]{6})$/i;

/** "#rrggbb" in lower case, or "" where the text is none. */
export function clean(text) {
  const found = HEX.exec(String(text).trim());
  return found ? `#${found[1].toLowerCase()}` : "";
}

const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);

export function oklab(color) {
  const [r, g, b] = [1, 3, 5].map((i) => linear(parseInt(color.slice(i, i + 2), 16) / 255));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

export function nearest(color, palette) {
  const [l, a, b] = oklab(color);
  let best = palette[0];
  let least = Infinity;
  for (const other of palette) {
    const [l2, a2, b2] = oklab(other);
    const distance = (l - l2) ** 2 + (a - a2) ** 2 + (b - b2) ** 2;
    if (distance < least) [best, least] = [other, distance];
  }
  return best;
}

/** Whether dark ink reads better on a colour. */
export const isLight = (color) => oklab(color)[0] > 0.62;

/** Swaps that bring colours to a palette, the locked ones left alone. */
export function swapsTo(colors, palette, locked) {
  return colors
    .filter((c) => !locked.includes(c))
    .map((from) => ({ from, to: nearest(from, palette) }))
    .filter((swap) => swap.from !== swap.to);
}
