// Versions of the picture in view as a tree: the conversation's where it is of one, else the sprite's own line.
import { html } from "../../vendor/htm-preact.js";
import { useStore } from "../core/store.js";
import { goTo, versionInView } from "../core/talk.js";
import { Skeleton } from "../ui/controls.js";
import { usePicture } from "../ui/picture.js";

const DONE = { generate: "drawn", upload: "opened", recolor: "colours swapped", inpaint: "part drawn anew" };

/** [{id, parent, label, depth}] in drawing order: a node's first child goes on at its depth, further children branch off. */
export function rows(nodes) {
  const children = new Map();
  const known = new Set(nodes.map((n) => n.id));
  for (const node of nodes) {
    const under = known.has(node.parent) ? node.parent : null;
    children.set(under, [...(children.get(under) || []), node]);
  }
  const out = [];
  const walk = (node, depth) => {
    out.push({ ...node, depth });
    const [first, ...others] = children.get(node.id) || [];
    for (const other of others) walk(other, depth + 1);
    if (first) walk(first, depth);
  };
  for (const root of children.get(null) || []) walk(root, 0);
  return out;
}

function versions(session, inSession, lineage) {
  if (inSession) {
    const bySprite = new Map(session.history.map((v) => [v.number, v.sprite_id]));
    const seen = new Map();
    for (const v of session.history) seen.set(v.sprite_id, { id: v.sprite_id, parent: v.parent === null ? null : bySprite.get(v.parent), label: v.done || v.said || "drawn" });
    return [...seen.values()];
  }
  return (lineage?.nodes || []).map((n) => ({ id: n.id, parent: n.parent, label: n.instruction || DONE[n.operation] || n.operation || "drawn" }));
}

export function HistoryPanel() {
  const sprite = useStore((s) => s.sprite);
  const session = useStore((s) => s.session);
  const lineage = useStore((s) => s.lineage);
  const inSession = useStore((s) => !!versionInView(s));
  if (!sprite) return html`<section class="panel idle" aria-label="History"><h2>History</h2><p class="small">Every version, as a tree. Nothing is lost by a change.</p></section>`;
  const tree = rows(versions(session, inSession, lineage));
  return html`<section class="panel" aria-label="History">
    <div class="row spread"><h2>History</h2><span class="muted small">${tree.length > 1 ? `${tree.length} versions` : ""}</span></div>
    ${!tree.length && html`<${Skeleton} height=${32} />`}
    <ol class="versions">${tree.map((node) => html`<li key=${node.id} style=${{ paddingLeft: `${Math.min(node.depth, 6) * 14}px` }} class=${node.depth ? "branch" : ""}>
      <button type="button" class="menu-item version" aria-current=${node.id === sprite.id ? "true" : undefined} onClick=${() => node.id !== sprite.id && goTo(node.id)}>
        <${VersionPicture} id=${node.id} /><span class="clamp">${node.label}</span></button></li>`)}</ol>
  </section>`;
}

function VersionPicture({ id }) {
  const url = usePicture(`/v1/sprites/${id}/image.png`);
  return html`<span class="version-picture checker">${url && html`<img class="pixels" src=${url} alt="" width="32" height="32" loading="lazy" />`}</span>`;
}
