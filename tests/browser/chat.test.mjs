// Two people chat without accounts.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

import {
  PHONE, assertClean, hears, inRoom, join, person, say, screenshot, shows, titled, visitor,
} from './src/browser.mjs';
import { Program } from './src/program.mjs';

let program;

beforeEach(async () => {
  program = await Program.start();
});
afterEach(() => program.stop());

test('two people see each other, and what they say', async () => {
  const alice = await person(program.url, 'Alice');
  const bob = await person(program.url, 'Bob');
  await alice.locator('#people', { hasText: 'Bob' }).waitFor();
  await alice.locator('.system', { hasText: 'Bob joined the chat' }).waitFor();

  await say(bob, 'hello Alice');
  await hears(alice, 'hello Alice');
  await hears(bob, 'hello Alice');
  await say(alice, 'hello Bob,\nhow are you?');
  await say(alice, 'I have made tea');
  await hears(bob, 'I have made tea');
  assert.equal(await bob.locator('.own .text').allInnerTexts().then((texts) => texts.join()), 'hello Alice');
  await bob.getByLabel('Your message').fill('Very well! And y');
  await alice.getByText('Bob is typing').waitFor();
  await screenshot(alice, 'two-people');
  await alice.emulateMedia({ colorScheme: 'dark' });
  await screenshot(alice, 'two-people-dark');

  await bob.context().close();
  await alice.locator('.system', { hasText: 'Bob left the chat' }).waitFor();
  await shows(alice, '#room-count', '1 person');
  assertClean(alice, bob);
});

test('someone who is typing is shown until they stop', async () => {
  const alice = await person(program.url, 'Alice');
  const bob = await person(program.url, 'Bob');
  await bob.getByLabel('Your message').pressSequentially('hm');
  await alice.getByText('Bob is typing').waitFor();
  await bob.getByLabel('Your message').fill('');
  await alice.getByText('Bob is typing').waitFor({ state: 'detached' });
  await bob.getByLabel('Your message').pressSequentially('well');
  await alice.getByText('Bob is typing').waitFor();
  await bob.keyboard.press('Enter');
  await hears(alice, 'well');
  await shows(alice, '#typing', '');
});

test('rooms keep what is said apart, and count what is unread elsewhere', async () => {
  const alice = await person(program.url, 'Alice');
  const bob = await person(program.url, 'Bob');
  await join(bob, 'Tea');
  await inRoom(bob, 'tea');
  await alice.locator('#rooms', { hasText: 'tea' }).waitFor();
  await alice.locator('.system', { hasText: 'Bob left the room' }).last().waitFor();

  await say(bob, 'is anyone here?');
  await say(bob, 'it seems not');
  await alice.locator('[data-room="tea"] .badge', { hasText: '2' }).waitFor();
  await titled(alice, '(2) #general');
  assert.equal(await alice.locator('.text', { hasText: 'is anyone here?' }).count(), 0);
  await screenshot(alice, 'unread');

  await alice.getByRole('button', { name: /tea, 1 person, 2 unread/ }).click();
  await inRoom(alice, 'tea');
  await hears(alice, 'it seems not');
  await alice.locator('[data-room="tea"] .badge').waitFor({ state: 'detached' });
  await titled(alice, '#tea');
  await bob.locator('#people', { hasText: 'Alice' }).waitFor();
  assertClean(alice, bob);
});

test('a name that is taken, and none, are refused in words', async () => {
  const alice = await person(program.url, 'Alice');
  const other = await visitor(program.url);
  await other.getByRole('button', { name: 'Come in' }).click();
  await other.getByRole('alert').filter({ hasText: 'Please tell us a name' }).waitFor();
  await other.getByLabel('What shall we call you?').fill('aLiCe');
  await other.keyboard.press('Enter');
  await other.getByRole('alert').filter({ hasText: 'has this name already' }).waitFor();
  await screenshot(other, 'name-taken');
  await other.getByLabel('What shall we call you?').fill('Alicia');
  await other.keyboard.press('Enter');
  await alice.locator('#people', { hasText: 'Alicia' }).waitFor();
});

test('markup stays text, in messages, names and rooms', async () => {
  const evil = '<img src=x onerror="document.title=1"><b>x</b>';
  const name = '<i>Mallory</i>';
  const mallory = await person(program.url, name);
  const bob = await person(program.url, 'Bob');
  await say(mallory, evil);
  await hears(bob, evil);
  await bob.locator('#people', { hasText: name }).waitFor();
  await join(mallory, '<script>1</script>');
  await bob.locator('#rooms', { hasText: '<script>1</script>' }).waitFor();
  for (const page of [bob, mallory]) {
    assert.equal(await page.locator('#chat :is(img, b > *, i, script)').count(), 0);
  }
  // And should a script ever try, the browser refuses.
  const refused = await bob.evaluate(() => {
    try {
      document.body.innerHTML = '<b>x</b>';
    } catch (error) {
      return error.name;
    }
  });
  assert.equal(refused, 'TypeError');
});

test('on a phone, rooms and people are in a drawer', async () => {
  const bob = await person(program.url, 'Bob');
  const phone = await person(program.url, 'Phoebe', { viewport: PHONE, isMobile: true, hasTouch: true });
  await say(bob, 'Where are you?');
  await hears(phone, 'Where are you?');
  await say(phone, 'On the train. The connection comes and goes, but the conversation is still here.');
  await say(bob, 'Then let us go on in the room for trains.');
  await hears(phone, 'for trains');
  await screenshot(phone, 'phone');
  await join(bob, 'trains');
  await say(bob, 'Here!');
  await phone.locator('#menu-unread', { hasText: '1' }).waitFor();
  await phone.getByRole('button', { name: 'Rooms and people' }).tap();
  await phone.locator('#side.open').waitFor();
  await screenshot(phone, 'phone-drawer');
  await phone.getByRole('button', { name: /trains/ }).tap();
  await inRoom(phone, 'trains');
  await hears(phone, 'Here!');
  await phone.locator('#side.open').waitFor({ state: 'detached' });
  const wide = await phone.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.equal(wide, 0, 'nothing sticks out');
  assertClean(phone, bob);
});

test('everything can be reached by keyboard', async () => {
  const page = await visitor(program.url);
  await page.waitForFunction(() => document.activeElement.id === 'username');
  await page.keyboard.type('Kim');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.id === 'content');
  await page.keyboard.type('by hand');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('in two lines');
  await page.keyboard.press('Enter');
  await hears(page, 'in two lines');

  await page.evaluate(() => document.activeElement.blur());
  const reached = [];
  for (let stop = 0; stop < 12; stop += 1) {
    await page.keyboard.press('Tab');
    reached.push(await page.evaluate(() => document.activeElement.id || document.activeElement.dataset.room || document.activeElement.textContent.trim()));
  }
  for (const wanted of ['leave', 'general', 'new-room-name', 'Join', 'log', 'content', 'Send']) {
    assert.ok(reached.includes(wanted), `${wanted} is not among ${reached}`);
  }
});
