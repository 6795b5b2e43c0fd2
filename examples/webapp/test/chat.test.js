'use strict';
// The app in a real browser, against a backend of its own:
//   imsim exec -- npm test
const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { chromium } = require('playwright-core');
const { serve } = require('../server');

const { CHROMIUM = '/usr/bin/chromium', IMSIM_HTTP } = process.env;
let browser, site;

before(async () => {
  assert.ok(IMSIM_HTTP, 'run it with: imsim exec -- npm test');
  site = await serve();
  browser = await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: process.getuid() !== 0 });
});
after(async () => {
  await browser?.close();
  site?.close();
  site?.closeAllConnections();
});

// control asks imsim: time, kick-outs and faults are on demand.
async function control(call, body) {
  const response = await fetch(`${IMSIM_HTTP}/_imsim/${call}`, { method: 'POST', body: JSON.stringify(body) });
  assert.ok(response.ok, `${call}: HTTP ${response.status} ${await response.text()}`);
}

// online is a browser of its own in which a user is logged in.
async function online(t, user) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${site.address().port}/`);
  await page.fill('[name=user]', user);
  await page.click('text=Log in');
  await page.getByText('online', { exact: true }).waitFor();
  return page;
}

async function say(page, to, text) {
  await page.fill('[name=to]', to);
  await page.fill('[name=text]', text);
  await page.click('text=Send');
}

test('a message travels from one browser to another', async t => {
  const [alice, bob] = await Promise.all([online(t, 'alice'), online(t, 'bob')]);
  await say(alice, 'bob', 'hello');
  await bob.locator('li.in', { hasText: 'alice: hello' }).waitFor();
  await alice.locator('li.out', { hasText: 'alice: hello' }).waitFor();
});

test('a second login ends the first', async t => {
  const first = await online(t, 'carol');
  await online(t, 'carol');
  await first.getByText('logged out: multipleAccount').waitFor();
  assert.equal(await first.locator('#login').isVisible(), true);
});

test('the page says why a message was not sent', async t => {
  const dave = await online(t, 'dave');
  await control('users', { userIDs: ['erin'] });
  await control('faults', { userID: 'dave', errorReplies: { 'openim.sendmsg': 20012 }, count: 1 });
  await say(dave, 'erin', 'hello?');
  await dave.getByText('not sent: 20012').waitFor();
  assert.equal(await dave.inputValue('[name=text]'), 'hello?', 'the text is kept for another try');
});

test('a lost connection comes back by itself', async t => {
  const [frank, grace] = await Promise.all([online(t, 'frank'), online(t, 'grace')]);
  await control('faults', { userID: 'frank', disconnect: true });
  await say(frank, 'grace', 'still there');
  await grace.locator('li.in', { hasText: 'frank: still there' }).waitFor();
});
