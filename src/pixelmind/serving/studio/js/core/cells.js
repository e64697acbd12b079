// Sprites as index grids: decoding the answer of /v1/sprites/ID/cells, painting, parts, counting.

export function bytes(base64) {
  const text = atob(base64);
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  return out;
}

/** {width, height, palette [[r,g,b,a]], indices, mask|null, names, image (canvas, one pixel a cell)} */
export function decode(answer) {
  const { width, height, palette } = answer;
  const indices = bytes(answer.indices);
  const mask = answer.mask ? bytes(answer.mask) : null;
  return { width, height, palette, indices, mask, names: answer.mask_names || [], image: paint(width, height, palette, indices) };
}

function paint(width, height, palette, indices) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const data = context.createImageData(width, height);
  for (let i = 0; i < indices.length; i++) data.data.set(palette[indices[i]], i * 4);
  context.putImageData(data, 0, 0);
  return canvas;
}

/** Parts of the mask, largest first, without the background: [{name, value, count}] */
export function parts(cells) {
  if (!cells?.mask) return [];
  const counts = new Map();
  for (const value of cells.mask) counts.set(value, (counts.get(value) || 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count, name: cells.names[value] || `part ${value}` }))
    .filter((part) => part.name !== "background")
    .sort((a, b) => b.count - a.count);
}

export const partAt = (cells, x, y) => {
  if (!cells?.mask) return "";
  const name = cells.names[cells.mask[y * cells.width + x]] || "";
  return name === "background" ? "" : name;
};

/** A test (index) -> bool for the cells of a named part. */
export function inPart(cells, name) {
  const values = new Set(cells.names.map((n, i) => (n === name ? i : -1)));
  return (i) => values.has(cells.mask[i]);
}

/** Colours in palette order, opaque only: [{index, hex, count}] */
export function colors(cells) {
  const counts = new Array(cells.palette.length).fill(0);
  for (const index of cells.indices) counts[index]++;
  return cells.palette
    .map((rgba, index) => ({ index, hex: hex(rgba), count: counts[index], clear: rgba[3] === 0 }))
    .filter((c) => !c.clear);
}

export const hex = ([r, g, b]) => `#${[r, g, b].map((v) => v.toString(16).padStart(2, "0")).join("")}`;

/** Outline of the cells that pass a test, as one Path2D in cell units. */
export function outline(width, height, test) {
  const path = new Path2D();
  const at = (x, y) => x >= 0 && y >= 0 && x < width && y < height && test(y * width + x);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!at(x, y)) continue;
      if (!at(x, y - 1)) edge(path, x, y, x + 1, y);
      if (!at(x, y + 1)) edge(path, x, y + 1, x + 1, y + 1);
      if (!at(x - 1, y)) edge(path, x, y, x, y + 1);
      if (!at(x + 1, y)) edge(path, x + 1, y, x + 1, y + 1);
    }
  }
  return path;
}

function edge(path, x0, y0, x1, y1) {
  path.moveTo(x0, y0);
  path.lineTo(x1, y1);
}

/** Cells two grids of one size differ in, uint8. */
export function differing(a, b) {
  const out = new Uint8Array(a.indices.length);
  if (a.width !== b.width || a.height !== b.height) return out.fill(1);
  for (let i = 0; i < out.length; i++) {
    const p = a.palette[a.indices[i]];
    const q = b.palette[b.indices[i]];
    if (p[0] !== q[0] || p[1] !== q[1] || p[2] !== q[2] || p[3] !== q[3]) out[i] = 1;
  }
  return out;
}
