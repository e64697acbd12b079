// One store of plain data. `get()` reads, `set(patch)` merges and tells the listeners, `useStore(select)` re-renders a component when
// what it selects changes (compared by identity).
import { useEffect, useReducer, useRef } from "../../vendor/htm-preact.js";

const listeners = new Set();

let state = {
  route: { page: "draw", id: "" },
  help: false,
  online: true,
  needKey: false,
  keyFault: "", // why the key shown opens nothing
  keyTurn: 0, // rises when a key was entered: pages load anew
  toasts: [],
  announce: "",
  facts: { palettes: [], styles: [], kinds: [], own: [] },
  // the picture in view
  sprite: null,
  cells: null,
  before: null, // cells of the parent
  changed: null, // Uint8Array of the last edit, 1 where a cell changed
  lineage: null,
  redo: [],
  loading: false,
  region: "",
  color: -1, // highlighted palette index
  points: [],
  locked: [],
  candidates: [],
  choosing: false, // candidates are shown in place of the canvas
  work: null, // { what, level, step, steps, preview, size, controller, waits }
  // the conversation
  sessions: null,
  session: null,
  apart: "", // id of the picture in view when a new conversation was begun: it is not about that
  messages: [],
  // kept pictures
  gallery: null,
  galleryNext: null,
  references: [],
  pane: "chat", // the panel on a narrow screen
  side: "chat", // the left tab on a wide one
  view: { grid: true, split: false, lit: false, parts: false, tool: "pick" },
};

export const get = () => state;

export function set(patch) {
  const next = typeof patch === "function" ? patch(state) : patch;
  if (!next) return;
  state = { ...state, ...next };
  for (const listener of [...listeners]) listener();
}

export const setView = (patch) => set((s) => ({ view: { ...s.view, ...patch } }));

export function useStore(select) {
  const [, render] = useReducer((n) => n + 1, 0);
  const value = select(state);
  const seen = useRef();
  seen.current = { select, value };
  useEffect(() => {
    const check = () => {
      const { select: now, value: last } = seen.current;
      if (now(state) !== last) render();
    };
    listeners.add(check);
    check();
    return () => listeners.delete(check);
  }, []);
  return value;
}

let toastNumber = 0;

export function toast(text, bad = false) {
  const id = ++toastNumber;
  set((s) => ({ toasts: [...s.toasts.slice(-3), { id, text, bad }], announce: text }));
  setTimeout(() => dropToast(id), bad ? 9000 : 4000);
}

export const dropToast = (id) => set((s) => ({ toasts: s.toasts.filter((t) => t.id !== id) }));

/** Say something to a screen reader, and show nothing. */
export const announce = (text) => set({ announce: text });
