// A form of a page is sent by script: what is refused is said in the form, and what was typed stays.

const JSON_ONLY = { Accept: "application/json" };

/** Takes over the forms inside the page; a form elsewhere, one that is answered by a page (data-own), or whose request fails, goes the browser's own way. */
export function keep(page) {
  page.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.method !== "post" || form.dataset.sent || event.defaultPrevented || "own" in form.dataset) return;
    event.preventDefault();
    form.dataset.sent = "yes";
    const buttons = [...form.querySelectorAll("button:not([type=button])")].filter((button) => !button.disabled);
    const body = new FormData(form, event.submitter);
    buttons.forEach((button) => { button.disabled = true; });
    const answer = await send(form, body);
    delete form.dataset.sent;
    buttons.forEach((button) => { button.disabled = false; });
    if (answer === null) HTMLFormElement.prototype.submit.call(form);
    else if (answer.to) location.assign(answer.to);
    else say(form, answer.error);
  });
}

/** Returns where to go or what is wrong, null where the answer is neither. */
async function send(form, body) {
  try {
    const answer = await (await fetch(form.action, { method: "POST", body, headers: JSON_ONLY, credentials: "same-origin" })).json();
    return answer.to || answer.error ? answer : null;
  } catch {
    return null;
  }
}

/** Says what is wrong above the button that was pressed, and leads there. */
function say(form, text) {
  const message = form.querySelector(".message-error") ?? document.createElement("p");
  message.className = "message message-error";
  message.setAttribute("role", "alert");
  message.tabIndex = -1;
  message.textContent = text;
  const actions = form.querySelector(".form-actions");
  if (actions) actions.before(message);
  else form.append(message);
  message.focus();
}
