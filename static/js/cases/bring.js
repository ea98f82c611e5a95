// Bringing a table in: what is found is shown below the form, which keeps its file.

const form = document.getElementById("bring");

form.addEventListener("submit", async (event) => {
  if (event.submitter?.name !== "try") return; // writing goes the browser's own way, to the list
  event.preventDefault();
  event.stopPropagation();
  const body = new FormData(form, event.submitter); // before the button is disabled: a disabled one does not say "try"
  event.submitter.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" }, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const told = page.getElementById("result") ?? page.querySelector("main");
    document.getElementById("result").replaceChildren(...told.childNodes);
    document.getElementById("result").scrollIntoView({ block: "nearest" });
  } catch { // not sent by itself: without the button's word it would be taken
    document.getElementById("result").replaceChildren(document.getElementById("unanswered").content.cloneNode(true));
  }
  event.submitter.disabled = false;
});
