'use strict';
const { describe, it } = require('node:test');
const assert = require('node:assert/strict');
const { Clock } = require('../clock');

// A clock whose timers note their name, and the virtual ms since the start.
// Real time stands still unless told otherwise, so a slow machine adds nothing.
function scene(t, real = () => 1.6e12) {
  const fired = [];
  const clock = new Clock((fn, ...args) => fn(...args), async () => {}, real);
  t.after(() => clock.stop());
  const { setTimeout, setInterval, clearTimeout, Date } = clock.globals();
  const start = clock.now();
  const note = name => { fired.push([name, clock.now() - start]); };
  return { clock, fired, note, setTimeout, setInterval, clearTimeout, Date };
}

describe('clock', () => {
  it('fires what is due in order, at its own instant', async t => {
    const s = scene(t);
    s.setTimeout(s.note, 3000, 'c');
    s.setTimeout(s.note, 1000, 'a');
    s.setTimeout(s.note, 1000, 'b');
    s.setTimeout(s.note, 9000, 'never');
    await s.clock.advance(5000);
    assert.deepEqual(s.fired, [['a', 1000], ['b', 1000], ['c', 3000]]);
  });

  it('fires timers that a timer set, and one that was set for the past of a jump', async t => {
    const s = scene(t);
    s.setTimeout(() => s.setTimeout(s.note, 500, 'inner'), 1000);
    await s.clock.advance(1499);
    assert.deepEqual(s.fired, []);
    await s.clock.advance(5000);
    assert.deepEqual(s.fired, [['inner', 1500]]);
  });

  it('repeats intervals until cleared, by either function', async t => {
    const s = scene(t);
    const id = s.setInterval(s.note, 1000, 'tick');
    await s.clock.advance(3500);
    s.clearTimeout(id);
    await s.clock.advance(5000);
    assert.deepEqual(s.fired, [['tick', 1000], ['tick', 2000], ['tick', 3000]]);
  });

  it('comes to an end of timers without delay', async t => {
    const s = scene(t);
    let n = 0;
    const again = () => { n++; s.setTimeout(again, 0); };
    again();
    await s.clock.advance(100);
    assert.equal(n, 101);
  });

  it('goes on in real time after a jump', async t => {
    const s = scene(t, Date.now);
    await s.clock.advance(1e6);
    await new Promise(ok => s.setTimeout(ok, 1));
  });

  it('moves Date, and nothing else of it', async t => {
    const { clock, Date: Virtual } = scene(t);
    await clock.advance(60_000);
    assert.equal(Virtual.now(), 1.6e12 + 60_000);
    assert.equal(new Virtual().getTime(), 1.6e12 + 60_000);
    assert.ok(new Virtual() instanceof Date && new Date() instanceof Virtual);
    assert.equal(new Virtual(5).getTime(), 5);
    assert.equal(new Virtual(2020, 0).getTime(), new Date(2020, 0).getTime());
    assert.equal(typeof Virtual(), 'string');
    assert.equal(Virtual.UTC(2020, 0), Date.UTC(2020, 0));
  });

  it('does one advance after the other', async t => {
    const s = scene(t);
    s.setTimeout(s.note, 1500, 'a');
    await Promise.all([s.clock.advance(1000), s.clock.advance(1000)]);
    assert.deepEqual(s.fired, [['a', 1500]]);
  });
});
