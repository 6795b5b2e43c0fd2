'use strict';
// One SDK's own time: its Date and its timers. It runs with real time and can
// be moved ahead; while it is being moved it stands still but for the jumps
// from one due timer to the next, so what a timer sees does not depend on how
// busy the machine is.
//
//   const clock = new Clock(run, settle);  // run(fn, ...args) enters the SDK
//   await clock.advance(1000);             // everything due has run
const { performance } = require('node:perf_hooks');

// Monotonic, so a step of the machine's clock stops no heartbeat.
const monotonic = () => performance.timeOrigin + performance.now();

const LONGEST = 2 ** 31 - 1; // of a Node timer

class Clock {
  constructor(run, settle, real = monotonic) {
    this.run = run;
    this.settle = settle;
    this.real = real; // ms since 1970
    this.offset = 0;
    this.frozen = undefined; // the instant, while advancing
    this.timers = new Map();
    this.lastID = 0;
    this.lastTurn = 0;
    this.armed = undefined;
    this.stopped = false;
    this.queue = Promise.resolve(); // advances come one after the other
    this.Date = virtualDate(this);
  }

  now() {
    return this.frozen ?? this.real() + this.offset;
  }

  // The six globals, as a browser has them: ids are numbers, of one kind.
  globals() {
    const clear = id => { this.timers.delete(id); };
    return {
      Date: this.Date,
      performance: { now: () => this.now() - performance.timeOrigin, timeOrigin: performance.timeOrigin },
      setTimeout: (fn, ms, ...args) => this.add(fn, ms, args, false),
      setInterval: (fn, ms, ...args) => this.add(fn, ms, args, true),
      clearTimeout: clear,
      clearInterval: clear,
    };
  }

  add(fn, ms, args, repeat) {
    const delay = Math.max(1, Number(ms) || 0); // 1: a chain of zero delays must not stop an advance
    const timer = { id: ++this.lastID, turn: ++this.lastTurn, fn, args, due: this.now() + delay, every: repeat ? delay : 0 };
    this.timers.set(timer.id, timer);
    this.arm();
    return timer.id;
  }

  next() {
    let first;
    for (const t of this.timers.values()) {
      if (!first || t.due < first.due || (t.due === first.due && t.turn < first.turn)) first = t;
    }
    return first;
  }

  // One Node timer, for the earliest of ours.
  arm() {
    if (this.frozen !== undefined || this.stopped) return;
    const first = this.next();
    if (this.armed && first && this.armed.due === first.due) return;
    clearTimeout(this.armed?.handle);
    this.armed = undefined;
    if (!first) return;
    const wait = Math.min(LONGEST, Math.max(0, Math.ceil(first.due - this.now())));
    this.armed = { due: first.due, handle: setTimeout(() => this.tick(), wait) };
  }

  tick() {
    this.armed = undefined;
    const first = this.next();
    if (first && first.due <= this.now()) this.fire(first);
    this.arm(); // the next one in a turn of its own, after the microtasks of this one
  }

  fire(timer) {
    if (timer.every) {
      timer.due = Math.max(timer.due + timer.every, this.now() - timer.every); // no burst after a suspended machine
      timer.turn = ++this.lastTurn;
    } else {
      this.timers.delete(timer.id);
    }
    this.run(timer.fn, ...timer.args);
  }

  // Moves by ms: fires what is due in order, and lets the network settle
  // before the first timer, after each, and at the end.
  advance(ms) {
    const done = this.queue.then(() => this.step(ms));
    this.queue = done.catch(() => {});
    return done;
  }

  async step(ms) {
    await this.settle();
    const start = this.now();
    this.frozen = start;
    try {
      for (;;) {
        const timer = this.next();
        if (this.stopped || !timer || timer.due > start + ms) break;
        this.frozen = Math.max(this.frozen, timer.due);
        this.fire(timer);
        await this.settle();
      }
    } finally {
      // Real time that went by meanwhile counts too, as it does for the server.
      this.offset += ms;
      this.frozen = undefined;
      clearTimeout(this.armed?.handle);
      this.armed = undefined;
      this.arm();
    }
    await this.settle();
  }

  stop() {
    this.stopped = true;
    this.timers.clear();
    clearTimeout(this.armed?.handle);
  }
}

// A Date that reads the clock. It shares Date.prototype: dates of both kinds
// are instances of each other.
function virtualDate(clock) {
  const now = () => Math.floor(clock.now());
  function VirtualDate(...args) {
    if (!new.target) return new Date(now()).toString();
    return Reflect.construct(Date, args.length ? args : [now()], new.target);
  }
  Object.setPrototypeOf(VirtualDate, Date);
  VirtualDate.prototype = Date.prototype;
  VirtualDate.now = now;
  return VirtualDate;
}

module.exports = { Clock };
