// Runs before the first paint, so that a chosen theme does not flash: sets data-theme where the person has chosen one.
(() => {
  try {
    const chosen = localStorage.getItem("pixelmind.theme");
    if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
  } catch {
    /* no storage: the system's theme holds */
  }
})();
