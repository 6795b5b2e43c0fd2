'use strict';
// The imsim binary: $IMSIM, or the one that `make build` makes.
const { spawn, execFileSync } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const readline = require('node:readline');

const binary = process.env.IMSIM ?? path.join(__dirname, '../../bin/imsim');

const run = (...args) => execFileSync(binary, args, { encoding: 'utf8' });

// serve starts a backend on a free port.
async function serve(...args) {
  const child = spawn(binary, ['serve', '--addr', '127.0.0.1:0', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(readline.createInterface({ input: child.stdout }), 'line');
  const url = /ws:\/\/\S+/.exec(line)[0];
  const stop = async () => {
    const gone = once(child, 'exit');
    child.kill('SIGINT');
    const [code] = await gone;
    if (code !== 0) throw new Error(`imsim serve ended with ${code}`);
  };
  return { url, http: url.replace(/^ws/, 'http'), stop };
}

module.exports = { run, serve };
