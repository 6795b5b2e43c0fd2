// A user of k6's own WebSocket module on the raw relay: the baseline of
// figures 5 and 6. With EVERY, in milliseconds, it writes its peer.
import { WebSocket } from 'k6/websockets';

const { ADDR, USERS, EVERY } = __ENV;
export const options = {
  scenarios: { users: { executor: 'per-vu-iterations', vus: Number(USERS), iterations: 1, maxDuration: '1h' } },
};

const padding = '.'.repeat(Number(__ENV.FRAME_SIZE));

export default function () {
  const me = __VU - 1;
  const ws = new WebSocket(`ws://${ADDR}/relay?me=${me}&peer=${me ^ 1}`);
  let sent = 0;
  let acked = 0;
  let delivered = 0;
  ws.addEventListener('message', ({ data }) => {
    if (data[0] === 'a') acked = parseInt(data.slice(1, 12), 10);
    else delivered = parseInt(data.slice(1, 12), 10);
  });
  ws.addEventListener('open', () => {
    if (!EVERY) return;
    // Everybody is there before the first message.
    setTimeout(() => setInterval(() => {
      const head = `m${++sent}`;
      ws.send(head + padding.slice(head.length));
    }, Number(EVERY)), 1000);
  });
}
