// "Which is better?": two sprites, one question, keys for everything.
import { html, useEffect, useRef, useState } from "../../vendor/htm-preact.js";
import { call, newId } from "../core/api.js";
import { useKeys } from "../core/keys.js";
import { announce, toast } from "../core/store.js";
import { Failure } from "../ui/controls.js";
import { Icon } from "../ui/icons.js";
import { Picture } from "../ui/picture.js";
import { RatePanel } from "../ui/rate.js";

const SKIPPED = 50;
const REASONS = {
  uncertain: "it is open which of the two you like better",
  random: "picked by chance, so that nothing is left out",
  repeat: "you saw this pair before; asked twice, it tells how sure an answer is",
};

export function ComparePage() {
  const [pair, setPair] = useState(undefined); // undefined: being asked for; null: none left
  const [failed, setFailed] = useState("");
  const [count, setCount] = useState(0);
  const [chosen, setChosen] = useState("");
  const began = useRef(Date.now());
  const skipped = useRef(new Set());
  const once = useRef(newId());

  const next = async () => {
    setFailed("");
    setChosen("");
    setPair(undefined);
    try {
      let found = null;
      for (let tries = 0; tries < 4; tries++) {
        found = await call(`/v1/preferences/next${skipped.current.size ? `?skip=${[...skipped.current].slice(-SKIPPED).join(",")}` : ""}`);
        if (!found || !skipped.current.has(found.pair_id)) break;
      }
      if (found && skipped.current.has(found.pair_id)) found = null;
      setPair(found);
      began.current = Date.now();
      once.current = newId();
      if (found) announce(`Which is better for: ${found.prompt || "this"}?`);
    } catch (error) {
      setFailed(error.message);
    }
  };
  useEffect(() => {
    next();
  }, []);

  const answer = async (side) => {
    if (!pair || chosen) return;
    setChosen(side);
    const [winner, loser] = side === "right" ? [pair.right, pair.left] : [pair.left, pair.right];
    const json = { pair_id: pair.pair_id, chosen: winner.id, rejected: loser.id, seconds: Math.round((Date.now() - began.current) / 100) / 10 };
    if (side === "tie") json.tie = true;
    try {
      await call("/v1/preferences", { json, once: once.current });
      setCount((n) => n + 1);
      announce(side === "tie" ? "No difference" : `${side} chosen`);
      setTimeout(next, matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 260);
    } catch (error) {
      setChosen("");
      toast(error.message, true);
    }
  };
  const skip = () => {
    if (!pair || chosen) return;
    skipped.current.add(pair.pair_id);
    next();
  };
  const inFocus = (key) => {
    const card = document.querySelector(".duel-card:focus-within") || document.querySelector(".duel-card:hover");
    card?.querySelector(key === "a" ? ".verdicts button:first-child" : ".verdicts button:last-child")?.click();
    return !!card;
  };
  useKeys({
    ArrowLeft: () => void answer("left"), ArrowRight: () => void answer("right"), ArrowDown: () => void answer("tie"),
    s: skip, a: () => inFocus("a"), r: () => inFocus("r"),
  });

  return html`<div class="page compare">
    <header class="page-head"><div class="grow"><p class="label">Which is better?</p>
      <h1>${pair ? pair.prompt || "Whatever you prefer" : pair === null ? (count ? "All compared" : "Nothing to compare yet") : "Finding a pair"}</h1></div>
      <p class="muted counter"><b>${count}</b> answered now</p></header>
    ${failed && html`<${Failure} text=${failed} onRetry=${next} />`}
    ${pair === null && html`<div class="empty"><${Icon} name="check" size="32" /><h2>${count ? "Thank you, that was the last one" : "Draw first, then compare"}</h2>
      <p>Pairs are made from what you draw. Draw a prompt with two or more candidates, then come back.</p><a class="button primary" href="#/draw">Draw something</a></div>`}
    ${pair === undefined && !failed && html`<div class="duel"><div class="duel-card"><span class="skeleton duel-wait"></span></div><div class="duel-card"><span class="skeleton duel-wait"></span></div></div>`}
    ${pair && html`<div class="duel">
      ${["left", "right"].map((side) => html`<${DuelCard} key=${`${pair.pair_id}-${side}`} side=${side} sprite=${pair[side]} chosen=${chosen} onChoose=${() => answer(side)} />`)}
    </div>
    <div class="duel-foot">
      <button type="button" class="button large" disabled=${!!chosen} onClick=${() => answer("left")}><kbd>←</kbd>Left</button>
      <button type="button" class="button large" disabled=${!!chosen} onClick=${() => answer("tie")}><kbd>↓</kbd>No difference</button>
      <button type="button" class="button large quiet" disabled=${!!chosen} onClick=${skip}><kbd>S</kbd>Skip</button>
      <button type="button" class="button large" disabled=${!!chosen} onClick=${() => answer("right")}>Right<kbd>→</kbd></button>
    </div>
    ${pair.reason && html`<p class="muted small why">Why these two: ${REASONS[pair.reason] || pair.reason}</p>`}`}
  </div>`;
}

function DuelCard({ side, sprite, chosen, onChoose }) {
  const root = useRef(null);
  const [box, setBox] = useState(320);
  useEffect(() => {
    const observer = new ResizeObserver(() => setBox(Math.max(96, Math.min(root.current.clientWidth, root.current.clientHeight) - (root.current.clientWidth < 300 ? 8 : 32))));
    observer.observe(root.current);
    return () => observer.disconnect();
  }, []);
  const state = chosen === side ? "won" : chosen === "tie" ? "" : chosen ? "lost" : "";
  return html`<section class=${`duel-card ${state}`} aria-label=${`${side} sprite`}>
    <button type="button" class="duel-picture" ref=${root} aria-label=${`The ${side} one is better`} onClick=${onChoose}><${Picture} sprite=${sprite} box=${box} alt="" /></button>
    <p class="row spread small muted"><span>${sprite.width}×${sprite.height}</span><span>${sprite.colors} colours</span></p>
    <${RatePanel} sprite=${sprite} compact />
  </section>`;
}
