'use strict';
const { describe, it, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Network } = require('../network');
const { serve } = require('./fakeserver');
const { png } = require('./png');

describe('network', () => {
  let server, network, globals;
  before(async () => {
    server = await serve();
    network = new Network(server.url, (fn, ...args) => fn(...args));
    globals = network.globals();
  });
  after(() => {
    network.close();
    server.close();
  });

  const opened = address => new Promise(ok => {
    const ws = new globals.WebSocket(address);
    ws.onopen = () => ok(ws);
  });
  const exchange = (method, address, body) => new Promise(ok => {
    const x = new globals.XMLHttpRequest();
    x.onload = x.onerror = e => ok([e.type, x.status, x.responseText]);
    x.open(method, address);
    x.send(body);
  });
  const measure = address => new Promise(ok => {
    const i = new globals.Image();
    i.onload = i.onerror = e => ok([e.type, i.width, i.height]);
    i.src = address;
  });

  it('dials the given server, whatever host is asked for', async () => {
    await opened('wss://wss.example.com/info?sdkappid=1&x=2');
    assert.equal(server.sessions.at(-1).url, '/info?sdkappid=1&x=2');
    const below = new Network(`${server.url}/below/`, (fn, ...args) => fn(...args));
    const { WebSocket } = below.globals();
    for (const address of ['wss://wss.example.com/info', `${server.url}/below/info`]) {
      await new Promise(ok => { new WebSocket(address).onopen = ok; });
      assert.equal(server.sessions.at(-1).url, '/below/info');
    }
    below.close();
  });

  it('waits for answers, but for none that nobody gives', async () => {
    const ws = await opened(server.url + '/info');
    const frame = servcmd => JSON.stringify({ head: { ver: 'v4', servcmd, seq: 1 }, body: {} });
    server.on('group_open_long_polling_http_svc.get_msg', () => undefined);
    ws.send(frame('group_open_long_polling_http_svc.get_msg'));
    assert.equal(network.owes(), false);
    let answered = false;
    ws.onmessage = () => { answered = true; };
    ws.send(frame('heartbeat.alive'));
    assert.equal(network.owes(), true);
    await network.settle();
    assert.equal(answered, true);
    assert.equal(network.owes(), false);
  });

  it('reaches files on loopback, https or not', async () => {
    const blob = new Blob(['hello']);
    assert.deepEqual(await exchange('PUT', `http://${server.host}/f`, blob), ['load', 200, '']);
    assert.deepEqual(await exchange('GET', `https://${server.host}/f`), ['load', 200, 'hello']);
    assert.deepEqual(await exchange('GET', `http://${server.host}/g`), ['load', 404, '']);
    assert.equal((await exchange('GET', 'http://127.0.0.1:1/'))[0], 'error');
  });

  it('measures images on loopback', async () => {
    server.files.set('/p', png(3, 2));
    assert.deepEqual(await measure(`https://${server.host}/p?imageView2/3/w/198/h/198`), ['load', 3, 2]);
    for (const none of [`http://${server.host}/f`, `http://${server.host}/none`, 'https://example.com/p', 'blob:x']) {
      assert.deepEqual(await measure(none), ['error', 0, 0]);
    }
  });

  it('answers for the outside world itself', async () => {
    assert.deepEqual(await exchange('POST', 'https://report.example.com/v4', '{}'), ['load', 200, '']);
    assert.equal((await globals.fetch('https://web.example.com/speed.xml')).ok, true);
  });
});
