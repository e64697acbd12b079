// The Generate form's request: /v1/images/generations with streamed previews.
import { ApiError, call, events, newId } from "./api.js";
import { remember, show } from "./sprites.js";
import { announce, get, set, toast } from "./store.js";

export const SIZES = [[16, 16], [24, 24], [32, 32], [48, 48], [64, 64], [96, 96], [128, 128], [256, 256]];

export const defaults = () => ({
  prompt: "", width: 32, height: 32, n: 4, palette: "", colors: "", style: "", kind: "", seed: "", steps: "", guidance: "", negative: "", seamless: false, check: true,
});

/** The form as the API's body; empty fields are left out. */
export function body(form, references) {
  const out = {
    prompt: form.prompt.trim(), n: form.n, size: `${form.width}x${form.height}`, response_format: "b64_json", stream: true, partial_images: 3,
  };
  for (const [name, field] of [["palette", "palette"], ["style", "style"], ["kind", "kind"], ["negative", "negative_prompt"]]) {
    if (form[name]) out[field] = form[name];
  }
  for (const name of ["colors", "seed", "steps", "guidance"]) if (form[name] !== "") out[name] = form[name];
  if (form.seamless) out.seamless = true;
  if (!form.check) out.check = false;
  if (references.length) out.references = references.map((r) => r.id);
  return out;
}

export async function generate(form, once = newId()) {
  if (get().work) return void toast("Something is being drawn already; wait for it or cancel it.", true);
  const controller = new AbortController();
  set({ work: { what: "generate", text: form.prompt, width: form.width, height: form.height, level: 0, step: 0, steps: 0, preview: null, controller } });
  const made = [];
  try {
    for await (const { event, data } of events("/v1/images/generations", { json: body(form, get().references), signal: controller.signal, once })) {
      if (event === "image_generation.partial_image") partial(data);
      else if (event === "image_generation.completed") made.push(data);
      else if (event === "error") throw new ApiError(data.error?.message || data.message || "That could not be drawn.");
    }
    if (!made.length) throw new ApiError("The connection broke off before a picture came. Try again.", 0, "broken");
    made.sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
    const sprites = await Promise.all(made.map((m) => call(`/v1/sprites/${m.sprite_id}`)));
    set({ work: null, candidates: sprites, region: "", points: [] });
    remember([...sprites]);
    await show(sprites[0]);
    set({ choosing: sprites.length > 1 });
    announce(`${sprites.length} drawn`);
  } catch (error) {
    set({ work: null });
    if (error.name !== "AbortError") throw error;
    announce("Cancelled");
  }
}

function partial(data) {
  set((s) => s.work && {
    work: { ...s.work, level: data.level ?? 0, step: data.step ?? 0, steps: data.steps ?? 0, preview: data.b64_json ? `data:image/png;base64,${data.b64_json}` : s.work.preview },
  });
}
