'use strict';
// What an SDK believes to be a browser window: the language's own globals,
// plus stubs. One window per SDK object, so that none sees another's.

// Names that a module's code may use bare; each becomes a parameter of it.
// Those of Node that no browser has are undefined there.
const OWN = [
  'window', 'self', 'globalThis', 'document', 'navigator', 'location', 'localStorage', 'sessionStorage', 'console',
  'Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval',
  'WebSocket', 'XMLHttpRequest', 'fetch', 'Image', 'HTMLInputElement', 'URL',
  'addEventListener', 'removeEventListener', 'dispatchEvent', 'PromiseRejectionEvent',
];
const HIDDEN = [
  'global', 'process', 'Buffer', 'require', 'setImmediate', 'clearImmediate', 'MessageChannel', 'BroadcastChannel', 'Worker',
];
const NAMES = [...OWN, ...HIDDEN];

function newWindow(...more) {
  const nothing = () => {};
  const window = languageGlobals();
  const storage = { getItem: () => null, setItem: nothing, removeItem: nothing, clear: nothing };
  Object.assign(window, {
    window, self: window, globalThis: window,
    navigator: {
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
      onLine: true, language: 'en', platform: 'Linux x86_64',
    },
    location: { href: 'http://localhost/', origin: 'http://localhost', protocol: 'http:', host: 'localhost', hostname: 'localhost', pathname: '/', search: '', hash: '' },
    document: {
      charset: 'UTF-8', characterSet: 'UTF-8', visibilityState: 'visible', hidden: false, cookie: '',
      addEventListener: nothing, removeEventListener: nothing, createElement: () => ({}),
    },
    // A storage that forgets: nothing lives on from one SDK object to the next.
    localStorage: storage, sessionStorage: storage,
    HTMLInputElement: class HTMLInputElement {},
    // 2.14 carries polyfills, which would replace Promise without this.
    PromiseRejectionEvent: class PromiseRejectionEvent {},
    URL: memoryURL(),
    addEventListener: nothing, removeEventListener: nothing, dispatchEvent: nothing,
  }, ...more);
  for (const name of HIDDEN) delete window[name];
  return window;
}

// Everything of globalThis that is a plain value; Node's lazy getters stay behind.
function languageGlobals() {
  const window = {};
  for (const [name, d] of Object.entries(Object.getOwnPropertyDescriptors(globalThis))) {
    if ('value' in d) window[name] = d.value;
  }
  return window;
}

// URLs for previews that nobody looks at; Node's would keep the files for ever.
function memoryURL() {
  let n = 0;
  return class URL extends globalThis.URL {
    static createObjectURL() { return `blob:http://localhost/${++n}`; }
    static revokeObjectURL() {}
  };
}

module.exports = { NAMES, newWindow };
