/**
 * Opening a prompt in API format as a workflow that keeps every value and is laid out readably.
 *
 * @module periplus/open_workflow
 */

const CONTROL = "control_after_generate";

/** So many frames ComfyUI has to show the new tab; where nodes are missing, it shows none. */
const FRAMES = 60;

/**
 * Open a prompt in a tab of its own.
 *
 * @param {any} app - ComfyUI's.
 * @param {Record<string, {inputs: Record<string, any>}>} prompt - Nodes by id.
 * @param {string} title - Of the tab.
 * @returns {Promise<boolean>} Whether it is open; if not, ComfyUI has said why.
 */
export async function openWorkflow(app, prompt, title) {
  const tabs = app.extensionManager.workflow;
  const before = tabs.activeWorkflow;
  await app.loadApiJson(prompt, title);
  const laidOut = app.graph.serialize();
  for (let frame = 0; frame < FRAMES && tabs.activeWorkflow === before; frame++) {
    await new Promise(requestAnimationFrame);
  }
  if (tabs.activeWorkflow === before) return false;
  // Vue's nodes keep the places that they are loaded with, but not those that they get later.
  await app.loadGraphData(laidOut, true, true, tabs.activeWorkflow);
  for (const [id, { inputs }] of Object.entries(prompt)) {
    for (const widget of app.graph.getNodeById(id)?.widgets ?? []) {
      const value = widget.name === CONTROL ? "fixed" : inputs[widget.name];
      // ComfyUI has rounded numbers as if they were typed: cfg 5.25 to 5.3.
      if (value !== undefined && !Array.isArray(value)) widget.value = value;
    }
  }
  return true;
}
