'use strict';
// Serves the page, the SDK and the page's settings. Under `imsim exec` these
// point to imsim; in production IM_PROXY is not set and SDKAPPID is yours.
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

const files = {
  '/': [path.join(__dirname, 'public/index.html'), 'text/html; charset=utf-8'],
  '/app.js': [path.join(__dirname, 'public/app.js'), 'text/javascript; charset=utf-8'],
  '/chat.js': [require.resolve('@tencentcloud/chat'), 'text/javascript; charset=utf-8'],
};

function settings(env) {
  return { SDKAppID: Number(env.IMSIM_SDKAPPID ?? env.SDKAPPID), proxyServer: env.IMSIM_URL ?? env.IM_PROXY };
}

function serve(port = 0, env = process.env) {
  const server = http.createServer((req, res) => {
    const { pathname } = new URL(req.url, 'http://page');
    if (pathname === '/settings.json') {
      res.setHeader('Content-Type', 'application/json');
      return res.end(JSON.stringify(settings(env)));
    }
    // A real app's server checks who asks, and signs a UserSig with its key.
    if (pathname === '/usersig') return res.end('any');
    if (!files[pathname]) {
      res.statusCode = 404;
      return res.end();
    }
    const [file, type] = files[pathname];
    res.setHeader('Content-Type', type);
    return fs.createReadStream(file).pipe(res);
  });
  return new Promise(ok => { server.listen(port, '127.0.0.1', () => ok(server)); });
}

module.exports = { serve };
if (require.main === module) serve(8080).then(() => console.log('http://127.0.0.1:8080'));
