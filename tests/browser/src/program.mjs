// example-chat, started as an operator starts it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const TARGET = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL('../../../target', import.meta.url));

export class Program {
  /** Starts it and waits until it listens. `environment` and `args` are the program's. */
  static async start(args = [], environment = {}) {
    const child = spawn(`${TARGET}/debug/example-chat`, args, {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      const url = /^The chat is at (http:\/\/\S+)/.exec(line)?.[1];
      if (url) return new Program(child, url, lines);
    }
    throw new Error(`example-chat did not start; tests/browser/run builds it\n${lines.join('\n')}`);
  }

  constructor(child, url, lines) {
    Object.assign(this, { child, url, lines });
    child.stdout.resume();
  }

  get port() {
    return new URL(this.url).port;
  }

  /** Ends it as an operator does (`SIGTERM`), or as a crash does (`SIGKILL`). */
  async stop(signal = 'SIGTERM') {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    await gone;
  }
}
