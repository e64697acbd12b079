// The review queue: what the check or a person was not sure of, judged by a person.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../../vendor/htm-preact.js";
import { call, list } from "../core/api.js";
import { useKeys } from "../core/keys.js";
import { markReview } from "../core/sprites.js";
import { announce, toast } from "../core/store.js";
import { Failure, Segments, Skeleton } from "../ui/controls.js";
import { Icon } from "../ui/icons.js";
import { Picture, usePicture, zoomFor } from "../ui/picture.js";

const DECISIONS = [["approve", "Approve", "A", "check"], ["fix", "Fix", "F", "spark"], ["reject", "Reject", "R", "close"]];
const FAMILIES = [["alignment", "Alignment"], ["palette", "Palette"], ["proportion", "Proportion"]];
const percent = (chance) => `${Math.round(100 * chance)} %`;

export function ReviewPage() {
  const [status, setStatus] = useState("open");
  const [rows, setRows] = useState(null);
  const [failed, setFailed] = useState("");
  const [at, setAt] = useState(0);
  const [comment, setComment] = useState("");
  const [fix, setFix] = useState("");
  const [heat, setHeat] = useState(true);
  const [busy, setBusy] = useState(false);
  const [offers, setOffers] = useState([]);
  const area = useRef(null);
  const load = async (wanted = status) => {
    setFailed("");
    setRows(null);
    try {
      setRows(await list(`/v1/review?status=${wanted}`));
      setAt(0);
    } catch (error) {
      setFailed(error.message);
    }
  };
  useEffect(() => {
    load();
  }, [status]);
  const row = rows?.[at];
  useLayoutEffect(() => { // before the next key, so that nothing of a new comment is lost
    setComment("");
    setFix("");
    setOffers(row?.candidates || []);
    document.querySelector(".queue [aria-current=true]")?.scrollIntoView({ block: "nearest" });
  }, [row?.id]);
  useEffect(() => {
    if (row?.own && row.status === "open") {
      let wanted = true;
      laterVersions(row.sprite.id).then((later) => wanted && setOffers((all) => [...all, ...later.filter((s) => !all.some((o) => o.id === s.id))]), () => {});
      return () => {
        wanted = false;
      };
    }
  }, [row?.id]);
  const step = (by) => rows?.length && setAt(Math.max(0, Math.min(rows.length - 1, at + by)));
  const leave = () => {
    markReview(row.sprite.id, null);
    if (rows.length < 2) return void load(); // there may be more than a page
    setRows((all) => all.filter((r) => r.id !== row.id));
    setAt((n) => Math.max(0, Math.min(n, rows.length - 2)));
  };
  const decide = async (decision) => {
    if (!row || busy || row.status !== "open") return;
    if (decision === "fix" && !fix && !comment.trim()) {
      toast("Choose what takes its place, or say in the comment what must be fixed.", true);
      return void area.current?.focus();
    }
    setBusy(true);
    const json = { decision };
    if (comment.trim()) json.comment = comment.trim();
    if (decision === "fix" && fix) json.replacement = fix;
    try {
      await call(`/v1/review/${row.id}`, { json });
      announce(`${decision}: done`);
      leave();
    } catch (error) {
      toast(error.status === 403 ? "Your key may not decide: it needs the scope “review”." : error.message, true);
      if (error.status === 409) leave(); // another person was quicker
    }
    setBusy(false);
  };
  const choose = (id) => setFix((now) => (now === id ? "" : id));
  useKeys({
    j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1),
    a: () => void decide("approve"), f: () => void decide("fix"), r: () => void decide("reject"), c: () => area.current?.focus(),
    h: () => setHeat((on) => !on),
    ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => [String(n), () => (row?.status === "open" && offers[n - 1] ? choose(offers[n - 1].id) : false)])),
    Escape: () => area.current?.blur(),
  });
  return html`<div class="page review">
    <aside class="queue" aria-label="Queue">
      <div class="row spread queue-head"><h1>Review</h1><div class="narrow"><${Segments} label="Which" value=${status} onChange=${setStatus} options=${[{ value: "open", label: "Open" }, { value: "done", label: "Done" }]} /></div></div>
      ${failed && html`<${Failure} text=${failed} onRetry=${() => load()} />`}
      ${rows === null && !failed && [0, 1, 2, 3].map((i) => html`<${Skeleton} key=${i} height=${48} />`)}
      <ul class="scroll queue-list">${(rows || []).map((r, i) => html`<li key=${r.id}><button type="button" class="queue-item" aria-current=${i === at ? "true" : undefined} onClick=${() => setAt(i)}>
        <${Picture} sprite=${r.sprite} box=${40} alt="" /><span class="grow"><b class="ellipsis">${promptOf(r)}</b><span class="small muted ellipsis">${r.reason}</span></span><${Doubt} row=${r} /></button></li>`)}</ul>
    </aside>
    <section class="case" aria-label="Case">
      ${rows && !row && html`<div class="empty"><${Icon} name="check" size="32" /><h2>${status === "open" ? "The queue is empty" : "Nothing decided yet"}</h2>
        <p>${status === "open" ? "Sprites land here when the check still finds fault with them after mending, or when someone sends one." : "What you decide is listed here."}</p></div>`}
      ${row && html`<${Case} row=${row} key=${row.id} heat=${heat} setHeat=${setHeat} offers=${offers} fix=${fix} choose=${choose} />
        ${row.status === "open"
          ? html`<div class="decide"><textarea ref=${area} class="area" rows="2" maxlength="2000" aria-label="Comment" placeholder="Comment (C)" value=${comment} onInput=${(e) => setComment(e.target.value)}></textarea>
              <div class="row">${DECISIONS.map(([value, label, key, icon]) => html`<button type="button" key=${value} class=${`button large grow ${value === "approve" ? "primary" : value === "reject" ? "danger" : ""}`} disabled=${busy}
                onClick=${() => decide(value)}><${Icon} name=${icon} />${label}<kbd>${key}</kbd></button>`)}</div></div>`
          : html`<p class="note">${row.decision}${row.reviewer ? ` by ${row.reviewer}` : ""}${row.comment ? `: ${row.comment}` : ""}</p>`}`}
    </section>
  </div>`;
}

const promptOf = (row) => row.sprite.prompt || row.sprite.instruction || "Untitled sprite";

/** How likely a person is dissatisfied with it, where it was checked. */
function Doubt({ row, large = false }) {
  const { quality } = row.sprite;
  return quality && html`<span class=${`score ${large ? "large" : ""}`} title="Chance that a person is dissatisfied">${percent(quality.dissatisfied)}</span>`;
}

function Case({ row, heat, setHeat, offers, fix, choose }) {
  const [room, setRoom] = useState([320, 320]);
  const root = useRef(null);
  useEffect(() => {
    const observer = new ResizeObserver(() => setRoom([root.current.clientWidth, root.current.clientHeight]));
    observer.observe(root.current);
    return () => observer.disconnect();
  }, []);
  const { sprite, heatmap_url: map } = row;
  const other = offers.find((o) => o.id === (fix || row.replacement));
  const box = Math.max(64, Math.min(480, room[0] / (other ? 2 : 1) - 24, room[1] - (other ? 44 : 16)));
  return html`<header class="row spread wrap case-head"><div class="column tight grow"><h2 class="ellipsis">${promptOf(row)}</h2><p class="muted small case-reason">${row.reason}</p></div>
      <${Doubt} row=${row} large />
      ${map && html`<button type="button" class="button" aria-pressed=${String(heat)} title="Heat map (H)" onClick=${() => setHeat(!heat)}>Heat map</button>`}
      ${row.own && html`<a class="button" href=${`#/draw/${sprite.id}`}>Open in Draw</a>`}</header>
    ${sprite.quality && html`<dl class="families" aria-label="Chance of a fault">${FAMILIES.map(([name, label]) => html`<div key=${name}><dt>${label}</dt><dd>${percent(sprite.quality.families[name])}</dd>
      <span class="family-bar"><i style=${{ width: `${100 * sprite.quality.families[name]}%` }}></i></span></div>`)}</dl>`}
    <div class="case-picture" ref=${root}>
      <figure><span class="stacked"><${Picture} sprite=${sprite} box=${box} />${map && heat && html`<${HeatMap} path=${map} sprite=${sprite} box=${box} />`}</span>${other && html`<figcaption class="small muted">as it is</figcaption>`}</figure>
      ${other && html`<figure><${Picture} sprite=${other} box=${box} /><figcaption class="small muted">in its place</figcaption></figure>`}
    </div>
    ${offers.length > 0 && html`<div class="thumbs offers" role="group" aria-label="What could take its place">${offers.map((c, i) => html`<button type="button" class="thumb" key=${c.id} aria-pressed=${String((fix || row.replacement) === c.id)}
      aria-label=${`Take this one instead, number ${i + 1}`} disabled=${row.status !== "open"} onClick=${() => choose(c.id)}><${Picture} sprite=${c} box=${64} alt="" />${i < 9 && html`<kbd>${i + 1}</kbd>`}</button>`)}</div>`}`;
}

/** What was made from a sprite of one's own since: a fix can put any of it in its place. */
async function laterVersions(id) {
  const { nodes } = await call(`/v1/sprites/${id}/lineage`);
  const made = new Set([id]);
  for (const node of nodes) if (made.has(node.parent)) made.add(node.id);
  made.delete(id);
  return Promise.all([...made].slice(-8).map((other) => call(`/v1/sprites/${other}`)));
}

/** The picture dimmed, with the chance of each cell to be at fault over it. */
function HeatMap({ path, sprite, box }) {
  const url = usePicture(path);
  const zoom = zoomFor(sprite.width, sprite.height, box);
  return url ? html`<img class="heat pixels" src=${url} alt="Where it is weak" width=${sprite.width * zoom} height=${sprite.height * zoom} />` : null;
}
