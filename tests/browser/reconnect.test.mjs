// The server goes and comes back.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

import { PHONE, assertClean, hears, inRoom, join, online, person, say, screenshot } from './src/browser.mjs';
import { Program } from './src/program.mjs';

let program;

beforeEach(async () => {
  program = await Program.start();
});
afterEach(() => program.stop());

const restart = async () => {
  program = await Program.start([], { PORT: program.port });
};

for (const [how, signal] of [['stops as it should', 'SIGTERM'], ['crashes', 'SIGKILL']]) {
  test(`after a server that ${how} comes back, one is in one's room under one's name`, async () => {
    const alice = await person(program.url, 'Alice');
    const bob = await person(program.url, 'Bob', { viewport: PHONE });
    await join(alice, 'tea');
    await alice.getByLabel('Your message').fill('written before');

    await program.stop(signal);
    await alice.getByText('Reconnecting').waitFor();
    await alice.keyboard.press('Enter');
    await alice.getByRole('alert').filter({ hasText: 'Not sent: There is no connection' }).waitFor();
    assert.equal(await alice.getByLabel('Your message').inputValue(), 'written before', 'what one wrote is kept');
    await screenshot(alice, `reconnecting-${signal}`);
    await screenshot(bob, `phone-reconnecting-${signal}`);

    await restart();
    await Promise.all([online(alice), online(bob)]);
    await inRoom(alice, 'tea');
    await bob.locator('#people', { hasText: 'Bob' }).waitFor({ state: 'attached' });
    await alice.locator('#people', { hasText: 'Alice' }).waitFor();
    await alice.getByLabel('Your message').press('Enter');
    await hears(alice, 'written before');
    assertClean(alice, bob);
  });
}

test('who loses the connection is told, and comes back by themselves', async () => {
  const alice = await person(program.url, 'Alice');
  const bob = await person(program.url, 'Bob');
  await alice.context().setOffline(true);
  await alice.evaluate(() => dispatchEvent(new Event('offline')));
  await alice.getByText('Reconnecting').waitFor();
  await say(bob, 'are you there?');
  await alice.context().setOffline(false);
  await online(alice);
  await hears(alice, 'are you there?');
  await say(alice, 'again!');
  await hears(bob, 'again!');
});
