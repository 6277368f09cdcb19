// The tokens of someone who has signed in. They live in this object only: no storage, no cookie, nothing that outlives
// the page.

import { requestToken } from './sign-in.js';

const AHEAD_MS = 60_000;
const AGAIN_MS = 5_000;

export class Tokens extends EventTarget {
  #client;
  #access;
  #refresh;
  #ends;
  #timer;
  #pending;
  #over = false;

  constructor(client, grant) {
    super();
    this.#client = client;
    this.#take(grant);
  }

  /** An access token that is good, a new one if need be. */
  async current() {
    if (Date.now() < this.#ends - 1_000) return this.#access;
    await this.renew();
    return this.#access;
  }

  /** Gets the next one; `renewed` or `ended` follows. At most one request at a time. */
  renew() {
    this.#pending ??= this.#request().finally(() => (this.#pending = undefined));
    return this.#pending;
  }

  forget() {
    clearTimeout(this.#timer);
    this.#over = true;
    this.#access = this.#refresh = undefined;
  }

  async #request() {
    if (this.#over) throw new Error('signed out');
    if (!this.#refresh) return this.#end('Your sign-in has expired. Please sign in again.');
    try {
      this.#take(await requestToken(this.#client, { grant_type: 'refresh_token', refresh_token: this.#refresh }));
    } catch (error) {
      if (error.code !== undefined || Date.now() > this.#ends) return this.#end(error.message);
      this.#timer = setTimeout(() => this.renew().catch(() => {}), AGAIN_MS);
      throw error;
    }
    this.dispatchEvent(new Event('renewed'));
  }

  #take({ access_token: access, refresh_token: refresh, expires_in: seconds }) {
    if (this.#over) return;
    [this.#access, this.#refresh] = [access, refresh ?? this.#refresh];
    this.#ends = Date.now() + seconds * 1_000;
    clearTimeout(this.#timer);
    // A minute before it ends; of a token that is short-lived, after two thirds of its life.
    const wait = Math.max(seconds * 1_000 - AHEAD_MS, (seconds * 2_000) / 3);
    this.#timer = setTimeout(() => this.renew().catch(() => {}), Math.min(wait, 2 ** 31 - 1));
  }

  #end(message) {
    this.forget();
    this.dispatchEvent(new CustomEvent('ended', { detail: { message } }));
    throw new Error(message);
  }
}
