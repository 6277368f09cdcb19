// Who is connected, for administrators: a second namespace with a guard of its own.

import { io } from '/socket.io/socket.io.esm.min.js';
import { byId, make } from './dom.js';
import { refusal } from './words.js';

const AGAIN_MS = 3_000;
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
let socket;
let timer;

byId('admin-close').addEventListener('click', () => byId('admin').close());
byId('admin').addEventListener('close', () => {
  clearInterval(timer);
  socket?.close();
  socket = undefined;
});

/** Shows the list, or why one may not see it. */
export function open(tokens) {
  byId('admin-problem').textContent = '';
  byId('visitors').replaceChildren();
  byId('admin-empty').hidden = true;
  byId('admin').showModal();
  socket = io('/admin', { auth: (give) => tokens.current().then((token) => give({ token }), () => give({})), forceNew: true });
  socket.on('connect_error', (error) => (byId('admin-problem').textContent = refusal(error.message)));
  socket.on('connect', () => {
    byId('admin-problem').textContent = '';
    list();
    clearInterval(timer);
    timer = setInterval(list, AGAIN_MS);
  });
}

async function list() {
  if (!socket?.connected) return;
  const visitors = await socket.timeout(AGAIN_MS).emitWithAck('get_visitors').catch(() => undefined);
  if (!Array.isArray(visitors)) return;
  const focused = document.activeElement?.dataset.visitor;
  byId('visitors').replaceChildren(...visitors.map(item));
  byId('admin-empty').hidden = visitors.length > 0;
  if (focused) byId('visitors').querySelector(`[data-visitor="${CSS.escape(focused)}"]`)?.focus();
}

function item({ id, name, email, since }) {
  const who = name ?? email ?? 'Someone';
  const button = make('button', { type: 'button', 'data-visitor': id, 'aria-label': `Disconnect ${who}` }, 'Disconnect');
  button.addEventListener('click', async () => {
    button.disabled = true;
    await socket.timeout(AGAIN_MS).emitWithAck('disconnect_visitor', { id }).catch(() => false);
    list();
  });
  const details = make('small', {}, `${email ?? 'no address'}, since ${clock.format(new Date(since))}`);
  return make('li', {}, make('p', { class: 'name' }, who, details), button);
}
