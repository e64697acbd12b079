// A sprite as a picture at crisp integer zoom, on a checkerboard.
import { html, useEffect, useState } from "../../vendor/htm-preact.js";
import { pictureUrl } from "../core/api.js";
import { Icon } from "./icons.js";

/** The address of a picture, "" while it is fetched (in key mode). */
export function usePicture(path) {
  const found = path ? pictureUrl(path) : "";
  const [url, setUrl] = useState(typeof found === "string" ? found : "");
  useEffect(() => {
    let wanted = true;
    if (typeof found === "string") setUrl(found);
    else found.then((u) => wanted && setUrl(u), () => {});
    return () => {
      wanted = false;
    };
  }, [path, found]);
  return typeof found === "string" ? found : url;
}

/** Largest whole zoom at which width x height fits in a box of px; below 1 for pictures larger than the box: 1/2, 1/4. */
export function zoomFor(width, height, box) {
  const fit = box / Math.max(width, height);
  return fit >= 1 ? Math.floor(fit) : 1 / 2 ** Math.ceil(Math.log2(1 / fit));
}

/** `box`: px of the longer side at most. `alt` defaults to the prompt. */
export function Picture({ sprite, box = 64, alt, heat = false }) {
  const url = usePicture(sprite.url);
  const zoom = zoomFor(sprite.width, sprite.height, box);
  const size = { width: `${sprite.width * zoom}px`, height: `${sprite.height * zoom}px` };
  const label = alt ?? describe(sprite);
  return html`<span class=${`frame ${heat ? "" : "checker"}`} style=${size}>
    ${url ? html`<img class="pixels" src=${url} alt=${label} width=${sprite.width * zoom} height=${sprite.height * zoom} draggable="false" decoding="async" />` : html`<span class="skeleton"></span>`}
  </span>`;
}

/** A quiet mark: a person is to look at this sprite. The reason shows under the pointer and with the focus; it can be used all the same. */
export function ReviewMark({ sprite, words = true }) {
  if (!sprite.review) return null;
  return html`<span class="review-mark" tabindex=${words ? 0 : undefined} role="note" aria-label=${`Being checked by a person: ${sprite.review}`}>
    <${Icon} name="eye" size="14" />${words && html`<span class="review-mark-words" aria-hidden="true">being checked</span>`}<span class="tip" aria-hidden="true">Being checked by a person. ${sprite.review}</span></span>`;
}

export const describe = (sprite) => `${sprite.prompt || sprite.instruction || sprite.source || "sprite"}, ${sprite.width}×${sprite.height}`;
