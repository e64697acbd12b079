// The canvas: whole zoom, pan, cells under the cursor, parts and points picked, before/after.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../../vendor/htm-preact.js";
import { hex, partAt } from "../core/cells.js";
import { useKeys } from "../core/keys.js";
import { announce, get, set, setView, useStore } from "../core/store.js";
import { inks, paint } from "./paint.js";

export const LOWEST = 1;
export const HIGHEST = 64;
const STEPS = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64];

/** What the toolbar may ask of the stage; set while it is there. */
export const stage = { fit: () => {}, zoomBy: () => {} };

export const setHover = (hover) => {
  const last = get().hover;
  if (last?.[0] !== hover?.[0] || last?.[1] !== hover?.[1]) set({ hover });
};

/** The name for what is in a cell: colour and part. */
export function cellFacts(cells, [x, y]) {
  const rgba = cells.palette[cells.indices[y * cells.width + x]];
  return { color: rgba[3] ? hex(rgba) : "", index: cells.indices[y * cells.width + x], part: partAt(cells, x, y) };
}

export function pickAt(cells, [x, y]) {
  const { view, points, region } = get();
  if (view.tool === "point") {
    const at = points.findIndex((p) => p[0] === x && p[1] === y);
    set({ points: at >= 0 ? points.filter((_, i) => i !== at) : [...points, [x, y]].slice(-8) });
    announce(at >= 0 ? `Point at ${x}, ${y} removed` : `Point at ${x}, ${y}`);
    return;
  }
  const part = partAt(cells, x, y);
  set({ region: part === region ? "" : part });
  announce(part && part !== region ? `${part} chosen` : "Nothing chosen");
}

export function Stage() {
  const cells = useStore((s) => s.cells);
  const scene = useStore((s) => s);
  const canvas = useRef(null);
  const at = useRef({ zoom: 1, x: 0, y: 0, fitted: true, size: "" });
  const [split, setSplit] = useState(0.5);
  const [box, setBox] = useState([0, 0]);
  const [tick, setTick] = useState(0);
  const [, again] = useState(0);
  const repaint = () => again((n) => n + 1);

  const fit = () => {
    const [w, h] = box;
    if (!w || !cells) return;
    const room = Math.min((w - 32) / cells.width, (h - 32) / cells.height);
    const zoom = Math.max(LOWEST, Math.min(HIGHEST, Math.floor(room)));
    at.current = { ...at.current, zoom, fitted: true, x: Math.round((w - cells.width * zoom) / 2), y: Math.round((h - cells.height * zoom) / 2) };
    if (get().view.zoom !== zoom) setView({ zoom });
    repaint();
  };
  const zoomTo = (zoom, cx = box[0] / 2, cy = box[1] / 2) => {
    const { x, y, zoom: old } = at.current;
    const next = Math.max(LOWEST, Math.min(HIGHEST, zoom));
    if (next === old) return;
    const cellX = (cx - x) / old;
    const cellY = (cy - y) / old;
    at.current = { ...at.current, zoom: next, fitted: false, x: Math.round(cx - cellX * next), y: Math.round(cy - cellY * next) };
    setView({ zoom: next });
    repaint();
  };
  const zoomBy = (direction, cx, cy) => {
    const old = at.current.zoom;
    const next = direction > 0 ? STEPS.find((z) => z > old) : STEPS.findLast((z) => z < old);
    if (next) zoomTo(next, cx, cy);
  };
  Object.assign(stage, { fit, zoomBy });

  useLayoutEffect(() => {
    const element = canvas.current;
    const measure = () => setBox([element.clientWidth, element.clientHeight]);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (!cells) return;
    const size = `${cells.width}x${cells.height}`;
    if (at.current.fitted || at.current.size !== size) fit();
    at.current.size = size;
  }, [cells, box[0], box[1]]);

  const ants = scene.region && !matchMedia("(prefers-reduced-motion: reduce)").matches;
  useEffect(() => {
    if (!ants) return;
    const timer = setInterval(() => setTick((t) => (t + 1) % 8), 120);
    return () => clearInterval(timer);
  }, [ants]);

  const hoverPart = cells && scene.hover && scene.view.tool === "pick" && !scene.view.split ? partAt(cells, ...scene.hover) : "";
  useLayoutEffect(() => {
    const element = canvas.current;
    if (!cells || !box[0]) return;
    const ratio = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(box[0] * ratio), Math.round(box[1] * ratio)];
    if (element.width !== w || element.height !== h) Object.assign(element, { width: w, height: h });
    const where = { x: Math.round(at.current.x * ratio), y: Math.round(at.current.y * ratio), scale: Math.max(1, Math.round(at.current.zoom * ratio)) };
    paint(element.getContext("2d"), inks(), where, {
      cells, ratio, before: scene.before, split: scene.view.split ? split : null, changed: scene.changed, lit: scene.view.lit, parts: scene.view.parts,
      color: scene.color, region: scene.region, hoverPart: scene.hoverPart || hoverPart, cursor: scene.hover, points: scene.points, grid: scene.view.grid, tick: -tick,
    });
  });

  const gestures = useGestures({ canvas, at, cells, zoomTo, zoomBy, repaint });
  const zoom = at.current.zoom;
  const shown = cells && scene.before && scene.view.split;
  const label = cells ? `Canvas: ${scene.sprite?.prompt || "sprite"}, ${cells.width} by ${cells.height}. Arrow keys move over the cells, Enter picks.` : "Canvas";
  return html`
    <canvas ref=${canvas} class=${`canvas tool-${scene.view.tool} ${gestures.panning ? "panning" : ""}`} tabindex="0" role="img" aria-label=${label} ...${gestures.handlers}></canvas>
    ${hoverPart && !shown && html`<span class="part-tag" style=${{ left: `${at.current.x + (scene.hover[0] + 1) * zoom + 8}px`, top: `${at.current.y + (scene.hover[1] + 1) * zoom + 8}px` }}>${hoverPart}</span>`}
    ${shown && html`<${SplitHandle} split=${split} setSplit=${setSplit} left=${at.current.x} width=${cells.width * zoom} top=${at.current.y} height=${cells.height * zoom} cells=${cells.width} />`}`;
}

function SplitHandle({ split, setSplit, left, width, top, height, cells }) {
  const root = useRef(null);
  const move = (event) => {
    const bounds = root.current.parentElement.getBoundingClientRect();
    setSplit(Math.max(0, Math.min(1, (event.clientX - bounds.left - left) / width)));
  };
  const keys = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -cells, End: cells }[event.key];
    if (!step) return;
    event.preventDefault();
    setSplit(Math.max(0, Math.min(1, split + step / cells)));
  };
  const percent = Math.round(split * 100);
  return html`<div ref=${root} class="split" role="slider" tabindex="0" aria-label="Before and after" aria-valuemin="0" aria-valuemax="100" aria-valuenow=${percent}
    aria-valuetext=${`${percent} percent before`} style=${{ left: `${left + split * width}px`, top: `${top}px`, height: `${height}px` }} onKeyDown=${keys}
    onPointerDown=${(e) => { e.currentTarget.setPointerCapture(e.pointerId); }} onPointerMove=${(e) => e.currentTarget.hasPointerCapture(e.pointerId) && move(e)}>
    <span class="split-tag before">before</span><span class="split-knob"></span><span class="split-tag after">after</span></div>`;
}

/** Pointer, wheel, touch and keys of the canvas. */
function useGestures({ canvas, at, cells, zoomTo, zoomBy, repaint }) {
  const pointers = useRef(new Map());
  const drag = useRef(null);
  const wheel = useRef(0);
  const [panning, setPanning] = useState(false);
  const space = useRef(false);
  useKeys({ " ": (e) => (e.target === document.body || e.target === canvas.current ? ((space.current = true), setPanning(true)) : false) });
  useEffect(() => {
    const up = (event) => {
      if (event.key !== " ") return;
      space.current = false;
      if (!drag.current) setPanning(false);
    };
    const element = canvas.current;
    const onWheel = (event) => {
      if (!get().cells) return;
      event.preventDefault();
      wheel.current += event.deltaY;
      if (Math.abs(wheel.current) < 30) return;
      const bounds = element.getBoundingClientRect();
      state.current.zoomBy(wheel.current < 0 ? 1 : -1, event.clientX - bounds.left, event.clientY - bounds.top);
      wheel.current = 0;
    };
    document.addEventListener("keyup", up);
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => {
      document.removeEventListener("keyup", up);
      element.removeEventListener("wheel", onWheel);
    };
  }, []);
  const state = useRef({});
  state.current = { zoomBy };

  const place = (event) => {
    const bounds = canvas.current.getBoundingClientRect();
    return [event.clientX - bounds.left, event.clientY - bounds.top];
  };
  const cellAt = ([px, py]) => {
    if (!cells) return null;
    const { x, y, zoom } = at.current;
    const [cx, cy] = [Math.floor((px - x) / zoom), Math.floor((py - y) / zoom)];
    return cx >= 0 && cy >= 0 && cx < cells.width && cy < cells.height ? [cx, cy] : null;
  };
  const spread = () => {
    const [a, b] = [...pointers.current.values()];
    return { distance: Math.hypot(a[0] - b[0], a[1] - b[1]), middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] };
  };
  const handlers = {
    onPointerDown: (event) => {
      if (!cells) return;
      canvas.current.setPointerCapture(event.pointerId);
      pointers.current.set(event.pointerId, place(event));
      if (pointers.current.size === 2) drag.current = { pinch: spread().distance, zoom: at.current.zoom };
      else drag.current = { from: place(event), x: at.current.x, y: at.current.y, moved: false, only: event.button === 1 || space.current };
      if (event.button === 1) event.preventDefault();
    },
    onPointerMove: (event) => {
      const now = place(event);
      if (pointers.current.has(event.pointerId)) pointers.current.set(event.pointerId, now);
      const held = drag.current;
      if (held?.pinch && pointers.current.size === 2) {
        const { distance, middle } = spread();
        zoomTo(Math.round(held.zoom * (distance / held.pinch)), ...middle);
      } else if (held?.from) {
        const [dx, dy] = [now[0] - held.from[0], now[1] - held.from[1]];
        if (held.moved || Math.hypot(dx, dy) > 4) {
          held.moved = true;
          if (!panning) setPanning(true);
          Object.assign(at.current, { x: Math.round(held.x + dx), y: Math.round(held.y + dy), fitted: false });
          repaint();
        }
      }
      if (!held?.moved) setHover(cellAt(now));
    },
    onPointerUp: (event) => {
      const held = drag.current;
      pointers.current.delete(event.pointerId);
      if (held?.from && !held.moved && !held.only && event.button === 0) {
        const cell = cellAt(place(event));
        if (cell && event.altKey) set((s) => ({ color: s.color === cellFacts(cells, cell).index ? -1 : cellFacts(cells, cell).index }));
        else if (cell) pickAt(cells, cell);
        else set({ region: "" });
      }
      if (!pointers.current.size) {
        drag.current = null;
        if (!space.current) setPanning(false);
      }
    },
    onPointerCancel: (event) => {
      pointers.current.delete(event.pointerId);
      drag.current = null;
      setPanning(false);
    },
    onPointerLeave: () => !drag.current && setHover(null),
    onKeyDown: (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!cells || (!step && event.key !== "Enter")) return;
      event.preventDefault();
      const [x, y] = get().hover || [Math.floor(cells.width / 2), Math.floor(cells.height / 2)];
      if (!step) return pickAt(cells, [x, y]);
      const next = [Math.max(0, Math.min(cells.width - 1, x + step[0])), Math.max(0, Math.min(cells.height - 1, y + step[1]))];
      setHover(next);
      const { color, part } = cellFacts(cells, next);
      announce(`${next[0]}, ${next[1]}: ${color || "clear"}${part ? `, ${part}` : ""}`);
    },
  };
  return { handlers, panning };
}
