// Light or dark: what the system says, until somebody chooses.

const DARK = matchMedia("(prefers-color-scheme: dark)");

export function startTheme() {
  let kept = null;
  try { kept = localStorage.getItem("theme"); } catch { /* the system decides */ }
  show(kept ?? (DARK.matches ? "dark" : "light"));
  DARK.addEventListener("change", () => { if (!kept) show(DARK.matches ? "dark" : "light"); });
}

export function switchTheme() {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  try { localStorage.setItem("theme", theme); } catch { /* lasts as long as the page */ }
  show(theme);
}

function show(theme) {
  document.documentElement.dataset.theme = theme;
}
