// Operations of all kinds, by weight.
import { judgedBy, run } from './fleet.js';

export const options = judgedBy('delivered');
export default () => run({ workload: 'mixed', users: 500, rate: 200, weights: { message: 100, recall: 2, read: 20, history: 5, join: 2, kick: 0.5 } });
