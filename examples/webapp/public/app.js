'use strict';
const { EVENT, TYPES } = TencentCloudChat;
const status = document.querySelector('[role=status]');
const login = document.getElementById('login'), send = document.getElementById('send');

function show(message) {
  const item = document.createElement('li');
  item.className = message.flow;
  item.textContent = `${message.from}: ${message.payload.text}`;
  document.getElementById('messages').append(item);
}

function state(text, ready) {
  status.textContent = text;
  send.hidden = !ready;
  login.hidden = ready;
}

async function start() {
  const chat = TencentCloudChat.create(await (await fetch('/settings.json')).json());
  chat.setLogLevel(4);
  chat.on(EVENT.SDK_READY, () => state('online', true));
  chat.on(EVENT.KICKED_OUT, e => state(`logged out: ${e.data.type}`, false));
  chat.on(EVENT.NET_STATE_CHANGE, e => { if (!send.hidden) status.textContent = e.data.state === 'connected' ? 'online' : 'connecting…'; });
  chat.on(EVENT.MESSAGE_RECEIVED, e => e.data.forEach(show));

  login.addEventListener('submit', async event => {
    event.preventDefault();
    const userID = login.elements.user.value;
    const userSig = await (await fetch(`/usersig?user=${encodeURIComponent(userID)}`)).text();
    chat.login({ userID, userSig }).catch(e => state(`cannot log in: ${e.code}`, false));
  });
  send.addEventListener('submit', async event => {
    event.preventDefault();
    const { to, text } = send.elements;
    const message = chat.createTextMessage({ to: to.value, conversationType: TYPES.CONV_C2C, payload: { text: text.value } });
    try {
      await chat.sendMessage(message);
      show(message);
      text.value = '';
    } catch (e) {
      status.textContent = `not sent: ${e.code}`;
    }
  });
}
start();
