// Writes to the server: JSON with this session's token; an error keeps its status and what it says.

import { ApiError } from "../api.js";
import { t } from "../words.js";

let token = "";

/** Takes the token that every write of this page carries. */
export function trust(given) {
  token = given;
}

/** Posts JSON and returns the JSON that comes back. */
export async function postJSON(url, body) {
  let response;
  try {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token, "X-Requested-With": "fetch" };
    response = await fetch(url, { method: "POST", credentials: "same-origin", headers, body: JSON.stringify(body) });
  } catch {
    throw new ApiError(t("no_connection"), 0);
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  const error = new ApiError(answer?.error ?? t("failed"), response.ok ? 500 : response.status);
  error.body = answer;
  throw error;
}
