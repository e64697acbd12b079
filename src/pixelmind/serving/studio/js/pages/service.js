// The service's own figures, for whoever may see them: what the Grafana dashboard shows first, since the start.
import { html } from "../../vendor/htm-preact.js";
import { Bars, Tile, figure, milliseconds } from "./figures.js";

const percent = (v, digits = 0) => (typeof v === "number" ? `${figure(100 * v, digits)} %` : "–");
const STAGES = { queue: "Waiting", text: "Words", level_16: "Level 16", level_64: "Level 64", level_256: "Level 256", finish: "Palette and cells", check: "Check", keep: "Keeping", work: "Turns and edits" };
const plain = (name) => (name[0].toUpperCase() + name.slice(1)).replaceAll("_", " ");

const short = (route) => route.replace("/v1", "").replace(/\{[^}]*\}/g, "…");

function since(seconds) {
  const [value, unit] = seconds < 5400 ? [seconds / 60, "min"] : seconds < 172800 ? [seconds / 3600, "h"] : [seconds / 86400, "days"];
  return `${figure(value, value < 10 ? 1 : 0)} ${unit}`;
}

export function ServiceFigures({ now }) {
  const counts = (table) => Object.entries(table).map(([name, n]) => [plain(name), n]);
  return html`<header class="page-head"><h2 class="grow">The service</h2><p class="muted small">Everybody together, since it started ${since(now.seconds)} ago</p></header>
    <div class="tiles">
      <${Tile} label="Requests" value=${figure(now.requests)} />
      <${Tile} label="Failed" value=${percent(now.failed_share, 1)} />
      <${Tile} label="Pictures drawn" value=${figure(now.pictures)} />
      <${Tile} label="Pictures a batch" value=${figure(now.pictures_a_batch, 1)} />
      <${Tile} label="Waiting, of at most" value=${`${figure(now.waiting)} / ${figure(now.waiting_limit)}`} />
      <${Tile} label="Flagged" value=${now.inspected ? percent(sum(now.flagged) / now.inspected, 1) : "–"} />
      <${Tile} label="Turns answered by a question" value=${percent(now.question_share)} />
      <${Tile} label="Share of a rollout" value=${percent(now.rollout_share)} />
      <${Tile} label="Processor cores, mean" value=${figure(now.cpu_seconds / Math.max(1, now.seconds), 2)} />
      <${Tile} label="Memory" value=${`${figure(now.memory_bytes / 2 ** 20)} MiB`} />
      ${now.gpus.map((card) => html`<${Tile} key=${card.gpu} label=${`Card ${card.gpu}`} value=${percent(card.utilization)} />`)}
    </div>
    <div class="charts">
      <${Chart} title="Time by stage, 95 of 100 within" rows=${now.stages.map((s) => [STAGES[s.name] || s.name, s.p95_ms])} format=${milliseconds} none="Nothing drawn yet since the start." />
      <${Chart} title="Time to answer, 95 of 100 within" rows=${now.routes.map((r) => [`${short(r.name)} (${figure(r.count)})`, r.p95_ms])} format=${milliseconds} none="No requests yet." />
      <${Chart} title="Flagged, by fault" rows=${counts(now.flagged)} format=${figure} none="No picture was flagged since the start." />
      <${Chart} title="Mended, by fault" rows=${counts(now.mended)} format=${figure} none="No picture was mended since the start." />
      <${Chart} title="Turns, by reply" rows=${counts(now.turns)} format=${figure} none="No turns since the start." />
      <${Chart} title="Review decisions" rows=${counts(now.decisions)} format=${figure} none="None since the start." />
      <${Chart} title="Steps of learning from use" rows=${[["Done", now.learning.steps], ["Taken back", now.learning.rolled_back], ["Failed", now.learning.failed]]} format=${figure} none="None since the start." />
      <${Chart} title="Drift: chance of what was seen without it" rows=${counts(now.drift)} most=${1} format=${(v) => percent(v, 1)} none="Measured once the champion has drawn 1,000 different pictures." />
      ${Object.keys(now.stability).length > 0 && html`<${Chart} title="What moved: stability index, 0.25 is much" rows=${counts(now.stability)} most=${0.5} format=${(v) => figure(v, 2)} />`}
    </div>`;
}

const sum = (table) => Object.values(table).reduce((a, b) => a + b, 0);

function Chart({ title, rows, format, most, none }) {
  const top = most ?? Math.max(0, ...rows.map(([, v]) => v || 0));
  return html`<section class="chart"><h2>${title}</h2>${most || top > 0 ? (rows.length ? html`<${Bars} title=${title} rows=${rows} most=${top} format=${format} />` : html`<p class="muted">${none}</p>`) : html`<p class="muted">${none}</p>`}</section>`;
}
