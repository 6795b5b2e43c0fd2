'use strict';
// The report page, as a person uses it: of 650 cases on 5 ports, from a file.
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { tests } = require('../page');
const imsim = require('../imsim');

const AREAS = 13, CASES = 50, PORTS = 5; // 650 cases

// what became of a case: port 0 fails the first of each area, port 1 crashes
// in one, port 2 lacks a method, port 3 has known failures.
function outcome(port, area, n) {
  if (port === 0 && n === 0) return { outcome: 'failed', message: `<b>wanted</b> ${area}, got "nothing" & more` };
  if (port === 1 && area === 3 && n === 7) return { outcome: 'crash', message: 'the driver ended: exit status 1', stderr: 'Traceback: boom' };
  if (port === 2 && n === 9) return { outcome: 'not-implemented', message: 'no API pinConversation' };
  if (port === 3 && n === 4) return { outcome: 'failed', known: 'not yet', message: 'as always' };
  if (port === 4 && n === 5) return { outcome: 'skipped', message: 'the port lacks: upload' };
  return { outcome: 'passed' };
}

const send = (n, seq) => ({ n, time: 1700000000 + n / 1000, dir: 'up', conn: 1, userID: 'alice',
  frame: { head: { servcmd: 'openim.sendmsg', seq, a2: '***' }, body: { From_Account: 'alice', MsgBody: '</script><script>alert(1)</script>' } } });

function report(port) {
  const results = [];
  for (let area = 0; area < AREAS; area++) {
    for (let n = 0; n < CASES; n++) {
      const name = `behaviour ${n} of area ${area} is as the rule says`;
      const result = {
        id: `area-${area}/${name}`, area: `area-${area}`, name, level: n % 5 ? 'core' : 'extended', labels: [`area-${area}`],
        covers: ['sendMessage', 'MESSAGE_RECEIVED'], source: `messages.md §${area}`, port: { name: 'port', version: `${port}.0`, language: 'JavaScript' },
        seconds: 0.01 + n / 1000, steps: ['alice@i1: create', 'alice@i1: barrier', '✓ sendMessage\'s data.code is 0'], ...outcome(port, area, n),
      };
      if (result.outcome !== 'passed' && result.outcome !== 'skipped') {
        result.frames = [{ n: 1, time: 1700000000, dir: 'open', conn: 1 }, send(2, 7), send(3, 5)];
        if (port === 0) result.wire = [{ side: 'port', rule: 'seq-rises', frame: 3, text: 'seq 5 comes after 7' }];
      }
      results.push(result);
    }
  }
  return { imsimReport: 1, kind: 'conformance', tool: 'imsim', version: 'test', started: '2026-01-02T03:04:05Z', seconds: 9.5, results };
}

const opened = tests(dir => {
  const files = Array.from({ length: PORTS }, (_, port) => {
    const name = path.join(dir, `${port}.json`);
    fs.writeFileSync(name, JSON.stringify(report(port)));
    return name;
  });
  imsim.run('report', 'merge', '--out', dir, ...files);
});

const shown = page => page.locator('tr.case:visible').count();
const label = page => page.locator('#shown').textContent();

opened('it shows every case on every port, at once', async page => {
  assert.equal(await shown(page), 650);
  assert.equal(await page.locator('tr.case td button').count(), 650 * PORTS);
  assert.equal(await page.locator('.port').count(), PORTS);
  assert.match(await page.locator('h1').textContent(), /not as expected/);
  assert.match(await page.locator('header .meta').first().textContent(), /650 cases · 3250 results · 27 not as expected/);
  const { loaded, filtered } = await page.evaluate(() => {
    const loaded = performance.getEntriesByType('navigation')[0].loadEventEnd;
    const q = document.getElementById('q');
    const from = performance.now();
    q.value = 'behaviour 7';
    q.dispatchEvent(new Event('input'));
    document.body.getBoundingClientRect(); // the layout counts
    return { loaded, filtered: performance.now() - from };
  });
  assert.ok(loaded < 10_000, `loaded after ${loaded} ms`);
  assert.ok(filtered < 2000, `filtered in ${filtered} ms`);
});

opened('filters leave what fits, alone and together', async page => {
  await page.selectOption('#outcome', 'unexpected');
  assert.equal(await shown(page), 13 + 1 + 13);
  assert.equal(await label(page), '27 of 650 cases');
  await page.selectOption('#area', 'area-3');
  assert.equal(await shown(page), 3);
  await page.selectOption('#port', { label: 'port 1.0' });
  assert.equal(await shown(page), 1);
  assert.equal(await page.locator('tr.case:visible td:visible').count(), 1, 'only the chosen port is shown');
  await page.click('.tools button[type=reset]');
  await page.waitForFunction(() => document.getElementById('shown').value === '650 cases');
  await page.selectOption('#level', 'extended');
  assert.equal(await shown(page), 130);
  await page.selectOption('#outcome', 'skipped');
  assert.equal(await shown(page), 13, 'case 5 of each area');
  await page.selectOption('#outcome', 'crash');
  assert.equal(await shown(page), 0);
  assert.ok(await page.locator('#nothing').isVisible());
});

opened('search finds names, rules and reasons', async page => {
  const search = async text => {
    await page.fill('#q', text);
    return shown(page);
  };
  assert.equal(await search('behaviour 12 area-4'), 1);
  assert.equal(await search('§11'), 50);
  assert.equal(await search('message_received'), 650);
  assert.equal(await search('the DRIVER ended'), 1);
  assert.equal(await search('no such thing'), 0);
});

opened('a cell opens steps, reason, verdict and frames', async page => {
  await page.locator('tr.case:visible button.failed.unexpected').first().click();
  const dialog = page.locator('dialog');
  assert.match(await dialog.locator('h2').textContent(), /^behaviour 0 of area 0/);
  assert.match(await dialog.locator('#about').textContent(), /area-0 · extended · rule: messages.md §0 · covers sendMessage, MESSAGE_RECEIVED/);
  const content = dialog.locator('#content');
  await content.locator('.steps').waitFor();
  assert.match(await content.textContent(), /failed after 0\.010 s\n<b>wanted<\/b> 0, got "nothing" & more/);
  assert.match(await content.textContent(), /The port broke seq-rises in frame 3: seq 5 comes after 7/);
  assert.deepEqual(await content.locator('.steps li').allTextContents(),
    ['alice@i1: create', 'alice@i1: barrier', "✓ sendMessage's data.code is 0", '✗ <b>wanted</b> 0, got "nothing" & more']);
  const frames = content.locator('.frame');
  assert.equal(await frames.count(), 3);
  assert.match(await frames.nth(2).textContent(), /\+0\.003 s↑alice \(1\)openim\.sendmsg 5 breaks a rule/);
  await frames.nth(2).locator('summary').click();
  assert.match(await frames.nth(2).locator('pre').textContent(), /"MsgBody": "<\/script><script>alert\(1\)<\/script>"/);
  await content.locator('.find').fill('connection');
  assert.equal(await content.locator('.frame:visible').count(), 0);
  await dialog.locator('#tabs button').nth(1).click();
  await content.getByText('passed after').waitFor();
  assert.match(await content.textContent(), /--frames all/);
});

opened('an address leads back to the case and the filters', async page => {
  await page.selectOption('#outcome', 'crash');
  await page.locator('tr.case:visible button.crash').click();
  await page.locator('#content .steps').waitFor();
  const address = page.url();
  await page.goto('about:blank');
  await page.goto(address);
  await page.getByText('Traceback: boom').waitFor();
  assert.match(await page.locator('dialog h2').textContent(), /^behaviour 7 of area 3/);
  await page.keyboard.press('Escape');
  assert.equal(await shown(page), 1);
});

opened('the keyboard reaches everything', async page => {
  await page.keyboard.press('/');
  await page.keyboard.type('pinConversation');
  assert.equal(await shown(page), 13);
  await page.locator('.tools button[type=reset]').focus();
  await page.keyboard.press('Tab'); // the matrix is one stop
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  const focused = () => page.evaluate(() => [document.activeElement.closest('tr')?.dataset.case, document.activeElement.dataset.port]);
  assert.deepEqual(await focused(), ['99', '2']);
  await page.keyboard.press('Enter');
  await page.getByText('no API pinConversation').first().waitFor();
  await page.keyboard.press('j');
  await page.locator('dialog h2', { hasText: 'area 10' }).waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('dialog').isVisible(), false);
  assert.deepEqual(await focused(), ['149', '2'], 'the focus returns to the case that was looked at last');
});

opened('a phone can read it', async page => {
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 390, `it is ${width} px wide`);
  await page.locator('tr.case:visible button.failed.unexpected').first().click();
  await page.locator('#content .steps').waitFor();
  const box = await page.locator('dialog').boundingBox();
  assert.deepEqual([box.x, box.width], [0, 390]);
  const inner = await page.evaluate(() => document.getElementById('content').scrollWidth - document.getElementById('content').clientWidth);
  assert.equal(inner, 0, 'nothing has to be scrolled aside');
}, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

opened('it is dark where people like it so', async page => {
  const [back, ink] = await page.evaluate(() => { const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]; });
  assert.deepEqual([back, ink], ['rgb(22, 24, 26)', 'rgb(230, 230, 227)']);
}, { colorScheme: 'dark' });

