// One person's connection to the chat: logs in, stays in their room through reconnects and new tokens, and passes on
// what happens as events: `state`, `entered`, `refused`, `message`, `joined`, `left`, `rooms`, `activity`, `typing`.

import { io } from '/socket.io/socket.io.esm.min.js';

const PATIENCE_MS = 10_000;
const TAKEN_RETRY_MS = 2_000;
const TAKEN_RETRIES = 30; // the server notices within 45 s that an earlier connection is dead

export class Session extends EventTarget {
  #socket;
  #username;
  #tokens;
  #room; // the server says which is the first
  #entered = false;
  #retry;
  #renewing = false;
  #returning = false;

  /** Without tokens one comes in by name; with them, `tokens.current()` gives the one to connect with. */
  constructor({ username, tokens, room }) {
    super();
    this.#username = username;
    this.#tokens = tokens;
    this.#room = room;
  }

  get username() { return this.#username; }
  get room() { return this.#room; }
  get entered() { return this.#entered; }

  start() {
    this.#use(this.#open());
  }

  /** Ends it for good. */
  end() {
    clearTimeout(this.#retry);
    this.#entered = false;
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** Connects once more after the server has ended the connection. */
  reconnect() {
    this.#tell('state', { state: 'connecting' });
    this.#socket?.connect();
  }

  /** Opens a second connection with the token of now, and gives the first one up once the second is in. */
  renew() {
    if (!this.#entered) return; // the next attempt to connect takes the new token anyway
    const next = this.#open();
    this.#renewing = true;
    next.once('connect_error', (error) => {
      this.#renewing = false;
      const refused = !next.active; // else it did not get through, and the first one may go on
      next.close();
      if (refused) this.#tell('connection-refused', { code: error.message });
      else if (!this.#socket?.connected) this.#lost('transport close');
    });
    next.once('connect', async () => {
      const answer = await ask(next, 'login', {});
      this.#renewing = false;
      if (answer.status !== 'success' || this.#socket === undefined) return next.close();
      const earlier = this.#socket;
      this.#use(next);
      earlier.close();
      await this.#welcome(answer, this.#room);
      this.#tell('renewed', {});
    });
  }

  async send(content) {
    return ask(this.#socket, 'send_message', { content });
  }

  async join(room) {
    const answer = await ask(this.#socket, 'join_room', { room });
    if (answer.status === 'success') {
      this.#room = answer.room;
      this.#tell('joined-room', answer);
    }
    return answer;
  }

  typing(isTyping) {
    if (this.#entered) this.#socket.volatile.emit('typing', { isTyping });
  }

  #open() {
    const tokens = this.#tokens;
    // A function, so that each attempt to connect takes the token of its own time.
    const auth = tokens && ((give) => tokens.current().then((token) => give({ token }), () => give({})));
    return io('/chat', { auth, forceNew: true });
  }

  /** From now on this is the connection, and what others do is not heard. */
  #use(socket) {
    this.#socket = socket;
    const on = (event, then) => socket.on(event, (...values) => this.#socket === socket && then(...values));
    on('connect', () => this.#login());
    on('disconnect', (reason) => this.#lost(reason));
    on('connect_error', (error) => this.#refused(error));
    on('new_message', (message) => this.#tell('message', { message }));
    on('user_joined', (change) => this.#tell('came', change));
    on('user_left', (change) => this.#tell('went', change));
    on('user_typing', (typing) => this.#tell('typing', typing));
    on('available_rooms', ({ rooms }) => this.#tell('rooms', { rooms }));
    on('room_activity', ({ room }) => this.#tell('activity', { room }));
    on('removed', ({ message }) => this.#tell('ended-because', { message }));
    on('replaced', ({ message }) => !this.#renewing && this.#tell('ended-because', { message }));
  }

  async #login(retries = TAKEN_RETRIES) {
    const socket = this.#socket;
    const before = this.#room;
    const answer = await ask(socket, 'login', this.#tokens ? {} : { username: this.#username });
    if (this.#socket !== socket || !socket.connected) return;
    if (answer.status === 'success') return this.#welcome(answer, before);
    // After a broken connection the server may still hold the name for the earlier one.
    if (this.#returning && answer.message === 'Username already taken' && retries > 0) {
      this.#tell('state', { state: 'connecting' });
      this.#retry = setTimeout(() => socket.connected && this.#login(retries - 1), TAKEN_RETRY_MS);
      return;
    }
    this.end();
    this.#tell('refused', { message: answer.message });
  }

  async #welcome(answer, room) {
    this.#username = answer.user.username;
    this.#room = answer.user.room;
    this.#entered = true;
    const returning = this.#returning;
    this.#returning = true;
    const { roomUsers, recentMessages, availableRooms: rooms } = answer;
    this.#tell('state', { state: 'online' });
    this.#tell('rooms', { rooms });
    if (room !== undefined && room !== this.#room && (await this.join(room)).status === 'success') return;
    this.#tell('joined-room', { room: this.#room, roomUsers, recentMessages, returning });
  }

  #lost(reason) {
    if (this.#renewing) return; // the server has given the seat to the next connection
    this.#entered = false;
    clearTimeout(this.#retry);
    // The client tries again by itself unless one of the two sides has hung up.
    const ended = reason === 'io server disconnect';
    this.#tell('state', { state: ended ? 'ended' : 'offline', reason });
  }

  #refused(error) {
    if (this.#socket.active) return this.#tell('state', { state: 'offline', reason: error.message });
    this.#tell('connection-refused', { code: error.message });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Emits an event that the server acks; no ack in time is an error like others. */
async function ask(socket, event, payload) {
  if (!socket?.connected) return { status: 'error', message: 'There is no connection at the moment.' };
  try {
    return await socket.timeout(PATIENCE_MS).emitWithAck(event, payload);
  } catch {
    return { status: 'error', message: 'The server does not answer.' };
  }
}
