// The palette of the picture in view: click a colour to see its cells, lock it, swap it, or bring all to another palette.
import { html, useEffect, useState } from "../../vendor/htm-preact.js";
import { colors as countColors } from "../core/cells.js";
import { clean, isLight, swapsTo } from "../core/color.js";
import { recolor } from "../core/sprites.js";
import { call } from "../core/api.js";
import { set, toast, useStore } from "../core/store.js";
import { IconButton, Skeleton } from "../ui/controls.js";
import { Icon } from "../ui/icons.js";
import { PalettePicker, colorsOf } from "./palette_picker.js";

export function PalettePanel() {
  const sprite = useStore((s) => s.sprite);
  const cells = useStore((s) => s.cells);
  const chosen = useStore((s) => s.color);
  const locked = useStore((s) => s.locked);
  const palettes = useStore((s) => s.facts.palettes);
  const work = useStore((s) => s.work);
  const ready = cells && sprite && cells.width === sprite.width && cells.height === sprite.height;
  const all = ready ? countColors(cells) : [];
  const used = all.filter((c) => c.count > 0);
  const spare = all.length - used.length;
  const toggleLock = (hex) => set((s) => ({ locked: s.locked.includes(hex) ? s.locked.filter((c) => c !== hex) : [...s.locked, hex] }));
  const useOther = async (name) => {
    if (!name) return;
    const palette = palettes.find((p) => p.name === name);
    let target = colorsOf(palette);
    try {
      if (!target.length) target = colorsOf(await call(`/v1/palettes/${encodeURIComponent(name)}`));
    } catch (error) {
      return void toast(error.message, true);
    }
    const swaps = swapsTo(used.map((c) => c.hex), target.map(clean).filter(Boolean), locked);
    if (!swaps.length) return void toast(`It keeps to ${name} already.`);
    await recolor(swaps);
  };
  const detail = used.find((c) => c.index === chosen);
  return html`<section class="panel" aria-label="Palette">
    <div class="row spread"><h2>Palette</h2><span class="muted small">${ready ? `${used.length} colours` : ""}</span></div>
    ${!sprite && html`<p class="muted small">The colours of the sprite. See where each one is, lock it, swap it, or bring all to another palette.</p>`}
    ${sprite && !ready && html`<${Skeleton} height=${56} />`}
    ${used.length > 0 && html`
      <div class="swatches" role="group" aria-label="Colours">
        ${used.map((c) => html`<button type="button" class=${`swatch ${isLight(c.hex) ? "light" : "dark"}`} key=${c.index} style=${{ background: c.hex }} aria-pressed=${String(c.index === chosen)}
          aria-label=${`${c.hex}, ${c.count} cells${locked.includes(c.hex) ? ", locked" : ""}`} title=${`${c.hex}  ${c.count} cells`}
          onClick=${() => set({ color: c.index === chosen ? -1 : c.index })}>${locked.includes(c.hex) && html`<${Icon} name="lock" size="12" />`}</button>`)}
      </div>
      ${spare > 0 && html`<p class="small muted">${spare} more in the palette, not used.</p>`}
      ${detail
        ? html`<${ColorDetail} key=${detail.hex} detail=${detail} locked=${locked.includes(detail.hex)} total=${cells.indices.length} onLock=${() => toggleLock(detail.hex)} busy=${!!work} />`
        : html`<p class="small muted">Click a colour to see where it is.</p>`}
      <${PalettePicker} label="Bring to a palette" button="Bring to a palette" value="" palettes=${palettes} onChange=${useOther} />
      ${locked.length > 0 && html`<button type="button" class="button quiet" onClick=${() => set({ locked: [] })}><${Icon} name="unlock" />Unlock ${locked.length}</button>`}`}
  </section>`;
}

function ColorDetail({ detail, locked, total, onLock, busy }) {
  const [to, setTo] = useState(detail.hex);
  useEffect(() => setTo(detail.hex), [detail.hex]);
  const target = clean(to);
  const swap = (event) => {
    event.preventDefault();
    if (target && target !== detail.hex) recolor([{ from: detail.hex, to: target }]);
  };
  return html`<form class="color-detail" onSubmit=${swap}>
    <div class="row"><i class="dot large" style=${{ background: detail.hex }}></i><span class="mono grow">${detail.hex}</span>
      <span class="small muted">${detail.count} cells, ${Math.max(1, Math.round((100 * detail.count) / total))} %</span>
      <${IconButton} icon=${locked ? "lock" : "unlock"} label=${locked ? "Unlock this colour" : "Lock this colour"} pressed=${locked} onClick=${onLock} /></div>
    <div class="row tight"><input class="picker" type="color" aria-label="New colour" value=${target || detail.hex} disabled=${locked} onInput=${(e) => setTo(e.target.value)} />
      <input class=${`input mono ${to && !target ? "bad" : ""}`} aria-label="New colour as hex" maxlength="7" spellcheck="false" value=${to} disabled=${locked} onInput=${(e) => setTo(e.target.value)} />
      <button class="button" disabled=${locked || busy || !target || target === detail.hex}><${Icon} name="swap" />Swap</button></div>
  </form>`;
}
