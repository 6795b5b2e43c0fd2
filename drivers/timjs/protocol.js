'use strict';
// JSON-RPC 2.0, one value a line, on a pair of streams. Lines leave in the
// order of the calls of this module; a line's content is fixed when it is made.

// cut keeps texts of minified sources out of logs and answers.
const cut = text => (text.length > 300 ? text.slice(0, 297) + '...' : text);

const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const METHOD_NOT_FOUND = -32601;
const BAD_PARAMS = -32602;
const INTERNAL = -32603;
const NOT_IMPLEMENTED = -32001;
const NO_CODE = -32010;
const DESTROYED = -32012;

// Failure is an answer of the protocol's own.
class Failure extends Error {
  constructor(code, message) {
    super(cut(message));
    this.code = code;
  }
}

class Lines {
  constructor(input, output) {
    this.input = input;
    this.output = output;
    this.text = ''; // lines that leave together at the end of this turn of the loop
    output.on('drain', () => input.resume());
  }

  say(value) {
    if (this.text === '') setImmediate(() => this.flush());
    this.text += JSON.stringify({ jsonrpc: '2.0', ...value }) + '\n';
  }

  flush() {
    const { text } = this;
    this.text = '';
    if (text !== '' && !this.output.write(text)) this.input.pause(); // who does not read gets no more work done
  }

  notify(method, params) { this.say({ method, params }); }
  answer(id, result) { this.say({ id, result }); }
  fail(id, code, message, data) { this.say({ id, error: { code, message: cut(message), data } }); }

  // listen hands over every request; the end of input calls onEnd.
  listen(onRequest, onEnd) {
    let parts = [];
    this.input.on('data', chunk => {
      let from = 0;
      for (let at; (at = chunk.indexOf(10, from)) >= 0; from = at + 1) {
        parts.push(chunk.subarray(from, at));
        const line = parts.length === 1 ? parts[0] : Buffer.concat(parts);
        parts = [];
        this.take(line.toString('utf8'), onRequest);
      }
      if (from < chunk.length) parts.push(chunk.subarray(from));
    });
    const end = () => {
      this.flush();
      onEnd();
    };
    this.input.on('end', end);
    this.input.on('error', end);
  }

  take(line, onRequest) {
    if (line.trim() === '') return;
    let m;
    try {
      m = JSON.parse(line);
    } catch (e) {
      return this.fail(null, PARSE_ERROR, 'not a line of JSON: ' + e.message);
    }
    if (!isObject(m) || m.jsonrpc !== '2.0' || typeof m.method !== 'string' || !isID(m.id)) {
      return this.fail(isObject(m) && isID(m.id) ? m.id : null, INVALID_REQUEST, 'not a JSON-RPC 2.0 request with an id');
    }
    if (m.params !== undefined && !isObject(m.params)) {
      return this.fail(m.id, BAD_PARAMS, 'params is not an object');
    }
    onRequest(m.id, m.method, m.params ?? {});
  }
}

const isObject = v => typeof v === 'object' && v !== null && !Array.isArray(v);
const isID = id => typeof id === 'number' || typeof id === 'string';

module.exports = {
  Lines, Failure, cut, isObject,
  INVALID_REQUEST, METHOD_NOT_FOUND, BAD_PARAMS, INTERNAL, NOT_IMPLEMENTED, NO_CODE, DESTROYED,
};
