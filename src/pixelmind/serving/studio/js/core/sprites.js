// What can be done with the picture in view: show, edit, recolour, undo, redo, upload, delete; and the kept pictures.
import { ApiError, call, list, newId } from "./api.js";
import { decode, differing } from "./cells.js";
import { announce, get, set, toast } from "./store.js";
import { loadStyles } from "./styles.js";

const grids = new Map(); // sprite id -> cells, the latest fifty

export async function cellsOf(id, signal) {
  if (!grids.has(id)) {
    const cells = decode(await call(`/v1/sprites/${id}/cells`, { signal }));
    if (grids.size >= 50) grids.delete(grids.keys().next().value);
    grids.set(id, cells);
  }
  return grids.get(id);
}

let since = 0;

/** Tell the server what a person did with a picture; never in anyone's way. */
export function noteEvent(id, event, seconds) {
  const json = { sprite_id: id, event };
  if (seconds !== undefined) json.seconds = Math.round(seconds * 10) / 10;
  call("/v1/feedback", { json }).catch(() => {});
}

function viewed() {
  const { sprite } = get();
  const seconds = (Date.now() - since) / 1000;
  if (sprite && seconds >= 2) noteEvent(sprite.id, "view", Math.min(seconds, 3600));
}

let turn = 0;

/** Put a sprite on the canvas. `changed`: base64 cells of an edit; without it they are counted against the parent. */
export async function show(sprite, { keepRedo = false, light = false } = {}) {
  const mine = ++turn;
  if (get().sprite?.id !== sprite.id) viewed();
  since = Date.now();
  const same = get().sprite?.id === sprite.id;
  set((s) => ({
    sprite,
    loading: !grids.has(sprite.id),
    choosing: false,
    color: -1,
    points: [],
    region: sprite.regions.includes(s.region) ? s.region : "",
    redo: keepRedo ? s.redo : [],
    ...(same ? {} : { before: null, changed: null, lineage: null }),
  }));
  location.replace(`#/draw/${sprite.id}`);
  try {
    const cells = await cellsOf(sprite.id);
    if (mine !== turn) return;
    set({ cells, loading: false });
    const parent = sprite.parent ? await cellsOf(sprite.parent).catch(() => null) : null;
    if (mine !== turn) return;
    const changed = parent && parent.width === cells.width && parent.height === cells.height ? differing(parent, cells) : null;
    set((s) => ({ before: parent, changed, view: { ...s.view, lit: light && !!changed, split: s.view.split && !!parent } }));
    const lineage = await call(`/v1/sprites/${sprite.id}/lineage`).catch(() => null);
    if (mine === turn) set({ lineage });
  } catch (error) {
    if (mine !== turn) return;
    set({ loading: false });
    toast(error.message, true);
  }
}

export async function showId(id, options) {
  try {
    await show(await call(`/v1/sprites/${id}`), options);
  } catch (error) {
    toast(error.status === 404 ? "That picture is no longer there." : error.message, true);
  }
}

export function clearCanvas() {
  viewed();
  turn++;
  set({ sprite: null, cells: null, before: null, changed: null, lineage: null, region: "", color: -1, points: [], candidates: [], choosing: false, redo: [] });
  location.replace("#/draw");
}

export function remember(sprites) {
  set((s) => {
    const fresh = sprites.filter((x) => !s.gallery?.some((g) => g.id === x.id));
    return { gallery: [...fresh.reverse(), ...(s.gallery || [])] };
  });
}

/** Run a change of the picture in view; `make` returns {sprite, text, changed_cells}. */
export async function changing(what, text, make) {
  const { work } = get();
  if (work) return toast("Something is being drawn already; wait for it or cancel it.", true);
  const controller = new AbortController();
  set({ work: { what, text, level: 0, step: 0, steps: 0, preview: null, controller } });
  try {
    const answer = await make(controller.signal);
    set({ work: null, points: [] });
    remember([answer.sprite]);
    await show(answer.sprite, { light: what === "edit" });
    announce(answer.text || `${answer.changed_cells} cells changed`);
    return answer;
  } catch (error) {
    set({ work: null });
    if (error.name === "AbortError") announce("Cancelled");
    else throw error;
  }
  return null;
}

export function edit(instruction, once = newId()) {
  const { sprite, region, points } = get();
  const json = { instruction };
  if (region) json.region = region;
  if (points.length) json.points = points;
  return changing("edit", instruction, (signal) => call(`/v1/sprites/${sprite.id}/edits`, { json, signal, once }));
}

export function recolor(swaps) {
  const { sprite, locked } = get();
  const json = { swaps: swaps.slice(0, 256) };
  if (locked.length) json.locked = locked;
  return changing("recolor", "", (signal) => call(`/v1/sprites/${sprite.id}/recolor`, { json, signal })).catch((error) => toast(error.message, true));
}

export async function upload(file) {
  const form = new FormData();
  form.append("file", file, file.name);
  const sprite = await call("/v1/sprites", { form });
  remember([sprite]);
  return sprite;
}

export async function removeSprite(sprite) {
  try {
    await call(`/v1/sprites/${sprite.id}`, { method: "DELETE" });
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) return toast(error.message, true);
  }
  grids.delete(sprite.id);
  set((s) => ({ gallery: s.gallery?.filter((g) => g.id !== sprite.id), references: s.references.filter((r) => r.id !== sprite.id), candidates: s.candidates.filter((c) => c.id !== sprite.id) }));
  if (get().sprite?.id === sprite.id) clearCanvas();
  toast("Deleted.");
}

/** Say of a sprite, wherever it is shown, why a person is to look at it; null: nobody is any more. */
export function markReview(id, review) {
  const told = (s) => (s?.id === id ? { ...s, review } : s);
  set((s) => ({ sprite: told(s.sprite), gallery: s.gallery?.map(told) ?? null, candidates: s.candidates.map(told) }));
}

export async function loadGallery(more = false) {
  const before = more ? get().galleryNext : null;
  try {
    const body = await call(`/v1/sprites?limit=48${before ? `&before=${encodeURIComponent(before)}` : ""}`);
    set((s) => ({ gallery: more ? [...(s.gallery || []), ...body.data] : body.data, galleryNext: body.next ?? null }));
  } catch (error) {
    set((s) => ({ gallery: s.gallery || [] }));
    if (error.status !== 401 && error.code !== "offline") toast(error.message, true);
  }
}

/** Names that the forms offer. */
export async function loadFacts() {
  const told = (error) => error.status !== 401 && error.code !== "offline" && toast(error.message, true);
  const palettes = list("/v1/palettes").then((found) => set((s) => ({ facts: { ...s.facts, palettes: found } })), told);
  await Promise.all([palettes, loadStyles().catch(told)]);
}
