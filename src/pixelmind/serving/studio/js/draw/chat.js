// The conversation: sessions, messages, pictures to choose from, progress, and the box to speak in.
import { html, useEffect, useRef, useState } from "../../vendor/htm-preact.js";
import { call, download } from "../core/api.js";
import { show } from "../core/sprites.js";
import { get, set, toast, useStore } from "../core/store.js";
import { deleteSession, loadSessions, newSession, openSession, pick, renameSession, say } from "../core/talk.js";
import { Dialog, GrowingArea, IconButton, Popover, Segments, Skeleton } from "../ui/controls.js";
import { Icon } from "../ui/icons.js";
import { Picture } from "../ui/picture.js";
import { Targets } from "./command.js";
import { Levels, PROMPTS, Preview } from "./stage_area.js";

export function Chat() {
  const messages = useStore((s) => s.messages);
  const work = useStore((s) => s.work);
  const [text, setText] = useState("");
  const [count, setCount] = useState(4);
  const end = useRef(null);
  useEffect(() => {
    const list = end.current?.parentElement;
    if (list) list.scrollTop = list.scrollHeight;
  }, [messages, work?.preview, work?.level, !!work]);
  const send = () => {
    if (!text.trim() || get().work) return;
    setText("");
    say(text, { candidates: count });
  };
  const fresh = messages.length === 0;
  return html`<div class="chat">
    <${SessionBar} />
    <div class="messages scroll" role="log" aria-label="Conversation" tabindex="0">
      ${fresh && !work && html`<div class="chat-empty">
        <ol class="howto">
          <li><b>Describe it</b>Size, palette, colours, style: say what you care about, leave the rest. <code>an owl, 24x24, 8 colours</code></li>
          <li><b>Take one</b>Click a candidate or say <code>number 2</code>. Where your wish is open, you are asked.</li>
          <li><b>Change it</b><code>make the roof blue</code> <code>remove the moon</code> <code>undo</code>. Nothing else changes, and every version is kept.</li>
        </ol>
        <div class="prompt-list">${PROMPTS.map((p) => html`<button type="button" class="prompt" key=${p} onClick=${() => say(p, { candidates: count })}>${p}<${Icon} name="send" size="12" /></button>`)}</div>
      </div>`}
      ${messages.map((m, i) => html`<${Message} key=${m.id} message=${m} last=${i === messages.length - 1} />`)}
      ${work?.what === "chat" && html`<div class="message assistant" aria-live="off">
        <div class="progress-card">${html`<span class="preview-frame">${work.preview ? html`<${Preview} src=${work.preview} box=${null} limit=${96} />` : html`<span class="skeleton preview-small"></span>`}</span>`}
          <div class="grow"><p class="muted small">${work.level ? `Drawing at ${work.level} px` : "Thinking"}</p><${Levels} work=${work} />
          <button type="button" class="button quiet" onClick=${() => work.controller.abort()}><${Icon} name="stop" size="12" />Cancel</button></div></div>
      </div>`}
      <span ref=${end}></span>
    </div>
    <div class="chat-foot">
      <${Targets} />
      <div class="composer">
        <${GrowingArea} id="say" aria-label="Say what to draw or change" maxlength="8000" lines=${2} value=${text} onInput=${setText} onSubmit=${send}
          placeholder=${fresh ? "a lighthouse at night, 32x32, 8 colours" : "make the sky darker"} />
        <button type="button" class="button primary icon" aria-label="Send" title="Send (Enter)" disabled=${!text.trim() || !!work} onClick=${send}><${Icon} name="send" /></button>
      </div>
      ${fresh && html`<div class="row spread small muted"><span>Candidates</span>
        <div class="narrow"><${Segments} label="Candidates" value=${count} onChange=${setCount} options=${[1, 2, 4, 8].map((n) => ({ value: n, label: n }))} /></div></div>`}
    </div>
  </div>`;
}

function SessionBar() {
  const session = useStore((s) => s.session);
  const sessions = useStore((s) => s.sessions);
  const [renaming, setRenaming] = useState(null);
  useEffect(() => {
    if (get().sessions === null) loadSessions();
  }, []);
  const title = session ? session.name || "Conversation" : "New conversation";
  return html`<div class="sessionbar">
    <${Popover} label="Conversations" icon="chevron" text=${title} kind="quiet session-button" align="left">${(close) => html`
      <div class="group">Conversations</div>
      <div class="session-list scroll">
        ${sessions === null ? html`<${Skeleton} height=${24} />` : sessions.length === 0 ? html`<p class="muted small pad">None yet. What you say first begins one.</p>` : ""}
        ${(sessions || []).map((s) => html`<div class="row tight" key=${s.id}>
          <button type="button" class="menu-item grow" aria-checked=${String(s.id === session?.id)} role="menuitemradio" onClick=${() => { close(); openSession(s.id); }}>
            <span class="ellipsis">${s.name || "Conversation"}</span><span class="end">${s.turns} ${s.turns === 1 ? "turn" : "turns"}</span></button>
          <${IconButton} icon="pen" label=${`Rename ${s.name || "conversation"}`} onClick=${() => { close(false); setRenaming(s); }} />
          <${IconButton} icon="trash" label=${`Delete ${s.name || "conversation"}`} onClick=${() => deleteSession(s)} /></div>`)}
      </div>`}<//>
    <span class="grow"></span>
    <${IconButton} icon="plus" label="New conversation" onClick=${() => { newSession(); document.querySelector("#say")?.focus(); }} />
    ${renaming && html`<${RenameDialog} session=${renaming} onClose=${() => setRenaming(null)} />`}
  </div>`;
}

function RenameDialog({ session, onClose }) {
  const [name, setName] = useState(session.name);
  const save = (event) => {
    event.preventDefault();
    renameSession(session, name.trim());
    onClose();
  };
  return html`<${Dialog} title="Rename the conversation" onClose=${onClose}><form class="row" onSubmit=${save}>
    <input class="input" aria-label="Name" maxlength="60" value=${name} onInput=${(e) => setName(e.target.value)} />
    <button class="button primary" disabled=${!name.trim()}>Rename</button></form><//>`;
}

function Message({ message, last }) {
  const { role, text, kind, question, edit, retry } = message;
  if (role === "user") {
    return html`<div class="message user"><p>${text}</p>${(message.region || message.points > 0) && html`<span class="small muted">about ${message.region || `${message.points} points`}</span>`}</div>`;
  }
  const failed = kind === "failed";
  return html`<div class=${`message assistant ${failed || kind === "error" ? "bad" : ""}`}>
    <p>${(failed || kind === "error") && html`<${Icon} name="warn" />`}${text}</p>
    ${question && html`<${QuestionOptions} question=${question} open=${last && !question.answered} />`}
    ${!question && (message.sprites || []).length > 0 && html`<${Shown} message=${message} last=${last} />`}
    ${edit && html`<p class="facts"><span>${edit.changed_cells} cells changed</span>${edit.region !== "whole" && html`<span>${edit.changed_outside} outside the ${edit.region || "place"}</span>`}</p>`}
    ${message.download && html`<button type="button" class="button" onClick=${() => save(message.download)}><${Icon} name="export" />${message.download.name}</button>`}
    ${retry && last && html`<button type="button" class="button" onClick=${() => say(retry.text, { once: retry.once, again: message.id })}><${Icon} name="retry" />${kind === "cancelled" ? "Draw it after all" : "Try again"}</button>`}
  </div>`;
}

const save = ({ url, name }) => download(url, name).then((n) => toast(`Saved ${n}.`), (error) => toast(error.message, true));

function QuestionOptions({ question, open }) {
  const options = question.options || [];
  const pictured = options.some((o) => o.sprite);
  return html`<div class=${pictured ? "options pictured" : "options"} role="group" aria-label=${question.text || "Answers"}>
    ${options.map((o) => html`<button type="button" key=${o.label} class=${pictured ? "option" : "chip"} disabled=${!open} onClick=${() => say(o.label)}>
      ${o.sprite && html`<${Picture} sprite=${o.sprite} box=${96} alt="" />`}<span>${o.label}</span></button>`)}
  </div>`;
}

const kept = new Map();

/** Sprites by id, fetched once. */
function useSprites(ids, objects) {
  const [found, setFound] = useState(objects || []);
  useEffect(() => {
    if (objects) return;
    let wanted = true;
    for (const id of ids) if (!kept.has(id)) kept.set(id, call(`/v1/sprites/${id}`).catch(() => null));
    Promise.all(ids.map((id) => kept.get(id))).then((all) => wanted && setFound(all.filter(Boolean)));
    return () => {
      wanted = false;
    };
  }, [ids.join()]);
  return found;
}

function Shown({ message, last }) {
  const sprites = useSprites(message.sprites, message.objects);
  const current = useStore((s) => s.sprite?.id);
  const many = message.sprites.length > 1;
  const box = message.sprites.length > 4 ? 48 : 96;
  if (!sprites.length) return html`<div class="thumbs">${message.sprites.map((id) => html`<span class="skeleton preview-small" key=${id}></span>`)}</div>`;
  const open = (sprite, i) => {
    if (many && last) return pick(sprite, i);
    set({ choosing: false, pane: "canvas" });
    return show(sprite);
  };
  return html`<div class=${`thumbs ${sprites.length > 4 ? "four" : many ? "two" : ""}`}>${sprites.map((sprite, i) => html`<button type="button" class="thumb" key=${sprite.id} aria-current=${sprite.id === current ? "true" : undefined}
    aria-label=${many ? `Number ${i + 1}` : "Show on the canvas"} onClick=${() => open(sprite, i)}><${Picture} sprite=${sprite} box=${box} alt="" />${many && html`<kbd>${i + 1}</kbd>`}</button>`)}</div>`;
}
