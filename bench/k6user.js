// A user of k6's own WebSocket module on the raw relay: the baseline of
// figures 5 and 6. With TALK it writes its peer, the next message on each ack.
import { WebSocket } from 'k6/websockets';

const { ADDR, USERS, TALK } = __ENV;
export const options = {
  scenarios: { users: { executor: 'per-vu-iterations', vus: Number(USERS), iterations: 1, maxDuration: '1h' } },
};

const padding = '.'.repeat(Number(__ENV.FRAME_SIZE));

export default function () {
  const me = __VU - 1;
  const ws = new WebSocket(`ws://${ADDR}/relay?me=${me}&peer=${me ^ 1}`);
  let sent = 0;
  let delivered = 0;
  const send = () => {
    const head = `m${++sent}`;
    ws.send(head + padding.slice(head.length));
  };
  ws.addEventListener('message', ({ data }) => {
    const n = parseInt(data.slice(1, 12), 10);
    if (data[0] === 'm') delivered = n;
    else if (n === sent) send();
  });
  ws.addEventListener('open', () => {
    if (TALK) setTimeout(send, 1000); // everybody is there by then
  });
}
