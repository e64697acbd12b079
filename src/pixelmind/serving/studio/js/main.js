// The studio: routes after the hash, the frame around the pages, and what is loaded first.
import { html, render, useEffect } from "../vendor/htm-preact.js";
import { loadFacts, loadGallery } from "./core/sprites.js";
import { loadSessions } from "./core/talk.js";
import { get, set, useStore } from "./core/store.js";
import { DrawPage } from "./draw/page.js";
import { ComparePage } from "./pages/compare.js";
import { ReviewPage } from "./pages/review.js";
import { StatsPage } from "./pages/stats.js";
import { Banner, Help, KeyDialog, LiveRegion, Toasts, TopBar } from "./shell.js";

const PAGES = { draw: DrawPage, compare: ComparePage, review: ReviewPage, stats: StatsPage };

function readRoute() {
  const [page, id = ""] = location.hash.replace(/^#\/?/, "").split("/");
  set({ route: { page: PAGES[page] ? page : "draw", id: /^[\w-]{1,64}$/.test(id) ? id : "" } });
}

function App() {
  const route = useStore((s) => s.route);
  const keyTurn = useStore((s) => s.keyTurn);
  useEffect(() => {
    loadFacts();
    loadGallery();
    loadSessions();
  }, [keyTurn]);
  useEffect(() => {
    document.title = `${{ draw: "Draw", compare: "Compare", review: "Review", stats: "Stats" }[route.page]} · PixelMind Studio`;
  }, [route.page]);
  const Page = PAGES[route.page];
  return html`<a class="skip" href="#main" onClick=${(e) => { e.preventDefault(); document.getElementById("main").focus(); }}>Skip to the page</a>
    <${TopBar} page=${route.page} />
    <${Banner} />
    <main id="main" tabindex="-1" class=${`main page-${route.page}`}><${Page} key=${`${route.page}${route.page === "draw" ? "" : keyTurn}`} id=${route.id} /></main>
    <${Toasts} /><${Help} /><${KeyDialog} /><${LiveRegion} />`;
}

readRoute();
addEventListener("hashchange", readRoute);
addEventListener("dragover", (e) => e.preventDefault());
addEventListener("drop", (e) => e.preventDefault());
addEventListener("beforeunload", (e) => get().work && e.preventDefault());
const root = document.getElementById("app");
root.replaceChildren();
render(html`<${App} />`, root);
