// Ratings on three axes, 1 to 5, and a verdict. Digits and arrow keys rate the axis that has the focus.
import { html, useRef, useState } from "../../vendor/htm-preact.js";
import { call } from "../core/api.js";
import { announce, toast } from "../core/store.js";
import { Icon } from "./icons.js";

export const AXES = [["accuracy", "Accuracy", "Is it what was asked for?"], ["aesthetics", "Beauty", "Is it good to look at?"], ["technical", "Craft", "Clean pixels, no noise?"]];

export function RatePanel({ sprite, compact = false }) {
  const [ratings, setRatings] = useState({});
  const [verdict, setVerdict] = useState("");
  const root = useRef(null);
  const send = async (json, done, undo) => {
    done();
    try {
      await call("/v1/feedback", { json: { sprite_id: sprite.id, ...json } });
    } catch (error) {
      undo();
      toast(error.message, true);
    }
  };
  const rate = (axis, value) => {
    const before = ratings[axis];
    if (before === value) return;
    send({ ratings: { [axis]: value } }, () => setRatings((r) => ({ ...r, [axis]: value })), () => setRatings((r) => ({ ...r, [axis]: before })));
    announce(`${axis} ${value} of 5`);
  };
  const judge = (value) => {
    const before = verdict;
    send({ verdict: value }, () => setVerdict(value), () => setVerdict(before));
    announce(value === "approve" ? "Approved" : "Rejected");
  };
  const keys = (axis) => (event) => {
    const now = ratings[axis] || 0;
    const value = /^[1-5]$/.test(event.key) ? Number(event.key) : event.key === "ArrowUp" ? Math.min(5, now + 1) : event.key === "ArrowDown" ? Math.max(1, now - 1) : 0;
    if (value) {
      event.preventDefault();
      event.stopPropagation();
      rate(axis, value);
    } else if (/^[ar]$/i.test(event.key) && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      event.stopPropagation();
      judge(event.key.toLowerCase() === "a" ? "approve" : "reject");
    }
  };
  return html`<div class=${`rate ${compact ? "compact" : ""}`} ref=${root}>
    ${AXES.map(([axis, label, asks]) => html`<div class="axis" key=${axis} role="spinbutton" tabindex="0" aria-label=${`${label}: ${asks}`} aria-valuemin="1" aria-valuemax="5"
      aria-valuenow=${ratings[axis] || undefined} aria-valuetext=${ratings[axis] ? `${ratings[axis]} of 5` : "not rated"} title=${asks} onKeyDown=${keys(axis)}>
      <span class="axis-name">${label}</span>
      <span class="pips">${[1, 2, 3, 4, 5].map((v) => html`<button type="button" tabindex="-1" key=${v} class=${v <= (ratings[axis] || 0) ? "pip full" : "pip"} aria-label=${`${label} ${v}`} onClick=${() => rate(axis, v)}>${v}</button>`)}</span>
    </div>`)}
    <div class="row tight verdicts">
      <button type="button" class=${`button grow ${verdict === "approve" ? "good on" : ""}`} aria-pressed=${String(verdict === "approve")} onClick=${() => judge("approve")}><${Icon} name="check" />Approve</button>
      <button type="button" class=${`button grow ${verdict === "reject" ? "bad on" : ""}`} aria-pressed=${String(verdict === "reject")} onClick=${() => judge("reject")}><${Icon} name="close" />Reject</button>
    </div>
  </div>`;
}
