// Above the canvas: what it shows, how it is shown, undo and export.
import { html, useState } from "../../vendor/htm-preact.js";
import { call } from "../core/api.js";
import { modifier } from "../core/keys.js";
import { clearCanvas, markReview, removeSprite } from "../core/sprites.js";
import { get, set, setView, toast, useStore } from "../core/store.js";
import { redo, undo } from "../core/talk.js";
import { Dialog, IconButton, Popover } from "../ui/controls.js";
import { Icon } from "../ui/icons.js";
import { ReviewMark } from "../ui/picture.js";
import { ExportMenu } from "./exports.js";
import { HIGHEST, LOWEST, stage } from "./stage.js";
import { ToneDialog } from "./tones.js";

function FlagDialog({ sprite, onClose }) {
  const [reason, setReason] = useState("");
  const send = async (event) => {
    event.preventDefault();
    try {
      const { reason: told } = await call("/v1/review", { json: { sprite_id: sprite.id, reason: reason.trim() } });
      markReview(sprite.id, told);
      toast("It is in the review queue.");
      onClose();
    } catch (error) {
      toast(error.message, true);
    }
  };
  return html`<${Dialog} title="Send to review" onClose=${onClose}><form class="row" onSubmit=${send}>
    <input class="input" aria-label="What is wrong with it?" placeholder="What is wrong with it?" maxlength="500" value=${reason} onInput=${(e) => setReason(e.target.value)} />
    <button class="button primary" disabled=${!reason.trim()}>Send</button></form><//>`;
}

export function StageBar() {
  const [flagging, setFlagging] = useState(false);
  const [toning, setToning] = useState(false);
  const sprite = useStore((s) => s.sprite);
  const view = useStore((s) => s.view);
  const before = useStore((s) => s.before);
  const changed = useStore((s) => s.changed);
  const ahead = useStore((s) => s.redo);
  const work = useStore((s) => s.work);
  const candidates = useStore((s) => s.candidates);
  const choosing = useStore((s) => s.choosing);
  if (!sprite) return html`<div class="stagebar"><h1 class="stage-title muted">No sprite yet</h1></div>`;
  const title = sprite.prompt || sprite.instruction || "Untitled sprite";
  const grid = choosing && candidates.length > 1;
  const hasParts = sprite.regions.length > 0;
  return html`<div class="stagebar" role="toolbar" aria-label="Canvas tools">
    <h1 class="stage-title ellipsis" title=${title}>${title}</h1>
    <${ReviewMark} sprite=${sprite} key=${sprite.id} />
    <div class="row tight tools">
      ${candidates.length > 1 && html`<button type="button" class="button quiet candidates-toggle" aria-pressed=${String(choosing)} aria-label=${`${candidates.length} candidates`} onClick=${() => set({ choosing: !choosing })}>
        <${Icon} name="grid" /><span>${candidates.length} candidates</span></button><span class="rule"></span>`}
      <${IconButton} icon="undo" label="Undo" hint=${`${modifier()} Z`} disabled=${!sprite.parent || !!work} onClick=${undo} />
      <${IconButton} icon="redo" label="Redo" hint=${`${modifier()} ⇧ Z`} disabled=${!ahead.length || !!work} onClick=${redo} />
      <span class="rule"></span>
      <${IconButton} icon="grid" label="Pixel grid" hint="G" pressed=${view.grid} onClick=${() => setView({ grid: !view.grid })} />
      <${IconButton} icon="parts" label="Show parts" hint="M" pressed=${view.parts} disabled=${!hasParts} onClick=${() => setView({ parts: !view.parts })} />
      <${IconButton} icon="point" label="Point at cells" hint="P" pressed=${view.tool === "point"} onClick=${() => setView({ tool: view.tool === "point" ? "pick" : "point" })} />
      <${IconButton} icon="split" label="Before and after" hint="B" pressed=${view.split} disabled=${!before} onClick=${() => setView({ split: !view.split })} />
      <${IconButton} icon="lit" label="Changed cells" hint="C" pressed=${view.lit} disabled=${!changed} onClick=${() => setView({ lit: !view.lit })} />
      <span class="rule"></span>
      <${IconButton} icon="minus" label="Zoom out" hint="−" disabled=${view.zoom <= LOWEST || grid} onClick=${() => stage.zoomBy(-1)} />
      <button type="button" class="button quiet zoom" disabled=${grid} title="Fit (0)" aria-label=${`Zoom ${view.zoom || 1} times; fit`} onClick=${() => stage.fit()}>${view.zoom || 1}×</button>
      <${IconButton} icon="plus" label="Zoom in" hint="+" disabled=${view.zoom >= HIGHEST || grid} onClick=${() => stage.zoomBy(1)} />
    </div>
    <div class="row tight">
      <${ExportMenu} sprite=${sprite} />
      <${Popover} label="More" icon="more" kind="quiet" align="right">${(close) => html`
        <button type="button" class="menu-item" onClick=${() => { close(); refer(sprite); }}><${Icon} name="picture" />Use as a style reference</button>
        <button type="button" class="menu-item" onClick=${() => { close(false); setToning(true); }}><${Icon} name="sun" />Which tone is best?</button>
        <button type="button" class="menu-item" onClick=${() => { close(false); setFlagging(true); }}><${Icon} name="warn" />Send to review</button>
        <button type="button" class="menu-item" onClick=${() => { close(); clearCanvas(); }}><${Icon} name="close" />Clear the canvas</button>
        <button type="button" class="menu-item danger" onClick=${() => { close(false); removeSprite(sprite); }}><${Icon} name="trash" />Delete this sprite</button>`}<//>
    </div>
    ${toning && html`<${ToneDialog} sprite=${sprite} onClose=${() => setToning(false)} />`}
    ${flagging && html`<${FlagDialog} sprite=${sprite} onClose=${() => setFlagging(false)} />`}
  </div>`;
}

export function refer(sprite) {
  const { references } = get();
  if (references.some((r) => r.id === sprite.id)) return;
  set({ references: [...references, sprite].slice(-4), side: "generate", pane: "generate" });
  toast("The next pictures take their style from this one.");
}
