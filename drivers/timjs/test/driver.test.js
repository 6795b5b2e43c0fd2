'use strict';
// What the protocol asks of the driver, with each of the genuine SDKs.
const { describe, it, before, after } = require('node:test');
const assert = require('node:assert/strict');
const net = require('node:net');
const { Driver } = require('./harness');
const { serve } = require('./fakeserver');
const { png } = require('./png');

const NAMES = { '2.14.0': 'tim-js-sdk', '2.27.6': 'tim-js-sdk', '3.6.6': '@tencentcloud/chat' };
const text = (to, words = 'hi') => ({ to, conversationType: 'C2C', payload: { text: words } });

for (const [version, name] of Object.entries(NAMES)) {
  describe(`${name} ${version}`, () => {
    let server, driver, made = 0;

    // fresh gives a new instance, logged in unless told otherwise.
    const fresh = async (userID = 'alice') => {
      const i = `i${++made}`;
      assert.deepEqual((await driver.create(i, server)).result, {});
      if (userID) await driver.login(i, userID);
      return i;
    };

    before(async () => {
      server = await serve();
      driver = new Driver('--sdk', version);
      const hello = await driver.ask('hello', { protocol: 1 });
      const { events, ...rest } = hello.result;
      assert.deepEqual(rest, {
        protocol: 1, name, version, language: 'javascript',
        capabilities: ['identity', 'callbacks', 'files', 'upload', 'clock'],
      });
      assert.ok(events.includes('sdkStateReady'));
      assert.equal(events.includes('sdkReload'), version !== '3.6.6');
    });

    after(async () => {
      await driver.close(); // with sockets open
      server.close();
    });

    it('dials the given server with the path and query of the SDK, and gets ready', async () => {
      const i = await fresh();
      const { url } = server.sessions.at(-1);
      assert.match(url, version === '2.14.0' ? /^\/info\?sdkappid=1400000000&/ : /^\/binfo\?sdkappid=1400000000&/);
      // What follows readiness; which of the two it is, and when, is the SDK's.
      const followers = ['blacklistUpdated', 'onConversationListUpdated'];
      await driver.until(m => m.params?.instance === i && followers.includes(m.params.name));
    });

    it('answers a promise with what it resolves to', async () => {
      const i = await fresh(null);
      const { result } = await driver.call(i, 'login', { userID: 'alice', userSig: 'sig' });
      assert.equal(result.sync, false);
      assert.equal(result.value.code, 0);
      assert.equal(result.value.data.a2Key, 'a2');
    });

    it('answers undefined by leaving the value out', async () => {
      const i = await fresh(null);
      const { result } = await driver.call(i, 'setLogLevel', 4);
      assert.deepEqual(Object.keys(result), ['sync', 'seq']);
      assert.equal(result.sync, true);
    });

    it('tells errors by kind', async () => {
      const i = await fresh(null);
      const thrown = await driver.error(driver.call(i, 'login', { userID: '' }));
      assert.equal(thrown.code, -32010);
      assert.equal(thrown.data.kind, 'throw');
      server.on('im_open_status.wslogin', () => ({ ErrorCode: 70013, ErrorInfo: 'wrong user' }));
      const rejected = await driver.error(driver.call(i, 'login', { userID: 'alice', userSig: 's' }));
      assert.equal(rejected.code, 70013);
      assert.equal(rejected.data.kind, 'reject');
      server.on('im_open_status.wslogin', (_, s) => ({ TinyId: '1', A2Key: 'a2', InstId: s.n, HelloInterval: 120 }));
    });

    it('refuses what the protocol does not allow', async () => {
      const i = await fresh(null);
      const code = async asked => (await driver.error(asked)).code;
      assert.equal(await code(driver.ask('sing', {})), -32601);
      assert.equal(await code(driver.ask('toString', {})), -32601);
      assert.equal(await code(driver.ask('hello', { protocol: 1 })), -32600);
      assert.equal(await code(driver.ask('call', { instance: 'nobody', api: 'login', args: [] })), -32602);
      assert.equal(await code(driver.ask('call', { instance: i, api: 'login', args: {} })), -32602);
      assert.equal(await code(driver.ask('advance', { instance: i, ms: -1 })), -32602);
      assert.equal(await code(driver.create(i, server)), -32602);
      assert.equal(await code(driver.create('wrong', { url: 'no url' })), -32602);
      assert.equal(await code(driver.create('none', server, { SDKAppID: 'x' })), -32602);
      for (const api of ['doThis', '_private', 'toString', 'constructor']) {
        const e = await driver.error(driver.call(i, api));
        assert.deepEqual([e.code, e.data], [-32001, undefined]);
      }
    });

    it('keeps one ref for one message', async () => {
      const i = await fresh(), other = await fresh('bob');
      const made = await driver.call(i, 'createTextMessage', text('bob'));
      assert.equal(made.result.sync, true);
      const message = made.result.value;
      assert.match(message.$ref, new RegExp(`^${i}\\.`));
      assert.equal(message.payload.text, 'hi');
      assert.equal(message.status, 'unSend');
      assert.deepEqual(Object.keys(message).filter(k => k.startsWith('_')), []);

      const sent = await driver.value(i, 'sendMessage', { $ref: message.$ref, payload: { text: 'ignored' } });
      assert.equal(sent.data.message.$ref, message.$ref);
      assert.equal(sent.data.message.payload.text, 'hi');
      const now = (await driver.ask('read', { instance: i, ref: message.$ref })).result;
      assert.equal(now.status, 'success');
      assert.equal(message.status, 'unSend'); // the first snapshot stays what it was

      for (const ref of ['i1.m99', message.$ref]) {
        const e = await driver.error(driver.call(other, 'sendMessage', { $ref: ref }));
        assert.equal(e.code, -32602);
      }
      assert.equal((await driver.error(driver.ask('read', { instance: other, ref: message.$ref }))).code, -32602);
      const plain = await driver.error(driver.call(i, 'sendMessage', { ...message, $ref: undefined }));
      assert.equal(plain.data.kind.length > 0, true); // the SDK itself refuses it
    });

    it('passes the events of a push, with messages as refs', async () => {
      const i = await fresh();
      const s = server.sessions.at(-1), time = Math.floor(Date.now() / 1000);
      const item = {
        From_Account: 'bob', To_Account: 'alice', MsgSeq: 7, MsgRandom: 8, ClientSeq: 9, MsgTimeStamp: time, MsgClientTime: time,
        C2cMsgFlag: 0, MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: 'pushed' } }],
      };
      s.send({ head: { servcmd: 'im_open_push.msg_push', seq: 1 }, body: { EventArray: [{ Event: 9, C2cMsgArray: [item] }] } });
      const { params } = await driver.event(i, 'onMessageReceived');
      assert.equal(params.data[0].payload.text, 'pushed');
      const again = (await driver.ask('read', { instance: i, ref: params.data[0].$ref })).result;
      assert.equal(again.payload.text, 'pushed');
    });

    it('calls functions back, the same one for the same id', async () => {
      const i = await fresh(null);
      for (const fn of ['f1', 'f1', 'f2']) await driver.value(i, 'on', 'sdkStateReady', { $fn: fn });
      await driver.value(i, 'off', 'sdkStateReady', { $fn: 'f1' }); // removes both
      await driver.login(i, 'alice');
      const { params } = await driver.until(m => m.method === 'callback' && m.params.instance === i);
      assert.equal(params.fn, 'f2');
      assert.equal(params.args[0].name, 'sdkStateReady');
      await driver.value(i, 'setLogLevel', 4);
      assert.equal(driver.lines.filter(m => m.method === 'callback' && m.params.instance === i).length, 1);
    });

    it('moves time: an unanswered request ends by its own limit', async () => {
      const i = await fresh();
      server.on('openim.sendmsg', () => undefined);
      const { $ref } = await driver.value(i, 'createTextMessage', text('bob'));
      const pending = driver.error(driver.call(i, 'sendMessage', { $ref }));
      const before = performance.now();
      await driver.advance(i, 17_000);
      const e = await pending;
      assert.deepEqual([e.code, e.data.kind, e.data.data.message?.$ref], [2801, 'reject', $ref]);
      assert.ok(performance.now() - before < 17_000);
      server.on('openim.sendmsg', () => ({ MsgTime: 1, MsgKey: 'k' }));
    });

    it('moves time without losing the connection: heartbeats are answered on the way', async () => {
      const i = await fresh();
      const dials = server.sessions.length, beats = server.sent('heartbeat.alive').length;
      const first = (await driver.value(i, 'createTextMessage', text('bob'))).time;
      await driver.advance(i, 60_000);
      assert.equal(server.sessions.length, dials);
      assert.ok(server.sent('heartbeat.alive').length >= beats + 5);
      assert.deepEqual(driver.lines.filter(m => m.params?.instance === i && m.params.name === 'netStateChange'), []);
      const second = (await driver.value(i, 'createTextMessage', text('bob'))).time;
      assert.ok(second - first >= 60 && second - first < 120, `${second - first} s`);
    });

    it('keeps instances of the same user apart', async () => {
      const a = await fresh(), b = await fresh();
      const time = async i => (await driver.value(i, 'createTextMessage', text('bob'))).time;
      await driver.ask('advance', { instance: a, ms: 60_000 });
      assert.ok(await time(a) - await time(b) >= 59);
      const sessions = server.frames.filter(f => f.head.servcmd === 'im_open_status.wslogin').slice(-2).map(f => f.session.n);
      assert.notEqual(sessions[0], sessions[1]);
    });

    it('dials the same server again after a cut', async () => {
      const i = await fresh();
      const s = server.sessions.at(-1);
      await driver.advance(i, 2000); // a socket that breaks at once is another matter
      s.ws.terminate();
      await driver.advance(i, 2000);
      await driver.event(i, 'netStateChange', data => data.state === 'connected');
      assert.notEqual(server.sessions.at(-1), s);
    });

    it('answers what is pending, then destroys', async () => {
      const i = await fresh();
      server.on('openim.sendmsg', () => undefined);
      const { $ref } = await driver.value(i, 'createTextMessage', text('bob'));
      const pending = driver.call(i, 'sendMessage', { $ref });
      const destroyed = driver.ask('destroy', { instance: i });
      assert.equal((await driver.error(pending)).code, -32012);
      assert.deepEqual((await destroyed).result, {});
      const said = driver.lines.indexOf(await destroyed);
      assert.ok(driver.lines.indexOf(await pending) < said);
      assert.equal((await driver.error(driver.call(i, 'logout'))).code, -32602);
      assert.equal((await driver.error(driver.create(i, server))).code, -32602); // a name is never reused
      assert.deepEqual(driver.lines.slice(said + 1).filter(m => m.params?.instance === i), []);
      server.on('openim.sendmsg', () => ({ MsgTime: 1, MsgKey: 'k' }));
    });

    it('destroys while dialling, and while an advance is under way', async () => {
      const deaf = net.createServer().listen(0, '127.0.0.1'); // takes connections and says nothing
      await new Promise(ok => deaf.once('listening', ok));
      const i = `i${++made}`;
      await driver.create(i, { url: `ws://127.0.0.1:${deaf.address().port}` });
      const moving = driver.ask('advance', { instance: i, ms: 1000 });
      const gone = driver.ask('destroy', { instance: i });
      assert.deepEqual((await gone).result, {});
      const end = await moving;
      assert.ok(end.error?.code === -32012 || end.result);
      deaf.close();
      await fresh(); // still alive
    });

    it('uploads a file and measures an image', async () => {
      const i = await fresh();
      server.on('im_cos_msg.pre_sig', b => ({
        upload_url: `http://${server.host}/up/${b.file_name}?sign=1`, download_url: `http://${server.host}/up/${b.file_name}`,
        expired_time: 4e9, request_id: 'r', ci_url: '', head_url: '',
      }));
      const send = async (api, name, content) => {
        const m = await driver.value(i, api, {
          to: 'bob', conversationType: 'C2C', onProgress: { $fn: name },
          payload: { file: { $file: { name, base64: content.toString('base64') } } },
        });
        return (await driver.value(i, 'sendMessage', { $ref: m.$ref })).data.message.payload;
      };
      const doc = await send('createFileMessage', 'a.txt', Buffer.from('hello'));
      assert.deepEqual(server.uploads.at(-1).body, Buffer.from('hello'));
      assert.equal(doc.fileName, 'a.txt');
      assert.match(doc.fileUrl, /\/up\//);
      await driver.until(m => m.method === 'callback' && m.params.instance === i && m.params.fn === 'a.txt' && m.params.args[0] === 1);
      const picture = await send('createImageMessage', 'p.png', png(30, 20));
      assert.deepEqual(server.uploads.at(-1).body, png(30, 20));
      assert.deepEqual([picture.imageInfoArray[0].width, picture.imageInfoArray[0].height], [30, 20]);
    });

    it('takes files of a mere size, for limits', async () => {
      const i = await fresh();
      const file = { $file: { name: 'big.bin', size: 105 * 1024 * 1024 } };
      const { $ref } = await driver.value(i, 'createFileMessage', { to: 'bob', conversationType: 'C2C', payload: { file } });
      assert.equal((await driver.error(driver.call(i, 'sendMessage', { $ref }))).code, 2402);
    });

    it('reports what nobody caught, with its instance, and goes on', async () => {
      const i = await fresh();
      server.sessions.at(-1).send({ head: { seq: 1 }, body: {} }); // throws in the message handler of every version
      const thrown = await driver.until(m => m.method === 'fault' && m.params.instance === i);
      assert.match(thrown.params.message, /^exception: TypeError/);
      assert.ok(thrown.params.message.length <= 300);

      server.on('group_open_http_svc.get_joined_group_list', () => ({ ErrorCode: 10002 }));
      const j = await fresh(null);
      await driver.value(j, 'login', { userID: 'alice', userSig: 's' });
      const rejected = await driver.until(m => m.method === 'fault' && m.params.instance === j);
      assert.match(rejected.params.message, /^unhandled rejection/);
      server.on('group_open_http_svc.get_joined_group_list', () => ({ TotalCount: 0, GroupIdList: [] }));
      await fresh();
    });
  });
}
