// Styles of one's own: listed, made from sprites in the background, deleted.
import { call } from "./api.js";
import { announce, get, set, toast } from "./store.js";

export const MOST = 16;
const EVERY_MS = 1000;
let asking = 0;

const open = (style) => style.status === "waiting" || style.status === "making";

/** The names that the forms offer; asked for again while a style is being made. */
export async function loadStyles() {
  clearTimeout(asking);
  const before = get().facts.own;
  const found = await call("/v1/styles");
  set((s) => ({ facts: { ...s.facts, styles: found.styles || [], kinds: found.kinds || [], own: found.own || [] } }));
  const now = get().facts.own;
  for (const { name } of before.filter(open)) {
    const style = now.find((s) => s.name === name);
    if (style?.status === "ready") toast(`Your style ${name} is ready: choose it under Style, or say "in ${name} style".`);
    if (style?.status === "failed") toast(`${name}: ${style.error}`, true);
  }
  if (now.some(open)) asking = setTimeout(() => loadStyles().catch(() => (asking = setTimeout(loadStyles, 5 * EVERY_MS))), EVERY_MS);
}

/** Begin one; throws ApiError where the server refuses it. */
export async function makeStyle(name, files) {
  const form = new FormData();
  form.append("name", name);
  for (const file of files) form.append("images", file, file.name);
  await call("/v1/styles", { form });
  announce(`The style ${name} is being made`);
  await loadStyles();
}

export async function deleteStyle(name) {
  try {
    await call(`/v1/styles/${encodeURIComponent(name)}`, { method: "DELETE" });
  } catch (error) {
    if (error.status !== 404) return void toast(error.message, true);
  }
  await loadStyles();
}
