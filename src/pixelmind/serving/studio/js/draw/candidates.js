// Candidates side by side, all at one whole zoom.
import { html, useLayoutEffect, useRef, useState } from "../../vendor/htm-preact.js";
import { pick } from "../core/talk.js";
import { Picture, ReviewMark, zoomFor } from "../ui/picture.js";

/** Columns and box (px) that show `count` pictures largest. */
function layout(count, width, height, sprite) {
  let best = { columns: 1, box: 32, zoom: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const box = Math.floor(Math.min((width - 24) / columns - 28, (height - 24) / rows - 54));
    if (box < 16) continue;
    const zoom = zoomFor(sprite.width, sprite.height, box);
    if (zoom > best.zoom) best = { columns, box, zoom };
  }
  return best;
}

export function Candidates({ sprites }) {
  const root = useRef(null);
  const [size, setSize] = useState([600, 500]);
  useLayoutEffect(() => {
    const element = root.current;
    const observer = new ResizeObserver(() => setSize([element.clientWidth, element.clientHeight]));
    observer.observe(element);
    setSize([element.clientWidth, element.clientHeight]);
    return () => observer.disconnect();
  }, []);
  const largest = sprites.reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a));
  const { columns, box } = layout(sprites.length, ...size, largest);
  return html`<div class="candidates" ref=${root} role="group" aria-label="Candidates: take one" style=${{ gridTemplateColumns: `repeat(${columns}, max-content)` }}>
    ${sprites.map((sprite, i) => html`<button type="button" class="candidate" key=${sprite.id} aria-label=${`Take number ${i + 1}`} onClick=${() => pick(sprite, i)}>
      <${Picture} sprite=${sprite} box=${box} alt="" />
      <span class="row tight candidate-foot"><kbd>${i + 1}</kbd><span class="muted small">${sprite.colors} colours</span><${ReviewMark} sprite=${sprite} words=${false} /></span>
    </button>`)}
  </div>`;
}
