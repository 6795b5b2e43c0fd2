'use strict';
// Lines, flags and ends: what does not depend on the SDK's version.
const { describe, it } = require('node:test');
const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Driver } = require('./harness');
const { serve } = require('./fakeserver');

const HOME = path.join(__dirname, '..');

describe('lines', () => {
  it('answers a line that is no JSON, or no request, and goes on', async () => {
    const d = new Driver('--sdk', '2.14');
    d.write('{"jsonrpc":\n');
    d.write('[]\n\n{"jsonrpc":"2.0","id":"x"}\n{"jsonrpc":"2.0","id":7,"method":"hello","params":[]}\n');
    await d.until(m => m.id === 7);
    assert.deepEqual(d.lines.map(m => [m.id, m.error.code]), [[null, -32700], [null, -32600], ['x', -32600], [7, -32602]]);
    assert.equal((await d.error(d.ask('create', { instance: 'a' }))).code, -32600); // hello comes first
    assert.equal((await d.error(d.ask('hello', { protocol: 2 }))).code, -32602);
    assert.equal((await d.ask('hello', { protocol: 1 })).result.version, '2.14.0');
    await d.close();
  });

  it('takes requests in pieces, several at once, and of 64 MiB', async () => {
    const d = new Driver('--sdk', '3.6');
    d.write('{"jsonrpc":"2.0","id":1,"met');
    d.write('hod":"hello","params":{"protocol":1}}\n{"jsonrpc":"2.0","id":2,"method":"sing"}\r\n');
    assert.equal((await d.until(m => m.id === 1)).result.version, '3.6.6');
    assert.equal((await d.until(m => m.id === 2)).error.code, -32601);
    d.write(`{"jsonrpc":"2.0","id":3,"method":"sing","params":{"words":"`);
    for (let i = 0; i < 64; i++) d.write('a'.repeat(1 << 20));
    d.write('"}}\n');
    assert.equal((await d.until(m => m.id === 3)).error.code, -32601);
    await d.close();
  });

  it('keeps its order, and everything, when nobody reads for a while', async () => {
    const server = await serve(), d = new Driver('--sdk', '2.27');
    await d.ask('hello', { protocol: 1 });
    await d.create('a', server);
    await d.login('a', 'alice');
    d.child.stdout.pause();
    const payload = { text: 'x'.repeat(5000) };
    const made = Array.from({ length: 200 }, () => d.value('a', 'createTextMessage', { to: 'bob', conversationType: 'C2C', payload }));
    d.child.stdout.resume();
    const refs = (await Promise.all(made)).map(m => m.$ref);
    assert.deepEqual(refs, refs.map((_, n) => `a.m${n + 1}`));
    await d.close();
    server.close();
  });
});

describe('start and end', () => {
  const run = (...args) => spawnSync(process.execPath, args, { input: '', encoding: 'utf8' });
  const driver = path.join(HOME, 'driver.js');

  it('says what is wrong with a flag, exit code 2', () => {
    for (const [args, what] of [[[], '--sdk is missing'], [['--sdk', '9.9'], 'no SDK "9.9"'], [['--port', '1'], '--port'], [['--sdk'], '--sdk']]) {
      const { status, stdout, stderr } = run(driver, ...args);
      assert.deepEqual([status, stdout], [2, '']);
      assert.ok(stderr.includes(what) && stderr.includes('2.14.0|2.27.6|3.6.6'), stderr);
    }
  });

  it('says how to install missing packages, exit code 2', t => {
    const bare = fs.mkdtempSync(path.join(os.tmpdir(), 'timjs-'));
    t.after(() => fs.rmSync(bare, { recursive: true }));
    for (const f of fs.readdirSync(HOME).filter(f => f.endsWith('.js'))) fs.copyFileSync(path.join(HOME, f), path.join(bare, f));
    const { status, stdout, stderr } = run(path.join(bare, 'driver.js'), '--sdk', '3.6.6');
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /npm ci/);
  });

  it('ends with 0 at the end of stdin', () => {
    assert.equal(run(driver, '--sdk', '2.27.6').status, 0);
  });
});
