// The genuine npm SDK in plain Node, pointed at imsim by its proxyServer
// option: imsim exec -- node examples/npm/hello.js
const path = require('path');
const { createRequire } = require('module');
const from = createRequire(path.join(__dirname, '../../drivers/timjs/package.json')); // your own project: require
globalThis.WebSocket ??= from('ws'); // Node before 22 has none

const TencentCloudChat = from('@tencentcloud/chat');
const chat = TencentCloudChat.create({ SDKAppID: Number(process.env.IMSIM_SDKAPPID), proxyServer: process.env.IMSIM_URL });
chat.setLogLevel(4);
chat.on(TencentCloudChat.EVENT.SDK_READY, async () => {
  const { data } = await chat.sendMessage(chat.createTextMessage({ to: 'alice', conversationType: 'C2C', payload: { text: 'note to self' } }));
  console.log('sent:', data.message.payload.text);
  process.exit(0);
});
chat.login({ userID: 'alice', userSig: 'any' });
