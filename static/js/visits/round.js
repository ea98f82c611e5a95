// The round of a worker: a tap says how a visit ended, the next place has the focus, another tap takes it back.

import { dismiss, notice } from "../notice.js";
import { el, fill } from "../dom.js";
import { speak, t } from "../words.js";
import { freshKey, Queue } from "./queue.js";

const config = JSON.parse(document.getElementById("round-config").textContent);
const round = document.getElementById("round");
const state = document.getElementById("round-state");
const ahead = Date.parse(config.now) - Date.now(); // the server's clock counts: a device's may be wrong
const day = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" });
let recorded = 0;
let asked = 0;
speak(config);

const queue = new Queue({
  config,
  hooks: {
    state: tell,
    acknowledged: (entry, answer) => entry.kind === "record" && settle(entry, answer.visit === null),
    elsewhere: (entry) => entry.kind === "record" && settle(entry, true),
    refused: (entry) => { reopen(rowOf(entry.place)); showRefused(); notice("refused", `${[entry.label, entry.said].filter(Boolean).join(" · ")}：${entry.refused}`); },
  },
});
const rowOf = (place) => round.querySelector(`.call[data-place="${place}"]`);

function tell(name, waiting) {
  state.hidden = !recorded && !waiting;
  state.dataset.waiting = waiting;
  state.dataset.state = name;
  state.dataset.recorded = recorded;
  state.textContent = waiting ? t("waiting", { count: recorded, waiting }) : t("saved", { count: recorded });
  if (name === "offline") notice("network", t("kept", { waiting }));
  else if (name === "logged_out") notice("network", t("log_in_again", { name: config.name, waiting }));
  else dismiss("network");
  if (name === "saved") count();
}

/** The numbers on top are the server's: once all is sent, it is asked for them. */
async function count() {
  const mine = (asked += 1);
  const answer = await fetch(config.urls.numbers, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } }).catch(() => null);
  if (!answer?.ok) return;
  const told = await answer.json();
  if (mine !== asked) return; // a later question is on its way
  for (const each of document.querySelectorAll("[data-count]")) each.textContent = told[each.dataset.count] ?? each.textContent;
}

/** Shows a row as recorded: "waiting" on this device, or "saved". */
function mark(row, as, said) {
  if (!row) return;
  if (!row.dataset.state && as === "saved" && !said) return; // taken back meanwhile
  row.dataset.state = as;
  if (said) row.querySelector(".call-said").textContent = said;
  const acts = row.querySelector(".call-acts");
  if (acts) acts.hidden = true;
  row.querySelector(".call-done").hidden = false;
}

/** Shows what became of a visit: saved, or taken back on another page. */
function settle(entry, withdrawn) {
  const row = rowOf(entry.place);
  if (!withdrawn) mark(row, "saved");
  else if (row?.dataset.key === entry.key) reopen(row);
}

/** Lists what the server did not take: it stays on the device until it is sent again or discarded. */
function showRefused() {
  const box = document.getElementById("round-refused");
  box.hidden = !queue.refused.length;
  if (box.hidden) dismiss("refused");
  fill(box, el("h2", {}, t("refused")), ...queue.refused.map((entry) => {
    const act = (name, does) => el("button", { type: "button", class: "button button-small", "data-act": name, onclick: () => { does(entry); showRefused(); } }, t(name === "again" && entry.double ? "second" : name));
    return el("div", { class: "refused" },
      el("p", {}, el("strong", {}, [entry.label, entry.said, entry.body.day].filter(Boolean).join(" · ")), el("small", { class: "line" }, entry.refused)),
      el("div", { class: "form-actions" }, act("again", sendAgain), act("discard", (each) => queue.discard(each))));
  }));
}

function sendAgain(entry) {
  const row = rowOf(entry.place);
  if (row && entry.kind === "record") {
    row.dataset.key = entry.key;
    recorded += 1;
    mark(row, "waiting", entry.said);
  }
  queue.again(entry);
}

/** What a person calls a place: the building and the door. */
const labelOf = (row) => [row.closest(".stop")?.querySelector("h2")?.textContent, row.querySelector("strong").textContent].filter(Boolean).join(" ");

function reopen(row) {
  if (!row) return;
  delete row.dataset.state;
  delete row.dataset.key;
  recorded = Math.max(0, recorded - 1);
  const acts = row.querySelector(".call-acts");
  if (!acts) return row.remove();
  acts.hidden = false;
  row.querySelector(".call-done").hidden = true;
}

function record(row, button) {
  const [kind, id] = row.dataset.place.split(":");
  const key = freshKey();
  row.dataset.key = key;
  const purpose = round.elements.purpose?.value ?? "routine";
  const body = { key, [kind]: Number(id), result: button.dataset.result, purpose, day: day.format(Date.now() + ahead) };
  recorded += 1;
  mark(row, "waiting", button.textContent);
  onwards(row);
  queue.add({ key, at: Date.now() + recorded / 1000, kind: "record", place: row.dataset.place, said: button.textContent, label: labelOf(row), body });
}

/** The next open place has the focus, so that ten visits are ten times the same key. */
function onwards(row) {
  const open = [...round.querySelectorAll(".call:not(.call-building):not([data-state])")].filter((each) => each.offsetParent);
  const next = open.find((each) => row.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING) ?? open[0];
  const target = next ?? row;
  (target.querySelector(".call-acts:not([hidden]) button") ?? target.querySelector("[data-undo]")).focus();
}

async function undo(row) {
  const of = row.dataset.key;
  const { place } = row.dataset;
  reopen(row);
  (row.querySelector(".call-acts button") ?? round.querySelector("[data-undo]"))?.focus();
  if (await queue.withdraw(of)) return;
  queue.add({ key: `${of}-back`, at: Date.now() + 0.9, kind: "undo", place, said: t("undo"), label: labelOf(row), body: { of } });
}

round.addEventListener("click", ({ target }) => {
  const row = target.closest(".call");
  if (target.closest("[data-result]")) record(row, target.closest("[data-result]"));
  else if (target.closest("[data-undo]")) undo(row);
});
round.addEventListener("submit", (event) => event.preventDefault());

/** Arrow keys go from place to place, and from result to result. */
round.addEventListener("keydown", (event) => {
  const row = event.target.closest?.(".call");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!row || !step || !event.target.matches("button")) return;
  const rows = [...round.querySelectorAll(".call")].filter((each) => each.offsetParent);
  const at = Math.max(0, [...row.querySelectorAll(".call-acts button")].indexOf(event.target));
  const next = rows[rows.indexOf(row) + step];
  if (!next) return;
  event.preventDefault();
  const buttons = next.querySelectorAll(".call-acts:not([hidden]) button");
  (buttons[at] ?? next.querySelector("[data-undo]")).focus();
});

document.getElementById("round-words")?.addEventListener("input", ({ target }) => {
  const words = target.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const stop of round.querySelectorAll(".stop")) {
    const head = stop.querySelector(".stop-head").textContent.toLowerCase();
    let any = 0;
    for (const row of stop.querySelectorAll(".call")) {
      const text = head + row.querySelector("strong").textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) any += 1;
    }
    stop.hidden = !any;
    shown += any;
  }
  if (shown) dismiss("words");
  else notice("words", t("none_shown"), { kind: "info" });
});

document.getElementById("round-near")?.addEventListener("click", ({ currentTarget: button }) => {
  const fail = () => notice("here", t("not_located"));
  if (!navigator.geolocation) return fail();
  navigator.geolocation.getCurrentPosition(({ coords }) => { // the position stays on the device
    const squeeze = Math.cos((coords.latitude * Math.PI) / 180);
    const far = ({ dataset }) => Math.hypot((dataset.lon - coords.longitude) * squeeze, dataset.lat - coords.latitude);
    [...round.querySelectorAll(".stop")].sort((a, b) => far(a) - far(b)).forEach((stop) => round.insertBefore(stop, state));
    button.setAttribute("aria-pressed", "true");
  }, fail, { enableHighAccuracy: true, timeout: 10000 });
});

await queue.recover();
for (const entry of queue.entries.filter((each) => each.kind === "record")) {
  const row = rowOf(entry.place);
  recorded += 1;
  if (!row) continue;
  row.dataset.key = entry.key;
  mark(row, "waiting", entry.said);
}
if (queue.waiting) tell("sending", queue.waiting);
if (queue.refused.length) showRefused();
window.wangge = { round: queue };
document.documentElement.dataset.ready = "yes";
