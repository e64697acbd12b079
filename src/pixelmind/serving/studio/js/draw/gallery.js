// The strip of kept pictures under the canvas, newest first; a picture can be dragged to the references.
import { html, useRef } from "../../vendor/htm-preact.js";
import { loadGallery, noteEvent, show, upload } from "../core/sprites.js";
import { set, toast, useStore } from "../core/store.js";
import { Icon } from "../ui/icons.js";
import { Picture, describe } from "../ui/picture.js";

export const DRAGGED = "application/x-pixelmind-sprite";

const LATER_MS = 30 * 60 * 1000;

/** Open a kept picture; coming back to one from another time is told, it says something about the picture. */
function open(sprite) {
  if (Date.now() - Date.parse(sprite.created) > LATER_MS) noteEvent(sprite.id, "return");
  set({ choosing: false });
  show(sprite);
}

export function GalleryStrip() {
  const gallery = useStore((s) => s.gallery);
  const more = useStore((s) => s.galleryNext);
  const current = useStore((s) => s.sprite?.id);
  const input = useRef(null);
  const add = async (event) => {
    const file = event.target.files[0];
    event.target.value = "";
    if (!file) return;
    try {
      await show(await upload(file));
    } catch (error) {
      toast(error.message, true);
    }
  };
  return html`<div class="strip">
    <button type="button" class="strip-add" title="Open your own picture" aria-label="Open your own picture" onClick=${() => input.current.click()}><${Icon} name="import" /></button>
    <input ref=${input} type="file" class="hidden" accept="image/png,image/gif,image/webp,image/bmp" onChange=${add} aria-hidden="true" tabindex="-1" />
    <ul class="strip-list scroll" aria-label="Gallery">
      ${gallery === null
        ? [0, 1, 2, 3, 4, 5].map((i) => html`<li key=${i} class="skeleton strip-item"></li>`)
        : gallery.length === 0
          ? html`<li class="muted small strip-empty">What you draw is kept here.</li>`
          : gallery.map((sprite) => html`<li key=${sprite.id}><button type="button" class="strip-item" aria-label=${describe(sprite)} title=${describe(sprite)} draggable="true"
              aria-current=${sprite.id === current ? "true" : undefined} onDragStart=${(e) => e.dataTransfer.setData(DRAGGED, sprite.id)}
              onClick=${() => open(sprite)}><${Picture} sprite=${sprite} box=${48} alt="" /></button></li>`)}
      ${more && html`<li><button type="button" class="button quiet" onClick=${() => loadGallery(true)}>More</button></li>`}
    </ul>
  </div>`;
}
