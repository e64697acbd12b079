// The loop in figures: what was drawn, how it was liked, how fast it went.
import { html, useEffect, useState } from "../../vendor/htm-preact.js";
import { call } from "../core/api.js";
import { Failure, Skeleton } from "../ui/controls.js";
import { ServiceFigures } from "./service.js";
import { Bars, Tile, figure, milliseconds } from "./figures.js";

export function StatsPage() {
  const [stats, setStats] = useState(null);
  const [service, setService] = useState(null);
  const [failed, setFailed] = useState("");
  const load = async () => {
    try {
      setStats(await call("/v1/stats"));
      setService(await call("/v1/stats/service").catch(() => null)); // for a key that may not see it
      setFailed("");
    } catch (error) {
      setFailed(error.message);
    }
  };
  useEffect(() => {
    load();
    const timer = setInterval(() => document.visibilityState === "visible" && load(), 10000);
    return () => clearInterval(timer);
  }, []);
  const queue = stats && (typeof stats.queue === "object" ? (stats.queue?.waiting ?? stats.queue?.depth ?? stats.queue?.length ?? 0) : stats.queue);
  return html`<div class="page stats scroll">
    <header class="page-head"><h1 class="grow">Stats</h1><p class="muted small">Yours, refreshed every ten seconds</p></header>
    ${failed && html`<${Failure} text=${failed} onRetry=${load} />`}
    ${!stats && !failed && html`<div class="tiles">${[0, 1, 2, 3].map((i) => html`<div class="tile" key=${i}><${Skeleton} width="60%" /><${Skeleton} height=${32} /></div>`)}</div>`}
    ${stats && html`<div class="tiles">
        <${Tile} label="Sprites" value=${figure(stats.sprites)} />
        <${Tile} label="Conversations" value=${figure(stats.sessions)} />
        <${Tile} label="Pairs compared" value=${figure(stats.pairs)} link="#/compare" />
        <${Tile} label="Open reviews" value=${figure(stats.open_reviews)} link="#/review" />
        ${typeof stats.flag_rate === "number" && html`<${Tile} label="Flagged by the check" value=${`${figure(100 * stats.flag_rate, 1)} %`} />`}
        <${Tile} label="Waiting to be drawn" value=${figure(queue)} />
      </div>
      <div class="charts">
        <${Ratings} ratings=${stats.ratings || {}} />
        <${Latency} latency=${stats.latency_ms || {}} />
        <${Agreement} value=${stats.agreement} />
      </div>`}
    ${service && html`<${ServiceFigures} now=${service} />`}
  </div>`;
}

function Ratings({ ratings }) {
  const mean = (v) => (v && typeof v === "object" ? v.mean : v);
  const rows = [["Accuracy", mean(ratings.accuracy)], ["Beauty", mean(ratings.aesthetics)], ["Craft", mean(ratings.technical)]];
  const any = rows.some(([, v]) => typeof v === "number");
  return html`<section class="chart"><h2>Ratings, mean of 5</h2>${any ? html`<${Bars} title="Ratings" rows=${rows} most=${5} format=${(v) => figure(v, 1)} />` : html`<p class="muted">Nothing rated yet. Rate a sprite beside the canvas, or while comparing.</p>`}</section>`;
}

function Latency({ latency }) {
  const rows = [["Half of all answers within", latency.p50], ["95 of 100 within", latency.p95]];
  const most = Math.max(1, latency.p95 || 0, latency.p50 || 0);
  const any = rows.some(([, v]) => typeof v === "number");
  return html`<section class="chart"><h2>Time to answer</h2>${any ? html`<${Bars} title="Time to answer" rows=${rows} most=${most} format=${milliseconds} />` : html`<p class="muted">Nothing drawn yet since the server started.</p>`}</section>`;
}

function Agreement({ value }) {
  const known = typeof value === "number";
  const angle = Math.PI * (1 - Math.max(0, Math.min(1, known ? value : 0)));
  const [x, y] = [80 + 64 * Math.cos(angle), 80 - 64 * Math.sin(angle)];
  return html`<section class="chart"><h2>Agreement with yourself</h2>${known
    ? html`<svg class="gauge" viewBox="0 0 160 92" role="img" aria-label=${`Agreement ${Math.round(value * 100)} percent`}>
        <path class="gauge-track" d="M16 80A64 64 0 0 1 144 80" /><path class="gauge-value" d=${`M16 80A64 64 0 0 1 ${x.toFixed(1)} ${y.toFixed(1)}`} />
        <text x="80" y="76" text-anchor="middle" class="gauge-text">${Math.round(value * 100)} %</text></svg>
        <p class="muted small">How often the same pair, asked again, was answered the same way.</p>`
    : html`<p class="muted">Known once some pairs were asked twice.</p>`}</section>`;
}
