// The Generate form: everything that can be fixed beforehand.
import { html, useEffect, useRef, useState } from "../../vendor/htm-preact.js";
import { SIZES, defaults, generate } from "../core/generate.js";
import { upload } from "../core/sprites.js";
import { get, set, toast, useStore } from "../core/store.js";
import { Check, Failure, Field, IconButton, NumberField, Segments } from "../ui/controls.js";
import { Icon } from "../ui/icons.js";
import { Picture, describe } from "../ui/picture.js";
import { DRAGGED } from "./gallery.js";
import { StyleDialog, StyleSelect } from "./own_styles.js";
import { PalettePicker } from "./palette_picker.js";

const FORM = "pixelmind.form";

function kept() {
  try {
    return { ...defaults(), ...JSON.parse(sessionStorage.getItem(FORM) || "{}") };
  } catch {
    return defaults();
  }
}

const inRange = (v, low, high) => v === "" || (v >= low && v <= high);
export const valid = (f) => f.prompt.trim() !== "" && [f.width, f.height].every((v) => v !== "" && Number.isInteger(v) && v >= 8 && v <= 256)
  && inRange(f.colors, 2, 255) && inRange(f.steps, 1, 200) && inRange(f.guidance, 0, 20) && inRange(f.seed, 0, Number.MAX_SAFE_INTEGER);

export function GenerateForm() {
  const [form, setForm] = useState(kept);
  const [failed, setFailed] = useState(null);
  const [making, setMaking] = useState(false);
  const facts = useStore((s) => s.facts);
  const references = useStore((s) => s.references);
  const work = useStore((s) => s.work);
  const change = (name) => (value) => setForm((f) => ({ ...f, [name]: value }));
  useEffect(() => {
    try {
      sessionStorage.setItem(FORM, JSON.stringify(form));
    } catch {
      /* not kept then */
    }
  }, [form]);
  const preset = SIZES.find(([w, h]) => w === form.width && h === form.height);
  const [custom, setCustom] = useState(!preset);
  const submit = async (event, once) => {
    event?.preventDefault();
    if (!valid(form) || get().work) return;
    setFailed(null);
    document.activeElement?.blur(); // so that the digits take a candidate
    set({ pane: "canvas" });
    try {
      await generate(form, once);
    } catch (error) {
      setFailed({ text: error.message });
      set({ pane: "generate" });
    }
  };
  const deleted = (name) => setForm((f) => (f.style === name ? { ...f, style: "" } : f));
  return html`${making && html`<${StyleDialog} onClose=${() => setMaking(false)} onDeleted=${deleted} />`}<form class="form" onSubmit=${submit} noValidate>
    <div class="form-body scroll">
      <${Field} label="Prompt"><textarea class="area" id="prompt" rows="3" maxlength="1000" placeholder="a green slime with a crown" value=${form.prompt} onInput=${(e) => change("prompt")(e.target.value)}
        onKeyDown=${(e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) submit(e); }}></textarea><//>
      <fieldset class="plain"><legend class="label">Size</legend>
        <div class="sizes">${SIZES.map(([w, h]) => html`<button type="button" class="size" key=${w} aria-pressed=${String(!custom && preset?.[0] === w)}
          onClick=${() => { setCustom(false); setForm((f) => ({ ...f, width: w, height: h })); }}>${w}</button>`)}
          <button type="button" class="size" aria-pressed=${String(custom)} onClick=${() => setCustom(true)}>other</button></div>
        ${custom && html`<div class="row pair"><${NumberField} label="Width, px" value=${form.width} min=${8} max=${256} onChange=${change("width")} />
          <${NumberField} label="Height, px" value=${form.height} min=${8} max=${256} onChange=${change("height")} /></div>`}
      </fieldset>
      <div class="row pair top">
        <${PalettePicker} label="Palette" value=${form.palette} palettes=${facts.palettes} onChange=${change("palette")} />
        <${NumberField} label="Colours at most" value=${form.colors} min=${2} max=${255} optional placeholder="any" onChange=${change("colors")} />
      </div>
      <div class="row pair">
        <${Field} label="Style"><${StyleSelect} value=${form.style} onChange=${change("style")} /><//>
        <${Field} label="Kind"><${Select} value=${form.kind} options=${facts.kinds} onChange=${change("kind")} /><//>
      </div>
      <button type="button" class="button quiet own-button" onClick=${() => setMaking(true)}><${Icon} name="plus" />Make a style from sprites…</button>
      <div class="field"><span class="label" id="n-label">Candidates</span>
        <${Segments} label="Candidates" value=${form.n} onChange=${change("n")} options=${[1, 2, 4, 6, 8].map((n) => ({ value: n, label: n }))} /></div>
      <${References} references=${references} />
      <details class="more" open=${form.negative !== "" || form.steps !== "" || form.guidance !== "" || form.seed !== ""}>
        <summary><${Icon} name="chevron" size="12" />More</summary>
        <div class="column more-body">
          <div class="row pair end"><${NumberField} label="Seed" value=${form.seed} min=${0} max=${Number.MAX_SAFE_INTEGER} optional placeholder="random" onChange=${change("seed")} />
            <${IconButton} icon="dice" label="Roll a seed" kind="" onClick=${() => change("seed")(crypto.getRandomValues(new Uint16Array(1))[0])} /></div>
          <${Field} label="Leave out"><input class="input" maxlength="1000" placeholder="text, wings" value=${form.negative} onInput=${(e) => change("negative")(e.target.value)} /><//>
          <div class="row pair"><${NumberField} label="Steps" value=${form.steps} min=${1} max=${200} optional placeholder="auto" onChange=${change("steps")} />
            <${NumberField} label="Guidance" value=${form.guidance} min=${0} max=${20} step=${0.1} optional placeholder="auto" onChange=${change("guidance")} /></div>
          <${Check} label="Seamless: tiles without a seam" checked=${form.seamless} onChange=${change("seamless")} />
          <${Check} label="Look for faults and mend small ones" checked=${form.check} onChange=${change("check")} />
          <button type="button" class="button quiet" onClick=${() => { setForm({ ...defaults(), prompt: form.prompt }); setCustom(false); }}>Reset the options</button>
        </div>
      </details>
    </div>
    <div class="form-foot">
      ${failed && html`<${Failure} text=${failed.text} onRetry=${() => submit()} />`}
      ${work
        ? html`<button type="button" class="button large wide" onClick=${() => work.controller.abort()}><${Icon} name="stop" />Cancel</button>`
        : html`<button class="button primary large wide" disabled=${!valid(form)}><${Icon} name="spark" />Draw ${form.n === 1 ? "it" : `${form.n} candidates`}</button>`}
    </div>
  </form>`;
}

function Select({ value, options, onChange }) {
  return html`<select class="select" value=${value} onChange=${(e) => onChange(e.target.value)}><option value="">any</option>
    ${options.map((o) => html`<option key=${o} value=${o}>${o}</option>`)}</select>`;
}

function References({ references }) {
  const input = useRef(null);
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState(false);
  const add = async (files) => {
    setBusy(true);
    for (const file of [...files].slice(0, 4)) {
      try {
        const sprite = await upload(file);
        set((s) => ({ references: [...s.references, sprite].slice(-4) }));
      } catch (error) {
        toast(`${file.name}: ${error.message}`, true);
      }
    }
    setBusy(false);
  };
  const drop = (event) => {
    event.preventDefault();
    event.stopPropagation();
    setOver(false);
    const id = event.dataTransfer.getData(DRAGGED);
    const own = id && get().gallery?.find((g) => g.id === id);
    if (own) set((s) => ({ references: [...s.references.filter((r) => r.id !== id), own].slice(-4) }));
    else add(event.dataTransfer.files);
  };
  return html`<div class="field"><span class="label">Style references</span>
    <div class=${`dropzone ${over ? "over" : ""}`} onDragOver=${(e) => { e.preventDefault(); setOver(true); }} onDragLeave=${() => setOver(false)} onDrop=${drop}>
      ${references.map((r) => html`<span class="reference" key=${r.id} title=${describe(r)}><${Picture} sprite=${r} box=${40} />
        <button type="button" class="close" aria-label=${`Remove reference ${describe(r)}`} onClick=${() => set((s) => ({ references: s.references.filter((x) => x.id !== r.id) }))}><${Icon} name="close" size="12" /></button></span>`)}
      <button type="button" class="button quiet" disabled=${busy || references.length >= 4} onClick=${() => input.current.click()}><${Icon} name=${busy ? "retry" : "plus"} spin=${busy} />
        <span>${references.length ? "Add" : "Drop sprites here, or choose"}</span></button>
      <input ref=${input} type="file" class="hidden" multiple accept="image/png,image/gif,image/webp,image/bmp" aria-hidden="true" tabindex="-1"
        onChange=${(e) => { add(e.target.files); e.target.value = ""; }} />
    </div></div>`;
}
