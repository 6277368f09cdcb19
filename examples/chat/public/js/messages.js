// The messages of the room one is in, and who is typing.

import { avatar, byId, make } from './dom.js';

const FOLLOWS_MS = 5 * 60_000;
const TYPING_MS = 5_000;
const KEPT = 500;

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const dateAndClock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export class Messages {
  #log = byId('log');
  #list = byId('messages');
  #newest = byId('newest');
  #typists = new Map(); // name → timer
  #last;
  #me;

  constructor() {
    this.#newest.addEventListener('click', () => {
      this.#scroll();
      byId('content').focus();
    });
    this.#log.addEventListener('scroll', () => this.#atEnd() && (this.#newest.hidden = true));
    new ResizeObserver(() => this.#stick && this.#scroll()).observe(this.#log);
  }

  #stick = true;

  /** A room's last messages, instead of those that are shown. */
  show(messages, me) {
    this.#me = me;
    this.#last = undefined;
    this.#log.setAttribute('aria-busy', 'true'); // or a screen reader reads all of them
    this.#list.replaceChildren(...messages.map((message) => this.#item(message)));
    this.#log.removeAttribute('aria-busy');
    for (const name of this.#typists.keys()) this.typing(name, false);
    this.#scroll();
  }

  add(message) {
    const wasAtEnd = this.#atEnd();
    this.#list.append(this.#item(message));
    if (this.#list.childElementCount > KEPT) this.#list.firstElementChild.remove();
    this.typing(message.username, false);
    if (wasAtEnd || message.username === this.#me) this.#scroll();
    else this.#newest.hidden = false;
  }

  typing(name, isTyping) {
    clearTimeout(this.#typists.get(name));
    if (isTyping) this.#typists.set(name, setTimeout(() => this.typing(name, false), TYPING_MS));
    else if (!this.#typists.delete(name)) return;
    byId('typing').textContent = typists([...this.#typists.keys()]);
  }

  #item(message) {
    const time = new Date(message.timestamp);
    const earlier = this.#last;
    this.#last = { message, time };
    if (message.type === 'system') return make('li', { class: 'system' }, message.content);
    const own = message.username === this.#me;
    const follows = earlier?.message.type === 'message' && earlier.message.username === message.username
      && time - earlier.time < FOLLOWS_MS;
    const when = make('time', { datetime: message.timestamp, title: dateAndClock.format(time) }, said(time));
    return make(
      'li',
      { class: ['message', own && 'own', follows && 'follows'].filter(Boolean).join(' ') },
      avatar(message.username),
      make('p', { class: 'by' }, make('b', {}, own ? 'You' : message.username), when),
      make('p', { class: 'text' }, message.content),
    );
  }

  #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    this.#stick = scrollHeight - scrollTop - clientHeight < 60;
    return this.#stick;
  }

  #scroll() {
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#newest.hidden = true;
  }
}

function said(time) {
  const today = time.toDateString() === new Date().toDateString();
  return (today ? clock : dateAndClock).format(time);
}

function typists(names) {
  if (names.length === 0) return '';
  if (names.length === 1) return `${names[0]} is typing …`;
  if (names.length === 2) return `${names[0]} and ${names[1]} are typing …`;
  return `${names[0]} and ${names.length - 1} others are typing …`;
}
