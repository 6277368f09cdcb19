// The field one writes in.

import { byId } from './dom.js';

const TYPING_AGAIN_MS = 2_000;
const STOPPED_MS = 3_000;

export class Composer {
  #field = byId('content');
  #button = byId('composer').querySelector('button');
  #told = 0;
  #stopped;

  /** `send(text)` says whether the message was taken; `typing(bool)` tells the others. */
  constructor({ send, typing }) {
    const submit = () => this.#submit(send, typing);
    byId('composer').addEventListener('submit', (event) => {
      event.preventDefault();
      submit();
    });
    this.#field.addEventListener('keydown', (event) => {
      // Enter also ends the composition of a character in some languages.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      submit();
    });
    this.#field.addEventListener('input', () => this.#typed(typing));
  }

  /** Not where that would bring a keyboard up that covers the messages. */
  focus() {
    if (matchMedia('(hover: hover)').matches) this.#field.focus();
  }

  /** One may go on writing without a connection, but not send. */
  enable(enabled) {
    this.#button.disabled = !enabled;
  }

  #typed(typing) {
    clearTimeout(this.#stopped);
    if (this.#field.value.trim() === '') return this.#stop(typing);
    this.#stopped = setTimeout(() => this.#stop(typing), STOPPED_MS);
    if (Date.now() - this.#told < TYPING_AGAIN_MS) return;
    this.#told = Date.now();
    typing(true);
  }

  #stop(typing) {
    clearTimeout(this.#stopped);
    if (this.#told !== 0) typing(false);
    this.#told = 0;
  }

  async #submit(send, typing) {
    const text = this.#field.value.trim();
    if (text === '') return;
    this.#field.value = '';
    this.#stop(typing);
    if (await send(text)) return;
    // It comes back, before what was written since.
    this.#field.value = [text, this.#field.value].filter(Boolean).join('\n');
  }
}
