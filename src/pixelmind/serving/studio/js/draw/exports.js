// The export menu: every format and the scale.
import { html, useState } from "../../vendor/htm-preact.js";
import { download } from "../core/api.js";
import { toast } from "../core/store.js";
import { Popover, Segments } from "../ui/controls.js";
import { Icon } from "../ui/icons.js";

const GROUPS = [
  ["Pictures", [["png", "PNG", "indexed", true], ["gif", "GIF", "one frame", true], ["apng", "APNG", "one frame", true]]],
  ["Editors and engines", [
    ["aseprite", "Aseprite", "layers from parts"], ["sheet", "Sprite sheet", "JSON hash", true], ["sheet-array", "Sprite sheet", "JSON array", true],
    ["tiled", "Tiled", "tileset and map", true], ["godot", "Godot 4", "SpriteFrames", true], ["texturepacker", "TexturePacker", "JSON hash", true],
  ]],
  ["Palette", [["gpl", "GIMP", ".gpl"], ["hex", "Lospec", ".hex"], ["pal", "JASC", ".pal"], ["palette-png", "Strip", ".png", true]]],
];
const SCALES = [1, 2, 4, 8, 16, 32];

export function ExportMenu({ sprite }) {
  const [scale, setScale] = useState(1);
  const [busy, setBusy] = useState("");
  const save = async (format, scaled, close) => {
    setBusy(format);
    try {
      const name = await download(`/v1/sprites/${sprite.id}/download?format=${format}${scaled ? `&scale=${scale}` : ""}`, `${sprite.id}.${format}`);
      toast(`Saved ${name}.`);
      close();
    } catch (error) {
      toast(error.message, true);
    }
    setBusy("");
  };
  return html`<span id="export-anchor"><${Popover} label="Export" hint="E" icon="export" text="Export" kind="primary export-button" align="right">${(close) => html`
    <div class="export-scale"><span class="label">Scale</span>
      <${Segments} label="Scale" value=${scale} onChange=${setScale} options=${SCALES.map((v) => ({ value: v, label: `${v}×` }))} />
      <span class="small muted">${sprite.width * scale}×${sprite.height * scale} px</span></div>
    ${GROUPS.map(([group, formats]) => html`<div class="group" key=${group}>${group}</div>
      <div class="export-grid">${formats.map(([format, label, detail, scaled]) => html`<button type="button" class="menu-item" key=${format} disabled=${!!busy} data-format=${format}
        onClick=${() => save(format, scaled, close)}>${busy === format ? html`<${Icon} name="retry" spin />` : ""}<span>${label}</span><span class="end">${detail}</span></button>`)}</div>`)}`}<//></span>`;
}
