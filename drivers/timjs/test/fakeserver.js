'use strict';
// The smallest server that brings the three SDKs to their ready state. Tests
// say what else it answers: server.on(servcmd, (body, session) => reply body,
// or undefined for silence).
const http = require('node:http');
const { WebSocketServer } = require('ws');

const now = () => Math.floor(Date.now() / 1000);
const joined = () => ({ TotalCount: 0, GroupIdList: [] });
const config = () => ({ int32_error_code: 0, str_json_config: '{}', uint32_expired_time: 3600, uint64_version: 1 });

const START = {
  'heartbeat.alive': () => ({}),
  'im_open_status.wslogin': (_, s) => ({ TinyId: '14411500' + s.n, A2Key: 'a2', InstId: s.n, HelloInterval: 120, TimeStamp: now() }),
  'im_open_status.wslogout': () => ({}),
  'im_open_status.wshello': () => ({}),
  'recentcontact.page_get': () => ({ CompleteFlag: 1, SessionItem: [], TimeStamp: 0, StartIndex: 0, TopTimeStamp: 0, TopStartIndex: 0 }),
  'recentcontact.get_contact_group': () => ({ GroupContactItem: [] }),
  'sns.friend_get': () => ({ CompleteFlag: 1, UserDataItem: [], FriendNum: 0 }),
  'sns.group_get': () => ({ ResultItem: [], CurrentSequence: 0 }),
  'sns.pendency_get': () => ({ PendencyItem: [], StartTime: 0, UnreadPendencyCount: 0, CurrentSequence: 0 }),
  'sns.black_list_get': () => ({ BlackListItem: [], StartIndex: 0, CurruentSequence: 0 }),
  'profile.portrait_get_all': b => ({
    UserProfileItem: (b.UserItem ?? []).map(u => ({ To_Account: u.To_Account, ResultCode: 0, ProfileItem: [] })),
    CurrentStandardSequence: 0,
  }),
  'group_open_http_svc.get_joined_group_list': joined,
  'million_group_open_http_svc.get_joined_group_list': joined,
  'openim.getmsg': () => ({ Cookie: '', SyncFlag: 2, MsgList: [] }),
  'openim.authkey': () => ({ AuthKey: 'k', ExpireTime: 7200 }),
  'openim.sendmsg': b => ({ MsgTime: now(), MsgKey: `${b.MsgSeq}_${b.MsgRandom}_${now()}` }),
  'im_sdk_config_mgr.fetch_config': config,
  'im_sdk_config_mgr.fetch_imsdk_purchase_bitsv2': config,
};

async function serve() {
  const server = { frames: [], sessions: [], uploads: [], files: new Map(), handlers: { ...START } };
  server.on = (cmd, fn) => { server.handlers[cmd] = fn; };
  server.sent = cmd => server.frames.filter(f => f.head.servcmd === cmd);

  const web = http.createServer((req, res) => {
    const parts = [];
    req.on('data', part => parts.push(part));
    req.on('end', () => {
      const name = req.url.split('?')[0];
      if (req.method === 'PUT') {
        server.files.set(name, Buffer.concat(parts));
        server.uploads.push({ url: req.url, body: Buffer.concat(parts) });
      }
      const body = server.files.get(name);
      res.statusCode = body ? 200 : 404;
      res.end(req.method === 'GET' ? body : undefined);
    });
  });
  const sockets = new WebSocketServer({ server: web });
  sockets.on('connection', (ws, req) => {
    const session = { n: server.sessions.length + 1, ws, url: req.url };
    session.send = frame => {
      const text = JSON.stringify(frame);
      ws.send(req.url.includes('/binfo') ? Buffer.from(text) : text);
    };
    server.sessions.push(session);
    ws.on('message', data => {
      const { head, body } = JSON.parse(data);
      server.frames.push({ head, body, session });
      const handler = server.handlers[head.servcmd];
      const reply = handler ? handler(body, session) : { ActionStatus: 'FAIL', ErrorCode: 10003, ErrorInfo: 'unknown command' };
      if (!reply) return;
      session.send({ head: { servcmd: head.servcmd, seq: head.seq }, body: { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '', ...reply } });
    });
  });
  await new Promise(ok => web.listen(0, '127.0.0.1', ok));
  server.host = `127.0.0.1:${web.address().port}`;
  server.url = `ws://${server.host}`;
  server.close = () => {
    for (const ws of sockets.clients) ws.terminate();
    web.close();
    web.closeAllConnections();
  };
  return server;
}

module.exports = { serve };
