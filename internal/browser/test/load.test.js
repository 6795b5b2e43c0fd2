'use strict';
// The page of imsim load, as a person looks at it: of a load on a backend that
// loses a message and refuses one.
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { tests } = require('../page');
const imsim = require('../imsim');

let result;
const opened = tests(async dir => {
  const server = await imsim.serve();
  try {
    for (const fault of [{ dropPushes: ['im_open_push.msg_push'], skip: 200, count: 1 }, { errorReplies: { 'openim.sendmsg': 20012 }, skip: 50, count: 1 }]) {
      const { status } = await fetch(`${server.http}/_imsim/faults`, { method: 'POST', body: JSON.stringify(fault) });
      assert.equal(status, 200);
    }
    imsim.run('load', '--target', server.url, '--workload', 'c2c', '--users', '10', '--rate', '100', '--duration', '3200ms', '--drain', '100ms',
      '--threshold', 'duplicated==0', '--threshold', 'delivered.p99<10s', '--report', dir);
  } finally {
    await server.stop();
  }
  result = JSON.parse(fs.readFileSync(path.join(dir, 'report.json'), 'utf8'));
});

const chart = (page, title) => page.locator('figure', { has: page.locator('figcaption', { hasText: title }) });
const box = line => line.evaluate(e => { const { x, y, width, height } = e.getBoundingClientRect(); return { x, y, width, height }; });
// heights of a line's points, from the foot of the chart up.
const heights = line => line.getAttribute('points').then(points => points.split(' ').map(p => -Number(p.split(',')[1])));

opened('it says what became of the messages', async page => {
  assert.equal(result.account.lost, 1);
  assert.match(await page.locator('h1').textContent(), /c2c not as it should be/);
  assert.deepEqual(await page.locator('.numbers .red').allTextContents(), ['1lost', '1refused']);
  const { id } = result.account.messages[0];
  assert.equal(await page.locator('td', { hasText: id }).count(), 1, `${id} is named`);
  assert.ok(await page.getByText('message 20012').isVisible());
  assert.ok(await page.getByText('✓').first().isVisible());
});

opened('it charts throughput, latency over time, percentiles and errors', async page => {
  assert.equal(await page.locator('figure').count(), 4);
  for (const [title, names] of [
    ['Throughput', ['operations', 'acked', 'delivered']], ['Latency over time', ['delivered', 'acked', 'ready', 'lateness']],
    ['Percentiles', ['delivered', 'acked', 'ready', 'lateness']], ['Errors', ['errors']],
  ]) {
    const figure = chart(page, title);
    assert.deepEqual(await figure.locator('figcaption span').allTextContents(), names, title);
    const area = await box(figure.locator('svg.chart'));
    assert.ok(area.width > 300 && area.height > 100, `${title}: ${JSON.stringify(area)}`);
    assert.equal(await figure.locator('polyline').count(), names.length, title);
    for (const line of await figure.locator('polyline').all()) {
      const { x, y, width, height } = await box(line);
      assert.ok(width > 0 && x >= area.x && y >= area.y && x + width <= area.x + area.width && y + height <= area.y + area.height, `a line of ${title} is in its chart`);
    }
  }
});

opened('a legend has the colours of its lines', async page => {
  for (const title of ['Throughput', 'Latency over time', 'Percentiles', 'Errors']) {
    const stroke = e => getComputedStyle(e).stroke;
    const shown = await Promise.all((await chart(page, title).locator('.swatch path').all()).map(e => e.evaluate(stroke)));
    const drawn = await Promise.all((await chart(page, title).locator('polyline').all()).map(e => e.evaluate(stroke)));
    assert.deepEqual([...shown].reverse(), drawn, title);
    assert.equal(new Set(drawn).size, drawn.length, `${title}: each line has a colour of its own`);
  }
});

opened('throughput holds to the end, whatever is left of the last second', async page => {
  assert.ok(result.points.at(-1).second % 1 > 0.1, 'the last point is no whole second');
  const [low, ...rest] = (await heights(chart(page, 'Throughput').locator('polyline.c0'))).reverse();
  // From 0 to the highest rate, about 100, it is what the axis says; a stump would lie at its foot.
  const floor = -Number(await chart(page, 'Throughput').locator('.g').first().getAttribute('y1'));
  assert.ok(low - floor > 0.8 * (Math.max(...rest) - floor), `${low} against ${rest}, over ${floor}`);
});

opened('a phone can read it', async page => {
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  for (const text of await page.locator('svg.chart text').all()) {
    const { height } = await box(text);
    assert.ok(height >= 9, `a label is ${height} px high`);
  }
  const table = page.locator('.wide');
  assert.ok(await table.evaluate(e => e.scrollWidth > e.clientWidth), 'the wide table scrolls by itself');
  await table.evaluate(e => { e.scrollLeft = e.scrollWidth; });
  const name = await box(page.locator('.wide td', { hasText: 'delivered' }));
  assert.ok(name.x >= 0 && name.x < 50, 'and keeps its first column');
}, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

opened('it is dark where people like it so', async page => {
  const [back, ink] = await page.evaluate(() => { const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]; });
  assert.deepEqual([back, ink], ['rgb(22, 24, 26)', 'rgb(230, 230, 227)']);
}, { colorScheme: 'dark' });
