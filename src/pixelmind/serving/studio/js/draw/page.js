// The Draw page: conversation or form, canvas, inspector. On a narrow screen one of them at a time, under tabs.
import { html, useEffect, useState } from "../../vendor/htm-preact.js";
import { useKeys } from "../core/keys.js";
import { recolor, upload, show } from "../core/sprites.js";
import { arrive, pick, redo, undo } from "../core/talk.js";
import { get, set, setView, toast, useStore } from "../core/store.js";
import { Tabs } from "../ui/controls.js";
import { RatePanel } from "../ui/rate.js";
import { Chat } from "./chat.js";
import { CommandBar } from "./command.js";
import { GalleryStrip } from "./gallery.js";
import { GenerateForm } from "./form.js";
import { HistoryPanel } from "./history.js";
import { PalettePanel } from "./palette.js";
import { PartsPanel } from "./parts.js";
import { StageArea } from "./stage_area.js";
import { stage } from "./stage.js";
import { StageBar } from "./toolbar.js";

export const togglePoint = () => setView({ tool: get().view.tool === "point" ? "pick" : "point" });
export const toggleSplit = () => get().before && setView({ split: !get().view.split });
export const toggleLit = () => get().changed && setView({ lit: !get().view.lit });

const PANES = [
  { value: "chat", label: "Chat", icon: "chat" },
  { value: "generate", label: "Generate", icon: "sliders" },
  { value: "canvas", label: "Canvas", icon: "picture" },
  { value: "inspect", label: "Colours", icon: "palette" },
];

export function DrawPage({ id }) {
  const side = useStore((s) => s.side);
  const pane = useStore((s) => s.pane);
  const sprite = useStore((s) => s.sprite);
  const keyTurn = useStore((s) => s.keyTurn);
  const [dropping, setDropping] = useState(false);
  useEffect(() => {
    if (id && get().sprite?.id !== id) arrive(id);
  }, [id, keyTurn]);
  const digits = Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((n) => [String(n), () => {
    const { candidates, choosing } = get();
    return choosing && candidates[n - 1] ? void pick(candidates[n - 1], n - 1) : false;
  }]));
  useKeys({
    ...digits,
    "+": () => stage.zoomBy(1),
    "=": () => stage.zoomBy(1),
    "-": () => stage.zoomBy(-1),
    0: () => stage.fit(),
    g: () => setView({ grid: !get().view.grid }),
    b: toggleSplit,
    c: toggleLit,
    m: () => setView({ parts: !get().view.parts }),
    p: togglePoint,
    "mod+z": () => void undo(),
    "mod+shift+z": () => void redo(),
    "mod+y": () => void redo(),
    e: () => document.querySelector(".export-button")?.click(),
    "/": () => (document.querySelector("#command") || document.querySelector("#say"))?.focus(),
    Escape: () => {
      const { work, region, points, color, choosing } = get();
      if (document.activeElement instanceof HTMLElement && document.activeElement.matches("textarea, input")) document.activeElement.blur();
      else if (work) work.controller.abort();
      else if (region || points.length || color >= 0) set({ region: "", points: [], color: -1 });
      else if (choosing) set({ choosing: false });
    },
  });
  const choosePane = (value) => set(value === "chat" || value === "generate" ? { pane: value, side: value } : { pane: value });
  const drop = async (event) => {
    event.preventDefault();
    setDropping(false);
    const file = [...(event.dataTransfer?.files || [])].find((f) => f.type.startsWith("image/"));
    if (!file) return;
    try {
      await show(await upload(file));
      toast("Your picture is on the canvas.");
    } catch (error) {
      toast(error.message, true);
    }
  };
  const over = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    setDropping(true);
  };
  return html`<div class=${`draw pane-${pane}`}>
    <section class="side" aria-label="Say what to draw">
      <div class="side-tabs"><${Tabs} label="How to draw" prefix="side" value=${side} onChange=${(v) => set({ side: v, pane: v })}
        options=${[{ value: "chat", label: "Chat", icon: "chat" }, { value: "generate", label: "Generate", icon: "sliders" }]} /></div>
      <div class="side-panel" role="tabpanel" id=${`side-${side}`} aria-labelledby=${`side-tab-${side}`}>
        ${side === "chat" ? html`<${Chat} />` : html`<${GenerateForm} />`}
      </div>
    </section>
    <section class=${`work ${dropping ? "dropping" : ""}`} aria-label="Canvas" onDragOver=${over} onDragLeave=${() => setDropping(false)} onDrop=${drop}>
      <${StageBar} />
      <${StageArea} />
      <${CommandBar} />
      <${GalleryStrip} />
    </section>
    <aside class="inspector scroll" aria-label="Inspector">
      <${PalettePanel} recolor=${recolor} />
      <${PartsPanel} />
      <${HistoryPanel} />
      ${sprite && html`<section class="panel"><h2>Rate this sprite</h2><${RatePanel} sprite=${sprite} key=${sprite.id} /></section>`}
    </aside>
    <nav class="panes"><${Tabs} label="Panels" prefix="pane" kind="pane-tabs" options=${PANES} value=${pane} onChange=${choosePane} /></nav>
  </div>`;
}
