/**
 * Asking the pack's routes on the server.
 *
 * @module periplus/server/ask
 */

/** What the server refuses, in its own words. */
export class Refusal extends Error {}

/**
 * @param {any} api - ComfyUI's.
 * @param {string} name - Of the question, see periplus/host/routes.py.
 * @param {object} question
 * @param {AbortSignal} [signal] - Gives the question up.
 * @returns {Promise<any>} The answer.
 * @throws {Refusal}
 */
export async function ask(api, name, question, signal) {
  const answer = await api.fetchApi(`/periplus/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(question),
    signal,
  });
  if (answer.ok) return answer.json();
  const told = await answer.json().catch(() => ({}));
  throw new Refusal(told.error ?? `${answer.status} ${answer.statusText}`);
}
