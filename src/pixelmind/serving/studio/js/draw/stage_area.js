// What stands in the middle: the canvas, the candidates, a picture being drawn, or the invitation to begin.
import { html, useState } from "../../vendor/htm-preact.js";
import { useStore } from "../core/store.js";
import { say } from "../core/talk.js";
import { Icon } from "../ui/icons.js";
import { Candidates } from "./candidates.js";
import { Stage, cellFacts } from "./stage.js";

export const PROMPTS = [
  "a castle with red flags, 32x32", "a green slime with a crown, 16x16", "a golden key, 16x16, 6 colours", "a red dragon, 48x48",
  "an oak tree in autumn, 32x32", "a knight in the Game Boy palette, 32x32",
];

export function StageArea() {
  const sprite = useStore((s) => s.sprite);
  const cells = useStore((s) => s.cells);
  const loading = useStore((s) => s.loading);
  const choosing = useStore((s) => s.choosing);
  const candidates = useStore((s) => s.candidates);
  const work = useStore((s) => s.work);
  const grid = choosing && candidates.length > 1;
  return html`<div class="stage" aria-busy=${String(!!work || loading)}>
    ${sprite && html`<div class=${`stage-canvas ${grid ? "hidden" : ""}`}><${Stage} /></div>`}
    ${grid && html`<${Candidates} sprites=${candidates} />`}
    ${!sprite && !work && html`<${Welcome} />`}
    ${loading && !cells && html`<div class="stage-skeleton"><span class="skeleton"></span></div>`}
    ${work && html`<${Working} work=${work} sprite=${sprite} />`}
  </div>
  <${Status} />`;
}

function Welcome() {
  return html`<div class="welcome empty">
    <img src="icon.svg" width="64" height="64" alt="" class="pixels" />
    <h1>What shall we draw?</h1>
    <p>Say it in your own words. You get true pixel art in exactly the size and colours you ask for, and change it by talking on.</p>
    <div class="chips center">${PROMPTS.map((p) => html`<button type="button" class="chip" key=${p} onClick=${() => say(p)}>${p}</button>`)}</div>
    <p class="small">Or drop a picture here to work on your own sprite.</p>
  </div>`;
}

/** Levels a canvas goes through: 16, then 64, then 256 px. */
export const levelsFor = (work) => {
  const longest = Math.max(work.width || 0, work.height || 0);
  const last = longest ? (longest <= 16 ? 16 : longest <= 64 ? 64 : 256) : Math.max(64, work.level);
  return [16, 64, 256].filter((l) => l <= Math.max(last, work.level));
};

/** The levels as steps, the one at work moving. */
export function Levels({ work }) {
  const levels = levelsFor(work);
  return html`<ol class="levels" aria-label="Levels">
    ${levels.map((level, i) => {
      const done = work.level > level || (work.level === level && work.step >= work.steps);
      const now = !done && (i === 0 || work.level === level || (work.level === levels[i - 1] && work.step >= work.steps));
      const part = done ? 1 : work.level === level ? work.step / work.steps : now ? undefined : 0;
      return html`<li key=${level} class=${done ? "done" : now ? "now" : ""}><span>${level}</span><progress max="1" value=${part} aria-label=${`level ${level}`}></progress></li>`;
    })}
  </ol>`;
}

function Working({ work, sprite }) {
  const words = { chat: "Working on it", generate: "Drawing", edit: "Changing the sprite", recolor: "Swapping colours" }[work.what] || "Working";
  const detail = !work.level ? "starting" : work.step < work.steps ? `level ${work.level} px, step ${work.step} of ${work.steps}` : `level ${work.level} px done`;
  const box = work.preview ? { width: work.width || 1, height: work.height || 1 } : null;
  return html`<div class=${`working ${sprite && !work.preview ? "over" : ""}`}>
    ${work.preview
      ? html`<${Preview} src=${work.preview} box=${box} />`
      : !sprite && html`<div class="preview-wait skeleton"></div>`}
    <div class="working-card" role="status">
      <div class="row"><${Icon} name="spark" /><p class="grow"><b>${words}</b><span class="muted small">${detail}</span></p>
        <button type="button" class="button" onClick=${() => work.controller.abort()}><${Icon} name="stop" size="12" />Cancel</button></div>
      <${Levels} work=${work} />
    </div>
  </div>`;
}

export function Preview({ src, box, limit = 384 }) {
  const [own, setOwn] = useState(null);
  const shape = box && box.width > 1 ? box : own || { width: 16, height: 16 };
  const zoom = Math.max(1, Math.floor(limit / Math.max(shape.width, shape.height)));
  return html`<span class="frame checker"><img class="pixels" src=${src} alt="Preview" width=${shape.width * zoom} height=${shape.height * zoom}
    onLoad=${(e) => setOwn({ width: e.target.naturalWidth, height: e.target.naturalHeight })} /></span>`;
}

function Status() {
  const cells = useStore((s) => s.cells);
  const sprite = useStore((s) => s.sprite);
  const hover = useStore((s) => s.hover);
  const view = useStore((s) => s.view);
  const changed = useStore((s) => s.changed);
  if (!sprite || !cells) return null;
  const inside = hover && hover[0] < cells.width && hover[1] < cells.height;
  const facts = inside ? cellFacts(cells, hover) : null;
  const count = changed ? changed.reduce((a, b) => a + b, 0) : 0;
  return html`<div class="status muted">
    ${facts
      ? html`<span class="mono">x ${hover[0]} y ${hover[1]}</span>
          <span class="row tight mono"><i class=${`dot ${facts.color ? "" : "checker"}`} style=${facts.color ? { background: facts.color } : {}}></i>${facts.color || "clear"}</span>
          ${facts.part && html`<span>${facts.part}</span>`}`
      : html`<span class="optional">${view.tool === "point" ? "Click cells to point at them" : sprite.regions.length ? "Click a part to choose it" : "Hover over the cells"}</span>`}
    <span class="grow"></span>
    ${changed && html`<span class="optional">${count} of ${changed.length} cells changed</span>`}
    <span>${cells.width}×${cells.height}</span><span>${sprite.colors} colours</span>
  </div>`;
}
