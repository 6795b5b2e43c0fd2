// Pairs chat, and half of them lose their connection at once.
import { judgedBy, run } from './fleet.js';

export const options = judgedBy('delivered');
export default () => run({ workload: 'reconnect-storm', users: 1000, rate: 200, storm: { every: '5s', share: 0.5, away: '500ms' } });
