/**
 * Names as the rows of a tree: groups, folders, names.
 *
 * @module periplus/picker/name_tree
 */

/**
 * @typedef {object} Choice - See periplus/host/choices.py.
 * @property {string} name
 * @property {string} text
 * @property {string} group - Empty for none.
 */

/**
 * @typedef {object} Row
 * @property {string} path - Names the row in its tree; that of a folder ends in a slash.
 * @property {string} label - Of a folder.
 * @property {number} level - 0 for the outermost.
 * @property {Choice | null} choice - Null for a folder.
 * @property {boolean} isOpen - Of a folder.
 * @property {string[]} names - All that it stands for.
 */

/**
 * @typedef {object} Folder
 * @property {Map<string, Folder>} folders
 * @property {Choice[]} choices
 */

/** How files of models end. */
const EXTENSION = /\.(safetensors|sft|ckpt|pt2?|pth|bin|pkl|gguf)$/i;

/**
 * @param {string[]} names
 * @returns {Map<string, string>} Each without its folder, and without its extension where no
 *   other name of the folder is the same then.
 */
export function shortNames(names) {
  const stemOf = (name) => name.replace(EXTENSION, "");
  const counts = new Map();
  for (const name of names) counts.set(stemOf(name), (counts.get(stemOf(name)) ?? 0) + 1);
  return new Map(
    names.map((name) => {
      const shown = counts.get(stemOf(name)) === 1 ? stemOf(name) : name;
      return [name, shown.slice(shown.search(/[^/\\]*$/))];
    }),
  );
}

/**
 * @param {Map<string, string>} short - As {@link shortNames} gives them.
 * @returns {Map<string, string>} Those that tell the names apart without their folders.
 */
export function namesAlone(short) {
  const counts = new Map();
  for (const label of short.values()) counts.set(label, (counts.get(label) ?? 0) + 1);
  return new Map([...short].map(([name, label]) => [name, counts.get(label) === 1 ? label : name]));
}

/**
 * @param {Choice[]} choices
 * @param {string} query - Words that a name must have; upper and lower case are the same.
 * @returns {Choice[]} In their order.
 */
export function found(choices, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return choices;
  return choices.filter(({ name, group }) => {
    const searched = `${group}/${name}`.toLowerCase();
    return words.every((word) => searched.includes(word));
  });
}

/**
 * @param {Choice[]} choices
 * @param {(path: string) => boolean} isOpen - Whether what is in a folder is shown.
 * @returns {Row[]} What is shown, from top to bottom; folders stand before names.
 */
export function rowsOf(choices, isOpen) {
  /** @type {Folder} */
  const root = { folders: new Map(), choices: [] };
  for (const choice of choices) {
    const parts = choice.name.split(/[/\\]/).slice(0, -1);
    let folder = root;
    for (const part of choice.group ? [choice.group, ...parts] : parts) {
      if (!folder.folders.has(part)) folder.folders.set(part, { folders: new Map(), choices: [] });
      folder = /** @type {Folder} */ (folder.folders.get(part));
    }
    folder.choices.push(choice);
  }
  return rowsIn(root, "", 0, isOpen);
}

/**
 * @param {Folder} folder
 * @param {string} path - With a slash at its end.
 * @param {number} level
 * @param {(path: string) => boolean} isOpen
 * @returns {Row[]}
 */
function rowsIn(folder, path, level, isOpen) {
  const rows = [];
  for (const [label, inner] of folder.folders) {
    const innerPath = `${path}${label}/`;
    const isInnerOpen = isOpen(innerPath);
    rows.push({ path: innerPath, label, level, choice: null, isOpen: isInnerOpen, names: namesIn(inner) });
    if (isInnerOpen) rows.push(...rowsIn(inner, innerPath, level + 1, isOpen));
  }
  for (const choice of folder.choices) {
    const { name } = choice;
    rows.push({ path: name, label: "", level, choice, isOpen: false, names: [name] });
  }
  return rows;
}

/**
 * @param {Folder} folder
 * @returns {string[]}
 */
function namesIn({ folders, choices }) {
  return [...[...folders.values()].flatMap(namesIn), ...choices.map(({ name }) => name)];
}
