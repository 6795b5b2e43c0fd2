// What the tests do on a page, with whichever SDK it has.
window.TIM ??= window.TencentCloudChat;
window.imsimLink ??= url => url; // only 2.14 needs one

async function login(options, userID) {
  const tim = TIM.create(options);
  tim.setLogLevel(4);
  tim.registerPlugin({ 'tim-upload-plugin': TIMUploadPlugin });
  const ready = new Promise(ok => tim.on(TIM.EVENT.SDK_READY, ok));
  const messages = [];
  let wake = () => {};
  tim.on(TIM.EVENT.MESSAGE_RECEIVED, e => { messages.push(...e.data); wake(); });
  await tim.login({ userID, userSig: 'any' });
  await ready;
  window.tim = tim;
  window.received = async () => {
    while (messages.length === 0) await new Promise(ok => { wake = ok; });
    return messages.shift().payload;
  };
}

// send sends what was chosen in the page's file input.
async function send(api, to) {
  const progress = [];
  const message = tim[api]({
    to, conversationType: TIM.TYPES.CONV_C2C, payload: { file: document.getElementById('file') }, onProgress: p => progress.push(p),
  });
  const { data } = await tim.sendMessage(message);
  return { status: data.message.status, progress };
}

// download gives the SHA-256 of what a link leads to, and its length.
async function download(url) {
  const response = await fetch(imsimLink(url)).catch(e => { throw new Error(`${url}: ${e.message}`); });
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  const bytes = await response.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return { length: bytes.byteLength, sha256: Array.from(digest, b => b.toString(16).padStart(2, '0')).join('') };
}
