// How the connection is, and what went wrong.

import { byId } from './dom.js';

const STATES = {
  connecting: 'Connecting …',
  online: 'Connected',
  offline: 'Reconnecting …',
  ended: 'Disconnected',
};

export function connection(state) {
  byId('connection').dataset.state = state;
  byId('connection-text').textContent = STATES[state];
}

/** A note above the messages; `action` is `{label, run}`. */
export function note(text, { kind = 'note', action } = {}) {
  byId('banner').hidden = false;
  byId('banner').dataset.kind = kind;
  byId('banner-text').textContent = text;
  const button = byId('banner-action');
  button.hidden = action === undefined;
  button.textContent = action?.label ?? '';
  button.onclick = action && (() => {
    clearNote();
    action.run();
  });
}

export function clearNote() {
  byId('banner').hidden = true;
  byId('banner-text').textContent = '';
}

byId('banner-close').addEventListener('click', clearNote);
