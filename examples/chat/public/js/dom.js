// The page's elements, and how new ones are made. Text only ever becomes text: nothing here parses markup.

export const byId = (id) => document.getElementById(id);

/** `make('li', { class: 'message' }, 'text', child)`. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children);
  return element;
}

/** The first letter of a name, on a colour that belongs to the name. */
export function paintAvatar(element, name) {
  let hue = 0;
  for (const letter of name) hue = (hue * 31 + letter.codePointAt(0)) % 360;
  element.style.setProperty('--hue', String(hue));
  element.textContent = [...name][0]?.toUpperCase() ?? '?';
  return element;
}

export const avatar = (name) => paintAvatar(make('span', { class: 'avatar', 'aria-hidden': 'true' }), name);

/** Says something to screen readers that the eye sees anyway. */
export function announce(text) {
  byId('announcer').textContent = text;
}
