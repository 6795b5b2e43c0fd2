// Pairs chat; with two processes every message goes from one to the other.
import { judgedBy, run } from './fleet.js';

export const options = judgedBy('delivered');
export default () => run({ workload: 'c2c', users: 1000, rate: 500, pairs: 'far' });
