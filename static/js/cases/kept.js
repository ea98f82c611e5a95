// Reports that were not sent yet, on this device: each lies in a slot of its own, and one page at a time holds a slot.

const HELD = "wangge:report-held";

/** A key that nobody else has. */
export const fresh = () => crypto.randomUUID?.() ?? String(Math.random()).slice(2);

/** The slots of a user; `changed` is called when another page did something, with whether it took this page's report. */
export class Kept {
  constructor(user, changed) {
    this.prefix = `wangge:report:${user}:`;
    this.begin();
    window.addEventListener("storage", ({ key, newValue }) => {
      if (!key?.startsWith(this.prefix)) return;
      const taken = key === this.slot && newValue === null;
      if (taken) this.begin();
      changed(taken);
    });
    // Only while no page stands in the tab: a tab that is copied does not get the report as well.
    window.addEventListener("pagehide", () => sessionStorage.setItem(HELD, JSON.stringify([this.slot, location.search])));
  }

  /** Begins another report; the one of before stays where it is. */
  begin() {
    this.slot = this.prefix + fresh();
  }

  /** What this tab was writing at this very address, null for nothing. */
  own() {
    const [slot, search] = parsed(sessionStorage.getItem(HELD)) ?? [];
    sessionStorage.removeItem(HELD);
    if (!slot?.startsWith(this.prefix) || search !== location.search || !localStorage.getItem(slot)) return null;
    this.slot = slot;
    return parsed(localStorage.getItem(slot));
  }

  /** Slot and report of everything that is not sent and is not this page's. */
  others() {
    return Object.keys(localStorage)
      .filter((slot) => slot.startsWith(this.prefix) && slot !== this.slot)
      .map((slot) => [slot, parsed(localStorage.getItem(slot))])
      .filter(([, report]) => report);
  }

  /** Makes the report of another slot this page's, and returns it; null when it is gone meanwhile. */
  take(slot) {
    const report = parsed(localStorage.getItem(slot));
    if (!report) return null;
    localStorage.removeItem(slot);
    this.begin();
    this.write(report);
    return report;
  }

  /** Writes this page's report, without its pictures where they do not fit; tells whether all of it is kept. */
  write(report) {
    try {
      localStorage.setItem(this.slot, JSON.stringify(report));
      return true;
    } catch {
      try { localStorage.setItem(this.slot, JSON.stringify({ ...report, photos: [] })); } catch { /* the browser keeps nothing */ }
      return false;
    }
  }

  /** Forgets a report that was sent, emptied or thrown away; tells whether there was one. */
  forget(slot = this.slot) {
    const there = localStorage.getItem(slot) !== null;
    localStorage.removeItem(slot);
    return there;
  }
}

function parsed(text) {
  try { return JSON.parse(text); } catch { return null; }
}
