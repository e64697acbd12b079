// The parts of the picture in view: hover lights one up on the canvas, a click chooses it for the next instruction.
import { html } from "../../vendor/htm-preact.js";
import { parts } from "../core/cells.js";
import { set, useStore } from "../core/store.js";
import { hueColor } from "./paint.js";

export function PartsPanel() {
  const cells = useStore((s) => s.cells);
  const sprite = useStore((s) => s.sprite);
  const region = useStore((s) => s.region);
  if (!sprite || !cells) return html`<section class="panel idle" aria-label="Parts"><h2>Parts</h2><p class="small">Roof, sky, sword: what the sprite consists of. Click one, then say what shall happen to it.</p></section>`;
  const found = parts(cells);
  return html`<section class="panel" aria-label="Parts">
    <div class="row spread"><h2>Parts</h2><span class="muted small">${found.length || ""}</span></div>
    ${found.length === 0 && html`<p class="small muted">No parts were found. You can still point at cells and say “this one”.</p>`}
    <ul class="parts">${found.map((part) => html`<li key=${part.value}><button type="button" class="menu-item part" aria-pressed=${String(part.name === region)}
      onPointerEnter=${() => set({ hoverPart: part.name })} onPointerLeave=${() => set({ hoverPart: "" })} onFocus=${() => set({ hoverPart: part.name })} onBlur=${() => set({ hoverPart: "" })}
      onClick=${() => set({ region: part.name === region ? "" : part.name })}><i class="dot" style=${{ background: hueColor(part.value) }}></i>
      <span class="ellipsis">${part.name}</span><span class="end">${part.count}</span></button></li>`)}</ul>
  </section>`;
}
