// tim-js-sdk 2.14.0 has no proxyServer option: its WebSocket class is made to
// dial imsim. Run it with: imsim exec -- node examples/npm/hello-2.14.js
const path = require('path');
const { createRequire } = require('module');
const from = createRequire(path.join(__dirname, '../../drivers/timjs/package.json')); // your own project: require
const WebSocket = globalThis.WebSocket ?? from('ws'); // Node before 22 has none

class Redirected extends WebSocket {
  constructor(url) { const u = new URL(url); super(process.env.IMSIM_URL + u.pathname + u.search); }
}
globalThis.WebSocket = Redirected;

// What the SDK looks for in a browser; a page needs none of this.
globalThis.window = globalThis;
globalThis.document = { charset: 'UTF-8', addEventListener() {}, removeEventListener() {} };
globalThis.addEventListener = globalThis.removeEventListener = () => {};

const TIM = from('tim-js-sdk-2.14.0');
const tim = TIM.create({ SDKAppID: Number(process.env.IMSIM_SDKAPPID) });
tim.setLogLevel(4);
tim.on(TIM.EVENT.SDK_READY, async () => {
  const { data } = await tim.sendMessage(tim.createTextMessage({ to: 'alice', conversationType: 'C2C', payload: { text: 'note to self' } }));
  console.log('sent:', data.message.payload.text);
  process.exit(0);
});
tim.login({ userID: 'alice', userSig: 'any' });
