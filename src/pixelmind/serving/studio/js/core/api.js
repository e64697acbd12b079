// The one way to the server: JSON in and out, errors as ApiError with the server's own sentence, keys, event streams, downloads.
import { get, set } from "./store.js";

const KEY = "pixelmind.key";

export class ApiError extends Error {
  constructor(message, status = 0, code = "", retryAfter = 0) {
    super(message);
    Object.assign(this, { status, code, retryAfter });
  }
}

export const key = () => {
  try {
    return sessionStorage.getItem(KEY) || "";
  } catch {
    return "";
  }
};

export function setKey(value) {
  try {
    if (value) sessionStorage.setItem(KEY, value);
    else sessionStorage.removeItem(KEY);
  } catch {
    /* the key then holds for no longer than this page */
  }
  pictures.clear();
  set((s) => ({ needKey: !value, keyFault: "", keyTurn: s.keyTurn + 1 }));
}

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

let watching = 0;

/** Ask every few seconds whether the server is back; the banner goes when it is. */
function watch() {
  if (watching) return;
  set({ online: false });
  const ask = async () => {
    try {
      if ((await fetch("/healthz", { cache: "no-store" })).ok) {
        watching = 0;
        set((s) => ({ online: true, keyTurn: s.keyTurn + 1 }));
        return;
      }
    } catch {
      /* still away */
    }
    watching = setTimeout(ask, 3000);
  };
  watching = setTimeout(ask, 1500);
}

export async function retryServer() {
  try {
    if ((await fetch("/healthz", { cache: "no-store" })).ok) {
      clearTimeout(watching);
      watching = 0;
      set((s) => ({ online: true, keyTurn: s.keyTurn + 1 }));
      return true;
    }
  } catch {
    /* still away */
  }
  return false;
}

async function failure(response) {
  let message = `The server answered ${response.status}.`;
  let code = "";
  try {
    const body = await response.json();
    const error = body.error ?? body;
    message = error.message || error.detail || message;
    if (typeof message !== "string") message = JSON.stringify(message);
    code = error.code || error.type || "";
  } catch {
    /* no JSON: the status says it */
  }
  return new ApiError(message, response.status, code, Number(response.headers.get("Retry-After")) || 0);
}

/**
 * Fetch and check. `json` or `form` is the body; `once` is the idempotency key (made where a POST brings none).
 * Throws ApiError; an aborted call throws the browser's AbortError.
 */
export async function send(path, { method, json, form, signal, once, accept } = {}) {
  const headers = {};
  const shown = key();
  if (shown) headers.Authorization = `Bearer ${shown}`;
  if (accept) headers.Accept = accept;
  if (json !== undefined) headers["Content-Type"] = "application/json";
  const verb = method || (json !== undefined || form ? "POST" : "GET");
  if (verb === "POST") headers["Idempotency-Key"] = once || newId();
  let response;
  try {
    response = await fetch(path, { method: verb, headers, signal, body: json !== undefined ? JSON.stringify(json) : form });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    watch();
    throw new ApiError("The server does not answer. Is `pixelmind studio` still running?", 0, "offline");
  }
  if (!get().online) set({ online: true });
  if (response.status === 401) {
    const error = await failure(response);
    if (shown === key()) set({ needKey: true, keyFault: shown ? error.message : "" });
    throw error;
  }
  if (!response.ok) throw await failure(response);
  return response;
}

export async function call(path, options) {
  const response = await send(path, options);
  return response.status === 204 ? null : response.json();
}

/** A list answer, whatever its wrapping. */
export async function list(path, options) {
  const body = await call(path, options);
  return Array.isArray(body) ? body : (body?.data ?? []);
}

/** Yield {event, data} of a text/event-stream body; data is parsed where it is JSON. */
export async function* events(path, options) {
  const response = await send(path, { ...options, accept: "text/event-stream" });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      rest += (value || "").replace(/\r\n?/g, "\n");
      let cut;
      while ((cut = rest.indexOf("\n\n")) >= 0) {
        const found = block(rest.slice(0, cut));
        rest = rest.slice(cut + 2);
        if (found) yield found;
      }
      if (done) return;
    }
  } catch (error) {
    if (error.name === "AbortError" || error instanceof ApiError) throw error;
    throw new ApiError("The connection broke off in the middle. Nothing is lost; try again.", 0, "broken");
  } finally {
    reader.cancel().catch(() => {});
  }
}

function block(text) {
  let event = "";
  const lines = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    else if (line.startsWith("data:")) lines.push(line.slice(5).trimStart());
  }
  if (!lines.length && !event) return null;
  const raw = lines.join("\n");
  let data = raw;
  try {
    data = JSON.parse(raw);
  } catch {
    /* plain text, as [DONE] */
  }
  return { event: event || data?.type || "", data };
}

const pictures = new Map(); // path -> promise of an object URL, in key mode only

/** An address for <img>: the path itself, or in key mode an object URL of the fetched bytes (img sends no header). */
export function pictureUrl(path) {
  if (!key()) return path;
  if (!pictures.has(path)) {
    if (pictures.size > 400) {
      const [oldest, url] = pictures.entries().next().value;
      pictures.delete(oldest);
      url.then(URL.revokeObjectURL, () => {});
    }
    const made = send(path).then(async (r) => URL.createObjectURL(await r.blob()));
    made.catch(() => pictures.delete(path));
    pictures.set(path, made);
  }
  return pictures.get(path);
}

/** Save what a path gives under the name the server tells. */
export async function download(path, fallback) {
  const response = await send(path);
  const told = response.headers.get("Content-Disposition") || "";
  const name = /filename="?([^";]+)"?/.exec(told)?.[1] || fallback;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  return name;
}
