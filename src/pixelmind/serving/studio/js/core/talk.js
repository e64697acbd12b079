// Conversations: a session's messages, its progress while drawing, its versions.
import { ApiError, call, events, list, newId } from "./api.js";
import { noteEvent, remember, show, showId } from "./sprites.js";
import { announce, get, set, toast } from "./store.js";

let number = 0;
const message = (role, text, more = {}) => ({ id: `m${++number}`, role, text, ...more });

export async function loadSessions() {
  try {
    set({ sessions: await list("/v1/sessions") });
  } catch (error) {
    set((s) => ({ sessions: s.sessions || [] }));
    if (error.status !== 401 && error.code !== "offline") toast(error.message, true);
  }
}

export function newSession() {
  get().work?.controller.abort();
  set((s) => ({ session: null, messages: [], candidates: [], choosing: false, apart: s.sprite?.id || "" }));
}

/** Open the sprite that the address names; as after a reload, with the conversation it belongs to where none is open. */
export async function arrive(id) {
  try {
    const sprite = await call(`/v1/sprites/${id}`);
    if (sprite.session && !get().session && !get().messages.length) await openSession(sprite.session, sprite);
    else await show(sprite);
  } catch (error) {
    toast(error.status === 404 ? "That picture is no longer there." : error.message, true);
  }
}

/** Open a conversation, with `sprite` in view (default: its latest). */
export async function openSession(id, sprite = null) {
  try {
    const session = await call(`/v1/sessions/${id}`);
    const messages = (session.messages || []).map((m) => message(m.role, m.text, { kind: m.kind, sprites: m.sprites || [] }));
    if (session.question && messages.length) messages.at(-1).question = session.question;
    set({ session, messages, candidates: session.candidates || [], choosing: (session.candidates || []).length > 1 });
    if (sprite || session.current) await show(sprite || session.current);
    set({ choosing: (session.candidates || []).length > 1 });
  } catch (error) {
    toast(error.message, true);
  }
}

export async function renameSession(session, name) {
  try {
    await call(`/v1/sessions/${session.id}`, { method: "PATCH", json: { name } });
    set((s) => ({
      session: s.session?.id === session.id ? { ...s.session, name } : s.session,
      sessions: s.sessions?.map((x) => (x.id === session.id ? { ...x, name } : x)),
    }));
  } catch (error) {
    toast(error.message, true);
  }
}

export async function deleteSession(session) {
  try {
    await call(`/v1/sessions/${session.id}`, { method: "DELETE" });
    set((s) => ({ sessions: s.sessions?.filter((x) => x.id !== session.id) }));
    if (get().session?.id === session.id) newSession();
    toast("Conversation deleted.");
  } catch (error) {
    toast(error.message, true);
  }
}

async function ensureSession(text, candidates) {
  if (get().session) return get().session;
  const { sprite, apart } = get();
  const json = { name: text.slice(0, 60), candidates };
  if (sprite && sprite.id !== apart) json.sprite_id = sprite.id; // what is in view is what is spoken of
  const session = await call("/v1/sessions", { json });
  set((s) => ({ session, sessions: [session, ...(s.sessions || [])] }));
  return session;
}

/** The version of the open conversation that is on the canvas, or undefined. */
export const versionInView = (s = get()) => (s.sprite && s.session?.history ? s.session.history.findLast((v) => v.sprite_id === s.sprite.id) : undefined);

/** Say something. The reply, its pictures and its question land in the conversation; errors too, with a retry. */
export async function say(text, { candidates = 4, once = newId(), again = null } = {}) {
  text = text.trim();
  if (!text) return;
  if (get().work) return void toast("Something is being drawn already; wait for it or cancel it.", true);
  const { region, points } = get();
  const controller = new AbortController();
  const mine = message("user", text, { region, points: points.length });
  set((s) => ({
    messages: again ? s.messages.filter((m) => m.id !== again) : [...s.messages, mine],
    work: { what: "chat", text, level: 0, step: 0, steps: 0, preview: null, controller },
  }));
  try {
    const session = await ensureSession(text, candidates);
    const version = versionInView();
    if (version && !version.current) await call(`/v1/sessions/${session.id}/go`, { json: { version: version.number } });
    const json = { text };
    if (region) json.region = region;
    if (points.length) json.points = points;
    let reply = null;
    for await (const { event, data } of events(`/v1/sessions/${session.id}/messages`, { json, signal: controller.signal, once })) {
      if (event === "progress") progress(data);
      else if (event === "reply") reply = data;
      else if (event === "error") throw new ApiError(data.error?.message || data.message || "That could not be drawn.", 0, data.error?.code || "");
    }
    if (!reply) throw new ApiError("The connection broke off before the answer. Try again.", 0, "broken");
    await take(reply);
  } catch (error) {
    set({ work: null });
    const cancelled = error.name === "AbortError";
    if (error.status === 404) set({ session: null }); // deleted elsewhere: the next turn begins a new one
    const said = cancelled ? "Cancelled." : error.message;
    set((s) => ({ messages: [...s.messages, message("assistant", said, { kind: cancelled ? "cancelled" : "failed", retry: { text, once: error.code === "broken" ? once : undefined } })] }));
    announce(said);
  }
}

export function progress(data) {
  set((s) => s.work && {
    work: { ...s.work, level: data.level, step: data.step, steps: data.steps, preview: data.preview ? `data:image/png;base64,${data.preview}` : s.work.preview },
  });
}

async function take(reply) {
  const sprites = reply.sprites || [];
  const ids = sprites.map((s) => s.id);
  set((s) => ({ session: { ...s.session, ...reply.session } }));
  const { session } = get();
  await refresh();
  if (get().session?.id !== session.id) return void set({ work: null }); // another conversation was opened meanwhile
  // The turn ends here and not before: a next one begun during the refresh would be overtaken by this one's picture.
  set((s) => ({
    work: null,
    messages: [...s.messages.map((m) => (m.question ? { ...m, question: { ...m.question, answered: true } } : m)),
      message("assistant", reply.text, { kind: reply.kind, sprites: ids, objects: sprites, question: reply.question, edit: reply.edit, download: reply.download })],
  }));
  announce(reply.text);
  if (reply.kind === "question") return;
  if (sprites.length) remember([...sprites]);
  const current = reply.session?.current || sprites[0];
  if (sprites.length > 1) {
    set({ candidates: sprites, points: [], region: "" });
    if (current) await show(sprites.find((x) => x.id === current.id) || sprites[0]);
    set({ choosing: true });
  } else if (current && (sprites.length || reply.kind === "history" || reply.kind === "edit")) {
    set((s) => ({ candidates: s.candidates.some((c) => c.id === current.id) ? s.candidates : [] }));
    await show(current, { light: reply.kind === "edit", keepRedo: reply.kind === "history" });
  }
}

async function refresh() {
  const { session } = get();
  if (!session) return;
  try {
    const { history, turns, version, name } = await call(`/v1/sessions/${session.id}`);
    set((s) => (s.session?.id === session.id ? { session: { ...s.session, history, turns, version, name } } : null));
  } catch {
    /* the next turn asks again */
  }
}

/** Take one of the candidates shown; in a conversation it is told so. */
export function pick(sprite, at) {
  const { session, work } = get();
  const told = session?.candidates?.length > 1 && session.candidates[at]?.id === sprite.id && !work;
  show(sprite);
  set({ pane: "canvas" });
  if (told) say(`number ${at + 1}`);
  else noteEvent(sprite.id, "select");
}

/** Go to a version: in the conversation where it knows the sprite, else the sprite itself. */
export async function goTo(spriteId, { keepRedo = false, event = null } = {}) {
  const { session } = get();
  const version = session?.history?.findLast((v) => v.sprite_id === spriteId);
  if (event && !version) noteEvent(event.id, event.name);
  if (version && !version.current) {
    try {
      const reply = await call(`/v1/sessions/${session.id}/go`, { json: { version: version.number } });
      set((s) => ({ session: { ...s.session, ...reply.session } }));
      await refresh();
    } catch (error) {
      return void toast(error.message, true);
    }
  }
  await showId(spriteId, { keepRedo });
}

export async function undo() {
  const { sprite, work } = get();
  if (work || !sprite?.parent) return false;
  set((s) => ({ redo: [...s.redo, sprite.id] }));
  await goTo(sprite.parent, { keepRedo: true, event: { id: sprite.id, name: "undo" } });
  return true;
}

export async function redo() {
  const { redo: ahead, work } = get();
  if (work || !ahead.length) return false;
  set({ redo: ahead.slice(0, -1) });
  await goTo(ahead.at(-1), { keepRedo: true });
  return true;
}
