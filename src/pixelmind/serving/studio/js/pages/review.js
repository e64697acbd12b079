// The review queue: what the machine was not sure of, judged by a person.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../../vendor/htm-preact.js";
import { call, list } from "../core/api.js";
import { useKeys } from "../core/keys.js";
import { announce, toast } from "../core/store.js";
import { Failure, Segments, Skeleton } from "../ui/controls.js";
import { Icon } from "../ui/icons.js";
import { Picture, usePicture, zoomFor } from "../ui/picture.js";

const DECISIONS = [["approve", "Approve", "A", "check"], ["fix", "Fix", "F", "spark"], ["reject", "Reject", "R", "close"]];

export function ReviewPage() {
  const [status, setStatus] = useState("open");
  const [rows, setRows] = useState(null);
  const [failed, setFailed] = useState("");
  const [at, setAt] = useState(0);
  const [comment, setComment] = useState("");
  const [fix, setFix] = useState("");
  const [busy, setBusy] = useState(false);
  const area = useRef(null);
  const load = async (wanted = status) => {
    setFailed("");
    setRows(null);
    try {
      setRows(await list(`/v1/review?status=${wanted}`));
      setAt(0);
    } catch (error) {
      setFailed(error.status === 403 ? "Your key may not review: it needs the scope “review”." : error.message);
    }
  };
  useEffect(() => {
    load();
  }, [status]);
  const row = rows?.[at];
  useLayoutEffect(() => { // before the next key, so that nothing of a new comment is lost
    setComment("");
    setFix("");
    document.querySelector(".queue [aria-current=true]")?.scrollIntoView({ block: "nearest" });
  }, [row?.id]);
  const step = (by) => rows?.length && setAt(Math.max(0, Math.min(rows.length - 1, at + by)));
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
      setRows((all) => all.filter((r) => r.id !== row.id));
      setAt((n) => Math.max(0, Math.min(n, rows.length - 2)));
    } catch (error) {
      toast(error.message, true);
    }
    setBusy(false);
  };
  useKeys({
    j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1),
    a: () => void decide("approve"), f: () => void decide("fix"), r: () => void decide("reject"), c: () => area.current?.focus(),
    Escape: () => area.current?.blur(),
  });
  return html`<div class="page review">
    <aside class="queue" aria-label="Queue">
      <div class="row spread queue-head"><h1>Review</h1><div class="narrow"><${Segments} label="Which" value=${status} onChange=${setStatus} options=${[{ value: "open", label: "Open" }, { value: "done", label: "Done" }]} /></div></div>
      ${failed && html`<${Failure} text=${failed} onRetry=${() => load()} />`}
      ${rows === null && !failed && [0, 1, 2, 3].map((i) => html`<${Skeleton} key=${i} height=${48} />`)}
      <ul class="scroll queue-list">${(rows || []).map((r, i) => html`<li key=${r.id}><button type="button" class="queue-item" aria-current=${i === at ? "true" : undefined} onClick=${() => setAt(i)}>
        <${Thumb} row=${r} /><span class="grow"><b class="ellipsis">${promptOf(r)}</b><span class="small muted ellipsis">${r.reason}</span></span>${typeof r.score === "number" && html`<span class="score">${r.score.toFixed(2)}</span>`}</button></li>`)}</ul>
    </aside>
    <section class="case" aria-label="Case">
      ${rows && !row && html`<div class="empty"><${Icon} name="check" size="32" /><h2>${status === "open" ? "The queue is empty" : "Nothing decided yet"}</h2>
        <p>${status === "open" ? "Sprites land here when the machine is unsure of them, or when someone flags one." : "What you decide is listed here."}</p></div>`}
      ${row && html`<${Case} row=${row} key=${row.id} fix=${fix} setFix=${setFix} />
        ${row.status === "open"
          ? html`<div class="decide"><textarea ref=${area} class="area" rows="2" maxlength="2000" aria-label="Comment" placeholder="Comment (C)" value=${comment} onInput=${(e) => setComment(e.target.value)}></textarea>
              <div class="row">${DECISIONS.map(([value, label, key, icon]) => html`<button type="button" key=${value} class=${`button large grow ${value === "approve" ? "primary" : value === "reject" ? "danger" : ""}`} disabled=${busy}
                onClick=${() => decide(value)}><${Icon} name=${icon} />${label}<kbd>${key}</kbd></button>`)}</div></div>`
          : html`<p class="note">${row.decision || "decided"}${row.reviewer ? ` by ${row.reviewer}` : ""}${row.comment ? `: ${row.comment}` : ""}</p>`}`}
    </section>
  </div>`;
}

const spriteOf = (row) => (row.sprite && typeof row.sprite === "object" ? row.sprite : null);
const idOf = (row) => spriteOf(row)?.id || row.sprite_id || row.sprite;
const promptOf = (row) => spriteOf(row)?.prompt || row.prompt || "Untitled sprite";
const candidatesOf = (row) => (row.candidates || []).map((c) => (typeof c === "string" ? { id: c, url: `/v1/sprites/${c}/image.png`, width: 32, height: 32, prompt: "" } : c));

function Thumb({ row }) {
  const sprite = spriteOf(row) || { id: idOf(row), url: `/v1/sprites/${idOf(row)}/image.png`, width: 32, height: 32, prompt: "" };
  return html`<${Picture} sprite=${sprite} box=${40} alt="" />`;
}

function Case({ row, fix, setFix }) {
  const [sprite, setSprite] = useState(spriteOf(row));
  const [heat, setHeat] = useState(true);
  const [box, setBox] = useState(320);
  const root = useRef(null);
  useEffect(() => {
    if (!sprite) call(`/v1/sprites/${idOf(row)}`).then(setSprite, (e) => toast(e.message, true));
    const observer = new ResizeObserver(() => setBox(Math.max(96, Math.min(480, root.current.clientWidth - 32, root.current.clientHeight - 16))));
    observer.observe(root.current);
    return () => observer.disconnect();
  }, []);
  const map = row.heatmap_url || (typeof row.heatmap === "string" && row.heatmap ? (row.heatmap.startsWith("/") ? row.heatmap : `data:image/png;base64,${row.heatmap}`) : "");
  const [later, setLater] = useState(null); // null: not a sprite of one's own
  const offered = candidatesOf(row);
  const asks = row.status === "open" && sprite && !offered.length;
  useEffect(() => {
    if (asks) laterVersions(sprite.id).then(setLater, () => {}); // others' sprites are not told
  }, [asks, sprite?.id]);
  const candidates = offered.length ? offered : later || [];
  return html`<header class="row spread wrap case-head"><div class="column tight grow"><h2 class="ellipsis">${promptOf(row)}</h2><p class="muted small">${row.reason}</p></div>
      ${typeof row.score === "number" && html`<span class="score large" title="Score">${row.score.toFixed(2)}</span>`}
      ${map && html`<button type="button" class="button" aria-pressed=${String(heat)} onClick=${() => setHeat(!heat)}>Heat map</button>`}
      ${later && html`<a class="button" href=${`#/draw/${sprite.id}`}>Open in Draw</a>`}</header>
    <div class="case-picture" ref=${root}>${sprite ? html`<span class="stacked"><${Picture} sprite=${sprite} box=${box} />${map && heat && html`<${HeatMap} path=${map} sprite=${sprite} box=${box} />`}</span>` : html`<span class="skeleton duel-wait"></span>`}</div>
    ${candidates.length > 0 && html`<div class="thumbs" role="group" aria-label="Candidates for a fix">${candidates.map((c) => html`<button type="button" class="thumb" key=${c.id} aria-pressed=${String(fix === c.id)}
      aria-label="Take this one instead" onClick=${() => setFix(fix === c.id ? "" : c.id)}><${Picture} sprite=${c} box=${72} alt="" /></button>`)}</div>`}`;
}

/** What was made from a sprite of one's own since: a fix can put any of it in its place. */
async function laterVersions(id) {
  const { nodes } = await call(`/v1/sprites/${id}/lineage`);
  const made = new Set([id]);
  for (const node of nodes) if (made.has(node.parent)) made.add(node.id);
  made.delete(id);
  return Promise.all([...made].slice(-8).map((other) => call(`/v1/sprites/${other}`)));
}

function HeatMap({ path, sprite, box }) {
  const fetched = usePicture(path.startsWith("/") ? path : "");
  const zoom = zoomFor(sprite.width, sprite.height, box);
  const url = path.startsWith("/") ? fetched : path;
  return url ? html`<img class="heat pixels" src=${url} alt="Where it is weak" width=${sprite.width * zoom} height=${sprite.height * zoom} />` : null;
}
