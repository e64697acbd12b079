// Painting the canvas: checkerboard, cells, before/after, what is lit, outlines, grid, cursor, points. Positions are device pixels.
import { inPart, outline } from "../core/cells.js";

const overlays = new WeakMap(); // cells -> Map(key -> canvas), so that a highlight is built once
const outlines = new WeakMap();

function cached(store, cells, name, make) {
  if (!store.has(cells)) store.set(cells, new Map());
  const kept = store.get(cells);
  if (!kept.has(name)) {
    if (kept.size > 24) kept.clear();
    kept.set(name, make());
  }
  return kept.get(name);
}

/** One pixel a cell, `rgba` where the test holds. */
function overlay(cells, test, rgba) {
  const canvas = document.createElement("canvas");
  canvas.width = cells.width;
  canvas.height = cells.height;
  const context = canvas.getContext("2d");
  const data = context.createImageData(cells.width, cells.height);
  for (let i = 0; i < cells.indices.length; i++) if (test(i)) data.data.set(rgba, i * 4);
  context.putImageData(data, 0, 0);
  return canvas;
}

const edges = (cells, name, test) => cached(outlines, cells, name, () => outline(cells.width, cells.height, test));

export const hue = (at) => (at * 137.5 + 20) % 360;

/** Colours of the theme as canvas strings. */
export function inks() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  return { a: of("--check-a"), b: of("--check-b"), line: of("--edge"), accent: of("--accent"), ground: of("--ground") };
}

function checkerboard(context, ink, x, y, width, height, square) {
  context.fillStyle = ink.a;
  context.fillRect(x, y, width, height);
  context.fillStyle = ink.b;
  for (let row = 0, top = 0; top < height; row++, top += square) {
    for (let left = (row % 2) * square; left < width; left += 2 * square) {
      context.fillRect(x + left, y + top, Math.min(square, width - left), Math.min(square, height - top));
    }
  }
}

function strokeCells(context, path, x, y, scale, color, width, dash = [], shift = 0) {
  context.save();
  context.translate(x, y);
  const scaled = new Path2D();
  scaled.addPath(path, new DOMMatrix().scale(scale));
  context.lineWidth = width;
  context.strokeStyle = color;
  context.lineCap = "square";
  context.setLineDash(dash);
  context.lineDashOffset = shift;
  context.stroke(scaled);
  context.restore();
}

/**
 * Paint everything. `at`: {x, y, scale} in device px (scale: px a cell, whole); `scene`: cells, before, split (0..1 or null),
 * changed, lit, parts, color, region, hoverPart, cursor [x, y]|null, points, grid, ratio (device px a CSS px), tick.
 */
export function paint(context, ink, at, scene) {
  const { cells, ratio } = scene;
  const { x, y, scale } = at;
  const [width, height] = [cells.width * scale, cells.height * scale];
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.imageSmoothingEnabled = false;
  checkerboard(context, ink, x, y, width, height, Math.round(8 * ratio));
  context.drawImage(cells.image, x, y, width, height);
  const whole = (image) => context.drawImage(image, x, y, width, height);
  const shade = [...dim(ink.ground), 190];

  if (scene.lit && scene.changed) {
    const { changed } = scene;
    whole(cached(overlays, cells, `dim-changed-${ink.ground}`, () => overlay(cells, (i) => !changed[i], shade)));
    strokeCells(context, edges(cells, "changed", (i) => changed[i]), x, y, scale, ink.accent, Math.max(1, Math.round(1.5 * ratio)));
  }
  if (scene.color >= 0) {
    const { color } = scene;
    whole(cached(overlays, cells, `color-${color}-${ink.ground}`, () => overlay(cells, (i) => cells.indices[i] !== color, shade)));
  }
  if (scene.parts && cells.mask) {
    const colors = cells.names.map((_, i) => fromHue(hue(i)));
    const back = cells.names.indexOf("background");
    whole(cached(overlays, cells, "parts", () => {
      const canvas = overlay(cells, () => false, [0, 0, 0, 0]);
      const own = canvas.getContext("2d");
      const data = own.getImageData(0, 0, cells.width, cells.height);
      cells.mask.forEach((v, i) => v !== back && data.data.set([...colors[v], 150], i * 4));
      own.putImageData(data, 0, 0);
      return canvas;
    }));
  }
  if (scene.before && scene.split !== null) {
    const cut = Math.round(scene.split * width);
    context.save();
    context.beginPath();
    context.rect(x, y, cut, height);
    context.clip();
    checkerboard(context, ink, x, y, width, height, Math.round(8 * ratio));
    whole(scene.before.image);
    context.restore();
  }
  if (scene.grid && scale >= 8 * ratio) gridLines(context, x, y, scale, cells.width, cells.height);
  context.strokeStyle = ink.line;
  context.lineWidth = 1;
  context.strokeRect(x - 0.5, y - 0.5, width + 1, height + 1);

  const thin = Math.max(1, Math.round(ratio));
  for (const [name, kind] of [[scene.hoverPart, "hover"], [scene.region, "chosen"]]) {
    if (scene.lit && kind === "chosen") continue;
    if (!name || !cells.mask || !cells.names.includes(name) || (kind === "hover" && name === scene.region)) continue;
    const test = inPart(cells, name);
    const path = edges(cells, `part-${name}`, test);
    if (kind === "hover") whole(cached(overlays, cells, `tint-${name}`, () => overlay(cells, test, [255, 255, 255, 46])));
    strokeCells(context, path, x, y, scale, "#000", thin * 3);
    strokeCells(context, path, x, y, scale, "#fff", thin * 1.5);
    if (kind === "chosen") strokeCells(context, path, x, y, scale, ink.accent, thin * 1.5, [4 * ratio, 4 * ratio], scene.tick * ratio);
  }
  if (scene.cursor && scale >= 4) cellBox(context, x + scene.cursor[0] * scale, y + scene.cursor[1] * scale, scale, thin);
  scene.points.forEach(([px, py], i) => marker(context, ink, x + (px + 0.5) * scale, y + (py + 0.5) * scale, i + 1, ratio));
}

function gridLines(context, x, y, scale, columns, rows) {
  context.fillStyle = "rgb(128 128 128 / 0.26)";
  for (let i = 1; i < columns; i++) context.fillRect(x + i * scale, y, 1, rows * scale);
  for (let i = 1; i < rows; i++) context.fillRect(x, y + i * scale, columns * scale, 1);
}

function cellBox(context, x, y, scale, thin) {
  context.lineWidth = thin;
  context.strokeStyle = "#000";
  context.strokeRect(x - thin / 2, y - thin / 2, scale + thin, scale + thin);
  context.strokeStyle = "#fff";
  context.strokeRect(x + thin / 2, y + thin / 2, scale - thin, scale - thin);
}

function marker(context, ink, x, y, label, ratio) {
  context.beginPath();
  context.arc(x, y, 8 * ratio, 0, 2 * Math.PI);
  context.fillStyle = ink.accent;
  context.strokeStyle = "#fff";
  context.lineWidth = 2 * ratio;
  context.fill();
  context.stroke();
  context.fillStyle = "#fff";
  context.font = `600 ${10 * ratio}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.strokeStyle = "rgb(0 0 0 / 0.7)";
  context.strokeText(label, x, y + ratio * 0.5);
  context.fillText(label, x, y + ratio * 0.5);
}

function dim(color) {
  const value = parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function fromHue(h) {
  const part = (n) => {
    const k = (n + h / 30) % 12;
    return Math.round(255 * (0.58 - 0.4 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [part(0), part(8), part(4)];
}

export const hueColor = (at) => `rgb(${fromHue(hue(at)).join(" ")})`;
