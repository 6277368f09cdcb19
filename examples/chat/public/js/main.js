// Puts the page together.

import * as admin from './admin.js';
import { announce, byId, paintAvatar } from './dom.js';
import { Composer } from './composer.js';
import { Messages } from './messages.js';
import { Session } from './session.js';
import { Sidebar } from './sidebar.js';
import * as signIn from './sign-in.js';
import { clearNote, connection, note } from './status.js';
import { Tokens } from './tokens.js';
import { problem, refusal } from './words.js';

const TITLE = document.title;
const messages = new Messages();
const sidebar = new Sidebar(join);
const composer = new Composer({ send, typing: (isTyping) => session?.typing(isTyping) });
let session;
let tokens;
let client; // of the auth-service, where one signs in
let renewedForRefusal = false;
let endedBecause;
let missed = 0; // messages of one's own room while one looked elsewhere

await ready();

/** Whether one signs in here is the server's to say. */
async function ready() {
  try {
    const settings = await (await fetch('/settings')).json();
    client = settings.signIn ?? undefined;
    if (client && signIn.isReturn()) return await comeIn(await signIn.finish(client));
    showWelcome();
  } catch (error) {
    showWelcome(error.message);
  }
}

async function comeIn({ grant, room }) {
  tokens = new Tokens(client, grant);
  tokens.addEventListener('renewed', () => session?.renew());
  tokens.addEventListener('ended', ({ detail }) => signedOut(detail.message));
  const answer = await fetch('/me', { headers: { authorization: `Bearer ${await tokens.current()}` } });
  const me = await answer.json();
  if (!answer.ok) return signedOut(refusal(me.code));
  const details = [...me.roles, me.email].filter(Boolean).join(', ');
  byId('me-note').textContent = byId('me-note').title = details;
  begin({ username: me.name, tokens, room });
}

/** Back to the door; who signs in again is in the same room again. */
function signedOut(message) {
  const room = session?.room;
  tokens?.forget();
  session?.end();
  session = tokens = undefined;
  byId('admin').close();
  showWelcome(message);
  byId('sign-in-button').dataset.room = room ?? '';
}

byId('sign-in-button').addEventListener('click', ({ currentTarget }) => {
  signIn.start(client, currentTarget.dataset.room || undefined);
});
byId('open-admin').addEventListener('click', () => admin.open(tokens));

byId('login').addEventListener('submit', (event) => {
  event.preventDefault();
  byId('welcome-problem').textContent = '';
  const username = byId('username').value.trim();
  if (username === '') return showWelcome(problem('Username is required'));
  begin({ username });
});
byId('leave').addEventListener('click', () => {
  signedOut('');
  byId('sign-in-button').dataset.room = '';
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) missed = 0;
  paintTitle();
});

function begin(who) {
  session?.end();
  session = new Session(who);
  const on = (type, then) => session.addEventListener(type, ({ detail }) => then(detail));
  on('state', showState);
  on('joined-room', showRoom);
  on('rooms', ({ rooms }) => sidebar.rooms(rooms));
  on('message', ({ message }) => showMessage(message));
  on('came', ({ username, message, roomUsers }) => {
    if (roomUsers) sidebar.people(roomUsers);
    else sidebar.came(username);
    messages.add(message);
  });
  on('went', ({ username, message, roomUsers }) => {
    sidebar.people(roomUsers);
    messages.typing(username, false);
    messages.add(message);
  });
  on('typing', ({ username, isTyping }) => messages.typing(username, isTyping));
  on('activity', ({ room }) => {
    sidebar.saidElsewhere(room);
    paintTitle();
  });
  on('refused', ({ message }) => showWelcome(problem(message)));
  on('connection-refused', ({ code }) => showRefusal(code));
  on('ended-because', ({ message }) => {
    endedBecause = message;
  });
  connection('connecting');
  session.start();
}

/** An old token is tried once more with a new one; an outage passes; the rest is final. */
async function showRefusal(code) {
  if (code === 'ERR_AUTH_UNAVAILABLE' && session) {
    connection('offline');
    note(refusal(code));
    const waiting = session;
    setTimeout(() => waiting === session && session.reconnect(), 5_000);
    return;
  }
  if (code === 'ERR_AUTH_TOKEN_INVALID' && tokens && !renewedForRefusal) {
    renewedForRefusal = true;
    try {
      await tokens.renew();
      return session?.reconnect();
    } catch {
      return; // `ended` has said why
    }
  }
  signedOut(refusal(code));
}

function showWelcome(text = '') {
  byId('chat').hidden = true;
  byId('welcome').hidden = false;
  byId('login').hidden = client !== undefined;
  byId('sign-in').hidden = client === undefined;
  byId('welcome-problem').textContent = text;
  byId(client ? 'sign-in-button' : 'username').focus();
  missed = 0;
  document.title = TITLE;
}

function showState({ state }) {
  connection(state);
  composer.enable(state === 'online');
  if (state === 'online') {
    clearNote();
    renewedForRefusal = false;
  }
  if (state === 'ended') {
    const text = endedBecause ?? 'The server has ended the connection.';
    endedBecause = undefined;
    note(text, { action: { label: 'Connect again', run: () => session.reconnect() } });
  }
}

function showRoom({ room, roomUsers, recentMessages, returning }) {
  const first = byId('chat').hidden;
  byId('welcome').hidden = true;
  byId('chat').hidden = false;
  byId('open-admin').hidden = client === undefined;
  byId('leave').textContent = client ? 'Sign out' : 'Leave';
  byId('me').textContent = session.username;
  paintAvatar(byId('me-avatar'), session.username);
  sidebar.entered(room, roomUsers, session.username);
  messages.show(recentMessages, session.username);
  paintTitle();
  if (returning) return announce('Connected again.');
  announce(`You are in the room ${room}.`);
  if (first || byId('side').contains(document.activeElement) || document.activeElement === document.body) composer.focus();
}

function showMessage(message) {
  messages.add(message);
  if (document.hidden && message.username !== session.username) missed += 1;
  paintTitle();
}

function paintTitle() {
  const unread = sidebar.unread + missed;
  const where = session?.entered ? `#${session.room} · ${TITLE}` : TITLE;
  document.title = unread > 0 ? `(${unread}) ${where}` : where;
}

async function send(text) {
  const answer = await session.send(text);
  if (answer.status === 'success') return true;
  note(`Not sent: ${problem(answer.message)}`, { kind: 'error' });
  return false;
}

async function join(room) {
  if (room === session.room) return composer.focus();
  const answer = await session.join(room);
  if (answer.status !== 'success') return note(problem(answer.message), { kind: 'error' });
  composer.focus();
}
