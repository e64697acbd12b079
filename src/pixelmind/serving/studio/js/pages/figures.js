// Figures as the pages of figures show them: a tile, bars, and how numbers are written.
import { html } from "../../vendor/htm-preact.js";

export const figure = (v, digits = 0) => (typeof v === "number" ? v.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits }) : "–");
export const milliseconds = (v) => (typeof v !== "number" ? "–" : v >= 1000 ? `${(v / 1000).toFixed(1)} s` : `${Math.round(v)} ms`);

export function Tile({ label, value, link }) {
  const inside = html`<span class="label">${label}</span><b class="tile-value">${value}</b>`;
  return link ? html`<a class="tile" href=${link}>${inside}</a>` : html`<div class="tile">${inside}</div>`;
}

export function Bars({ rows, most, format, title }) {
  return html`<svg class="bars" viewBox=${`0 0 320 ${rows.length * 44}`} role="img" aria-label=${`${title}: ${rows.map(([l, v]) => `${l} ${format(v)}`).join(", ")}`}>
    ${rows.map(([label, value], i) => html`<g key=${label} transform=${`translate(0 ${i * 44})`}>
      <text x="0" y="14" class="bar-label">${label}</text><text x="320" y="14" class="bar-value" text-anchor="end">${format(value)}</text>
      <rect x="0" y="22" width="320" height="8" class="bar-track" /><rect x="0" y="22" width=${typeof value === "number" && most ? Math.max(2, Math.min(1, value / most) * 320) : 0} height="8" class="bar" /></g>`)}
  </svg>`;
}
