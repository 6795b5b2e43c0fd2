'use strict';
// Values between one SDK and the wire: snapshots out, arguments in. A Values
// belongs to one instance and keeps its message handles and its functions.
const { Failure, BAD_PARAMS, isObject } = require('./protocol');

const DEEPEST = 200; // a getter that makes a new object each time must not hang us

// Every SDK version's Message has these three, and nothing else has them all.
const isMessage = v => 'ID' in v && 'clientSequence' in v && 'flow' in v;

class Values {
  constructor(instance, onCallback) {
    this.instance = instance;
    this.onCallback = onCallback; // (fn id, args)
    this.objects = new Map(); // ref -> message
    this.refs = new WeakMap(); // message -> ref
    this.functions = new Map(); // fn id -> function
  }

  // snapshot gives what JSON shall show of v now; undefined stays undefined.
  snapshot(v, above = []) {
    switch (typeof v) {
      case 'number': return Number.isFinite(v) ? v : { $num: String(v) };
      case 'bigint': return { $num: String(v) };
      case 'function': case 'symbol': case 'undefined': return undefined;
      case 'object': break;
      default: return v;
    }
    if (v === null) return null;
    if (above.includes(v) || above.length > DEEPEST) return { $cycle: true };
    const path = [...above, v];
    if (Array.isArray(v)) return this.items(v, path);
    if (v instanceof Map || v instanceof Set || ArrayBuffer.isView(v)) return this.items(Array.from(v), path);
    if (v instanceof Date) return Number.isNaN(v.getTime()) ? null : v.toISOString();
    if (v instanceof Error) return this.error(v, path);
    return this.fields(v, path);
  }

  items(list, path) {
    return Array.from(list, x => {
      const s = this.snapshot(x, path);
      return s === undefined ? { $undefined: true } : s;
    });
  }

  error(e, path) {
    return {
      code: this.snapshot(e.code, path),
      message: this.snapshot(e.message, path),
      data: this.snapshot(e.data, path),
    };
  }

  fields(v, path) {
    const out = {};
    if (isMessage(v)) out.$ref = this.refOf(v);
    for (const name of readable(v)) {
      let value;
      try {
        value = v[name];
      } catch {
        continue; // not readable now
      }
      const s = this.snapshot(value, path);
      if (s !== undefined) out[name] = s;
    }
    return out;
  }

  refOf(message) {
    let ref = this.refs.get(message);
    if (ref === undefined) {
      ref = `${this.instance}.m${this.objects.size + 1}`;
      this.refs.set(message, ref);
      this.objects.set(ref, message);
    }
    return ref;
  }

  deref(ref) {
    const message = this.objects.get(ref);
    if (!message) throw new Failure(BAD_PARAMS, `no ref ${JSON.stringify(ref)} in instance ${this.instance}`);
    return message;
  }

  // argument gives the JavaScript value that v stands for.
  argument(v) {
    if (Array.isArray(v)) return v.map(x => this.argument(x));
    if (!isObject(v)) return v;
    if (Object.hasOwn(v, '$ref')) return this.deref(v.$ref);
    if (v.$undefined === true) return undefined;
    if (Object.hasOwn(v, '$num')) return Number(v.$num);
    if (Object.hasOwn(v, '$file')) return file(v.$file);
    if (Object.hasOwn(v, '$fn')) return this.fn(v.$fn);
    return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, this.argument(x)]));
  }

  fn(id) {
    if (typeof id !== 'string') throw new Failure(BAD_PARAMS, '$fn is not a string');
    if (!this.functions.has(id)) this.functions.set(id, (...args) => { this.onCallback(id, args); });
    return this.functions.get(id);
  }
}

// Names of own and inherited properties: data properties of the object itself,
// getters of its classes.
function readable(v) {
  const names = Object.keys(v).filter(isPublic);
  const inherited = getters(Object.getPrototypeOf(v));
  return inherited.length === 0 ? names : [...new Set([...names, ...inherited])];
}

const isPublic = name => !name.startsWith('_');

const gettersOf = new WeakMap(); // class prototype -> names: SDKs do not change their classes

function getters(prototype) {
  if (!prototype || prototype === Object.prototype) return [];
  let names = gettersOf.get(prototype);
  if (!names) {
    const own = Object.entries(Object.getOwnPropertyDescriptors(prototype)).filter(([name, d]) => d.get && isPublic(name));
    names = [...own.map(([name]) => name), ...getters(Object.getPrototypeOf(prototype))];
    gettersOf.set(prototype, names);
  }
  return names;
}

const MIB = new Blob([new Uint8Array(1 << 20)]);

// A File of the given content, or of size zero bytes that share their memory.
function file(spec) {
  if (!isObject(spec) || typeof spec.name !== 'string') throw new Failure(BAD_PARAMS, '$file without a name');
  const { name, type = '', base64, size } = spec;
  if (typeof base64 === 'string') return new File([Buffer.from(base64, 'base64')], name, { type });
  if (!Number.isSafeInteger(size) || size < 0) throw new Failure(BAD_PARAMS, '$file with neither base64 nor size');
  const parts = Array(Math.floor(size / MIB.size)).fill(MIB);
  return new File([...parts, MIB.slice(0, size % MIB.size)], name, { type });
}

module.exports = { Values };
