// The style control: the weights' styles and one's own, and the dialog in which these are made and deleted.
import { html, useEffect, useRef, useState } from "../../vendor/htm-preact.js";
import { MOST, deleteStyle, makeStyle } from "../core/styles.js";
import { useStore } from "../core/store.js";
import { Dialog, Failure, Field, IconButton } from "../ui/controls.js";
import { Icon } from "../ui/icons.js";

const NAME = /^[a-z0-9][a-z0-9_-]{0,39}$/;
const TELLS = { waiting: "waits for its turn", making: "being made", failed: "not made", unusable: "cannot be used" };

export function StyleSelect({ value, onChange }) {
  const { styles, own } = useStore((s) => s.facts);
  const ready = own.filter((s) => s.status === "ready").map((s) => s.name);
  const gone = value && ![...ready, ...styles].includes(value);
  const group = (label, names) => names.length > 0 && html`<optgroup label=${label}>${names.map((o) => html`<option key=${o} value=${o}>${o}</option>`)}</optgroup>`;
  return html`<select class="select" value=${value} onChange=${(e) => onChange(e.target.value)}><option value="">any</option>
    ${gone && html`<option value=${value}>${value} (gone)</option>`}${group("Your styles", ready)}${group("Known styles", styles)}</select>`;
}

export function StyleDialog({ onClose, onDeleted }) {
  const own = useStore((s) => s.facts.own);
  const [name, setName] = useState("");
  const [files, setFiles] = useState([]);
  const [failed, setFailed] = useState("");
  const [busy, setBusy] = useState(false);
  const add = (found) => setFiles((f) => [...f, ...[...found].filter((x) => !f.some((y) => y.name === x.name && y.size === x.size))]);
  const making = own.some((s) => s.status === "waiting" || s.status === "making");
  const fits = NAME.test(name) && files.length > 0 && files.length <= MOST && !busy && !making;
  const save = async (event) => {
    event.preventDefault();
    if (!fits) return;
    setBusy(true);
    setFailed("");
    try {
      await makeStyle(name, files);
      setName("");
      setFiles([]);
    } catch (error) {
      setFailed(error.message);
    }
    setBusy(false);
  };
  return html`<${Dialog} title="Make a style from sprites" onClose=${onClose}><form class="column" onSubmit=${save}>
    <p class="muted">1 to ${MOST} sprites of one style, at native size. Their file names say what they show: <code>red_knight.png</code>. It takes about a minute; go on drawing meanwhile.</p>
    <${Field} label="Name" hint=${name && !NAME.test(name) ? "Up to 40 small letters, digits, - and _." : ""}><input class=${`input ${name && !NAME.test(name) ? "bad" : ""}`} maxlength="40" autocomplete="off" spellcheck="false"
      placeholder="mine" value=${name} onInput=${(e) => setName(e.target.value)} /><//>
    <${DropZone} files=${files} add=${add} drop=${(file) => setFiles((f) => f.filter((x) => x !== file))} />
    ${files.length > MOST && html`<p class="note bad" role="alert"><${Icon} name="warn" />${files.length} sprites; take at most ${MOST}.</p>`}
    ${failed && html`<${Failure} text=${failed} />`}
    <button class="button primary" disabled=${!fits}><${Icon} name=${busy ? "retry" : "spark"} spin=${busy} />Make the style</button>
  </form>
  ${own.length > 0 && html`<h3 class="own-head">Your styles</h3><ul class="own-styles">${own.map((s) => html`<${Own} key=${s.name} style=${s} onDeleted=${onDeleted} />`)}</ul>`}<//>`;
}

/** One style; deleting asks in the same place. */
function Own({ style, onDeleted }) {
  const [asking, setAsking] = useState(false);
  const at = Math.round(style.progress * 100);
  const remove = async () => {
    await deleteStyle(style.name);
    onDeleted(style.name);
  };
  return html`<li><div class="row spread"><span class="grow"><b>${style.name}</b> <span class="small muted">${TELLS[style.status] || `${style.pictures} ${style.pictures === 1 ? "sprite" : "sprites"}`}</span></span>
      ${asking
        ? html`<span class="small">Delete it for good?</span><button type="button" class="button quiet danger" onClick=${remove}>Delete</button>
          <button type="button" class="button quiet" onClick=${() => setAsking(false)}>Keep</button>`
        : html`<${IconButton} icon="trash" label=${`Delete the style ${style.name}`} onClick=${() => setAsking(true)} />`}</div>
    ${(style.status === "making" || style.status === "waiting") && html`<progress max="100" value=${at} aria-label=${`${style.name}: ${at} %`}></progress>`}
    ${style.error && html`<p class="small error">${style.error}</p>`}</li>`;
}

function DropZone({ files, add, drop }) {
  const input = useRef(null);
  const [over, setOver] = useState(false);
  const [shown, setShown] = useState([]);
  useEffect(() => {
    const made = files.map((file) => ({ file, url: URL.createObjectURL(file) }));
    setShown(made);
    return () => made.forEach(({ url }) => URL.revokeObjectURL(url));
  }, [files]);
  return html`<div class=${`dropzone ${over ? "over" : ""}`} onDragOver=${(e) => { e.preventDefault(); setOver(true); }} onDragLeave=${() => setOver(false)}
      onDrop=${(e) => { e.preventDefault(); e.stopPropagation(); setOver(false); add(e.dataTransfer.files); }}>
    ${shown.map(({ file, url }) => html`<span class="reference" key=${url} title=${file.name}><img class="pixels own-thumb" src=${url} alt=${file.name} width="40" height="40" />
      <button type="button" class="close" aria-label=${`Remove ${file.name}`} onClick=${() => drop(file)}><${Icon} name="close" size="12" /></button></span>`)}
    <button type="button" class="button quiet" onClick=${() => input.current.click()}><${Icon} name="plus" /><span>${files.length ? "Add" : "Drop sprites here, or choose"}</span></button>
    <input ref=${input} type="file" class="hidden" multiple accept="image/png,image/gif,image/webp,image/bmp" aria-hidden="true" tabindex="-1" data-import="style"
      onChange=${(e) => { add([...e.target.files]); e.target.value = ""; }} /></div>`;
}
