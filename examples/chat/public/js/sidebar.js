// Rooms with what is unread in them, the people in one's room, and the drawer that holds both on a phone.

import { avatar, byId, make } from './dom.js';

export class Sidebar {
  #rooms = [];
  #people = [];
  #unread = new Map(); // room → number of messages
  #room;
  #me;
  #narrow = matchMedia('(width < 48rem)');

  /** `onJoin(name)` is called when a room is chosen. */
  constructor(onJoin) {
    byId('rooms').addEventListener('click', (event) => {
      const room = event.target.closest('button')?.dataset.room;
      if (room !== undefined) this.#chosen(room, onJoin);
    });
    byId('new-room').addEventListener('submit', (event) => {
      event.preventDefault();
      const name = byId('new-room-name').value.trim();
      byId('new-room-name').value = '';
      if (name) this.#chosen(name, onJoin);
    });
    byId('menu').addEventListener('click', () => this.#open(!this.#isOpen));
    byId('shade').addEventListener('click', () => this.#open(false));
    document.addEventListener('keydown', (event) => event.key === 'Escape' && this.#isOpen && this.#open(false));
    this.#narrow.addEventListener('change', () => this.#open(false));
    this.#open(false);
  }

  get unread() {
    return [...this.#unread.values()].reduce((sum, count) => sum + count, 0);
  }

  entered(room, people, me) {
    [this.#room, this.#people, this.#me] = [room, people, me];
    this.#unread.delete(room);
    byId('room-title').textContent = `# ${room}`;
    this.#paintRooms();
    this.#paintPeople();
  }

  rooms(rooms) {
    this.#rooms = rooms;
    const names = new Set(rooms.map(({ name }) => name));
    for (const room of this.#unread.keys()) if (!names.has(room)) this.#unread.delete(room);
    this.#paintRooms();
  }

  people(people) {
    this.#people = people;
    this.#paintPeople();
  }

  came(name) {
    if (!this.#people.includes(name)) this.people([...this.#people, name]);
  }

  saidElsewhere(room) {
    this.#unread.set(room, (this.#unread.get(room) ?? 0) + 1);
    this.#paintRooms();
  }

  #chosen(room, onJoin) {
    this.#open(false);
    onJoin(room);
  }

  #paintRooms() {
    const list = byId('rooms');
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.room : undefined;
    list.replaceChildren(...this.#rooms.map((room) => this.#roomItem(room)));
    if (focused !== undefined) list.querySelector(`[data-room="${CSS.escape(focused)}"]`)?.focus();
    const badge = byId('menu-unread');
    badge.textContent = this.unread;
    badge.hidden = this.unread === 0;
  }

  #roomItem({ name, userCount }) {
    const unread = this.#unread.get(name) ?? 0;
    const people = userCount === 1 ? '1 person' : `${userCount} people`;
    const label = [name, people, unread > 0 && `${unread} unread`].filter(Boolean).join(', ');
    const button = make(
      'button',
      { type: 'button', 'data-room': name, 'aria-current': name === this.#room && 'true', 'aria-label': label },
      make('span', { 'aria-hidden': 'true' }, '#'),
      make('span', { class: 'name' }, name),
      make('span', { class: 'count', title: people }, String(userCount)),
    );
    if (unread > 0) button.append(make('span', { class: 'badge' }, String(unread)));
    return make('li', {}, button);
  }

  #paintPeople() {
    const item = (name) => {
      const you = name === this.#me ? [' ', make('span', { class: 'you' }, '(you)')] : [];
      return make('li', {}, avatar(name), make('span', { class: 'name' }, name, ...you));
    };
    byId('people').replaceChildren(...this.#people.map(item));
    const count = this.#people.length;
    byId('room-count').textContent = count === 1 ? '1 person' : `${count} people`;
  }

  get #isOpen() {
    return byId('side').classList.contains('open');
  }

  #open(open) {
    const was = this.#isOpen;
    byId('side').classList.toggle('open', open);
    byId('side').inert = this.#narrow.matches && !open;
    byId('shade').hidden = !open;
    byId('menu').setAttribute('aria-expanded', String(open));
    if (open) byId('rooms').querySelector('[aria-current]')?.focus();
    else if (was) byId('menu').focus();
  }
}
