'use strict';
// A web site of one page with an SDK of drivers/timjs, on loopback.
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { createRequire } = require('node:module');

const from = createRequire(path.join(__dirname, '../../drivers/timjs/package.json'));
const own = name => path.join(__dirname, 'pages', name);

// site serves a page that talks to the backend at that ws:// URL.
async function site({ sdk, redirect }, backend) {
  const scripts = { ...(redirect && { '/redirect.js': own('redirect.js') }), '/sdk.js': from.resolve(sdk), '/plugin.js': from.resolve('tim-upload-plugin'), '/chat.js': own('chat.js') };
  const page = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><input type="file" id="file">
<script>window.IMSIM_URL = ${JSON.stringify(backend)}</script>
${Object.keys(scripts).map(src => `<script src="${src}"></script>`).join('\n')}`;
  const server = http.createServer((req, res) => {
    const file = scripts[req.url];
    res.setHeader('Content-Type', file ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8');
    if (file) fs.createReadStream(file).pipe(res);
    else res.end(page);
  });
  await new Promise(ok => server.listen(0, '127.0.0.1', ok));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => new Promise(ok => { server.close(ok); server.closeAllConnections(); }) };
}

module.exports = { site };
