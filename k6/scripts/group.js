// Members talk in groups.
import { judgedBy, run } from './fleet.js';

export const options = judgedBy('delivered');
export default () => run({ workload: 'group', users: 500, rate: 50, groupSize: 'lognormal(20,0.8)' });
