'use strict';
// One SDK object with everything that makes it independent of the others: its
// module copy, window, clock, network, handles and sequence of lines.
const { AsyncLocalStorage } = require('node:async_hooks');
const { format } = require('node:util');
const { newWindow } = require('./browser');
const { Clock } = require('./clock');
const { Network } = require('./network');
const { Values } = require('./values');
const { Failure, cut, BAD_PARAMS, NOT_IMPLEMENTED, NO_CODE, DESTROYED } = require('./protocol');

// Which instance's code is running; promises and sockets carry it along.
const running = new AsyncLocalStorage();

const DESTROY_LIMIT = 2000; // ms, real

class Instance {
  constructor(name, lines) {
    this.name = name;
    this.lines = lines;
    this.seq = 0;
    this.calls = new Set(); // ids of requests without an answer
    this.ending = false; // destroy was asked for
    this.over = false; // it is done: nothing more is said
  }

  // start makes the SDK object and subscribes to all it can fire.
  start(sdk, { SDKAppID, url, options }) {
    const run = (fn, ...args) => this.run(fn, ...args);
    this.network = new Network(url, run);
    this.clock = new Clock(run, () => this.network.settle());
    this.values = new Values(this.name, (fn, args) => this.notify('callback', { fn, args: this.values.snapshot(args) }));
    const window = newWindow(this.clock.globals(), this.network.globals(), { console: this.console() });
    running.run(this, () => {
      const { TIM, UploadPlugin } = sdk.instantiate(window);
      const where = sdk.proxyServer ? { proxyServer: url } : {};
      this.tim = TIM.create({ ...options, SDKAppID, ...where });
      if (!this.tim) throw new Failure(BAD_PARAMS, 'the SDK made nothing of these options');
      this.tim.setLogLevel(4); // none
      for (const name of new Set(Object.values(TIM.EVENT))) {
        const relay = event => this.notify('event', { name, data: this.values.snapshot(event?.data) }); // 2.14 wants a named one
        this.tim.on(name, relay);
      }
      this.tim.registerPlugin({ 'tim-upload-plugin': UploadPlugin });
    });
  }

  // run enters the SDK's code; what it throws is a fault. Nothing of an SDK
  // runs any more once it is over.
  run(fn, ...args) {
    if (this.over) return;
    running.run(this, () => {
      try {
        fn(...args);
      } catch (e) {
        this.fault('exception', e);
      }
    });
  }

  notify(method, params) {
    if (this.over) return;
    this.lines.notify(method, { instance: this.name, seq: ++this.seq, ...params });
  }

  fault(kind, e) {
    if (!this.over) this.lines.notify('fault', { instance: this.name, message: describe(kind, e) });
  }

  call(id, { api, args = [] }) {
    if (typeof api !== 'string' || !Array.isArray(args)) throw new Failure(BAD_PARAMS, 'call needs api and a list of args');
    if (api.startsWith('_') || api in Object.prototype || typeof this.tim[api] !== 'function') {
      throw new Failure(NOT_IMPLEMENTED, `this SDK has no ${api}`);
    }
    const given = args.map(a => this.values.argument(a));
    running.run(this, () => {
      let returned;
      try {
        returned = this.tim[api](...given);
      } catch (e) {
        return this.failed(id, 'throw', e);
      }
      if (typeof returned?.then !== 'function') return this.answered(id, true, returned);
      this.calls.add(id);
      returned.then(
        value => this.calls.delete(id) && this.answered(id, false, value),
        e => this.calls.delete(id) && this.failed(id, 'reject', e));
    });
  }

  answered(id, sync, value) {
    this.lines.answer(id, { sync, value: this.values.snapshot(value), seq: ++this.seq });
  }

  failed(id, kind, e) {
    const code = Number.isInteger(e?.code) ? e.code : NO_CODE;
    this.lines.fail(id, code, String(e?.message ?? e), { kind, seq: ++this.seq, data: this.values.snapshot(e?.data) });
  }

  read(ref) {
    return this.values.snapshot(this.values.deref(ref));
  }

  advance(id, ms) {
    if (!Number.isFinite(ms) || ms < 0) throw new Failure(BAD_PARAMS, 'advance needs ms, not negative');
    this.calls.add(id);
    this.clock.advance(ms).then(() => this.calls.delete(id) && this.lines.answer(id, {}));
  }

  destroyed() { return new Failure(DESTROYED, `instance ${this.name} was destroyed`); }

  // destroy has said everything and stopped everything when it resolves.
  async destroy() {
    this.ending = true;
    for (const id of this.calls) this.lines.fail(id, DESTROYED, this.destroyed().message);
    this.calls.clear();
    let late;
    await Promise.race([
      running.run(this, async () => this.tim.destroy()).catch(() => {}),
      new Promise(ok => { late = setTimeout(ok, DESTROY_LIMIT); }),
    ]);
    clearTimeout(late);
    this.stop();
  }

  stop() {
    this.over = true;
    this.clock?.stop(); // absent if start failed early
    this.network?.close();
  }

  console() {
    const log = (...args) => { process.stderr.write(cut(`${this.name}: ${format(...args)}`) + '\n'); };
    const none = () => {};
    return {
      log, info: log, warn: log, error: log, debug: log, trace: log, dir: log, table: log,
      assert: none, clear: none, count: none, group: none, groupCollapsed: none, groupEnd: none,
      time: none, timeEnd: none, timeLog: none, timeStamp: none, profile: none, profileEnd: none,
    };
  }
}

// describe tells an error in one line that a reader can use; the SDKs are one
// line of 500 kB each, so nothing of their source may get in.
function describe(kind, e) {
  const code = e?.code === undefined ? '' : ` (code ${e.code})`;
  return cut(`${kind}${code}: ${e instanceof Error ? `${e.name}: ${e.message}` : format(e)}`);
}

module.exports = { Instance, running, describe };
