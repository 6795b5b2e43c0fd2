// One speaks to all in a live room.
import { judgedBy, run } from './fleet.js';

export const options = judgedBy('delivered');
export default () => run({ workload: 'live-room', users: 1000, rate: 5 });
