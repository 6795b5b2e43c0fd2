#!/usr/bin/env node
'use strict';
// The imsim driver protocol, version 1, for the genuine web SDKs:
//
//   node driver.js --sdk 2.14.0|2.27.6|3.6.6
//
// Requests come on stdin, answers and notifications go to stdout, one JSON
// value a line. The end of stdin ends the driver.
const { parseArgs, format } = require('node:util');
const { newWindow } = require('./browser');
const v8 = require('node:v8');
const {
  Lines, Failure, cut, isObject, INVALID_REQUEST, METHOD_NOT_FOUND, BAD_PARAMS, INTERNAL,
} = require('./protocol');

// Every SDK object is a module of its own that lives for a second: what the
// compiler optimizes is thrown away, and took a quarter of the processor time.
// Plain machine code is kept, and pays from the first call on.
v8.setFlagsFromString('--no-opt');
v8.setFlagsFromString('--always-sparkplug');

const PROTOCOL = 1;
const CAPABILITIES = ['identity', 'callbacks', 'files', 'upload', 'clock'];

const log = (...args) => { process.stderr.write(cut(format(...args)) + '\n'); };
for (const level of ['log', 'info', 'warn', 'error', 'debug', 'trace']) console[level] = log;

function usage(problem) {
  log(`${problem}\nusage: node driver.js --sdk 2.14.0|2.27.6|3.6.6`);
  process.exit(2);
}

function loadSDK() {
  let wanted;
  try {
    wanted = parseArgs({ options: { sdk: { type: 'string' } } }).values.sdk;
  } catch (e) {
    usage(e.message);
  }
  if (wanted === undefined) usage('which SDK? --sdk is missing');
  let sdk;
  try {
    sdk = require('./sdk');
  } catch (e) {
    missing(e);
  }
  const version = sdk.versionOf(wanted);
  if (!version) usage(`no SDK ${JSON.stringify(wanted)} here`);
  try {
    require('./network');
    return sdk.load(version);
  } catch (e) {
    return missing(e);
  }
}

function missing(e) {
  if (e.code !== 'MODULE_NOT_FOUND') throw e;
  log(`${e.message.split('\n')[0]}\nThe packages are not installed. Run: npm ci --prefix ${__dirname}`);
  process.exit(2);
}

// The events that a copy of the SDK declares.
function declared(sdk) {
  const { TIM } = sdk.instantiate(newWindow());
  return [...new Set(Object.values(TIM.EVENT))];
}

function main() {
  const sdk = loadSDK();
  const { Instance, running, describe } = require('./instance');
  const lines = new Lines(process.stdin, process.stdout);
  const instances = new Map(); // name -> Instance; undefined once destroyed
  let greeted = false;

  const fault = (kind, e) => {
    const instance = running.getStore();
    if (!instance) lines.notify('fault', { message: describe(kind, e) });
    else if (instance.over) log('%s, after its end: %s', instance.name, describe(kind, e));
    else instance.fault(kind, e);
  };
  process.on('uncaughtException', e => fault('uncaught exception', e));
  process.on('unhandledRejection', e => fault('unhandled rejection', e));
  process.stdout.on('error', () => process.exit(0)); // nobody listens any more

  const find = name => {
    const instance = instances.get(name);
    if (!instance) throw new Failure(BAD_PARAMS, `no instance ${JSON.stringify(name)}`);
    if (instance.ending) throw instance.destroyed();
    return instance;
  };

  // A method returns the result, or undefined when it answers by itself.
  const methods = {
    hello({ protocol }) {
      if (greeted) throw new Failure(INVALID_REQUEST, 'hello comes once');
      if (protocol !== PROTOCOL) throw new Failure(BAD_PARAMS, `protocol ${protocol}: this driver speaks ${PROTOCOL}`);
      greeted = true;
      return {
        protocol: PROTOCOL, name: sdk.name, version: sdk.version, language: 'javascript',
        capabilities: CAPABILITIES, events: declared(sdk),
      };
    },
    create(params) {
      const { instance: name, url, options } = params;
      if (typeof name !== 'string' || name === '') throw new Failure(BAD_PARAMS, 'create needs a name');
      if (instances.has(name)) throw new Failure(BAD_PARAMS, `instance ${name} was there before`);
      if (!/^wss?:$/.test(URL.canParse(url) && new URL(url).protocol)) throw new Failure(BAD_PARAMS, 'create needs url, ws://host:port');
      if (options !== undefined && !isObject(options)) throw new Failure(BAD_PARAMS, 'options is not an object');
      const instance = new Instance(name, lines);
      instances.set(name, instance);
      try {
        instance.start(sdk, params);
      } catch (e) {
        instance.stop();
        instances.set(name, undefined);
        throw e;
      }
      return {};
    },
    call(params, id) { find(params.instance).call(id, params); },
    read(params) { return find(params.instance).read(params.ref); },
    advance(params, id) { find(params.instance).advance(id, params.ms); },
    async destroy(params) {
      await find(params.instance).destroy();
      instances.set(params.instance, undefined);
      return {};
    },
  };

  const handle = async (id, method, params) => {
    try {
      if (!Object.hasOwn(methods, method)) throw new Failure(METHOD_NOT_FOUND, `no method ${method}`);
      if (!greeted && method !== 'hello') throw new Failure(INVALID_REQUEST, 'hello comes first');
      const pending = methods[method](params, id);
      const result = pending instanceof Promise ? await pending : pending;
      if (result !== undefined) lines.answer(id, result);
    } catch (e) {
      if (!(e instanceof Failure)) log('%s', describe(method, e));
      lines.fail(id, e instanceof Failure ? e.code : INTERNAL, e.message ?? String(e));
    }
  };
  lines.listen(handle, () => process.exit(0));
}

main();
