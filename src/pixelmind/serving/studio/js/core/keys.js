// Keyboard shortcuts: single keys, not while typing. A handler returns true where it took the key.
import { useLayoutEffect, useRef } from "../../vendor/htm-preact.js";

const stack = [];

export const typing = (target) =>
  target instanceof Element && (target.closest("input:not([type=checkbox]):not([type=range]), textarea, select, [contenteditable]") !== null);

function keyName(event) {
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push("mod");
  if (event.altKey) parts.push("alt");
  if (event.shiftKey && event.key.length > 1) parts.push("shift");
  const name = event.key.length === 1 ? (event.ctrlKey || event.metaKey ? event.key.toLowerCase() : event.key) : event.key;
  if (event.shiftKey && parts.includes("mod") && event.key.length === 1) parts.push("shift");
  return [...parts, name].join("+");
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented) return;
  const name = keyName(event);
  const modal = document.querySelector(".scrim");
  for (const layer of [...stack].reverse()) {
    const handler = layer.current[name] || (name.length === 1 && layer.current[name.toLowerCase()]);
    if (!handler) continue;
    if (typing(event.target) && !name.startsWith("mod+") && name !== "Escape") return;
    if (modal && !layer.modal) continue;
    if (name.startsWith("Arrow") && event.target instanceof Element && event.target.closest("[role=spinbutton],[role=slider],[role=tablist],[role=menu]")) return;
    if (handler(event) !== false) {
      event.preventDefault();
      return;
    }
  }
});

/** Bind {key: handler} while the component is there. Keys as "g", "?", "ArrowLeft", "mod+z", "mod+shift+z", "Escape". */
export function useKeys(bindings, modal = false) {
  const layer = useRef({});
  layer.current = bindings;
  layer.modal = modal;
  useLayoutEffect(() => {
    stack.push(layer);
    return () => {
      const at = stack.indexOf(layer);
      if (at >= 0) stack.splice(at, 1);
    };
  }, []);
}

/** The list behind the "?" overlay. */
export const SHORTCUTS = [
  ["Everywhere", [
    ["?", "this list"],
    ["1 2 3 4 with Alt", "go to Draw, Compare, Review, Stats"],
    ["/", "say what to draw or change"],
    ["T", "dark or light"],
    ["Esc", "close, deselect, or stop drawing"],
  ]],
  ["Canvas", [
    ["+ −", "zoom in and out (or the wheel)"],
    ["0", "fit"],
    ["G", "pixel grid"],
    ["B", "before and after"],
    ["C", "light up changed cells"],
    ["M", "show the parts"],
    ["P", "point at cells"],
    ["Space", "hold and drag to pan"],
    ["← ↑ → ↓", "move over cells, when the canvas has the focus"],
    ["Enter", "pick the part or point under the cursor"],
    ["Ctrl Z, Ctrl ⇧ Z", "undo, redo"],
    ["E", "export"],
    ["1 to 8", "take a candidate"],
  ]],
  ["Compare", [
    ["← →", "left or right is better"],
    ["↓", "no difference"],
    ["S", "skip"],
    ["Tab, then 1 to 5", "rate on an axis"],
    ["A, R", "approve, reject the one in focus"],
  ]],
  ["Review", [
    ["J K", "next, previous"],
    ["A F R", "approve, fix, reject"],
    ["H", "heat map"],
    ["1 to 9", "choose what takes its place"],
    ["C", "comment"],
  ]],
];

export const modifier = () => (/Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl");
