// The bar under the canvas: an instruction for the sprite in view, with the part or the points it is about.
import { html, useRef, useState } from "../../vendor/htm-preact.js";
import { newId } from "../core/api.js";
import { edit } from "../core/sprites.js";
import { set, useStore } from "../core/store.js";
import { say, versionInView } from "../core/talk.js";
import { Failure, GrowingArea } from "../ui/controls.js";
import { Icon } from "../ui/icons.js";

const WHOLE = ["make it darker", "fewer colours", "flip it", "add an outline", "make it look like winter"];
const PART = (name) => [`make the ${name} red`, `make the ${name} darker`, `remove the ${name}`, `redraw the ${name}`];

/** What the next instruction is about, as chips that can be taken off. */
export function Targets() {
  const region = useStore((s) => s.region);
  const points = useStore((s) => s.points);
  if (!region && !points.length) return null;
  return html`<div class="chips targets">
    ${region && html`<span class="chip on"><${Icon} name="parts" size="12" />${region}<button type="button" class="close" aria-label=${`Do not keep to ${region}`} onClick=${() => set({ region: "" })}><${Icon} name="close" size="12" /></button></span>`}
    ${points.length > 0 && html`<span class="chip on"><${Icon} name="point" size="12" />${points.length === 1 ? "1 point" : `${points.length} points`}<button type="button" class="close" aria-label="Remove the points" onClick=${() => set({ points: [] })}><${Icon} name="close" size="12" /></button></span>`}
  </div>`;
}

export function CommandBar() {
  const sprite = useStore((s) => s.sprite);
  const region = useStore((s) => s.region);
  const choosing = useStore((s) => s.choosing && s.candidates.length > 1);
  const work = useStore((s) => s.work);
  const [text, setText] = useState("");
  const [failed, setFailed] = useState(null);
  const area = useRef(null);
  if (!sprite || choosing) return null;
  const send = async (instruction = text.trim(), once = newId()) => {
    if (!instruction || work) return;
    setText("");
    setFailed(null);
    if (versionInView()) return void say(instruction, { once });
    try {
      await edit(instruction, once);
    } catch (error) {
      setFailed({ message: error.message, instruction, once: error.status === 0 ? once : undefined });
      setText(instruction);
    }
  };
  return html`<div class="command">
    ${failed && html`<${Failure} text=${failed.message} onRetry=${() => send(failed.instruction, failed.once)} />`}
    <${Targets} />
    <div class="composer">
      <${GrowingArea} areaRef=${area} id="command" aria-label="Change this sprite" maxlength="1000" value=${text} onInput=${setText} onSubmit=${() => send()}
        placeholder=${region ? `What shall happen to the ${region}?` : "Change this sprite: make the roof blue"} />
      <button type="button" class="button primary icon" aria-label="Change" title="Change (Enter)" disabled=${!text.trim() || !!work} onClick=${() => send()}><${Icon} name="send" /></button>
    </div>
    ${!text && !failed && html`<div class="chips suggestions">${(region ? PART(region) : WHOLE).map((s) => html`<button type="button" class="chip" key=${s}
      onClick=${() => { setText(s); area.current.focus(); }}>${s}</button>`)}</div>`}
  </div>`;
}
