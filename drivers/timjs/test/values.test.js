'use strict';
const { describe, it } = require('node:test');
const assert = require('node:assert/strict');
const { Values } = require('../values');
const { sizeOf } = require('../imagesize');
const { png } = require('./png');

const wire = v => JSON.parse(JSON.stringify({ v: new Values('i1').snapshot(v) })).v;

class Base { get inherited() { return 1; } get broken() { throw new Error('no'); } method() {} }
class Message extends Base {
  constructor(id) { super(); Object.assign(this, { ID: id, clientSequence: 1, flow: 'out', _secret: 2, fn() {} }); }
}

describe('snapshots', () => {
  it('show what is public and readable', () => {
    assert.deepEqual(wire(new Message('x')), { $ref: 'i1.m1', ID: 'x', clientSequence: 1, flow: 'out', inherited: 1 });
  });

  it('tell undefined, null and numbers that are none', () => {
    assert.deepEqual(wire({ a: undefined, b: null, c: [undefined, NaN, -Infinity] }),
      { b: null, c: [{ $undefined: true }, { $num: 'NaN' }, { $num: '-Infinity' }] });
    assert.equal(wire(undefined), undefined);
  });

  it('stop at a repeated ancestor, not at a repeated sibling', () => {
    const o = { twice: {} };
    Object.assign(o, { again: o.twice, self: o });
    assert.deepEqual(wire(o), { twice: {}, again: {}, self: { $cycle: true } });
  });

  it('give errors, maps and sets a shape', () => {
    const e = Object.assign(new Error('m'), { code: 7, data: { x: 1 } });
    assert.deepEqual(wire([e, new Map([['k', 1]]), new Set([2])]), [{ code: 7, message: 'm', data: { x: 1 } }, [['k', 1]], [2]]);
  });

  it('name one object once', () => {
    const v = new Values('i1'), m = new Message('x');
    assert.equal(v.snapshot([m])[0].$ref, v.snapshot({ deep: { m } }).deep.m.$ref);
    assert.notEqual(v.snapshot(new Message('x')).$ref, v.snapshot(m).$ref);
  });
});

describe('arguments', () => {
  const v = new Values('i1', () => {});

  it('stand for values', () => {
    const m = new Message('x'), { $ref } = v.snapshot(m);
    assert.equal(v.argument({ $ref, ID: 'ignored' }), m);
    assert.deepEqual(v.argument([{ $undefined: true }, { $num: 'NaN' }, { a: [null] }]), [undefined, NaN, { a: [null] }]);
    assert.equal(v.argument({ $fn: 'f' }), v.argument({ $fn: 'f' }));
    assert.equal(v.argument({ $fn: 'f' })(), undefined);
    for (const wrong of [{ $ref: 'i2.m1' }, { $file: {} }, { $file: { name: 'a', size: -1 } }, { $fn: 1 }]) {
      assert.throws(() => v.argument(wrong), { code: -32602 });
    }
  });

  it('make files', async () => {
    const f = v.argument({ $file: { name: 'a.txt', type: 'text/plain', base64: 'aGk=' } });
    assert.deepEqual([f.name, f.type, await f.text()], ['a.txt', 'text/plain', 'hi']);
    const zeros = v.argument({ $file: { name: 'z', size: (2 << 20) + 3 } });
    assert.deepEqual([zeros.size, Buffer.from(await zeros.arrayBuffer()).every(b => b === 0)], [(2 << 20) + 3, true]);
  });
});

describe('image sizes', () => {
  it('come from the header', () => {
    const jpeg = Buffer.from('ffd8ffe000040000ffc00011080014001e03012200021101031101', 'hex');
    const gif = Buffer.from('4749463839611e001400', 'hex');
    const bmp = Buffer.alloc(26);
    bmp.write('BM');
    bmp.writeInt32LE(30, 18);
    bmp.writeInt32LE(-20, 22);
    for (const image of [png(30, 20), jpeg, gif, bmp]) assert.deepEqual(sizeOf(image), { width: 30, height: 20 });
    for (const other of ['', 'hello', 'BM', Buffer.from('ffd8ff', 'hex')]) assert.equal(sizeOf(Buffer.from(other)), undefined);
  });
});
