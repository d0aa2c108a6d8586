/**
 * Making elements. Texts go in as text, never as markup.
 *
 * @module elements
 */

/**
 * Make an element.
 *
 * @param {string} tag its name, with classes behind dots: `div.cell.failed`
 * @param {Record<string, unknown>} [attributes] by name; a function listens to the event of that
 *   name, false and undefined leave the attribute out, true sets it without a value
 * @param {...(Node | string)} children
 * @returns {any} the element
 */
export function make(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.classList.add(...classes);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, /** @type {any} */ (value));
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== undefined) element.setAttribute(key, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * Make a button that shows a sign or a word and says what it does.
 *
 * @param {string} sign what is seen
 * @param {string} title what it does
 * @param {() => void} onClick
 */
export function makeButton(sign, title, onClick) {
  const label = sign === title ? {} : { title, "aria-label": title };
  return make("button", { type: "button", ...label, click: onClick }, sign);
}

/**
 * Say whether a button that can be on is on.
 *
 * @param {Element} button
 * @param {boolean} isOn
 */
export function setPressed(button, isOn) {
  button.setAttribute("aria-pressed", String(isOn));
}

/**
 * The focused element of the page, or of the shadow, that an element is in.
 *
 * @param {Element} element
 * @returns {Element | null}
 */
export function focusedIn(element) {
  return rootOf(element).activeElement;
}

/**
 * The page, or the shadow, that an element is in.
 *
 * @param {Element} element
 * @returns {Document | ShadowRoot}
 */
export function rootOf(element) {
  return /** @type {any} */ (element.getRootNode());
}

/**
 * A text that may be broken behind the signs that join the parts of a name.
 *
 * @param {string} text
 * @returns {(string | Node)[]}
 */
export function breakable(text) {
  return text.split(/(?<=[/\\_:-])|(?<=[.,])(?=\D)/).flatMap((part) => [part, make("wbr")]);
}

/**
 * The address of a file in the page's folder, whatever its name contains.
 *
 * @param {string} path with forward slashes
 */
export function addressOf(path) {
  return path.split("/").map(encodeURIComponent).join("/");
}
