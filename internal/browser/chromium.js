'use strict';
// Headless Chromium: $CHROMIUM, or the one that `make chromium` installs.
const fs = require('node:fs');
const path = require('node:path');
const { chromium } = require('playwright-core');

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function executable() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const dir of process.env.PATH.split(path.delimiter)) {
    for (const name of NAMES) {
      const file = path.join(dir, name);
      if (fs.existsSync(file)) return file;
    }
  }
  throw new Error('no Chromium found: run `make chromium`, or set CHROMIUM to its path');
}

// launch starts the browser. Chromium has no sandbox for root, as whom CI runs.
function launch() {
  return chromium.launch({ executablePath: executable(), chromiumSandbox: process.getuid?.() !== 0 });
}

// watched is a page of its own context whose every complaint fails the test:
// an exception, an error on the console, a request to anywhere but loopback.
async function watched(browser, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', e => complaints.push(`exception: ${e.stack}`));
  page.on('console', m => { if (m.type() === 'error') complaints.push(`console: ${m.text()} (${m.location().url})`); });
  page.on('request', r => { if (!/^(file|data|blob):|^https?:\/\/127\.0\.0\.1[:/]/.test(r.url())) complaints.push(`request: ${r.url()}`); });
  return { page, complaints };
}

module.exports = { launch, watched };
