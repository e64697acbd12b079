// Choosing a palette by its name and colours; importing one.
import { html, useRef } from "../../vendor/htm-preact.js";
import { call } from "../core/api.js";
import { loadFacts } from "../core/sprites.js";
import { toast } from "../core/store.js";
import { Popover } from "../ui/controls.js";
import { Icon } from "../ui/icons.js";

export const colorsOf = (palette) => palette?.colors || palette?.hex || [];

export function Strip({ colors, most = 32 }) {
  const shown = colors.length <= most ? colors : Array.from({ length: most }, (_, i) => colors[Math.floor((i * colors.length) / most)]);
  return html`<span class="colorstrip" aria-hidden="true">${shown.map((c, i) => html`<i key=${i} style=${{ background: c }}></i>`)}</span>`;
}

/** Read a .hex, .gpl or .pal file into the person's palettes; gives the new palette's name, or "" where it failed. */
export async function importPalette(file) {
  try {
    if (file.size > 200000) throw new Error("A palette file is a few kilobytes; this one is too large.");
    const name = file.name.replace(/\.[^.]*$/, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40) || "palette";
    const made = await call("/v1/palettes", { json: { name, text: await file.text() } });
    await loadFacts();
    toast(`Palette ${made?.name || name} is there to choose.`);
    return made?.name || name;
  } catch (error) {
    toast(`${file.name}: ${error.message}`, true);
    return "";
  }
}

export function PalettePicker({ label, value, palettes, onChange, empty = "any", button }) {
  const input = useRef(null);
  const chosen = palettes.find((p) => p.name === value);
  const take = async (event) => {
    const file = event.target.files[0];
    event.target.value = "";
    if (!file) return;
    const name = await importPalette(file);
    if (name) onChange(name);
  };
  return html`<div class="field palette-picker">${!button && html`<span class="label">${label}</span>`}
    <${Popover} label=${label} text=${button || (chosen ? chosen.name : value || empty)} icon="palette" kind=${button ? "" : "wide start"}>${(close) => html`
      <div class="palette-list scroll" role="menu">
        ${!button && html`<button type="button" role="menuitem" class="menu-item" onClick=${() => { onChange(""); close(); }}>${empty}</button>`}
        ${palettes.map((p) => html`<button type="button" role="menuitem" class="menu-item palette-row" key=${p.name} title=${p.description || p.title || p.name} onClick=${() => { onChange(p.name); close(); }}>
          <span class="row spread"><span class="ellipsis">${p.name}</span><span class="end">${colorsOf(p).length || p.size || ""}</span></span><${Strip} colors=${colorsOf(p)} /></button>`)}
      </div>
      <button type="button" class="menu-item" onClick=${() => input.current.click()}><${Icon} name="import" />Import .hex, .gpl or .pal</button>
      <input ref=${input} type="file" class="hidden" accept=".hex,.gpl,.pal,text/plain" aria-hidden="true" tabindex="-1" data-import="palette" onChange=${(e) => { take(e); close(); }} />`}<//>
  </div>`;
}
