'use strict';
// Runs driver.js as a child and checks, on every line, what the protocol
// promises about all lines.
const { spawn } = require('node:child_process');
const path = require('node:path');
const assert = require('node:assert/strict');

const PATIENCE = 60_000; // ms, for a slow machine
const DRIVER = path.join(__dirname, '..', 'driver.js');

class Driver {
  constructor(...args) {
    this.child = spawn(process.execPath, [DRIVER, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.lines = []; // all that it said
    this.stderr = '';
    this.waiting = []; // {match, ok}
    this.seqs = new Map();
    this.problems = [];
    this.asked = 0;
    this.apis = new Map();
    let rest = '';
    this.child.stdout.setEncoding('utf8').on('data', chunk => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop();
      for (const line of parts) this.take(line);
    });
    this.child.stderr.setEncoding('utf8').on('data', chunk => { this.stderr += chunk; });
    this.exit = new Promise(ok => this.child.on('close', code => ok(code)));
  }

  take(line) {
    const m = JSON.parse(line);
    if (m.jsonrpc !== '2.0') this.problems.push(`no JSON-RPC: ${line}`);
    const at = m.params?.seq ?? m.result?.seq ?? m.error?.data?.seq;
    const instance = m.params?.instance ?? this.apis.get(m.id);
    if (at !== undefined) {
      const last = this.seqs.get(instance) ?? 0;
      if (at !== last + 1) this.problems.push(`seq ${at} of ${instance} follows ${last}`);
      this.seqs.set(instance, at);
    }
    this.lines.push(m);
    this.waiting = this.waiting.filter(w => !(w.match(m) && (w.ok(m), true)));
  }

  // until gives the first line that matches, said already or yet to come. A
  // line that never comes fails the test instead of hanging it.
  until(match, from = 0) {
    const there = this.lines.slice(from).find(match);
    if (there) return Promise.resolve(there);
    return new Promise((ok, fail) => {
      const late = setTimeout(() => fail(new Error(`no line for ${match}; the last one: ${JSON.stringify(this.lines.at(-1))}`)), PATIENCE);
      this.waiting.push({ match, ok: m => { clearTimeout(late); ok(m); } });
    });
  }

  event(instance, name, match = () => true) {
    return this.until(m => m.method === 'event' && m.params.instance === instance && m.params.name === name && match(m.params.data));
  }

  write(text) { this.child.stdin.write(text); }

  ask(method, params) {
    const id = ++this.asked;
    this.apis.set(id, params?.instance);
    this.write(JSON.stringify({ jsonrpc: '2.0', id, method, params }) + '\n');
    return this.until(m => m.id === id);
  }

  call(instance, api, ...args) { return this.ask('call', { instance, api, args }); }

  // The value of a call that must succeed.
  async value(instance, api, ...args) {
    const m = await this.call(instance, api, ...args);
    assert.ok(m.result, `${api}: ${JSON.stringify(m.error)}`);
    return m.result.value;
  }

  async error(answer) {
    const m = await answer;
    assert.ok(m.error, `succeeded: ${JSON.stringify(m.result)}`);
    return m.error;
  }

  create(instance, server, more = {}) {
    return this.ask('create', { instance, SDKAppID: 1400000000, url: server.url, ...more });
  }

  // login to the ready state.
  async login(instance, userID) {
    await this.value(instance, 'login', { userID, userSig: 'sig' });
    await this.event(instance, 'sdkStateReady');
  }

  // advance in the steps that the protocol promises.
  async advance(instance, ms) {
    for (let left = ms; left > 0; left -= 1000) {
      const m = await this.ask('advance', { instance, ms: Math.min(left, 1000) });
      assert.deepEqual(m.result, {});
    }
  }

  async close() {
    this.child.stdin.end();
    assert.equal(await this.exit, 0);
    assert.deepEqual(this.problems, []);
  }
}

module.exports = { Driver };
