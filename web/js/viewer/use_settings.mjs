/**
 * Putting the settings of a cell into the nodes of the workflow on the page.
 *
 * @module periplus/viewer/use_settings
 */

import { fill } from "./words.js";

/**
 * @typedef {object} Wish - A value for a widget.
 * @property {string} name - Of the setting, for the user.
 * @property {any} node - Where it goes; undefined where there is no such node.
 * @property {string} widget
 * @property {unknown} value
 */

/** Settings of a recipe that a sweep node has widgets for, of the same name. */
const OF_SWEEP = [
  "positive",
  "negative",
  "seed",
  "steps",
  "cfg",
  "sampler_name",
  "scheduler",
  "denoise",
  "width",
  "height",
  "prompt_syntax",
  "denoise_steps",
  "vae_tiling",
];

/** Settings that only axes give, and what they are where none does. */
const OF_AXES = { clip_skip: 0 };

const AXES = ["x_axis", "y_axis", "z_axis"];

const SAMPLERS = ["KSampler", "KSamplerAdvanced"];
const SWEEP = "PeriplusSweepKSampler";

/**
 * Put the settings of a cell into a selected KSampler, else into the sweep's node, else into the
 * only other node that takes them, as one step that can be undone.
 *
 * @param {any} app - ComfyUI's.
 * @param {any} recipe - The cell's.
 * @param {any} maker - The sweep's node, if the workflow on the page has it.
 * @param {import("../../viewer/sweep.mjs").Sweep} sweep
 * @param {import("./words.js").Words} words
 * @returns {string} What was done and what could not be, for the user.
 */
export function useSettings(app, recipe, maker, sweep, words) {
  // Its nodes are known by their ids, which are others in another workflow.
  if (recipe.overrides && !maker) return words.noNode;
  const target = recipe.overrides ? maker : (selectedSampler(app) ?? maker ?? sweepNode(app));
  if (!target) return words.noTarget;
  const wishes = wishesFor(app, recipe, target).filter(({ value }) => value !== undefined);
  app.canvas.emitBeforeChange();
  const results = wishes.map((wish) => ({ name: wish.name, done: grant(app, wish) }));
  app.canvas.emitAfterChange();
  app.canvas.setDirty(true, true);
  const names = (/** @type {string} */ done) =>
    results.filter((result) => result.done === done).map(({ name }) => name);
  const [set, impossible] = [names("set"), names("impossible")];
  const axes = linkedAxes(target, target === maker ? sweep.axes.map(({ name }) => name) : AXES);
  return [
    set.length
      ? fill(words.used, target.title, set.join(", "))
      : fill(words.usedNothing, target.title),
    ...(impossible.length ? [fill(words.notUsed, impossible.join(", "))] : []),
    ...(axes.length ? [fill(words.axesStay, axes.join(", "))] : []),
  ].join("\n");
}

/** @param {any} app */
function selectedSampler(app) {
  return [...app.canvas.selectedItems].find(({ comfyClass }) => SAMPLERS.includes(comfyClass));
}

/**
 * @param {any} app
 * @returns {any} The sweep node that is selected, or that there is, if there is one alone.
 */
function sweepNode(app) {
  const all = app.graph.nodes.filter(({ comfyClass }) => comfyClass === SWEEP);
  const selected = all.filter((node) => app.canvas.selectedItems.has(node));
  return [selected, all].find(({ length }) => length === 1)?.[0];
}

/**
 * @param {any} app
 * @param {any} recipe
 * @param {any} target
 * @returns {Wish[]}
 */
function wishesFor(app, recipe, target) {
  if (Array.isArray(recipe.overrides)) {
    return recipe.overrides.map((override) => overrideWish(app, override));
  }
  return SAMPLERS.includes(target.comfyClass)
    ? samplerWishes(recipe, target)
    : sweepWishes(recipe, target);
}

/**
 * @param {any} app
 * @param {{node: string, input: string, value: unknown}} override - Of a cell of Sweep Graph.
 * @returns {Wish}
 */
function overrideWish(app, { node: id, input, value }) {
  const [last, ...outer] = String(id).split(":").reverse();
  let graph = app.graph;
  for (const each of outer.reverse()) graph = graph?.getNodeById(each)?.subgraph;
  const node = graph?.getNodeById(last);
  return { name: node ? `${input} (${node.title})` : input, node, widget: input, value };
}

/**
 * @param {any} recipe
 * @param {any} node
 * @returns {Wish[]}
 */
function sweepWishes(recipe, node) {
  const own = OF_SWEEP.map((name) => ({ name, node, widget: name, value: recipe[name] }));
  return [
    ...own,
    ...modelWishes(recipe, node),
    ...passWishes("refiner", recipe, node),
    ...passWishes("hires", recipe, node),
    ...axisWishes(recipe),
  ];
}

/**
 * @param {string} pass - "refiner" or "hires": the setting, and the input of its node.
 * @param {any} recipe
 * @param {any} node
 * @returns {Wish[]}
 */
function passWishes(pass, recipe, node) {
  const source = sourceOf(node, pass);
  const settings = Object.entries(recipe[pass] ?? {});
  const named = settings.filter(([name, value]) => name !== "ckpt_name" || value);
  return named.map(([name, value]) => ({
    name: `${pass} ${name}`,
    node: source,
    widget: name,
    value,
  }));
}

/**
 * @param {any} recipe
 * @param {any} node - With inputs for models.
 * @returns {Wish[]}
 */
function modelWishes(recipe, node) {
  /** @type {Wish[]} */
  const wishes = [];
  if (recipe.ckpt_name) {
    const source = sourceOf(node, "model", "CheckpointLoaderSimple");
    wishes.push({ name: "ckpt_name", node: source, widget: "ckpt_name", value: recipe.ckpt_name });
  }
  if (recipe.vae_name) {
    const source = sourceOf(node, "vae", "VAELoader");
    wishes.push({ name: "vae_name", node: source, widget: "vae_name", value: recipe.vae_name });
  }
  return wishes;
}

/**
 * What no widget has: named to the user as not set.
 *
 * @param {any} recipe
 * @returns {Wish[]}
 */
function axisWishes(recipe) {
  const names = Object.entries(OF_AXES).flatMap(([name, usual]) =>
    recipe[name] === usual ? [] : [name],
  );
  const loras = recipe.loras?.length ? ["loras"] : [];
  return [...names, ...loras].map((name) => ({
    name,
    node: undefined,
    widget: name,
    value: recipe[name],
  }));
}

/**
 * @param {any} recipe
 * @param {any} node - A KSampler, simple or advanced.
 * @returns {Wish[]}
 */
function samplerWishes(recipe, node) {
  const isSimple = node.comfyClass === "KSampler";
  const wish = (/** @type {string} */ name, at = node, widget = name) => ({
    name,
    node: at,
    widget,
    value: recipe[name],
  });
  const latent = sourceOf(node, "latent_image", "EmptyLatentImage");
  return [
    ...["steps", "cfg", "sampler_name", "scheduler"].map((name) => wish(name)),
    wish("seed", node, isSimple ? "seed" : "noise_seed"),
    ...(isSimple || recipe.denoise !== 1 ? [wish("denoise")] : []),
    ...["positive", "negative"].map((name) =>
      wish(name, sourceOf(node, name, "CLIPTextEncode"), "text"),
    ),
    ...["width", "height"].map((name) => wish(name, latent)),
    ...modelWishes(recipe, node).filter(({ name }) => name === "ckpt_name"),
    ...(recipe.vae_name ? [wish("vae_name", undefined)] : []),
    ...["refiner", "hires"].flatMap((name) => (recipe[name] ? [wish(name, undefined)] : [])),
    ...axisWishes(recipe),
  ];
}

/**
 * @param {any} node
 * @param {string} input
 * @param {string} [type] - That the node must have.
 * @returns {any} The node that is linked there directly.
 */
function sourceOf(node, input, type) {
  const slot = node.findInputSlot(input);
  const source = slot < 0 ? undefined : node.getInputNode(slot);
  return type && source?.comfyClass !== type ? undefined : source;
}

/**
 * @param {any} app
 * @param {Wish} wish
 * @returns {"set" | "same" | "impossible"}
 */
function grant(app, { node, widget: name, value }) {
  const widget = node?.widgets?.find((each) => each.name === name);
  if (!widget || !isPossible(node, widget, value)) return "impossible";
  if (widget.value === value) return "same";
  widget.value = value;
  widget.callback?.(value, app.canvas, node);
  return "set";
}

/**
 * @param {any} node
 * @param {any} widget
 * @param {unknown} value
 * @returns {boolean} Not where a link gives the value, or the widget cannot have it.
 */
function isPossible(node, widget, value) {
  const slot = node.findInputSlot(widget.name);
  if (slot >= 0 && node.isInputConnected(slot)) return false;
  const { values } = widget.options ?? {};
  if (Array.isArray(values) && !values.includes(value)) return false;
  if (typeof value !== typeof widget.value) return false; // whoever wrote the manifest
  // Larger numbers have lost their last digits on their way through JavaScript.
  return !Number.isInteger(value) || Number.isSafeInteger(value);
}

/**
 * @param {any} node
 * @param {string[]} names - Of its axes; empty for one that the sweep does not have.
 * @returns {string[]} Those of the axes that are linked.
 */
function linkedAxes(node, names) {
  const slots = AXES.map((name) => node.findInputSlot(name));
  const linked = slots.map((slot) => slot >= 0 && node.isInputConnected(slot));
  return names.filter((name, i) => name && linked[i]);
}
