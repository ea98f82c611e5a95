// Requests to our own server: JSON and card fragments, errors as sentences in the user's language.

import { t } from "./words.js";

/** What went wrong, in a sentence that can be shown. */
export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** True when a request was given up on purpose. */
export const aborted = (error) => error?.name === "AbortError";

/** An address with its parameters, the empty ones left out. */
export function address(url, params = {}) {
  const target = new URL(url, location.origin);
  for (const [key, value] of Object.entries(params)) {
    if (value !== null && value !== undefined && value !== "") target.searchParams.set(key, value);
  }
  return target.pathname + target.search;
}

/** Sends the user to the log-in page and back here afterwards; the page of the log-in says why (page.js). */
export function login() {
  try {
    sessionStorage.setItem("wangge:farewell", t("logged_out"));
  } catch { /* the browser keeps nothing: then without a word */ }
  location.assign(address("/login", { next: location.pathname + location.search }));
}

async function send(url, params, signal) {
  let response;
  try {
    response = await fetch(address(url, params), { signal, credentials: "same-origin", headers: { "X-Requested-With": "fetch" } });
  } catch (error) {
    if (aborted(error)) throw error;
    throw new ApiError(t("no_connection"), 0);
  }
  if (response.status === 401) {
    login();
    throw new ApiError(t("logged_out"), 401);
  }
  if (!response.ok) throw new ApiError(await sentence(response), response.status);
  return response;
}

async function sentence(response) {
  try {
    return (await response.json()).error ?? t("failed");
  } catch {
    return t("failed");
  }
}

/** JSON from an address. */
export async function getJSON(url, params, signal) {
  return (await send(url, params, signal)).json();
}

/** A server-rendered fragment (escaped there, no scripts in it) as a document fragment. */
export async function getFragment(url, params, signal) {
  const text = await (await send(url, params, signal)).text();
  const parsed = new DOMParser().parseFromString(text, "text/html");
  parsed.querySelectorAll("script").forEach((script) => script.remove());
  const fragment = document.createDocumentFragment();
  fragment.append(...parsed.body.childNodes);
  return fragment;
}
