// A form of a page is sent by script: what is refused is said in the form, and what was typed stays.

const JSON_ONLY = { Accept: "application/json" };
const PATIENCE_MS = 20000;

/** Takes over the forms inside the page; a form elsewhere, or one that is answered by a page (data-own), goes the browser's own way. */
export function keep(page) {
  page.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.method !== "post" || form.dataset.sent || event.defaultPrevented || "own" in form.dataset) return;
    event.preventDefault();
    form.dataset.sent = "yes";
    const buttons = [...form.querySelectorAll("button:not([type=button])")].filter((button) => !button.disabled);
    const body = new FormData(form, event.submitter);
    buttons.forEach((button) => { button.disabled = true; });
    const late = setTimeout(() => say(form, unanswered(), event.submitter), PATIENCE_MS);
    const answer = await send(form, body);
    clearTimeout(late);
    delete form.dataset.sent;
    buttons.forEach((button) => { button.disabled = false; });
    if (answer.to) go(answer.to);
    else say(form, answer.error ?? unanswered(), event.submitter);
  });
}

/** Goes to an address; a place on this very page is seen only when the page is read again. */
function go(address) {
  const there = new URL(address, location.href);
  const here = there.pathname === location.pathname && there.search === location.search;
  location.assign(there);
  if (here && there.hash) location.reload();
}

/** Returns where to go (to) or what is wrong (error), nothing of both when the server is dead: then nobody knows what was done. */
async function send(form, body) {
  try {
    return await (await fetch(form.action, { method: "POST", body, headers: JSON_ONLY, credentials: "same-origin" })).json();
  } catch {
    return {};
  }
}

/** What is said then: the words of base.html, with a link to this page as it is now. */
function unanswered() {
  const words = document.getElementById("unanswered").content.cloneNode(true);
  words.querySelector("a").href = location.pathname + location.search;
  return words;
}

/** Says something, a text or more, above the button that was pressed, and leads there. */
function say(form, said, pressed) {
  document.querySelectorAll(".message-success").forEach((before) => before.remove());
  const message = form.querySelector(".message-error") ?? document.createElement("div");
  message.className = "message message-error";
  message.setAttribute("role", "alert");
  message.tabIndex = -1;
  message.replaceChildren(said);
  const actions = pressed?.closest(".form-actions") ?? form.querySelector(".form-actions");
  if (actions) actions.before(message);
  else form.append(message);
  message.focus();
}
