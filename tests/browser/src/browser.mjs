// Headless Chromium, and people who chat in it.
import { mkdir } from 'node:fs/promises';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const OUTPUT = fileURLToPath(new URL('../../output/browser/', import.meta.url));
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];
export const DESKTOP = { width: 1180, height: 760 };
export const PHONE = { width: 390, height: 780 };

await mkdir(OUTPUT, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
after(() => browser.close());

/** A page in a browser profile of its own. What goes wrong in it is kept, for `assertClean`. */
export async function visitor(url, options = {}) {
  const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.on('console', (entry) => {
    // A connection that fails is what some tests are about; a violated policy or a broken script never is.
    if (entry.type() === 'error' && !/ERR_CONNECTION|WebSocket connection|Failed to load resource/.test(entry.text())) {
      page.problems.push(entry.text());
    }
  });
  await page.goto(url);
  return page;
}

/** A visitor who has come in under a name. */
export async function person(url, name, options) {
  const page = await visitor(url, options);
  await page.getByLabel('What shall we call you?').fill(name);
  await page.keyboard.press('Enter');
  await online(page);
  return page;
}

export const online = (page) => page.locator('.connection[data-state="online"]').waitFor();

export async function say(page, text) {
  await page.getByLabel('Your message').fill(text);
  await page.keyboard.press('Enter');
}

/** Waits for a message in the log. */
export const hears = (page, text) => page.locator('#messages .text', { hasText: text }).last().waitFor();

export async function join(page, room) {
  await page.getByLabel('Name of a room to join or to make').fill(room);
  await page.keyboard.press('Enter');
  await inRoom(page, room);
}

export const inRoom = (page, room) => page.getByRole('heading', { level: 1, name: `# ${room}` }).waitFor();

/** Waits until an element has this text, and no other. */
export const shows = (page, selector, text) =>
  page.waitForFunction(([where, what]) => document.querySelector(where)?.innerText.trim() === what, [selector, text]);

/** Waits until the page's title begins so. */
export const titled = (page, start) => page.waitForFunction((begin) => document.title.startsWith(begin), start);

export const screenshot = (page, name) => page.screenshot({ path: `${OUTPUT}${name}.png` });

export function assertClean(...pages) {
  const problems = pages.flatMap((page) => page.problems);
  if (problems.length > 0) throw new Error(`the page had problems:\n${problems.join('\n')}`);
}
