// The list of cases by keyboard (j, k, x, Enter, /, ?), and the bar for those that are chosen.

const rows = [...document.querySelectorAll(".case-table tbody tr")];
const boxes = [...document.querySelectorAll("input[name=chosen]")].filter((box) => !box.disabled);
const all = document.getElementById("choose-all");
const bar = document.getElementById("many");
const sheet = document.getElementById("keys");
let here = -1;

const typing = (target) => target.closest("input:not([type=checkbox]), select, textarea, dialog[open]");

function move(step) {
  if (!rows.length) return;
  here = Math.min(Math.max(here + step, 0), rows.length - 1);
  for (const [at, row] of rows.entries()) row.classList.toggle("row-here", at === here);
  rows[here].querySelector("a.case-name").focus({ preventScroll: true });
  rows[here].scrollIntoView({ block: "nearest" });
}

function draw() {
  const chosen = boxes.filter((box) => box.checked).length;
  for (const box of boxes) box.closest("tr").classList.toggle("row-chosen", box.checked);
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  if (!bar) return;
  bar.hidden = !chosen;
  document.getElementById("many-count").textContent = String(chosen);
}

function choose(boxesToo, checked) {
  for (const box of boxesToo) box.checked = checked;
  draw();
}

document.addEventListener("change", (event) => {
  if (event.target === all) choose(boxes, all.checked);
  else if (event.target.name === "chosen") draw();
});
document.getElementById("choose-none")?.addEventListener("click", () => choose(boxes, false));
document.getElementById("show-keys").addEventListener("click", () => sheet.showModal());
sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "x") toggle();
  else if (event.key === "/") document.querySelector("[data-key='/']").focus();
  else if (event.key === "?") sheet.showModal();
  else return;
  event.preventDefault();
});

function toggle() {
  const box = rows[here]?.querySelector("input[name=chosen]");
  if (!box || box.disabled) return;
  box.checked = !box.checked;
  draw();
}

rows.forEach((row, at) => row.addEventListener("focusin", () => { here = at; }));
window.addEventListener("pageshow", draw);
draw();
