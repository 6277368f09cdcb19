// Puts the page together.

import { announce, byId, paintAvatar } from './dom.js';
import { Composer } from './composer.js';
import { Messages } from './messages.js';
import { Session } from './session.js';
import { Sidebar } from './sidebar.js';
import { clearNote, connection, note } from './status.js';
import { problem, refusal } from './words.js';

const TITLE = document.title;
const messages = new Messages();
const sidebar = new Sidebar(join);
const composer = new Composer({ send, typing: (isTyping) => session?.typing(isTyping) });
let session;
let missed = 0; // messages of one's own room while one looked elsewhere

showWelcome();

byId('login').addEventListener('submit', (event) => {
  event.preventDefault();
  byId('welcome-problem').textContent = '';
  const username = byId('username').value.trim();
  if (username === '') return showWelcome(problem('Username is required'));
  begin({ username });
});
byId('leave').addEventListener('click', () => {
  session?.end();
  session = undefined;
  showWelcome();
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
  on('connection-refused', ({ code }) => showWelcome(refusal(code)));
  connection('connecting');
  session.start();
}

function showWelcome(text = '') {
  byId('chat').hidden = true;
  byId('welcome').hidden = false;
  byId('login').hidden = false;
  byId('welcome-problem').textContent = text;
  byId('username').focus();
  missed = 0;
  document.title = TITLE;
}

function showState({ state }) {
  connection(state);
  composer.enable(state === 'online');
  if (state === 'online') clearNote();
  if (state === 'ended') {
    note('The server has ended the connection.', { action: { label: 'Connect again', run: () => session.reconnect() } });
  }
}

function showRoom({ room, roomUsers, recentMessages, returning }) {
  const first = byId('chat').hidden;
  byId('welcome').hidden = true;
  byId('chat').hidden = false;
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
