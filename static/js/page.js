// For every page: menus close on Escape and on a click elsewhere; a form is sent once; a button prints; the log-in says why it is asked for.

import { badges } from "./badge.js";
import { keep } from "./forms.js";

badges();
document.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

const page = document.querySelector("main.page");
if (page) keep(page);

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target) || event.target.closest(".menu-list button[type=button]")) menu.open = false;
  }
});

document.addEventListener("click", (event) => event.target.closest("[data-print]") && window.print());

// paper has no folds: what a reader of it needs is printed open
let folded = [];
window.addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details.printed:not([open])")];
  for (const part of folded) part.open = true;
});
window.addEventListener("afterprint", () => folded.forEach((part) => { part.open = false; }));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopPropagation();
  }
}, true);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});

window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

/** Says at the log-in what the page that led to it left to say (api.js). */
function farewell() {
  const form = location.pathname === "/login" && document.querySelector("form.form");
  const text = form && sessionStorage.getItem("wangge:farewell");
  if (!text) return;
  sessionStorage.removeItem("wangge:farewell");
  if (document.querySelector(".door-sheet .message")) return;
  const message = Object.assign(document.createElement("p"), { className: "message message-warning", textContent: text });
  message.setAttribute("role", "status");
  form.before(message);
}

try {
  farewell();
} catch { /* the browser keeps nothing between pages */ }
