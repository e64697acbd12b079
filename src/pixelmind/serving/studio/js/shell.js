// The frame around the pages: top bar, banner, shortcuts, key dialog, toasts, live region.
import { html, useState } from "../vendor/htm-preact.js";
import { retryServer, setKey } from "./core/api.js";
import { SHORTCUTS, useKeys } from "./core/keys.js";
import { dropToast, get, set, useStore } from "./core/store.js";
import { Dialog, IconButton } from "./ui/controls.js";
import { Icon } from "./ui/icons.js";

const PAGES = [["draw", "Draw"], ["compare", "Compare"], ["review", "Review"], ["stats", "Stats"]];

export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : !matchMedia("(prefers-color-scheme: light)").matches;
}

export function toggleTheme() {
  const next = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem("pixelmind.theme", next);
  } catch {
    /* it holds for this page then */
  }
  set({ theme: next });
}

export function TopBar({ page }) {
  useStore((s) => s.theme);
  const go = (name) => () => { location.hash = `#/${name}`; };
  useKeys({
    "?": () => set({ help: !get().help }),
    t: toggleTheme,
    ...Object.fromEntries(PAGES.map(([name], i) => [`alt+${i + 1}`, go(name)])),
  });
  const dark = isDark();
  return html`<header class="topbar">
    <a class="brand" href="#/draw" aria-label="PixelMind Studio"><img src="icon.svg" width="20" height="20" alt="" /><b>PixelMind</b></a>
    <nav class="pages" aria-label="Pages">${PAGES.map(([name, label]) => html`<a key=${name} href=${`#/${name}`} aria-current=${name === page ? "page" : undefined}>${label}</a>`)}</nav>
    <span class="grow"></span>
    <${IconButton} icon=${dark ? "sun" : "moon"} label=${dark ? "Light theme" : "Dark theme"} hint="T" onClick=${toggleTheme} />
    <${IconButton} icon="help" label="Keyboard shortcuts" hint="?" onClick=${() => set({ help: true })} />
  </header>`;
}

export function Banner() {
  const online = useStore((s) => s.online);
  const [asking, setAsking] = useState(false);
  if (online) return null;
  const retry = async () => {
    setAsking(true);
    await retryServer();
    setAsking(false);
  };
  return html`<div class="banner" role="alert"><${Icon} name="warn" /><span class="grow">The server does not answer. Your work is kept; the studio goes on as soon as it is back.</span>
    <button type="button" class="button" disabled=${asking} onClick=${retry}><${Icon} name="retry" spin=${asking} />Retry</button></div>`;
}

export function Help() {
  const open = useStore((s) => s.help);
  if (!open) return null;
  return html`<${Dialog} title="Keyboard shortcuts" onClose=${() => set({ help: false })}>
    <div class="shortcuts">${SHORTCUTS.map(([group, rows]) => html`<section key=${group}><h3>${group}</h3>
      <dl>${rows.map(([keys, what]) => html`<div key=${what}><dt>${what}</dt><dd><kbd>${keys}</kbd></dd></div>`)}</dl></section>`)}</div>
  <//>`;
}

export function KeyDialog() {
  const needed = useStore((s) => s.needKey);
  const fault = useStore((s) => s.keyFault);
  const [value, setValue] = useState("");
  if (!needed) return null;
  const save = (event) => {
    event.preventDefault();
    if (value.trim()) setKey(value.trim());
    setValue("");
  };
  return html`<${Dialog} title="This server asks for a key"><form class="column" onSubmit=${save}>
    <p class="muted">Paste the key you were given (it begins with <code>pmx_</code>). It is kept until you close this tab.</p>
    ${fault && html`<p class="note bad" role="alert"><${Icon} name="warn" />${fault}</p>`}
    <div class="row"><input class="input mono" type="password" autocomplete="off" spellcheck="false" aria-label="API key" placeholder="pmx_…" value=${value} onInput=${(e) => setValue(e.target.value)} />
      <button class="button primary" disabled=${!value.trim()}><${Icon} name="key" />Open</button></div></form><//>`;
}

export function Toasts() {
  const toasts = useStore((s) => s.toasts);
  return html`<div class="toasts">${toasts.map((t) => html`<div class=${`toast ${t.bad ? "bad" : ""}`} key=${t.id}><p>${t.text}</p>
    <${IconButton} icon="close" label="Dismiss" onClick=${() => dropToast(t.id)} /></div>`)}</div>`;
}

export function LiveRegion() {
  return html`<div class="sr" role="status" aria-live="polite">${useStore((s) => s.announce)}</div>`;
}
