'use strict';
// Tests of a page that a command writes.
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { pathToFileURL } = require('node:url');
const { launch, watched } = require('./chromium');

// tests returns how tests of a report.html are made, which may not complain;
// prepare writes it into a folder that goes away with them.
function tests(prepare) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'imsim-page-'));
  let browser;
  before(async () => {
    await prepare(dir);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    fs.rmSync(dir, { recursive: true });
  });
  return (name, run, options) => test(name, async t => {
    const { page, complaints } = await watched(browser, options);
    t.after(() => page.context().close());
    await page.goto(pathToFileURL(path.join(dir, 'report.html')).href);
    await run(page);
    assert.deepEqual(complaints, []);
  });
}

module.exports = { tests };
