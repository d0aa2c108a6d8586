/**
 * Small makers of elements.
 *
 * @module periplus/elements
 */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} [className]
 * @param {(Node | string)[]} [children]
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, className = "", children = []) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

/**
 * @param {string} text
 * @param {string} label - For screen readers and as a tooltip; empty where the text says it.
 * @param {() => void} onClick
 * @returns {HTMLButtonElement}
 */
export function button(text, label, onClick) {
  const made = make("button", "", [text]);
  made.type = "button";
  if (label) made.title = label;
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", onClick);
  return made;
}
