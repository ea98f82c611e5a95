// The page of a case: a near case fills the number in, and what was typed into a step survives that somebody else was first.

const KEY = `wangge:steps:${location.pathname}`;
const TYPED = "textarea, select, input:not([type=hidden]):not([type=file])";
const steps = document.getElementById("steps");

steps?.addEventListener("change", (event) => {
  const target = event.target.dataset.fills;
  if (target) event.target.form.elements[target].value = event.target.value;
});

steps?.addEventListener("submit", (event) => {
  const form = event.target;
  const values = [...form.querySelectorAll(TYPED)].filter((field) => field.name && (field.type !== "radio" || field.checked));
  store(values.length ? { step: form.elements.step.value, values: values.map(({ name, value }) => [name, value]) } : null);
}, true);

function store(kept) {
  try {
    if (kept) sessionStorage.setItem(KEY, JSON.stringify(kept));
    else sessionStorage.removeItem(KEY);
  } catch { /* the browser keeps nothing between pages */ }
}

/** Puts back what was typed for a step that was refused, unless it was taken meanwhile. */
function restore() {
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(KEY));
  } catch { /* nothing that can be read */ }
  if (!kept || document.querySelector(".message-success")) return store(null);
  const form = [...(steps?.querySelectorAll("form") ?? [])].find((each) => each.elements.step.value === kept.step);
  if (!form) return;
  for (const [name, value] of kept.values) {
    const field = form.elements[name];
    if (field) field.value = value;
  }
  form.closest("details").open = true;
}

restore();
