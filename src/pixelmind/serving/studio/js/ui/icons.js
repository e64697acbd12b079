// Icons on a 16 px grid, square ends, one stroke width: drawn for this studio.
import { html } from "../../vendor/htm-preact.js";

const PATHS = {
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3 8.5l3.5 3.5L13 4.5",
  undo: "M6 3L2.5 6.5L6 10M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6",
  redo: "M10 3l3.5 3.5L10 10M13 6.5H6.5a3.5 3.5 0 0 0 0 7H10",
  grid: "M2.5 2.5h11v11h-11zM2.5 8h11M8 2.5v11",
  fit: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  split: "M8 1.5v13M2.5 3.5H6M2.5 12.5H6M2.5 3.5v9M10 3.5h3.5v9H10",
  lit: "M8 1.5v2M8 12.5v2M1.5 8h2M12.5 8h2M5.5 5.5h5v5h-5z",
  parts: "M2.5 2.5h6v6h-6zM8.5 7.5h5v6h-8v-5",
  point: "M8 1.5v4M8 10.5v4M1.5 8h4M10.5 8h4",
  pen: "M3 13l.5-3L11 2.5l2.5 2.5L6 12.5zM9.5 4L12 6.5",
  export: "M8 2v8M5 7l3 3 3-3M2.5 11v2.5h11V11",
  import: "M8 10V2M5 5l3-3 3 3M2.5 11v2.5h11V11",
  sun: "M8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.5 3.5l1 1M11.5 11.5l1 1M12.5 3.5l-1 1M4.5 11.5l-1 1M8 5.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 0 0 0-5z",
  moon: "M6.5 2.5a5.5 5.5 0 1 0 7 7A4.8 4.8 0 0 1 6.5 2.5z",
  help: "M5.5 6a2.5 2.5 0 1 1 3.6 2.2C8.3 8.6 8 9 8 10M8 12.5v.5",
  lock: "M3.5 7.5h9v6h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
  unlock: "M3.5 7.5h9v6h-9zM5.5 7V4.5a2.5 2.5 0 0 1 4.8-1",
  swap: "M3 5.5h9.5L10 3M13 10.5H3.5L6 13",
  dice: "M2.5 2.5h11v11h-11zM5.5 5.5h.01M10.5 5.5h.01M8 8h.01M5.5 10.5h.01M10.5 10.5h.01",
  trash: "M2.5 4.5h11M6 4V2.5h4V4M4 4.5l.5 9h7l.5-9M6.7 7v4M9.3 7v4",
  chat: "M2.5 2.5h11v8h-6l-3 3v-3h-2z",
  spark: "M8 1.5l1.5 5 5 1.5-5 1.5-1.5 5-1.5-5-5-1.5 5-1.5z",
  send: "M8 13.5v-11M3.5 7L8 2.5 12.5 7",
  stop: "M4.5 4.5h7v7h-7z",
  picture: "M2.5 2.5h11v11h-11zM2.5 11l3.5-3.5 3 3 2-2 2.5 2.5",
  sliders: "M2 4.5h6M11.5 4.5H14M8 3v3h3.5V3zM2 11.5h2.5M8 11.5h6M4.5 10v3H8v-3z",
  tree: "M4 2v12M4 6h4v3.5h4M12 8v3",
  star: "M8 2l1.8 3.9 4.2.5-3.1 2.9.8 4.2L8 11.4l-3.7 2.1.8-4.2L2 6.4l4.2-.5z",
  retry: "M13 3v3.5H9.5M12.7 6.5A5.2 5.2 0 1 0 13 9.5",
  warn: "M8 2.5l6 11H2zM8 6.5v3M8 11.5v.2",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  chevron: "M4.5 6.5L8 10l3.5-3.5",
  eye: "M1.5 8s2.5-4 6.5-4s6.5 4 6.5 4s-2.5 4-6.5 4s-6.5-4-6.5-4zM8 6.5a1.5 1.5 0 1 0 0 3a1.5 1.5 0 0 0 0-3z",
  key: "M10.5 2.5a3 3 0 1 1-2.4 4.8L3 12.5V14h2.5v-2H7l2-2",
  palette: "M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h4v4h-4z",
};

export function Icon({ name, size = 16, spin = false }) {
  return html`<svg class=${`icon-mark ${spin ? "spin" : ""}`} width=${size} height=${size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d=${PATHS[name]} />
  </svg>`;
}
