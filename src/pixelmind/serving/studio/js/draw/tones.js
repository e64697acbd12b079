// "Which tone is best?": a sprite as it is and in other tones; one click keeps it and teaches the service.
import { html, useEffect, useRef, useState } from "../../vendor/htm-preact.js";
import { call, newId } from "../core/api.js";
import { remember, show } from "../core/sprites.js";
import { toast } from "../core/store.js";
import { Dialog, Failure } from "../ui/controls.js";

export function ToneDialog({ sprite, onClose }) {
  const [tones, setTones] = useState(null);
  const [failed, setFailed] = useState("");
  const [busy, setBusy] = useState(false);
  const began = useRef(Date.now());
  const once = useRef(newId());
  const ask = async () => {
    setFailed("");
    try {
      setTones((await call(`/v1/sprites/${sprite.id}/tones`)).tones);
      began.current = Date.now();
    } catch (error) {
      setFailed(error.message);
    }
  };
  useEffect(() => {
    ask();
  }, []);
  const take = async (tone) => {
    setBusy(true);
    try {
      const seconds = Math.round((Date.now() - began.current) / 100) / 10;
      const { sprite: taken } = await call(`/v1/sprites/${sprite.id}/tones`, { json: { tone, seconds }, once: once.current });
      if (taken.id !== sprite.id) {
        remember([taken]);
        await show(taken);
      }
      toast("Thank you. Coming pictures lean this way.");
      onClose();
    } catch (error) {
      setBusy(false);
      toast(error.message, true);
    }
  };
  const zoom = Math.max(1, Math.floor(112 / Math.max(sprite.width, sprite.height)));
  return html`<${Dialog} title="Which tone is best?" onClose=${onClose}>
    ${failed && html`<${Failure} text=${failed} onRetry=${ask} />`}
    ${tones?.length === 1 && html`<p class="muted">Other tones would make two of its colours one, so there is nothing to choose.</p>`}
    <div class="tones" aria-busy=${String(!tones && !failed)}>
      ${(tones?.length > 1 ? tones : []).map((t) => html`<button type="button" class="candidate" key=${t.tone} disabled=${busy} onClick=${() => take(t.tone)}>
        <span class="frame checker"><img class="pixels" alt="" src=${`data:image/png;base64,${t.png}`} width=${sprite.width * zoom} height=${sprite.height * zoom} /></span>
        <span class="small">${t.tone}</span></button>`)}
    </div><//>`;
}
