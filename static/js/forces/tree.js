// The tree of the Party chain: levels come when they are opened; keys as the ARIA tree pattern has them.

const tree = document.getElementById("tree");
const side = document.getElementById("organisation");

const items = () => [...tree.querySelectorAll('[role="treeitem"]')].filter((each) => !each.parentElement.closest('[aria-expanded="false"]'));

/** Returns the body of an answer, null when there is none. */
async function fetched(address) {
  try {
    const answer = await fetch(address, { credentials: "same-origin" });
    return answer.ok && !answer.redirected ? await answer.text() : null;
  } catch {
    return null;
  }
}

/** Returns the items of a fragment that the server made. */
const parsed = (html) => [...new DOMParser().parseFromString(`<ul>${html}</ul>`, "text/html").querySelectorAll("li")];

function reach(item) {
  for (const each of tree.querySelectorAll('[tabindex="0"]')) each.tabIndex = -1;
  item.tabIndex = 0;
  item.focus();
}

async function open(item) {
  if (!item.querySelector('[role="group"]')) {
    const html = await fetched(item.dataset.below);
    if (html === null) return;
    const group = document.createElement("ul");
    group.setAttribute("role", "group");
    group.append(...parsed(html));
    item.append(group);
  }
  item.setAttribute("aria-expanded", "true");
}

async function more(item) {
  const html = await fetched(item.dataset.more);
  if (html === null) return;
  const added = parsed(html);
  item.replaceWith(...added);
  if (added.length) reach(added[0]);
}

async function choose(item) {
  for (const each of tree.querySelectorAll('[aria-selected="true"]')) each.setAttribute("aria-selected", "false");
  item.setAttribute("aria-selected", "true");
  const html = await fetched(item.dataset.one);
  if (html === null || item.getAttribute("aria-selected") !== "true") return;
  side.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  const address = new URL(location.href);
  address.searchParams.set("org", item.dataset.one.split("/").pop().split("?")[0]);
  history.replaceState(null, "", address);
}

const toggle = (item) => (item.getAttribute("aria-expanded") === "true" ? item.setAttribute("aria-expanded", "false") : open(item));

tree.addEventListener("click", (event) => {
  const item = event.target.closest('[role="treeitem"]');
  if (!item) return;
  reach(item);
  if (item.dataset.more) more(item);
  else {
    choose(item);
    if (item.dataset.below && (event.target.closest(".tree-mark") || item.getAttribute("aria-expanded") === "false")) toggle(item);
  }
});

tree.addEventListener("keydown", async (event) => {
  const item = event.target.closest('[role="treeitem"]');
  if (!item || event.altKey || event.ctrlKey || event.metaKey) return;
  const all = items(), at = all.indexOf(item), expanded = item.getAttribute("aria-expanded");
  const go = (to) => to && reach(to);
  const keys = {
    ArrowDown: () => go(all[at + 1]),
    ArrowUp: () => go(all[at - 1]),
    Home: () => go(all[0]),
    End: () => go(all.at(-1)),
    ArrowRight: () => (expanded === "false" ? open(item) : expanded === "true" && go(all[at + 1])),
    ArrowLeft: () => (expanded === "true" ? item.setAttribute("aria-expanded", "false") : go(item.parentElement.closest('[role="treeitem"]'))),
    Enter: () => (item.dataset.more ? more(item) : choose(item)),
    " ": () => (item.dataset.more ? more(item) : choose(item)),
  };
  const act = keys[event.key] ?? (event.key.length === 1 && (() => go([...all.slice(at + 1), ...all.slice(0, at)].find((each) => each.querySelector(".tree-name").textContent.startsWith(event.key)))));
  if (!act) return;
  event.preventDefault();
  await act();
});

const first = tree.querySelector('[role="treeitem"]');
if (first) first.tabIndex = 0;
