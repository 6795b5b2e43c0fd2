'use strict';
// The upload plugin's own path: the genuine SDKs in pages of a real browser,
// whose files travel to imsim by XMLHttpRequest and come back the same.
const assert = require('node:assert/strict');
const { createHash, randomBytes } = require('node:crypto');
const { after, before, test } = require('node:test');
const { launch, watched } = require('../chromium');
const imsim = require('../imsim');
const { site } = require('../site');
const { png } = require('../png');

const SDKS = {
  '2.14.0': { sdk: 'tim-js-sdk-2.14.0/tim-js-friendship.js', redirect: true },
  '2.27.6': { sdk: 'tim-js-sdk-2.27.6/tim-js-friendship.js' },
  '3.6.6': { sdk: '@tencentcloud/chat' },
};

let browser, backend;
before(async () => { [browser, backend] = await Promise.all([launch(), imsim.serve()]); });
after(async () => { await browser?.close(); await backend?.stop(); });

const sha256 = bytes => createHash('sha256').update(bytes).digest('hex');

for (const [version, sdk] of Object.entries(SDKS)) {
  test(`${version}: files and images arrive as they were sent`, { timeout: 60_000 }, async t => {
    const { url, close } = await site(sdk, backend.url);
    t.after(close);
    const options = { SDKAppID: 1400000000, ...(!sdk.redirect && { proxyServer: backend.url }) };
    const complaints = [];
    const login = async userID => {
      const { page, complaints: own } = await watched(browser);
      complaints.push(own);
      t.after(() => page.context().close());
      await page.goto(url);
      await page.evaluate(([o, id]) => login(o, id), [options, userID]);
      return page;
    };
    const [alice, bob] = await Promise.all([login(`alice-${version}`), login(`bob-${version}`)]);
    const send = async (api, file) => {
      await alice.setInputFiles('#file', file);
      const sent = await alice.evaluate(([a, to]) => send(a, to), [api, `bob-${version}`]);
      assert.equal(sent.status, 'success');
      assert.ok(sent.progress.length > 0, 'no progress was told');
      assert.deepEqual(sent.progress, sent.progress.toSorted((a, b) => a - b), 'progress goes on');
      assert.equal(sent.progress.at(-1), 1);
      return bob.evaluate(() => received());
    };
    const arrives = async (link, bytes) => assert.deepEqual(await bob.evaluate(u => download(u), link), { length: bytes.length, sha256: sha256(bytes) });

    const picture = png(300, 200);
    const image = await send('createImageMessage', { name: 'picture.png', mimeType: 'image/png', buffer: picture });
    const { url: link, width, height, size } = image.imageInfoArray[0];
    assert.deepEqual([width, height, size], [300, 200, picture.length]);
    await arrives(link, picture);

    const content = randomBytes(3 << 20);
    const file = await send('createFileMessage', { name: 'Füchse 1.bin', mimeType: 'application/octet-stream', buffer: content });
    assert.deepEqual([file.fileName, file.fileSize], ['Füchse 1.bin', content.length]);
    await arrives(file.fileUrl, content);
    assert.deepEqual(complaints.flat(), []);
  });
}
