'use strict';
// The genuine packages: found, compiled once, and instantiated as often as
// needed, each time in a window of its own.
const fs = require('node:fs');
const vm = require('node:vm');
const { NAMES } = require('./browser');

// The friendship builds are the ones with every feature; main of tim-js-sdk
// lacks the friends.
const SDKS = {
  '2.14.0': { name: 'tim-js-sdk', file: 'tim-js-sdk-2.14.0/tim-js-friendship.js' },
  '2.27.6': { name: 'tim-js-sdk', file: 'tim-js-sdk-2.27.6/tim-js-friendship.js', proxyServer: true },
  '3.6.6': { name: '@tencentcloud/chat', file: '@tencentcloud/chat/index.js', proxyServer: true },
};
const PLUGIN = 'tim-upload-plugin';

// versionOf completes 2.14, 2.27 and 3.6; undefined if there is no such SDK.
function versionOf(text) {
  return Object.keys(SDKS).find(v => v === text || v.replace(/\.\d+$/, '') === text);
}

// load throws if a package is missing.
function load(version) {
  const { name, file, proxyServer = false } = SDKS[version];
  const sdk = compile(file);
  const plugin = compile(PLUGIN);
  return { name, version, proxyServer, instantiate: window => ({ TIM: sdk(window), UploadPlugin: plugin(window) }) };
}

// compile gives a function that makes a fresh copy of the module.
function compile(file) {
  const filename = require.resolve(file);
  const names = ['module', 'exports', ...NAMES];
  const body = vm.compileFunction(fs.readFileSync(filename, 'utf8'), names, { filename });
  return window => {
    const module = { exports: {} };
    const { toString } = Function.prototype;
    body.call(window, module, module.exports, ...NAMES.map(name => window[name]));
    Function.prototype.toString = toString; // 2.14 wraps it: a chain that would keep every copy alive
    return module.exports.default ?? module.exports;
  };
}

module.exports = { SDKS, load, versionOf };
