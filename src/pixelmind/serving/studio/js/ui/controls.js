// The small parts every page is put together from.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../../vendor/htm-preact.js";
import { useKeys } from "../core/keys.js";
import { Icon } from "./icons.js";

/** An icon button with a name for everyone: a title for the mouse, a label for a screen reader. */
export function IconButton({ icon, label, hint = "", pressed, onClick, disabled, kind = "quiet", ...rest }) {
  return html`<button type="button" class=${`button icon ${kind}`} aria-label=${label} title=${hint ? `${label} (${hint})` : label}
    aria-pressed=${pressed === undefined ? undefined : String(pressed)} disabled=${disabled} onClick=${onClick} ...${rest}><${Icon} name=${icon} /></button>`;
}

/** One of a few: [{value, label, title?}] */
export function Segments({ label, options, value, onChange }) {
  return html`<div class="segments" role="group" aria-label=${label}>
    ${options.map((o) => html`<button type="button" key=${o.value} aria-pressed=${String(o.value === value)} title=${o.title}
      onClick=${() => onChange(o.value)}>${o.label}</button>`)}
  </div>`;
}

/** A tab list with arrow keys; panels have the ids PREFIX-VALUE. */
export function Tabs({ label, prefix, options, value, onChange, kind = "segments" }) {
  const move = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = options.findIndex((o) => o.value === value);
    const next = options[(at + step + options.length) % options.length].value;
    onChange(next);
    requestAnimationFrame(() => document.getElementById(`${prefix}-tab-${next}`)?.focus());
  };
  return html`<div class=${kind} role="tablist" aria-label=${label} onKeyDown=${move}>
    ${options.map((o) => html`<button type="button" role="tab" key=${o.value} id=${`${prefix}-tab-${o.value}`} aria-selected=${String(o.value === value)}
      aria-controls=${`${prefix}-${o.value}`} tabindex=${o.value === value ? 0 : -1} onClick=${() => onChange(o.value)}>
      ${o.icon && html`<${Icon} name=${o.icon} />`}<span>${o.label}</span>${o.count ? html`<span class="count">${o.count}</span>` : null}</button>`)}
  </div>`;
}

export function Field({ label, children, hint }) {
  return html`<label class="field"><span class="label">${label}</span>${children}${hint && html`<span class="small muted">${hint}</span>`}</label>`;
}

export function Check({ label, checked, onChange }) {
  return html`<label class="check"><input type="checkbox" role="switch" checked=${checked} onChange=${(e) => onChange(e.target.checked)} /><span>${label}</span></label>`;
}

/** A number with a range; empty stays empty where that is allowed. */
export function NumberField({ label, value, min, max, step = 1, onChange, placeholder = "", optional = false }) {
  const bad = value !== "" && (!(value >= min) || !(value <= max));
  return html`<${Field} label=${label}><input class=${`input ${bad ? "bad" : ""}`} type="number" inputmode="decimal" min=${min} max=${max} step=${step}
    placeholder=${placeholder} value=${value} aria-invalid=${String(bad)} required=${!optional}
    onInput=${(e) => onChange(e.target.value === "" ? "" : Number(e.target.value))} /><//>`;
}

/** A text area that grows with its text. */
export function GrowingArea({ value, onInput, onSubmit, lines = 1, max = 8, areaRef, ...rest }) {
  const own = useRef(null);
  const ref = areaRef || own;
  useLayoutEffect(() => {
    const area = ref.current;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight + 2, max * 20)}px`;
  }, [value]);
  const keys = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      onSubmit?.();
    }
  };
  return html`<textarea class="area" ref=${ref} rows=${lines} value=${value} onInput=${(e) => onInput(e.target.value)} onKeyDown=${keys} ...${rest}></textarea>`;
}

/** A button that opens a floating panel; children is a function of close(). */
export function Popover({ label, icon, text, kind = "", align = "left", disabled, hint, buttonRef, up = false, children }) {
  const [open, setOpen] = useState(false);
  const root = useRef(null);
  const own = useRef(null);
  const button = buttonRef || own;
  const close = (refocus = true) => {
    setOpen(false);
    if (refocus) button.current?.focus();
  };
  useEffect(() => {
    if (!open) return;
    const outside = (event) => root.current && !root.current.contains(event.target) && setOpen(false);
    document.addEventListener("pointerdown", outside);
    root.current.querySelector(".popover button:not([disabled]), .popover input, .popover select")?.focus();
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);
  const keys = (event) => {
    if (!open) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      event.preventDefault();
      close();
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const items = [...root.current.querySelectorAll(".popover .menu-item:not([disabled])")];
      const at = items.indexOf(document.activeElement);
      if (at < 0 && !items.length) return;
      event.preventDefault();
      items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length]?.focus();
    }
  };
  return html`<div class="anchor" ref=${root} onKeyDown=${keys}>
    <button type="button" ref=${button} class=${`button ${kind} ${text ? "" : "icon"}`} aria-haspopup="true" aria-expanded=${String(open)} disabled=${disabled}
      aria-label=${text ? undefined : label} title=${hint ? `${label} (${hint})` : label} onClick=${() => setOpen(!open)}>
      ${icon && html`<${Icon} name=${icon} />`}${text && html`<span>${text}</span>`}</button>
    ${open && html`<div class=${`popover ${align} ${up ? "up" : ""}`} role="group" aria-label=${label}>${children(close)}</div>`}
  </div>`;
}

/** A modal dialog: focus goes in, stays in, and comes back. */
export function Dialog({ title, onClose, children }) {
  const box = useRef(null);
  useKeys({ Escape: () => onClose?.() }, true);
  useLayoutEffect(() => {
    const from = document.activeElement;
    (box.current.querySelector("input, select, textarea") || box.current.querySelector("button") || box.current).focus();
    return () => from?.focus?.();
  }, []);
  const trap = (event) => {
    if (event.key !== "Tab") return;
    const stops = [...box.current.querySelectorAll("button, input, select, textarea, a[href], [tabindex='0']")].filter((e) => !e.disabled);
    if (!stops.length) return;
    const first = stops[0];
    const last = stops.at(-1);
    if (event.shiftKey && document.activeElement === first) {
      event.preventDefault();
      last.focus();
    } else if (!event.shiftKey && document.activeElement === last) {
      event.preventDefault();
      first.focus();
    }
  };
  return html`<div class="scrim" onPointerDown=${(e) => e.target === e.currentTarget && onClose?.()}>
    <div class="dialog" role="dialog" aria-modal="true" aria-label=${title} tabindex="-1" ref=${box} onKeyDown=${trap}>
      <div class="row spread"><h2>${title}</h2>${onClose && html`<${IconButton} icon="close" label="Close" onClick=${onClose} />`}</div>
      ${children}
    </div>
  </div>`;
}

export const Skeleton = ({ width = "100%", height = 14 }) => html`<div class="skeleton" style=${{ width, height: `${height}px` }} aria-hidden="true"></div>`;

export function Failure({ text, onRetry }) {
  return html`<div class="note bad" role="alert"><${Icon} name="warn" /><span class="grow">${text}</span>
    ${onRetry && html`<button type="button" class="button quiet danger" onClick=${onRetry}><${Icon} name="retry" />Retry</button>`}</div>`;
}
