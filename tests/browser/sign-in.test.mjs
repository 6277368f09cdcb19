// The signed-in variant: authorization code with PKCE at the development auth-service, tokens, and what they open.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

import { PHONE, assertClean, hears, inRoom, join, online, say, screenshot, shows, visitor } from './src/browser.mjs';
import { Program } from './src/program.mjs';

let program;

const start = (environment = {}) => Program.start(['--sign-in'], { AUTH_PORT: '0', ...environment });

beforeEach(async () => {
  program = await start();
});
afterEach(() => program.stop());

async function chooses(page, name) {
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByRole('link', { name: new RegExp(`^${name},`) }).click();
}

async function signedIn(name, options) {
  const page = await visitor(program.url, options);
  await chooses(page, name);
  await online(page);
  return page;
}

test('one signs in, is called what the token says, and chats', async () => {
  const alice = await visitor(program.url);
  await screenshot(alice, 'sign-in');
  await alice.getByRole('button', { name: 'Sign in' }).click();
  await alice.getByRole('link', { name: /^Alice/ }).waitFor();
  await screenshot(alice, 'auth-service');
  await alice.getByRole('link', { name: /^Alice/ }).click();
  await online(alice);
  assert.equal(alice.url(), `${program.url}/`, 'the code is not left in the address');
  await alice.locator('.me', { hasText: 'alice@example.test' }).waitFor();
  assert.equal(await alice.evaluate(() => JSON.stringify([localStorage, sessionStorage])), '[{},{}]', 'no token is stored');

  const ada = await signedIn('Ada');
  await say(ada, 'hello Alice');
  await hears(alice, 'hello Alice');
  await screenshot(alice, 'signed-in');
  assertClean(alice, ada);
});

test('refusals are in words', async () => {
  const mallory = await visitor(program.url, { viewport: PHONE });
  await chooses(mallory, 'Mallory');
  await mallory.getByRole('alert').filter({ hasText: 'Your account has been disabled' }).waitFor();
  await screenshot(mallory, 'phone-disabled');

  const alice = await signedIn('Alice');
  await alice.getByRole('button', { name: 'Who is connected' }).click();
  await alice.getByRole('dialog').getByText('Only administrators may see this').waitFor();
  await screenshot(alice, 'not-admin');

  const stray = await visitor(`${program.url}/?code=stolen&state=made-up`);
  await stray.getByRole('alert').filter({ hasText: 'was not begun on this page' }).waitFor();
});

test('an administrator sees who is connected, and ends a connection', async () => {
  const alice = await signedIn('Alice');
  const ada = await signedIn('Ada');
  await ada.getByRole('button', { name: 'Who is connected' }).click();
  await ada.getByRole('button', { name: 'Disconnect Alice' }).waitFor();
  await screenshot(ada, 'admin');
  await ada.getByRole('button', { name: 'Disconnect Alice' }).click();
  await alice.getByRole('alert').filter({ hasText: 'An administrator has ended your connection' }).waitFor();
  await screenshot(alice, 'removed');
  await ada.getByRole('button', { name: 'Disconnect Alice' }).waitFor({ state: 'detached' });
  await alice.getByRole('button', { name: 'Connect again' }).click();
  await online(alice);
  await ada.getByRole('button', { name: 'Disconnect Alice' }).waitFor();
});

test('who opens the chat in a second window goes on there, in the same room', async () => {
  const first = await signedIn('Alice');
  await join(first, 'tea');
  const second = await signedIn('Alice');
  await inRoom(second, 'tea');
  await first.getByRole('alert').filter({ hasText: 'You have opened the chat somewhere else' }).waitFor();
  await shows(second, '#room-count', '1 person');
});

test('a new token comes before the old one ends, and nobody notices', async () => {
  await program.stop();
  program = await start({ AUTH_TOKEN_SECONDS: '6' });
  const ada = await signedIn('Ada');
  const alice = await signedIn('Alice');
  await join(alice, 'tea');
  await join(ada, 'tea');
  const grants = [];
  alice.on('request', (request) => request.url().endsWith('/oauth2/token') && grants.push(new URLSearchParams(request.postData()).get('grant_type')));
  const states = await alice.evaluate(() => {
    const seen = (globalThis.seen = []);
    new MutationObserver(() => seen.push(document.querySelector('#connection').dataset.state))
      .observe(document.querySelector('#connection'), { attributes: true });
    return seen;
  });
  assert.deepEqual(states, []);
  for (let round = 0; round < 2; round += 1) {
    await alice.waitForResponse((response) => response.url().endsWith('/oauth2/token') && response.ok());
  }
  await say(ada, 'still there?');
  await hears(alice, 'still there?');
  await say(alice, 'still here!');
  await hears(ada, 'still here!');
  assert.deepEqual([...new Set(grants)], ['refresh_token']);
  assert.equal(await ada.locator('.system', { hasText: 'Alice left' }).count(), 0);
  await shows(ada, '#room-count', '2 people');
  const seen = await alice.evaluate(() => globalThis.seen);
  assert.ok(!seen.includes('offline') && !seen.includes('ended'), String(seen));
  assertClean(alice, ada);
});

test('when no new token is to be had, one is told, and is in the same room after signing in again', async () => {
  const { port } = program;
  const authPort = new URL((await (await fetch(`${program.url}/settings`)).json()).signIn.authService).port;
  const alice = await signedIn('Alice');
  await join(alice, 'tea');
  // Another process has other keys and knows no refresh tokens: what the page has is worth nothing.
  await program.stop();
  program = await start({ PORT: port, AUTH_PORT: authPort });
  await alice.getByRole('alert').filter({ hasText: 'Your sign-in has expired or is not valid' }).waitFor();
  await screenshot(alice, 'expired');
  await chooses(alice, 'Alice');
  await inRoom(alice, 'tea');
  await online(alice);
  assertClean(alice);
});
