'use strict';
// The network as one SDK sees it: a WebSocket that always dials the given
// server, an XMLHttpRequest and an Image that reach the same host or loopback,
// and nothing else. Public hosts are answered here, as if all were well.
const http = require('node:http');
const { setImmediate: turn, setTimeout: pause } = require('node:timers/promises');
const WS = require('ws');
const { sizeOf } = require('./imagesize');

// How long, in real ms, an advance waits for an answer that is under way. A
// server on loopback needs about one, on a busy machine many; less would make an
// SDK miss its heartbeats (2.27: 3 s, so three steps). Paid for what is withheld only.
const GRACE = 250;

// Commands that are answered late or never. The head comes first in a frame.
const COMMAND = /"servcmd":"([^"]*)"/;
const UNANSWERED = /ws_msg_push_ack$|long_polling/;

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

class Network {
  constructor(url, run) {
    this.url = new URL(url);
    this.run = run;
    this.sockets = new Set();
    this.requests = new Set();
    this.owing = new Map(); // socket or request -> real time of what it waits for
  }

  // settle returns when what the server has sent so far has been processed,
  // and what it was asked has been answered or has waited for GRACE.
  async settle() {
    const end = performance.now() + GRACE; // a storm of requests must not hold us either
    for (let calm = 0; calm < 2; calm++) {
      await turn(); // a whole turn of the loop: one poll of every socket
      while (this.owes() && performance.now() < end) {
        await pause(1);
        calm = 0;
      }
    }
  }

  owes() {
    const old = performance.now() - GRACE;
    for (const [who, since] of this.owing) {
      if (since < old) this.owing.delete(who);
    }
    return this.owing.size > 0;
  }

  owe(who) { this.owing.set(who, performance.now()); }
  settled(who) { this.owing.delete(who); }

  // reach gives the plain HTTP address behind a URL of an SDK (2.14 puts
  // https:// before every download), or undefined for the outside world.
  reach(address) {
    let u;
    try {
      u = new URL(address);
    } catch {
      return undefined;
    }
    const near = LOOPBACK.has(u.hostname) || u.hostname === this.url.hostname;
    if (!near || !/^https?:$/.test(u.protocol)) return undefined;
    return new URL('http' + u.href.slice(u.protocol.length - 1));
  }

  // request does one HTTP exchange; done gets (error) or (undefined, response, body).
  request(method, address, headers, body, done) {
    const req = http.request(address, { method, headers, agent: false });
    let over = false;
    const finish = (...result) => {
      if (over) return;
      over = true;
      this.requests.delete(req);
      this.settled(req);
      this.run(done, ...result);
    };
    this.requests.add(req);
    this.owe(req);
    req.on('error', e => finish(e));
    req.on('close', () => finish(new Error('aborted')));
    req.on('response', res => {
      const parts = [];
      res.on('data', part => parts.push(part));
      res.on('error', e => finish(e));
      res.on('end', () => finish(undefined, res, Buffer.concat(parts)));
    });
    send(req, body).catch(e => req.destroy(e));
    return req;
  }

  close() {
    for (const s of this.sockets) s.terminate(); // while dialling too: its error event is heard
    for (const r of this.requests) r.destroy();
    this.owing.clear();
  }

  globals() {
    const network = this;
    return {
      WebSocket: webSocket(network),
      XMLHttpRequest: xmlHttpRequest(network),
      Image: image(network),
      // 2.14 asks a public host whether there is a network.
      fetch: async () => ({ ok: true, status: 200, text: async () => '', json: async () => ({}) }),
    };
  }
}

async function send(req, body) {
  if (body instanceof Blob) {
    req.setHeader('content-length', body.size);
    for await (const part of body.stream()) {
      if (!req.write(part)) await new Promise(ok => { req.once('drain', ok); req.once('close', ok); });
      if (req.destroyed) return;
    }
    req.end();
  } else {
    req.end(body === undefined || body === null ? undefined : Buffer.from(body));
  }
}

function webSocket(network) {
  return class WebSocket extends WS {
    constructor(address) {
      super(redirect(network.url, address), { perMessageDeflate: false });
      this.binaryType = 'blob'; // a browser's default
      network.sockets.add(this);
      network.owe(this);
      this.on('error', () => network.settled(this)); // unheard it would end the process
      this.on('open', () => network.settled(this));
      this.on('message', () => network.settled(this));
      this.on('close', () => { network.sockets.delete(this); network.settled(this); });
    }

    send(data) {
      this.gather();
      super.send(data);
      const head = typeof data === 'string' ? data.slice(0, 1000) : Buffer.from(data).toString('latin1', 0, 1000);
      if (this.readyState === WS.OPEN && !UNANSWERED.test(COMMAND.exec(head)?.[1])) network.owe(this);
    }

    // What an SDK sends in one go leaves in one write.
    gather() {
      const socket = this._socket;
      if (!socket || socket.writableCorked) return;
      socket.cork();
      process.nextTick(() => socket.uncork());
    }

    get onopen() { return super.onopen; }
    set onopen(f) { super.onopen = entering(network, f); }
    get onmessage() { return super.onmessage; }
    set onmessage(f) { super.onmessage = entering(network, f); }
    get onclose() { return super.onclose; }
    set onclose(f) { super.onclose = entering(network, f); }
    get onerror() { return super.onerror; }
    set onerror(f) { super.onerror = entering(network, f); }
  };
}

const entering = (network, f) => (typeof f === 'function' ? e => network.run(f, e) : null);

// redirect keeps the path and the query that the SDK chose. 2.14 dials fixed
// hosts; later ones already put the server's address in front.
function redirect(server, address) {
  const u = new URL(address);
  const prefix = server.pathname.replace(/\/$/, '');
  const path = u.host === server.host && u.pathname.startsWith(prefix + '/') ? u.pathname : prefix + u.pathname;
  return `${server.protocol}//${server.host}${path}${u.search}`;
}

function xmlHttpRequest(network) {
  return class XMLHttpRequest {
    readyState = 0; status = 0; statusText = ''; responseText = ''; response = '';
    upload = {}; sent = {}; received = {};

    open(method, address) { this.method = method; this.address = address; this.change(1); }
    setRequestHeader(name, value) { this.sent[name] = value; }
    getResponseHeader(name) { return this.received[name.toLowerCase()] ?? null; }
    getAllResponseHeaders() { return Object.entries(this.received).map(([k, v]) => `${k}: ${v}\r\n`).join(''); }
    abort() { this.aborted = true; this.request?.destroy(); }

    send(body) {
      const address = network.reach(this.address);
      if (!address) { // statistics and probes, for the vendor
        setImmediate(() => network.run(() => this.done(undefined, { statusCode: 200, statusMessage: 'OK', headers: {} }, '')));
        return;
      }
      const length = body?.size ?? body?.length ?? 0;
      this.request = network.request(this.method, address, this.sent, body, (error, res, text) => {
        if (!error) this.upload.onprogress?.({ lengthComputable: true, loaded: length, total: length });
        this.done(error, res, text);
      });
    }

    done(error, res, text) {
      if (this.aborted) return;
      if (!error) {
        this.status = res.statusCode;
        this.statusText = res.statusMessage;
        this.received = res.headers;
        this.responseText = this.response = String(text);
      }
      this.change(4);
      if (error) this.onerror?.({ type: 'error' });
      else this.onload?.({ type: 'load' });
      this.onloadend?.({ type: 'loadend' });
    }

    change(state) { this.readyState = state; this.onreadystatechange?.({ type: 'readystatechange' }); }
  };
}

function image(network) {
  return class Image {
    width = 0; height = 0;

    set src(address) {
      const fail = () => this.onerror?.({ type: 'error' });
      const at = network.reach(address);
      if (!at) {
        setImmediate(() => network.run(fail));
        return;
      }
      network.request('GET', at, {}, undefined, (error, res, body) => {
        const size = !error && res.statusCode === 200 && sizeOf(body);
        if (!size) return fail();
        Object.assign(this, size);
        this.onload?.({ type: 'load' });
      });
    }
  };
}

module.exports = { Network };
